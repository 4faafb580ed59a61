#include "core/store/high_water.h"

#include "core/base/error.h"
#include "core/base/text.h"

namespace consortium::store {

using base::Code;
using base::Error;

namespace {

constexpr std::size_t max_note = 16'384;

}  // namespace

HighWater::HighWater(base::Path const& state_folder, std::string const& origin) {
    if (!journal::is_origin(origin))
        throw Error(Code::configuration, "'" + origin + "' cannot be the origin of a journal");
    if (!state_folder.empty()) m_path = state_folder / origin / "high-water";
}

std::optional<std::string> HighWater::text() const {
    if (m_path.empty() || !base::exists(m_path)) return std::nullopt;
    return base::read_text(m_path, max_note);
}

std::unique_ptr<base::FileLock> HighWater::lock(int seconds) const {
    if (m_path.empty()) return nullptr;
    if (!base::exists(m_path.parent_path())) base::make_folder(m_path.parent_path(), base::FileMode::owner);
    auto path = m_path;
    return std::make_unique<base::FileLock>(path += ".lock", seconds);
}

void HighWater::check(std::uint64_t size, journal::SubtreeReader const& read, journal::NoteKey const& key,
                      port::Verifier const& verifier) const {
    if (auto const next = successor(); !next.empty())
        throw Error(Code::refused,
                    "this is a copy of a journal that went on as '" + next + "': nothing may be added to it",
                    "use the workspace that went on, or, where it is lost, run 'consortium audit recover'",
                    {{"successor", next}, {"ended", beside("ended").string()}});
    auto const mark = text();
    if (!mark) return;
    auto const known = journal::open_checkpoint(*mark, {key}, verifier).checkpoint;
    if (known.size > size)
        throw Error(Code::refused,
                    "this journal has " + std::to_string(size) + " entries, but it had " +
                        std::to_string(known.size) + " before: it was restored from a backup",
                    "put the newer journal back, or, where it is lost, run 'consortium audit recover'",
                    {{"high_water", m_path.string()}});
    if (journal::tree_root(known.size, read) != known.root)
        throw Error(
            Code::refused,
            "this journal is another one than it was at " + std::to_string(known.size) + " entries",
            "put the journal back that was here, or, where it is lost, run 'consortium audit recover'",
            {{"high_water", m_path.string()}});
}

std::optional<std::string> HighWater::verified() const {
    if (m_path.empty() || !base::exists(beside("verified"))) return std::nullopt;
    return base::read_text(beside("verified"), max_note);
}

void HighWater::keep_verified(std::string const& note) const {
    if (m_path.empty()) return;
    if (!base::exists(m_path.parent_path())) base::make_folder(m_path.parent_path(), base::FileMode::owner);
    base::write_file(beside("verified"), note, base::FileMode::owner);
}

void HighWater::raise(std::string const& checkpoint) const {
    if (m_path.empty()) return;
    base::write_file(m_path, checkpoint, base::FileMode::owner);
}

void HighWater::end(std::string const& successor) const {
    if (m_path.empty()) return;
    if (!base::exists(m_path.parent_path())) base::make_folder(m_path.parent_path(), base::FileMode::owner);
    base::write_file(beside("ended"), successor + "\n", base::FileMode::owner);
}

std::string HighWater::successor() const {
    if (m_path.empty() || !base::exists(beside("ended"))) return {};
    return std::string(base::trimmed(base::read_text(beside("ended"), max_note)));
}

}  // namespace consortium::store
