#include "core/base/error.h"
#include "core/flow/audit.h"
#include "core/flow/audit_rehash.h"
#include "core/flow/workspace.h"
#include "core/journal/checkpoint.h"
#include "core/journal/tile.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Digest;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

constexpr std::uint64_t kept_every = 1u << 16;

/// How far to go, and what that covers.
struct Level {
    std::string name;  // head | new | bytes | all
    bool covers(std::string_view least) const {
        if (least == "bytes") return name != "head";
        return name == "all" || name == "new";
    }
};

Level level_of(model::Request const& request) {
    return {request.arguments->value("level", std::string("all"))};
}

struct Extent {
    std::uint64_t from = 0;           // the first entry that was read
    std::string unkept;               // why the watermark could not be kept; or empty
    Json timestamps = Json::array();  // a record of each
};

/// The note that says up to where everything was verified: a checkpoint under a name of its own, so that it
/// can never pass for a head.
class Watermark {
public:
    Watermark(Services& services, port::Head const& head) : m_services(services), m_head(head) {}

    /// What is kept: none where nothing was verified before. Throws Error(verification_failed or malformed)
    /// where it is not a note that this journal's log key has signed.
    std::optional<journal::Checkpoint> read() const {
        auto const note = m_services.store.verified();
        if (!note) return std::nullopt;
        return journal::open_checkpoint(*note, {key()}, m_services.verifier).checkpoint;
    }
    /// Throws Error(verification_failed) where the journal no longer contains what was verified before.
    void compare(journal::Checkpoint const& known) {
        auto const read = journal::subtrees_of(
            [&](int level, std::uint64_t number) { return m_services.store.tile(level, number); });
        if (known.size > m_head.size || journal::tree_root(known.size, read) != known.root)
            throw Error(Code::verification_failed, "the journal does not contain the " +
                                                       std::to_string(known.size) +
                                                       " entries that were verified before");
        m_kept = known.size;
    }

    /// Everything before `size` holds. Kept now and then: whoever is stopped begins there.
    void pass(std::uint64_t size, Digest const& root) {
        m_passed = {size, root};
        if (size > m_kept && (size == m_head.size || size >= m_kept + kept_every)) keep();
    }
    /// Something does not hold that was verified once: the mark goes back to before it.
    void fall_back() {
        if (m_passed.size < m_kept) keep();
    }
    /// Why the mark could not be kept; empty if it was, or need not be.
    std::string const& failure() const { return m_failure; }

private:
    struct Passed {
        std::uint64_t size = 0;
        Digest root = journal::empty_root();
    };

    /// Nothing where the log key would have to be asked for. What was found is worth telling also where it
    /// cannot be kept.
    void keep() {
        m_kept = m_passed.size;
        try {
            auto const info = log_key();
            if (info.encrypted) return;
            auto const log = m_services.keys.open(info.id);
            m_services.store.keep_verified(
                journal::sign_checkpoint({key().name, m_passed.size, m_passed.root}, *log));
        } catch (Error const& error) {
            m_failure = error.message();
        }
    }
    port::KeyInfo log_key() const { return log_key_of(m_services.keys, own_origin(m_services.store)); }
    journal::NoteKey key() const {
        return journal::NoteKey::from_spki(own_origin(m_services.store) + "/verified",
                                           journal::NoteKeyType::log, log_key().public_key);
    }

    Services& m_services;
    port::Head const& m_head;
    Passed m_passed;
    std::uint64_t m_kept = 0;
    std::string m_failure;
};

void check_head(Services const& services, port::Head const& head, Found& found) {
    if (head.size == 0 && head.checkpoint.empty()) return;
    found.probe("head", [&] {
        auto const key = own_log_key(services);
        auto const signed_head =
            journal::open_checkpoint(head.checkpoint, {key}, services.verifier).checkpoint;
        if (signed_head.size != head.size || signed_head.root != head.root)
            found.add("head", "is not the one that was signed");
    });
}

void check_high_water(Services const& services, std::optional<std::string> const& mark,
                      port::Head const& head, Found& found) {
    found.probe("high-water mark", [&] {
        if (!mark) return;
        auto const known =
            journal::open_checkpoint(*mark, {own_log_key(services)}, services.verifier).checkpoint;
        if (known.size > head.size) {
            found.add("head", "has " + std::to_string(head.size) + " entries, but the high-water mark says " +
                                  std::to_string(known.size) + ": this journal was restored from a backup");
            return;
        }
        auto const read = journal::subtrees_of(
            [&](int level, std::uint64_t number) { return services.store.tile(level, number); });
        if (journal::tree_root(known.size, read) != known.root)
            found.add("head",
                      "does not contain the high-water mark at " + std::to_string(known.size) + " entries");
    });
}

/// Reads the entries from `from` on, a multiple of 256.
void check_entries(Services& services, Depth depth, std::uint64_t from, port::Head const& head, Found& found,
                   Rehash::Passed const& passed) {
    Rehash rehash(services.store, services.verifier, depth, {from, head.size});
    services.progress.start("verifying entries", head.size - from);
    rehash.run(found, [&](std::uint64_t size, Digest const& root) {
        services.progress.advance(size - from);
        if (found.damages.empty()) passed(size, root);
    });
    services.progress.finish();
    if (rehash.size() == head.size && rehash.root() != head.root)
        found.add("head", "its root is not the root of the entries");
}

// `all` reads everything and needs no mark: one that says nothing is replaced. One that is signed and says
// otherwise was kept by this program, of a journal that was another one then.
void check_contents(Services& services, Level const& level, Extent& extent, port::Head const& head,
                    Found& found) {
    if (head.size == 0) return;
    Watermark watermark(services, head);
    Found of_mark;
    std::optional<journal::Checkpoint> known;
    of_mark.probe("watermark", [&] { known = watermark.read(); });
    if (level.name != "all") found.add(of_mark);
    if (known) {
        auto const before = found.damages.size();
        found.probe("watermark", [&] { watermark.compare(*known); });
        if (level.name != "all" && found.damages.size() == before) extent.from = known->size;
    }
    auto const begin = extent.from / journal::tile_width * journal::tile_width;
    check_entries(services, Depth::contents, begin, head, found,
                  [&](std::uint64_t size, Digest const& root) { watermark.pass(size, root); });
    if (!found.damages.empty()) watermark.fall_back();
    extent.unkept = watermark.failure();
}

void check_tree(Services const& services, port::Head const& head, Found& found) {
    found.probe("tree", [&] {
        auto const read = journal::subtrees_of(
            [&](int level, std::uint64_t number) { return services.store.tile(level, number); });
        if (journal::tree_root(head.size, read) != head.root)
            found.add("head", "its root is not the root of the tree");
    });
}

/// What was checked, and what was not.
struct Checks {
    std::vector<std::string> done, left;

    Checks(Level const& level, bool projection) {
        add("storage", level.name == "all" || level.name == "bytes");
        add("head", true);
        add("high-water mark", true);
        add("bytes", level.covers("bytes"));
        add("commitments", level.covers("contents"));
        add("signatures", level.covers("contents"));
        add("projection", projection);
    }
    /// Where the storage is damaged, it alone was looked at.
    Checks storage_only() const {
        auto out = *this;
        out.left.insert(out.left.begin(), done.begin() + 1, done.end());
        out.done.resize(1);
        return out;
    }
    void add(char const* name, bool was_done) { (was_done ? done : left).emplace_back(name); }

    std::string words() const {
        auto out = "checked: " + fmt::format("{}", fmt::join(done, ", "));
        if (!left.empty()) out += fmt::format("; not checked: {}", fmt::join(left, ", "));
        return out;
    }
};

/// Those of one journal: whoever wants to know more looks into the data.
std::string stamps_words(Json const& timestamps) {
    std::string words;
    for (auto const& one : timestamps) {
        std::string trust;
        if (one.at("reason").is_string())
            trust = fmt::format(" (under the roots of 'tsa-ca', {})", one.at("reason").get<std::string>());
        else if (!one.at("checked").get<bool>())
            trust = " (not checked: no root is trusted, see --tsa-ca)";
        words += fmt::format("{}the first {} entries existed on {}, says '{}'{}", words.empty() ? "" : "\n",
                             one.at("size").get<std::uint64_t>(), one.at("time").get<std::string>(),
                             one.at("signer").get<std::string>(), trust);
    }
    return words;
}

std::string holds_words(Found const& found, port::Head const& head, Level const& level,
                        Extent const& extent) {
    auto words = fmt::format("the journal holds: {} entries, ", head.size);
    if (level.covers("contents")) words += fmt::format("{} acts, ", found.acts);
    words += "root " + head.root.hex();
    if (extent.from > 0 && level.name == "new")
        words +=
            fmt::format("\nread were entries from {} on; those before were verified earlier", extent.from);
    return words;
}

model::Outcome report(Found const& found, port::Head const& head, Level const& level, Checks const& checks,
                      Extent const& extent) {
    Json damages = Json::array();
    model::Table table{{"where", "what"}, {}, {}};
    for (auto const& damage : found.damages) {
        damages.push_back({{"where", damage.where}, {"what", damage.what}});
        table.rows.push_back({damage.where, damage.what});
    }
    model::Outcome outcome;
    outcome.schema = "consortium.verification/1";
    bool const holds = found.damages.empty();
    outcome.data = JsonValue(Json{{"holds", holds},
                                  {"level", level.name},
                                  {"checked", checks.done},
                                  {"not_checked", checks.left},
                                  {"from", extent.from},
                                  {"size", head.size},
                                  {"root", head.root.hex()},
                                  {"acts", found.acts},
                                  {"events", found.events},
                                  {"checkpoints", found.checkpoints},
                                  {"timestamps", extent.timestamps},
                                  {"damages", std::move(damages)}});
    if (!extent.unkept.empty())
        outcome.warnings.push_back("how far it was verified could not be kept: " + extent.unkept);
    if (holds) {
        outcome.text.emplace_back(holds_words(found, head, level, extent));
        outcome.text.emplace_back(checks.words());
        if (!extent.timestamps.empty()) outcome.text.emplace_back(stamps_words(extent.timestamps));
        return outcome;
    }
    outcome.text.emplace_back("the journal does not hold:");
    outcome.text.emplace_back(std::move(table));
    outcome.next = {"restore a backup of this workspace, then run 'consortium audit verify'"};
    outcome.status = Code::verification_failed;
    return outcome;
}

}  // namespace

model::Outcome audit_verify(Services& services, model::Request const& request, Stamping const* stamping) {
    Found found;
    auto const level = level_of(request);
    bool const projection = request.arguments->value("projection", false);
    Checks const checks(level, projection);
    // The storage first: nothing that is read from a damaged page can be judged.
    if (level.name == "all" || level.name == "bytes") found.damages = services.store.inspect();
    port::Head head;
    if (!found.damages.empty()) return report(found, head, level, checks.storage_only(), {});
    // The mark before the head: whoever appends meanwhile raises both, the mark last.
    std::optional<std::string> mark;
    found.probe("high-water mark", [&] { mark = services.store.high_water(); });
    head = services.store.head();
    check_head(services, head, found);
    Extent extent;
    if (level.covers("contents"))
        check_contents(services, level, extent, head, found);
    else if (level.covers("bytes"))
        check_entries(services, Depth::bytes, 0, head, found, [](std::uint64_t, Digest const&) {});
    else
        check_tree(services, head, found);
    check_high_water(services, mark, head, found);
    if (stamping != nullptr)
        found.probe("timestamps", [&] { extent.timestamps = check_timestamps(services, *stamping, found); });
    if (projection) {
        found.probe("projection", [&] {
            for (auto& damage : services.store.compare_projection())
                found.add(std::move(damage.where), std::move(damage.what));
        });
    }
    return report(found, head, level, checks, extent);
}

}  // namespace consortium::flow
