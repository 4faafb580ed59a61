#include "core/exchange/directory.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/exchange/open.h"

#include <algorithm>

namespace consortium::exchange {

using base::Code;
using base::Error;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_names = 100'000;

}  // namespace

Directory::Directory(base::Path root) : m_root(root.has_filename() ? std::move(root) : root.parent_path()) {
    std::error_code ignored;
    if (!fs::is_directory(m_root, ignored)) {
        throw Error(Code::not_found, "there is no folder '" + m_root.string() + "' to exchange over",
                    "make it, or name another with --with");
    }
}

base::Path Directory::resolve(std::string const& path) const {
    check_path(path);
    auto where = m_root;
    for (auto const& part : base::split(path, '/')) {
        where /= part;
        std::error_code ignored;
        if (fs::is_symlink(fs::symlink_status(where, ignored))) {
            throw Error(Code::malformed, "'" + where.string() + "' is a symbolic link: an exchange has none");
        }
    }
    return where;
}

std::optional<port::Exchange::Names> Directory::list(std::string const& folder) const {
    Names names;
    auto const where = folder.empty() ? m_root : resolve(folder);
    std::error_code error;
    for (auto const& entry : fs::directory_iterator(where, error)) {
        if (names.size() == most_names) {
            throw Error(Code::malformed, "'" + where.string() + "' has more than 100,000 entries");
        }
        auto name = entry.path().filename().string();
        if (!entry.is_symlink() && !name.starts_with('.')) names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::optional<std::string> Directory::read(std::string const& path, std::size_t max) const {
    auto const where = resolve(path);
    std::error_code ignored;
    if (!fs::is_regular_file(where, ignored)) return std::nullopt;
    try {
        return base::read_text(where, max);
    } catch (Error const& error) {
        if (error.code() == Code::not_found) return std::nullopt;  // it went in between
        if (error.code() != Code::storage) throw;
        throw Error(Code::unavailable, error.message(), "look at the folder's permissions");
    }
}

base::Path Directory::place(std::string const& path, std::string_view content) const {
    auto where = resolve(path);
    std::error_code error;
    fs::create_directories(where.parent_path(), error);
    if (error) {
        throw Error(Code::storage, "cannot make '" + where.parent_path().string() + "': " + error.message());
    }
    base::replace_file(where, content);
    return where;
}

void Directory::write(std::string const& path, std::string_view content) {
    m_unsettled.insert(place(path, content));
}

void Directory::write_again(std::string const& path, std::string_view content) {
    place(path, content);
}

void Directory::settle() {
    std::set<base::Path> folders;
    for (auto const& file : m_unsettled) {
        base::sync_file(file);
        // A new folder is only as durable as its name in the one above.
        for (auto folder = file.parent_path(); folders.insert(folder).second && folder != m_root;)
            folder = folder.parent_path();
    }
    for (auto const& folder : folders) base::sync_folder(folder);
    m_unsettled.clear();
}

bool Directory::has(std::string const& path) const {
    std::error_code ignored;
    return fs::is_regular_file(resolve(path), ignored);
}

void Directory::remove(std::string const& path) {
    auto const where = resolve(path);
    std::error_code error;
    if (fs::is_directory(where, error)) return;  // no blob
    fs::remove(where, error);
    m_unsettled.erase(where);
    if (error) throw Error(Code::storage, "cannot remove '" + where.string() + "': " + error.message());
    if (where.parent_path() == m_root) return;
    fs::remove(where.parent_path(), error);  // fails where it is not empty: as it should
}

}  // namespace consortium::exchange
