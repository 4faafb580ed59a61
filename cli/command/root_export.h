#pragma once

#include "cli/session.h"
#include "cli/spec.h"

namespace consortium::cli {

model::Outcome root_export(Session& session, model::Request const& request);
model::Outcome root_countersign(Session& session, model::Request const& request);

// The rows of what `root` writes for other programs; root.cpp lists them.

inline constexpr Flag root_export_flags[] = {
    {"--type", Kind::choice, "TYPE", "what it is written as", Need::optional, "pem|pkcs12|msp|besu|json|tuf",
     "pem"},
    {"--version", Kind::integer, "N", "this version of the bundle; default: the one in force"},
    {"--from", Kind::integer, "N",
     "of tuf: the version whose root clients are given by hand; default: the first"},
    {"--part", Kind::choice, "PART", "of pem: which certificates or lists; default: roots", Need::optional,
     "roots|intermediates|links|crls"},
    {"--password-file", Kind::secret, "FILE", "the password that a truststore is to have"},
};
inline constexpr Example root_export_examples[] = {
    {"consortium root export -o roots.pem", "what openssl, curl and nginx trust"},
    {"consortium root export --type pkcs12 --password-file store.password -o truststore.p12",
     "what Java trusts"},
    {"consortium root export --type msp -o msp", "parts of an MSP for a Fabric configuration update"},
    {"consortium root export --type tuf -o tuf", "what stock clients of TUF follow"},
    {"consortium root export --type json --version 2 -o bundle.json", "the document that was agreed on"},
};
inline constexpr base::Code root_export_codes[] = {base::Code::not_found, base::Code::refused,
                                                   base::Code::pending, base::Code::conflict,
                                                   base::Code::not_authorized};
inline constexpr Command root_export_command{
    .noun = "root",
    .verb = "export",
    .effect = Effect::read,
    .summary = "write the agreed trust bundle in the form that a program reads",
    .flags = root_export_flags,
    .description =
        "The bundle is the one that the latest epoch carries, or that of --version as the epoch did that "
        "carried it first.\n\n"
        "pem is one kind of thing in one file, because programs that are given a file of certificates to "
        "trust may trust all of them: the roots; with --part the intermediates, the links between roots, "
        "or the revocation lists that are held here. A server presents its certificate, its "
        "intermediate and, while roots change, the link.\n\n"
        "pkcs12 is a truststore of the roots, under their names, encrypted under the first line of "
        "--password-file (AES-256, PBKDF2), as Java, keytool and openssl read it. besu is a folder with "
        "that truststore (--Xp2p-tls-truststore-file) and the revocation lists (--Xp2p-tls-crl-file). msp "
        "is a folder with the parts of an MSP that a configuration update of a Fabric channel takes: "
        "cacerts, intermediatecerts, tlscacerts, tlsintermediatecerts and crls. Fabric refuses an "
        "identity to which two paths lead, so it has no links, and of an intermediate that two roots "
        "certified only the certificate of the later root. Folders must not exist yet.\n\n"
        "json is the document that the epoch carries, to the byte: canonical JSON, of which SHA-256 is "
        "the digest that the members decided on. Whoever knows any epoch's hash verifies it offline, from "
        "a file that 'exchange export' wrote, with 'epoch verify --bundle FILE --epoch HASH --trust "
        "bundle.json': a bundle that no quorum agreed on, and one that was replaced since, are refused. "
        "No key of a root signs it.\n\n"
        "tuf is a folder for stock clients of The Update Framework: 1.root.json, 2.root.json and so on, "
        "one for each version that an epoch has carried, numbered without gaps; for the last of them "
        "targets, snapshot and timestamp, and below targets/ the bundle as JSON and PEM. A client that is "
        "given 1.root.json by hand follows from there: serve the folder, and targets/ below it, by any "
        "web server; the next version is written into another folder, and a symbolic link moved to it. "
        "The keys in each are those of the officers who may approve by the charter's rule 'root' in the "
        "epoch that carried that version first, its threshold is the number of officers that the rule "
        "asks for, and it ends when the first of its roots does. Each version is signed by its own "
        "officers and by those of the version before, with 'root countersign'. As long as either are too "
        "few nothing is written, and it is said who has signed, who is missing and who cannot: exit 6, or "
        "5 where too few could: --from N then leaves out what came before, and clients are given that "
        "root by hand. Officers with keys of SSH or P-384 cannot, since stock clients do not verify "
        "these.\n\n"
        "TUF counts keys. That people and organizations count once, and that the proposer does not, holds "
        "for what is written here; a client knows only the keys and the number.",
    .examples = root_export_examples,
    .codes = root_export_codes,
    .handler = root_export,
};

inline constexpr Flag root_countersign_flags[] = {
    {"--version", Kind::integer, "N", "this version of the bundle only; default: every one that waits"},
};
inline constexpr Example root_countersign_examples[] = {
    {"consortium root countersign", "sign every version that waits for you"},
    {"consortium root countersign --version 3 --as acme-sec", "one version, as another officer"},
};
inline constexpr base::Code root_countersign_codes[] = {base::Code::not_found, base::Code::refused,
                                                        base::Code::not_authorized, base::Code::declined};
inline constexpr Command root_countersign_command{
    .noun = "root",
    .verb = "countersign",
    .effect = Effect::write,
    .summary = "sign the trust bundle's metadata for clients of TUF",
    .flags = root_countersign_flags,
    .description =
        "Signs, with your own key, the bytes that clients of The Update Framework verify (see 'root "
        "export'): of each version of the trust bundle that an epoch has carried its root, targets, "
        "snapshot and timestamp, and as one of the officers of the version before the root of the next. "
        "The bytes follow from the epochs alone, so that all officers sign the same, whenever and "
        "wherever they do. What was agreed is only said again: nobody can countersign what no epoch "
        "carries.\n\n"
        "The signatures are an act, which travels with 'exchange sync' or as a file with 'exchange "
        "export' and 'exchange import'; everybody checks them on the way in. A key that was replaced "
        "since, and that the version before names, still signs if it is in this workspace. 'root export "
        "--type tuf' puts together what there is.",
    .examples = root_countersign_examples,
    .codes = root_countersign_codes,
    .handler = root_countersign,
};

}  // namespace consortium::cli
