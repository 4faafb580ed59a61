#include "core/flow/exchange_witness.h"

#include "core/base/error.h"
#include "core/flow/exchange_read.h"
#include "core/flow/genesis.h"
#include "core/flow/peer.h"
#include "core/flow/workspace.h"
#include "core/journal/tile.h"

namespace consortium::flow {

using base::Code;
using base::Error;

namespace {

constexpr std::size_t max_note = 16u << 10;

std::optional<journal::Checkpoint> parsed(std::string const& note) {
    try {
        return journal::Checkpoint::parse(journal::Note::parse(note).body);
    } catch (Error const&) {
        return std::nullopt;
    }
}

/// Where a folder of the exchange shows a head of this journal: as published, or as cosigned by a peer.
std::string where_shown(std::string const& folder, Identity const& self) {
    return folder + (folder == self.member ? "/checkpoint" : "/cosig/" + self.member);
}

bool is_signed_by(journal::NoteKey const& key, std::string const& note, port::Verifier const& verifier) {
    try {
        static_cast<void>(journal::open_checkpoint(note, {key}, verifier));
        return true;
    } catch (Error const&) {
        return false;
    }
}

}  // namespace

bool contains(port::Store const& store, journal::Checkpoint const& shown) {
    if (shown.size > store.head().size) return false;
    auto const read =
        journal::subtrees_of([&](int level, std::uint64_t number) { return store.tile(level, number); });
    return journal::tree_root(shown.size, read) == shown.root;
}

namespace {

[[noreturn]] void refuse(std::uint64_t size, journal::Checkpoint const& shown, std::string const& path) {
    auto const entries = std::to_string(shown.size);
    auto const what = shown.size > size ? "this journal has " + std::to_string(size) + " entries, but '" +
                                              path + "' shows " + entries + ": it was restored from a backup"
                                        : "this journal is another one than '" + path + "' shows at " +
                                              entries + " entries: it was restored from a backup and went on";
    throw Error(Code::refused, what,
                "put the newer journal back, or, where it is lost, run 'consortium audit recover'",
                {{"shown", path}, {"size", std::to_string(shown.size)}});
}

/// A copy that nobody has said to be the newest shows its head to no one either.
void refuse_copy(port::Store const& store) {
    auto const taken = store.note("restored");
    if (!taken || taken->empty()) return;
    throw Error(Code::refused,
                "this workspace was restored from a backup that was taken at " + *taken +
                    ", and may lack what was journaled since",
                "run 'consortium audit recover'");
}

}  // namespace

std::optional<journal::NoteKey> own_log_key(Services const& services, Identity const& self) {
    auto const epoch = known_epoch(services.store);
    auto const* member = epoch ? epoch->member(self.member) : nullptr;
    if (member == nullptr || !services.keys.has(member->log)) return std::nullopt;
    // A journal that has begun a new origin is not the member's before an epoch names its key.
    auto const origin = own_origin(services.store);
    if (!origin.empty() && origin != journal_origin(*member)) return std::nullopt;
    return log_key(*epoch, *member);
}

std::string unread_heads(Services const& services, Identity const& self, port::Exchange const& exchange) {
    for (auto const& folder : member_folders(services, exchange)) {
        try {
            static_cast<void>(exchange.read(where_shown(folder, self), max_note));
        } catch (Error const& error) {
            // What lies there may be anything; whether it can be read is the question.
            if (error.code() != Code::malformed) return error.message();
        }
    }
    return {};
}

std::optional<ShownHead> shown_head(Services const& services, Identity const& self,
                                    port::Exchange const& exchange, Unread own) {
    std::optional<ShownHead> highest;
    auto const key = own_log_key(services, self);
    if (!key) return highest;
    for (auto const& folder : member_folders(services, exchange)) {
        bool const is_own = folder == self.member;
        auto const path = where_shown(folder, self);
        auto const note = is_own && own == Unread::is_thrown ? read_own(exchange, path, max_note)
                                                             : read_if_sound(exchange, path, max_note);
        auto const shown = note ? parsed(*note) : std::nullopt;
        if (!shown || contains(services.store, *shown)) continue;
        if (!is_signed_by(*key, *note, services.verifier)) continue;  // anybody could have written it
        if (!highest || highest->checkpoint.size < shown->size) highest = ShownHead{path, *note, *shown};
    }
    return highest;
}

void refuse_restored(Services& services, Identity const& self, port::Exchange const& exchange, Unread own) {
    auto const shown = shown_head(services, self, exchange, own);
    if (!shown) return refuse_copy(services.store);
    services.store.raise_high_water(shown->note);
    refuse(services.store.head().size, shown->checkpoint, shown->path);
}

int count_witnesses(Services const& services, Identity const& self, port::Exchange const& exchange) {
    auto const epoch = known_epoch(services.store);
    auto const published = read_if_sound(exchange, self.member + "/checkpoint", max_note);
    auto const head = published ? parsed(*published) : std::nullopt;
    if (!epoch || !head) return 0;
    int count = 0;
    for (auto const& member : epoch->members) {
        if (member.id == self.member) continue;
        auto const note = read_if_sound(exchange, member.id + "/cosig/" + self.member, max_note);
        if (!note || parsed(*note) != head) continue;
        try {
            auto const signers = verified_signers(journal::Note::parse(*note), {witness_key(*epoch, member)},
                                                  services.verifier);
            if (!signers.empty()) ++count;
        } catch (Error const&) {
            continue;  // a cosignature that does not hold counts for nothing
        }
    }
    return count;
}

}  // namespace consortium::flow
