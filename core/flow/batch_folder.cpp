#include "core/flow/batch_folder.h"

#include "core/base/error.h"
#include "core/base/file_place.h"

#include <fmt/format.h>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Path;

namespace {

constexpr char const* marker = ".batch";
constexpr char const* lock = ".lock";
constexpr char const* aside = ".keys";
constexpr std::size_t max_marker = 256;
constexpr int lock_seconds = 2;

/// Runs what works on folders, whose failures are of storage.
template <class Work>
auto on_disk(Path const& folder, Work const& work) {
    try {
        return work();
    } catch (std::filesystem::filesystem_error const& error) {
        throw Error(Code::storage,
                    fmt::format("cannot work in '{}': {}", folder.string(), error.code().message()), {},
                    {{"path", folder.string()}});
    }
}

/// It may hold the lock of who came first and has not begun.
bool holds_nothing(Path const& folder) {
    if (!std::filesystem::is_directory(folder)) return false;
    for (auto const& item : std::filesystem::directory_iterator(folder))
        if (item.path().filename() != lock) return false;
    return true;
}

/// The name of the batch that a folder belongs to; empty for none.
std::string owner(Path const& folder) {
    return base::exists(folder / marker) ? base::read_text(folder / marker, max_marker) : std::string();
}

}  // namespace

void BatchFolder::check_free(Path const& folder, std::string const& batch) {
    bool const free = on_disk(
        folder, [&] { return !base::exists(folder) || owner(folder) == batch || holds_nothing(folder); });
    if (free) return;
    bool const unfinished = !owner(folder).empty();
    throw Error(Code::conflict,
                fmt::format("'{}' is not empty{}", folder.string(),
                            unfinished ? ": a batch of another file or other flags began there" : ""),
                unfinished ? "go on with that by 'consortium operation resume', or name another folder"
                           : "name a new folder: certificates and keys are never overwritten");
}

BatchFolder::BatchFolder(Path folder, std::string const& batch) : m_folder(std::move(folder)) {
    check_free(m_folder, batch);
    base::make_folder(m_folder, base::FileMode::owner);
    m_lock.emplace(m_folder / lock, lock_seconds);
    check_free(m_folder, batch);  // another may have come first
    if (owner(m_folder) != batch) base::write_file(m_folder / marker, batch, base::FileMode::owner);
    base::make_folder(m_folder / aside, base::FileMode::owner);
}

Path BatchFolder::staged(std::string const& serial) const {
    return m_folder / aside / (serial + ".key");
}

void BatchFolder::stage(std::string const& serial, base::Secret const& key) const {
    base::write_new(staged(serial), key.text(), base::FileMode::owner);
}

void BatchFolder::drop_staged() const {
    on_disk(m_folder, [&] {
        for (auto const& file : std::filesystem::directory_iterator(m_folder / aside))
            std::filesystem::remove(file.path());
    });
}

void BatchFolder::sync() const {
    base::sync_file_system(m_folder);
}

BatchFolder::Key BatchFolder::put(std::string const& stem, std::string const& serial,
                                  std::string const& chain) const {
    auto const key = m_folder / (stem + ".key");
    bool const placed = base::place_file(staged(serial), key);
    auto const certificate = m_folder / (stem + ".pem");
    if (!base::exists(certificate)) base::replace_file(certificate, chain);
    return placed || base::exists(key) ? Key::placed : Key::none;
}

Path BatchFolder::report(std::string const& csv) const {
    auto path = m_folder / report_name;
    base::replace_file(path, csv);
    sync();
    return path;
}

void BatchFolder::release(Path const& folder, std::string const& batch) {
    if (owner(folder) != batch) return;
    on_disk(folder, [&] {
        std::filesystem::remove_all(folder / aside);
        std::filesystem::remove(folder / lock);
        std::filesystem::remove(folder / marker);
    });
    base::sync_folder(folder);
}

}  // namespace consortium::flow
