#pragma once

#include <string_view>

namespace consortium::cli {

/// What the manual says of `cert issue`.
inline constexpr std::string_view cert_issue_description =
    "Certifies one key by an intermediate of this workspace, under a profile that says what the key "
    "may "
    "do, for how long, and which kinds of names it may carry. The certificate and the intermediate "
    "are printed as PEM. Which intermediate it is follows from the member and the profile, see 'ca "
    "add'.\n\n"
    "A signing request must be signed by its own key. Whatever it asks beyond the profile and the "
    "names of this command is refused, naming the field; nothing is dropped in silence. A key that "
    "signs acts is never certified.\n\n"
    "Serial and digest are journaled before the signature is made; serial, journal entry and "
    "certificate are written together or not at all.\n\n"
    "With --batch, every row of a file is certified, on all processors. A CSV file (UTF-8, fields "
    "not quoted) begins with a header that names its columns, in any order; a JSON-lines file has "
    "an object with the same keys on each line. Of the columns only 'name' must be there. "
    "'profile', 'unit', 'member', 'valid_for' and 'type' stand for the flags of these names, which "
    "count where a field is empty or the column is missing. 'also' has further names, separated by "
    "';' or a blank (in JSON a list). 'csr' is the path of a signing request, from the file's own "
    "folder (in JSON it may be the PEM text itself); for a row without one a key is made if "
    "--new-key is given. 'file' is what the row's files are called without their endings, 'name' "
    "if it is left out.\n\n"
    "All rows are looked at before anything is made; the first twenty that cannot be certified are "
    "told with their lines. --dry-run stops there. The folder of --to, which must be new or empty, "
    "gets NAME.pem (the certificate and the intermediate), NAME.key (mode 0600; encrypted with one "
    "passphrase for all, unless --no-passphrase is given) and report.csv. A thousand certificates "
    "at a time become durable. After a kill, a full disk or a power cut, 'operation resume' or the "
    "same command again goes on behind them, as long as the file is as it was; no row is certified "
    "twice, and none is left out. A batch that is done, and lies in its folder, is told once more "
    "and not issued again.\n\n"
    "consortium-formats(5) has both forms with an example.\n\n"
    "Where the profile names an approval rule of the charter, the certificate is prepared only, with "
    "exit 6: the bytes that would be signed are fixed, serial and dates included, and officers "
    "approve their SHA-256 with 'approval sign'. Then --pending signs exactly those bytes, if the "
    "charter, the issuing authority and the key still allow it; no other flag of this command goes "
    "with it, since everything was said before. What is not signed within 30 days, or "
    "before it would end, lapses. Its time counts from when it was prepared.";

}  // namespace consortium::cli
