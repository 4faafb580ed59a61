#pragma once

#include "core/flow/authority.h"
#include "core/flow/batch_file.h"
#include "core/flow/batch_folder.h"

#include <future>

namespace consortium::flow {

/// A row of a batch as the report tells it.
struct IssuedRow {
    enum class Key { made, requested };
    std::string name, stem;
    Key key;
};

/// The files of a batch's certificates that are on file, and the report of them, in the order of the rows.
/// They are written beside other work: on a thread of its own, or where that is not to be, when it is waited
/// for.
class BatchOutput {
public:
    /// `issuer_pem`: what follows each certificate.
    BatchOutput(BatchFile const& file, BatchFolder const& folder, port::Certifier const& certifier,
                std::string issuer_pem, std::launch how);

    /// Throws what went wrong with those before.
    void put(std::vector<IssuedRow> rows, std::vector<model::Object> certificates);
    /// Until all are written. Throws what went wrong.
    void wait();
    /// Waits, and writes the report; all is durable after this.
    base::Path report();

private:
    void put_one(IssuedRow const& row, model::Object const& certificate);

    BatchFile const& m_file;
    BatchFolder const& m_folder;
    port::Certifier const& m_certifier;
    std::string m_issuer_pem;
    std::launch m_how;
    std::string m_report;
    std::size_t m_rows = 0;
    std::future<void> m_writing;  // last: it uses all of the above
};

}  // namespace consortium::flow
