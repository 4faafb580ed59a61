#include "core/flow/peer_known.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;

namespace {

constexpr std::string_view with_substance = "substance\n";
constexpr std::string_view without_substance = "none\n";

// Store::note: whether anything in the part is no checkpoint, then the body of a checkpoint.
std::string part_note(std::string_view member) {
    return "part/" + std::string(member);
}

std::string part_head_note(std::string_view member) {
    return "part-head/" + std::string(member);
}

// Store::note: the head that was forked from.
std::string fork_note(std::string_view member) {
    return "fork/" + std::string(member);
}

std::optional<std::string> filled(std::optional<std::string> text) {
    return text && !text->empty() ? std::move(text) : std::nullopt;
}

}  // namespace

std::string seen_note(std::string_view member) {
    return "seen/" + std::string(member);
}

Known known_of(port::Store const& store, std::string const& member) {
    Known known;
    known.seen = store.note(seen_note(member));
    if (auto const text = filled(store.note(part_note(member)))) {
        known.substance = text->starts_with(with_substance);
        known.part = journal::Checkpoint::parse(text->substr(text->find('\n') + 1));
        known.head = filled(store.note(part_head_note(member)));
    }
    return known;
}

void keep_part(Services& services, std::string const& member, Known const& known) {
    services.store.write([&](port::Transaction& transaction) {
        transaction.put_note(
            part_note(member),
            std::string(known.substance ? with_substance : without_substance) + known.part->body());
        transaction.put_note(part_head_note(member), known.head.value());
    });
}

void forget_part(port::Transaction& transaction, std::string const& member) {
    transaction.put_note(part_note(member), "");
    transaction.put_note(part_head_note(member), "");
}

Error record_fork(Services& services, std::string const& member, Fork const& fork) {
    if (services.store.note(fork_note(member)) != fork.seen) {
        base::JsonValue const body(
            Json{{"member", member}, {"seen", fork.seen}, {"shown", fork.shown}, {"proof", fork.proof}});
        services.store.write([&](port::Transaction& transaction) {
            transaction.append_event({"fork.found", services.clock.now(), body, {}});
            transaction.put_note(fork_note(member), fork.seen);
        });
    }
    return {
        Code::verification_failed,
        fmt::format("the journal that '{}' publishes has forked: it does not continue the {} entries that "
                    "'{}' had signed before",
                    member, fork.size, member),
        fmt::format("ask '{}'; nothing of it was taken in, and both signed heads are kept: 'consortium "
                    "audit log --kind fork.found'",
                    member),
        {{"member", member}}};
}

}  // namespace consortium::flow
