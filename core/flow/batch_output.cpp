#include "core/flow/batch_output.h"

#include "core/base/csv.h"
#include "core/base/text.h"
#include "core/flow/certificate.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

BatchOutput::BatchOutput(BatchFile const& file, BatchFolder const& folder, port::Certifier const& certifier,
                         std::string issuer_pem, std::launch how)
    : m_file(file),
      m_folder(folder),
      m_certifier(certifier),
      m_issuer_pem(std::move(issuer_pem)),
      m_how(how),
      m_report("line,name,serial,not_after,certificate,key,result\n") {}

void BatchOutput::put(std::vector<IssuedRow> rows, std::vector<model::Object> certificates) {
    wait();
    m_writing = std::async(m_how, [this, rows = std::move(rows), certificates = std::move(certificates)] {
        for (std::size_t i = 0; i < rows.size(); ++i) put_one(rows[i], certificates[i]);
    });
}

void BatchOutput::wait() {
    if (m_writing.valid()) m_writing.get();
}

base::Path BatchOutput::report() {
    wait();
    return m_folder.report(m_report);
}

void BatchOutput::put_one(IssuedRow const& row, model::Object const& certificate) {
    auto const pem = m_certifier.pem("CERTIFICATE", der_of(certificate)) + m_issuer_pem;
    auto const key = m_folder.put(row.stem, certificate.name, pem);
    bool const made = row.key == IssuedRow::Key::made;
    bool const lost = made && key == BatchFolder::Key::none;
    m_report += fmt::format(
        "{},{},{},{},{}.pem,{},{}\n", m_file.place(m_rows).line, base::csv_cell(base::printable(row.name)),
        certificate.name, certificate.data->at("not_after").get<std::string>(), row.stem,
        made && !lost ? row.stem + ".key" : "", lost ? "issued; its key is missing here" : "issued");
    ++m_rows;
}

}  // namespace consortium::flow
