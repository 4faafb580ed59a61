#include "core/flow/audit_entries.h"

#include "core/agreement/credential.h"
#include "core/base/error.h"
#include "core/flow/agreement.h"
#include "core/flow/genesis.h"
#include "core/flow/privacy_order.h"
#include "core/journal/entry.h"

#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;

namespace {

constexpr std::size_t most_named = 100;

}  // namespace

void Found::add(std::string where, std::string what) {
    if (damages.size() < most_named) damages.push_back({std::move(where), std::move(what)});
}

void Found::add(Found const& other) {
    for (auto const& damage : other.damages) add(damage.where, damage.what);
    acts += other.acts;
    events += other.events;
    checkpoints += other.checkpoints;
}

void Found::probe(std::string const& where, std::function<void()> const& check) {
    try {
        check();
    } catch (Error const& error) {
        add(where, error.message());
    }
}

model::Epoch const& EntryChecker::epoch(model::EpochReference const& reference) {
    auto& known = m_epochs[reference.hash];
    if (known) return *known;
    auto held = m_store.epoch(reference.number);
    if (!held) held = known_epoch(m_store);
    if (!held || model::reference(*held) != reference)
        throw Error(Code::verification_failed,
                    "the epoch " + std::to_string(reference.number) + " that it names is not held");
    known = std::move(held);
    return *known;
}

void EntryChecker::check_act(model::Entry const& entry) {
    auto const envelope = model::envelope_from_text(entry.leaf);
    auto const act = model::act_from_text(envelope.payload);
    agreement::verify_author(m_store, epoch(act.epoch), envelope, act, m_verifier);
}

void EntryChecker::check_event(model::Entry const& entry) {
    auto const event = journal::open_event(entry.leaf, entry.body);
    if (!carries_order(event.kind)) return;
    auto const epoch_of = [this](model::EpochReference const& reference) -> model::Epoch const& {
        return epoch(reference);
    };
    check_order(event, genesis_of(m_store), epoch_of, m_verifier);
}

void EntryChecker::check(model::Entry const& entry, Found& found) {
    if (journal::leaf_kind(entry.leaf) != entry.kind)
        throw Error(Code::verification_failed, "it is not of the kind that it is listed under");
    switch (entry.kind) {
        case model::EntryKind::act:
            ++found.acts;
            return check_act(entry);
        case model::EntryKind::event:
            ++found.events;
            return check_event(entry);
        case model::EntryKind::checkpoint:
            ++found.checkpoints;
            static_cast<void>(journal::open_checkpoint_leaf(entry.leaf));
            return;
    }
}

}  // namespace consortium::flow
