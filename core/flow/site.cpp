#include "core/flow/site.h"

#include "core/base/error.h"
#include "core/base/file_writer.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::Path;

namespace {

constexpr char const* manifest_name = "manifest.json";
constexpr std::size_t max_manifest = 1U << 30U;
constexpr std::size_t max_values = 20'000'000;
constexpr std::size_t block = 64U << 10U;

/// Whoever can write into the folder can write a manifest: it never leads out of the folder.
bool stays_below(Path const& path) {
    return path.is_relative() && !path.empty() && path == path.lexically_normal() &&
           std::ranges::none_of(path, [](Path const& part) { return part == ".." || part == "."; });
}

std::map<std::string, base::Digest> read_manifest(Path const& folder) {
    std::map<std::string, base::Digest> out;
    auto const file = folder / manifest_name;
    if (!base::exists(file)) return out;
    try {
        auto const text = base::read_text(file, max_manifest);
        auto const parsed = base::parse_json(text, {.bytes = max_manifest, .values = max_values});
        for (auto const& each : parsed.at("files")) {
            auto const path = each.at("path").get<std::string>();
            if (stays_below(path)) out[path] = base::Digest::from_hex(each.at("sha256").get<std::string>());
        }
    } catch (base::Error const&) {
        return {};  // somebody else's: nothing is known to be ours, so nothing is removed
    } catch (Json::exception const&) {
        return {};
    }
    return out;
}

base::Digest digest_of(Path const& path) {
    std::ifstream in(path, std::ios::binary);
    std::vector<char> held(block);
    base::Sha256 hash;
    while (in.read(held.data(), static_cast<std::streamsize>(held.size())) || in.gcount() > 0) {
        hash.update(std::string_view(held.data(), static_cast<std::size_t>(in.gcount())));
    }
    return hash.finish();
}

/// A file that is gone, or that somebody has changed, stays as it is.
void remove_ours(Path const& folder, Path const& path, base::Digest const& digest) {
    std::error_code failure;
    if (!std::filesystem::is_regular_file(std::filesystem::symlink_status(folder / path, failure))) return;
    if (digest_of(folder / path) != digest) return;
    std::filesystem::remove(folder / path, failure);
    // Folders that are empty now; the first that is not ends it.
    for (auto parent = path.parent_path(); !parent.empty() && !failure; parent = parent.parent_path()) {
        std::filesystem::remove(folder / parent, failure);
    }
}

}  // namespace

SiteFolder::SiteFolder(Path folder) : m_folder(std::move(folder)), m_before(read_manifest(m_folder)) {
    base::make_folder(m_folder);
}

Path SiteFolder::place(SiteFile const& file) const {
    auto const path = Path(file.path).lexically_normal();
    auto target = m_folder / path;
    if (path.has_parent_path()) base::make_folder(target.parent_path());
    return target;
}

void SiteFolder::note(SiteFile const& file, base::Digest const& digest) {
    auto const path = Path(file.path).lexically_normal();
    m_written[path] = Json{{"path", path.string()},
                           {"sha256", digest.hex()},
                           {"type", file.type},
                           {"expires", file.expires ? Json(file.expires->text()) : Json()}};
}

void SiteFolder::put(SiteFile const& file, std::string_view content, Sync sync) {
    auto const target = place(file);
    if (sync == Sync::now) {
        base::write_file(target, content);
    } else {
        base::replace_file(target, content);
        m_unsynced.push_back(target);
    }
    note(file, base::sha256(content));
}

base::Digest SiteFolder::put(SiteFile const& file, port::Pieces const& content) {
    base::FileWriter writer(place(file));
    base::Sha256 hash;
    content([&](base::BytesView piece) {
        writer.write(piece);
        hash.update(piece);
    });
    writer.finish();
    auto const digest = hash.finish();
    note(file, digest);
    return digest;
}

void SiteFolder::remove_old() const {
    for (auto const& [path, digest] : m_before) {
        if (!m_written.contains(path)) remove_ours(m_folder, path, digest);
    }
}

base::Digest SiteFolder::finish() {
    for (auto const& file : m_unsynced) base::sync_file(file);
    remove_old();
    Json files = Json::array();
    for (auto const& [path, entry] : m_written) files.push_back(*entry);
    auto const text = base::pretty(Json{{"files", files}}) + "\n";
    base::write_file(m_folder / manifest_name, text);
    return base::sha256(text);
}

}  // namespace consortium::flow
