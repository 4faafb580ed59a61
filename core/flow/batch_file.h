#pragma once

#include "core/base/csv.h"
#include "core/base/file.h"
#include "core/base/json.h"

namespace consortium::flow {

inline constexpr std::size_t max_batch_rows = 1'000'000;

/// What `cert issue` would be told for one row of a batch.
struct BatchRow {
    base::JsonValue arguments;  // operand, profile, also, unit, member, valid-for, type
    std::string request;        // PEM, or the path of a file with it; empty: a key is to be made
    std::string stem;           // what its files are called, without their endings
};

/// A list of certificates to issue: CSV, whose header names the columns, or JSON lines, whose objects have
/// them as keys. They are `name`, and as they are needed `profile`, `also` (in CSV separated by ';' or a
/// blank, in JSON a list), `unit`, `member`, `valid_for`, `csr`, `type` and `file`.
class BatchFile {
public:
    /// Throws not_found, storage, or malformed with file and line.
    explicit BatchFile(base::Path const& path);
    BatchFile(BatchFile const&) = delete;
    BatchFile& operator=(BatchFile const&) = delete;

    base::Digest const& digest() const { return m_digest; }
    std::size_t rows() const { return m_rows.size(); }
    base::Path const& path() const { return m_path; }
    base::TextPlace place(std::size_t row) const;
    /// What a row leaves out is as `defaults` have it. Throws Error(malformed) with file, line and column.
    /// Any number of threads may ask at once.
    BatchRow row(std::size_t index, base::Json const& defaults) const;

private:
    void read_lines();
    void read_header(std::string_view line);
    std::vector<std::pair<std::string, std::string>> csv_cells(std::size_t row) const;

    base::Path m_path;  // absolute
    std::string m_text;
    base::Digest m_digest;
    std::string m_header;                  // of CSV
    std::vector<std::string> m_columns;    // of CSV; none: JSON lines
    std::vector<std::string_view> m_rows;  // in the text
};

}  // namespace consortium::flow
