#pragma once

#include "core/base/file.h"
#include "core/port/exchange.h"

#include <set>

namespace consortium::exchange {

/// A folder that organizations share: a mounted share, a synchronized folder, a web server's root. Symbolic
/// links are never followed below it: what others put there is hostile.
class Directory : public port::Exchange {
public:
    /// Throws Error(not_found) if it is not a folder.
    explicit Directory(base::Path root);

    std::string location() const override { return m_root.string(); }
    std::optional<Names> list(std::string const& folder) const override;
    std::optional<std::string> read(std::string const& path, std::size_t max) const override;
    void write(std::string const& path, std::string_view content) override;
    void write_again(std::string const& path, std::string_view content) override;
    /// Each file and each folder written to is synced once, however much was written.
    void settle() override;
    bool is_near() const override { return true; }
    bool has(std::string const& path) const override;
    void remove(std::string const& path) override;

private:
    base::Path resolve(std::string const& path) const;

    base::Path place(std::string const& path, std::string_view content) const;

    base::Path m_root;
    std::set<base::Path> m_unsettled;
};

}  // namespace consortium::exchange
