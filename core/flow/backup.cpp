#include "core/flow/backup.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/audit.h"
#include "core/flow/recover.h"
#include "core/flow/workspace.h"
#include "core/journal/merkle.h"
#include "core/port/courier.h"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;
using base::Path;

namespace {

std::string const format = "consortium.backup/1";
std::string const manifest_file = "backup.json";
std::string const journal_file = "journal.db";
constexpr std::size_t max_manifest = 1u << 20;
constexpr std::size_t max_small = 1u << 20;  // settings and keys
constexpr std::size_t chunk = 1u << 20;

/// A name in keys/: of letters that a path cannot be made of.
bool is_key_file(std::string_view path) {
    if (!path.starts_with("keys/")) return false;
    auto const name = path.substr(5);
    bool const plain = std::all_of(name.begin(), name.end(), [](char letter) {
        bool const word = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
        return word || letter == '-' || letter == '.';
    });
    return plain && !name.empty() && name.size() <= 100 && name.front() != '.' &&
           (name.ends_with(".pem") || name.ends_with(".pkcs11") || name.ends_with(".command") ||
            name.ends_with(".ssh.pub") || name.ends_with(".age.pub"));
}

bool belongs(std::string_view path) {
    return path == journal_file || path == "consortium.toml" || is_key_file(path);
}

/// Copies in pieces, since a journal can be larger than memory, and returns the SHA-256 of what was copied.
base::Digest copied(Path const& from, Path const& to) {
    std::ifstream in(from, std::ios::binary);
    if (!in)
        throw Error(Code::storage, "cannot read '" + from.string() + "'",
                    "check the path and its permissions");
    std::ofstream out;
    if (!to.empty()) out.open(to, std::ios::binary | std::ios::trunc);
    if (!to.empty()) std::filesystem::permissions(to, std::filesystem::perms{0600});
    base::Sha256 hash;
    std::string piece(chunk, '\0');
    while (in) {
        in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        auto const part = std::string_view(piece).substr(0, static_cast<std::size_t>(in.gcount()));
        hash.update(part);
        if (!to.empty()) out.write(part.data(), static_cast<std::streamsize>(part.size()));
    }
    if (!to.empty()) out.flush();
    if (in.bad() || (!to.empty() && !out))
        throw Error(Code::storage, "cannot copy '" + from.string() + "'",
                    "check the disk and its free space, then run the command again");
    if (!to.empty()) out.close();
    if (!to.empty()) base::sync_file(to);
    return hash.finish();
}

base::Digest digest_of(Path const& file) {
    return copied(file, {});
}

/// Files of the workspace that a backup holds, besides the journal.
std::vector<std::string> small_files(Path const& workspace) {
    std::vector<std::string> files{"consortium.toml"};
    for (auto const& entry : std::filesystem::directory_iterator(workspace / "keys")) {
        auto const path = "keys/" + entry.path().filename().string();
        if (entry.is_regular_file() && is_key_file(path)) files.push_back(path);
    }
    std::sort(files.begin(), files.end());
    return files;
}

BackupManifest copy_into(Services& services, Identity const& self, Path const& stage) {
    BackupManifest manifest;
    manifest.member = self.member;
    manifest.taken = services.clock.now();
    base::make_folder(stage / "keys", base::FileMode::owner);
    for (auto const& path : small_files(self.workspace))
        manifest.files[path] = copied(self.workspace / path, stage / path);
    services.store.copy_to(stage / journal_file);
    std::filesystem::permissions(stage / journal_file, std::filesystem::perms{0600});
    manifest.files[journal_file] = digest_of(stage / journal_file);
    auto const copy = services.journal_at(stage / journal_file);
    manifest.checkpoint = copy->head().checkpoint;
    manifest.origin = manifest.checkpoint.substr(0, manifest.checkpoint.find('\n'));
    check_copy(*copy, manifest, services);
    return manifest;
}

/// Files of keys that whoever has the backup can use, by name: "acme-gov", "post.age".
std::vector<std::string> open_keys(BackupManifest const& manifest, Services const& services) {
    std::vector<std::string> names;
    auto const add = [&](std::string name) {
        if (manifest.files.contains("keys/" + name + ".pem")) names.push_back(std::move(name));
    };
    for (auto const& key : services.keys.list())
        if (!key.encrypted) add(key.name);
    if (services.courier != nullptr)
        for (auto const& name : services.courier->unencrypted()) add(name + ".age");
    return names;
}

model::Outcome describe(BackupManifest const& manifest, Services const& services, Path const& to,
                        std::uint64_t size) {
    auto const names = open_keys(manifest, services);
    Json files = Json::object();
    for (auto const& [path, digest] : manifest.files) files[path] = digest.hex();
    model::Outcome outcome;
    outcome.schema = "consortium.backup/1";
    outcome.data = JsonValue(Json{{"folder", to.string()},
                                  {"size", size},
                                  {"taken", manifest.taken.text()},
                                  {"files", files},
                                  {"unencrypted_keys", names},
                                  {"left_out", {"private", "out"}}});
    outcome.text.emplace_back(
        fmt::format("copied {} entries, the settings and {} files of keys to {}; all of it holds", size,
                    manifest.files.size() - 2, to.string()));
    outcome.text.emplace_back(std::string("private/ is left out: what is erased there must not come back"));
    if (!names.empty())
        outcome.warnings.push_back("it holds unencrypted private keys (" + base::join(names, ", ") +
                                   "): whoever reads it can use them");
    outcome.next = {"consortium workspace restore " + to.string() + " --to DIR"};
    return outcome;
}

}  // namespace

std::string note_if_possible(Services& services, model::Event const& event) {
    try {
        services.store.write([&](port::Transaction& transaction) { transaction.append_event(event); });
    } catch (Error const& error) {
        if (error.code() != Code::refused) throw;
        return error.message();
    }
    return {};
}

Json to_json(BackupManifest const& manifest) {
    Json files = Json::object();
    for (auto const& [path, digest] : manifest.files) files[path] = digest.hex();
    return {{"format", format},
            {"member", manifest.member},
            {"origin", manifest.origin},
            {"taken", manifest.taken.text()},
            {"checkpoint", manifest.checkpoint},
            {"files", files}};
}

BackupManifest backup_manifest_from_json(Json const& value) {
    base::JsonReader in(value);
    if (in.text("format", 100) != format)
        throw Error(Code::too_new, "this is not a backup that this program can read",
                    "install a newer version");
    BackupManifest manifest;
    manifest.member = in.name("member");
    manifest.origin = in.text("origin", 200);
    manifest.taken = base::Instant::from_text(in.text("taken", 40));
    manifest.checkpoint = in.text("checkpoint", 16u << 10);
    for (auto const& [path, digest] : in.value("files").items()) {
        if (!belongs(path) || !digest.is_string())
            throw Error(Code::malformed, "a backup has no file '" + base::printable(path) + "'");
        manifest.files[path] = base::Digest::from_hex(digest.get<std::string>());
    }
    in.done();
    for (auto const* needed : {"journal.db", "consortium.toml"})
        if (!manifest.files.contains(needed))
            throw Error(Code::malformed, std::string("a backup without ") + needed);
    return manifest;
}

void check_copy(port::Store const& copy, BackupManifest const& manifest, Services const& services) {
    auto const head = copy.head();
    if (head.checkpoint != manifest.checkpoint)
        throw Error(Code::verification_failed, "the journal's head is not the one that backup.json names");
    if (head.size == 0 && head.checkpoint.empty()) return;
    auto const key = journal::NoteKey::from_spki(manifest.origin, journal::NoteKeyType::log,
                                                 log_key_of(services.keys, manifest.origin).public_key);
    auto const is_signed = journal::open_checkpoint(head.checkpoint, {key}, services.verifier).checkpoint;
    journal::Frontier frontier;
    services.progress.start("verifying entries", head.size);
    copy.entries(0, head.size, [&](model::Entry const& entry) {
        frontier.append(journal::leaf_hash(entry.leaf));
        services.progress.advance(frontier.size());
    });
    services.progress.finish();
    if (is_signed.size != frontier.size() || is_signed.root != frontier.root())
        throw Error(Code::verification_failed,
                    "the entries of the copy are not those that its head was signed for",
                    "run 'consortium audit verify' where it was copied");
}

void require_new_folder(Path const& folder) {
    if (base::exists(folder))
        throw Error(Code::conflict,
                    "'" + folder.string() + "' exists already: a backup or restore overwrites nothing",
                    "name a folder that does not exist yet");
    if (!base::exists(folder.parent_path()))
        throw Error(Code::not_found, "there is no folder '" + folder.parent_path().string() + "'",
                    "make it first");
}

model::Outcome workspace_backup(Services& services, Identity const& self, Path const& to) {
    require_new_folder(to);
    // The last part only: the journal keeps it for good, and a path may name who has the disk.
    auto const why_not = note_if_possible(
        services,
        {"workspace.backup", services.clock.now(), JsonValue(Json{{"to", to.filename().string()}}), {}});
    base::TemporaryFolder const stage(to.parent_path());
    std::filesystem::permissions(stage.path(), std::filesystem::perms{0700});
    auto const manifest = copy_into(services, self, stage.path());
    base::write_file(stage.path() / manifest_file, base::pretty(to_json(manifest)) + "\n",
                     base::FileMode::owner);
    base::sync_folder(stage.path() / "keys");
    base::sync_folder(stage.path());
    for (auto const& [path, digest] : manifest.files)
        if (digest_of(stage.path() / path) != digest)
            throw Error(Code::verification_failed, "'" + path + "' was not written as it was read",
                        "check the disk");
    std::filesystem::rename(stage.path(), to);
    base::sync_folder(to.parent_path());
    auto const head = journal::Checkpoint::parse(journal::Note::parse(manifest.checkpoint).body);
    auto outcome = describe(manifest, services, to, head.size);
    if (!why_not.empty()) outcome.warnings.push_back("the journal was copied, but not told: " + why_not);
    return outcome;
}

BackupManifest unpack_backup(Path const& from, Path const& to) {
    auto const file = from / manifest_file;
    if (!base::exists(file))
        throw Error(Code::not_found, "'" + from.string() + "' is not a backup: it has no " + manifest_file,
                    "name the folder that 'consortium workspace backup' made");
    auto manifest = backup_manifest_from_json(base::parse_json(base::read_text(file, max_manifest)));
    for (auto const* folder : {"keys", "private", "out"})
        base::make_folder(to / folder, base::FileMode::owner);
    for (auto const& [path, digest] : manifest.files) {
        auto const source = from / path;
        if (!std::filesystem::is_regular_file(std::filesystem::symlink_status(source)))
            throw Error(Code::verification_failed, "'" + path + "' is missing in the backup",
                        "take another backup");
        if (path != journal_file && std::filesystem::file_size(source) > max_small)
            throw Error(Code::malformed, "'" + path + "' is larger than such a file can be");
        if (copied(source, to / path) != digest)
            throw Error(Code::verification_failed, "'" + path + "' is not what the backup's backup.json says",
                        "it is damaged: take another backup", {{"file", source.string()}});
    }
    return manifest;
}

Restored look_at_restored(Services const& services, Identity const& self, port::Exchange const* exchange,
                          std::string unread) {
    auto const head = services.store.head();
    auto const loss = look_for_loss(services, self, exchange, std::move(unread));
    if (loss.head)
        return {Restored::State::behind, fmt::format("{} shows {} entries, this copy has {}", loss.head->path,
                                                     loss.head->checkpoint.size, head.size)};
    if (auto const next = services.store.successor(); !next.empty())
        return {Restored::State::behind, "this journal went on as '" + next + "'"};
    if (!loss.unread.empty())
        return {Restored::State::unknown,
                "the others could not be asked whether anything was journaled after it: " + loss.unread};
    if (services.store.high_water() == head.checkpoint)
        return {Restored::State::newest, "this host knows of no newer head: the workspace can be used"};
    return {Restored::State::unknown, "nobody here knows whether anything was journaled after it"};
}

}  // namespace consortium::flow
