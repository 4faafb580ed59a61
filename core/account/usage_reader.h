#pragma once

#include "core/model/usage.h"

#include <memory>

namespace consortium::account {

/// What a usage file must fit.
struct UsageRules {
    std::string source;                // its name, for messages
    std::string month;                 // "2026-10": every row's date lies in it
    std::vector<std::string> members;  // ids that may occur
    std::vector<std::string> drivers;  // columns that the charter's pools need, beyond the usual six
};

/// Reads a usage file as it is fed, in one pass, without an allocation a row. The form is CSV as UTF-8
/// without quoting, lines ended by LF or CRLF, the last one too (a number that is cut off would still be a
/// number): a header that names the columns date, member, node, transactions, bytes, gas in any order, and
/// any further quantity; then rows. Dates are days of the month, members known ids, nodes free text,
/// everything else whole numbers that are not negative.
///
/// Every refusal is Error(malformed) with the details file, line and, where there is one, column.
class UsageReader {
public:
    explicit UsageReader(UsageRules rules);
    ~UsageReader();

    void feed(std::string_view chunk);
    /// After the last chunk. `file` is the SHA-256 of all of it. Throws if there was no row.
    model::Usage finish(base::Digest const& file);

private:
    struct Parts;
    std::unique_ptr<Parts> m_parts;
};

}  // namespace consortium::account
