#pragma once

#include "core/base/file.h"
#include "core/base/secret.h"

#include <optional>

namespace consortium::flow {

/// Where a batch puts what it makes: NAME.pem, NAME.key (mode 0600) and report.csv. Keys lie aside until
/// their certificates are on file, so that none is seen that is for nothing, and none is lost that is for
/// something. The folder belongs to one batch until that is done.
class BatchFolder {
public:
    /// Whether a batch may have the folder: it is not there, empty, or this very batch's. Throws
    /// Error(conflict) otherwise.
    static void check_free(base::Path const& folder, std::string const& batch);

    static constexpr char const* report_name = "report.csv";

    /// Makes the folder the batch's. Throws Error(busy) while another process works on it.
    BatchFolder(base::Path folder, std::string const& batch);

    /// Keeps the key aside, under the serial of its certificate to be. Any number of threads may do so.
    void stage(std::string const& serial, base::Secret const& key) const;
    /// Removes keys without certificates, after those with one have been put.
    void drop_staged() const;
    /// What was staged or put is durable after this.
    void sync() const;
    enum class Key { none, placed };
    /// Puts the certificate of a row, and its key if one was staged.
    Key put(std::string const& stem, std::string const& serial, std::string const& chain) const;
    /// Writes the report; all that was put is durable after this.
    base::Path report(std::string const& csv) const;
    /// Ends the batch's hold on the folder, once it is known to be done.
    static void release(base::Path const& folder, std::string const& batch);

private:
    base::Path staged(std::string const& serial) const;

    base::Path m_folder;
    std::optional<base::FileLock> m_lock;
};

}  // namespace consortium::flow
