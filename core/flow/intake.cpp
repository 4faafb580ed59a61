#include "core/flow/intake.h"

#include "core/agreement/equivocation.h"
#include "core/agreement/reference.h"
#include "core/base/error.h"
#include "core/flow/agreement.h"
#include "core/flow/quota.h"
#include "core/flow/seat.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using agreement::Acceptance;

namespace {

std::optional<model::Act> act_of(std::string const& text) {
    try {
        return model::act_from_json(base::parse_json(model::envelope_from_text(text).payload));
    } catch (base::Error const&) {
        return std::nullopt;  // validation says what is wrong with it
    }
}

/// The files that an act names and that are not held.
std::vector<base::Digest> files_missing(port::Store const& store, std::string const& envelope) {
    std::vector<base::Digest> missing;
    auto const act = act_of(envelope);
    if (!act) return missing;
    try {
        for (auto const& file : agreement::named_by(store, *act).files) {
            if (!store.has_file(file)) missing.push_back(file);
        }
    } catch (base::Error const&) {
        missing.clear();  // a body that is not of its kind: validation says so
    }
    return missing;
}

/// Whether a key of the epoch that the act names has signed it: known only where that epoch is held. An act
/// whose files are missing is an orphan, and what is wrong with its signature has been found before.
bool is_signed(std::string const& envelope, agreement::Ground const& here) {
    if (agreement::validate(envelope, here).result != Acceptance::Result::orphan) return false;
    auto const act = act_of(envelope);
    return act && agreement::named_epoch(here, act->epoch) != nullptr;
}

bool is_held(port::Store const& store, std::string const& envelope) {
    try {
        return store.has_act(model::act_id(model::envelope_from_text(envelope)));
    } catch (base::Error const&) {
        return false;
    }
}

void put_aside(std::string const& envelope, Acceptance const& answer, port::Transaction& transaction,
               Intake& intake) {
    transaction.put_orphan({answer.id, answer.member, envelope, answer.missing});
    ++intake.orphans;
}

void store_one(std::string const& envelope, Acceptance const& answer, port::Transaction& transaction,
               Quota& quota, Intake& intake, std::optional<std::uint64_t> place = {}) {
    using Result = Acceptance::Result;
    switch (answer.result) {
        case Result::accepted:
            if (!quota.excess(answer).empty()) {
                put_aside(envelope, answer, transaction, intake);
                break;
            }
            transaction.append_act(envelope);
            quota.count(answer);
            intake.accepted.push_back(answer.id);
            break;
        case Result::duplicate:
            ++intake.duplicates;
            break;
        case Result::orphan:
        case Result::quarantined:
            put_aside(envelope, answer, transaction, intake);
            break;
        case Result::rejected:
            transaction.put_rejected(envelope, answer.reason);
            intake.refused.push_back({answer.id, answer.member, answer.code, answer.reason, place});
            break;
    }
}

void note_contradictions(Services& services, Intake const& intake) {
    for (auto const& id : intake.accepted) note_contradiction(services, id);
}

/// One pass over the acts that wait. Their rows change only if something was decided.
Intake judge_orphans(Services& services) {
    Intake intake;
    auto const here = ground(services);
    Quota before(services.store);
    std::vector<std::pair<port::Orphan, Acceptance>> decided;
    for (auto const& orphan : services.store.orphans()) {
        auto answer = agreement::validate(orphan.envelope, here);
        bool const waits = answer.result == Acceptance::Result::orphan ||
                           answer.result == Acceptance::Result::quarantined ||
                           (answer.result == Acceptance::Result::accepted && !before.excess(answer).empty());
        if (!waits) decided.emplace_back(orphan, std::move(answer));
    }
    if (decided.empty()) return intake;
    services.store.write([&](port::Transaction& transaction) {
        intake = {};
        Quota quota(services.store);
        for (auto const& [orphan, answer] : decided) {
            transaction.drop_orphan(orphan.id);
            store_one(orphan.envelope, agreement::validate(orphan.envelope, here), transaction, quota,
                      intake);
        }
    });
    return intake;
}

}  // namespace

void Intake::add(Intake const& other) {
    accepted.insert(accepted.end(), other.accepted.begin(), other.accepted.end());
    duplicates += other.duplicates;
    orphans += other.orphans;
    refused.insert(refused.end(), other.refused.begin(), other.refused.end());
}

void Intake::locate(std::vector<std::uint64_t> const& places) {
    for (auto& act : refused) {
        if (act.place && *act.place < places.size()) act.place = places[*act.place];
    }
}

Intake take_in(Services& services, std::vector<std::string> const& envelopes,
               std::vector<std::string> const& files) {
    Intake intake;
    std::vector<std::uint64_t> fresh;
    for (std::uint64_t place = 0; place < envelopes.size(); ++place) {
        if (is_held(services.store, envelopes[place])) {
            ++intake.duplicates;
        } else {
            fresh.push_back(place);
        }
    }
    bool const new_files = std::any_of(files.begin(), files.end(), [&](std::string const& file) {
        return !services.store.has_file(base::sha256(file));
    });
    if (fresh.empty() && !new_files) return intake;
    auto const here = ground(services);
    services.store.write([&](port::Transaction& transaction) {
        for (auto const& file : files) transaction.put_file(file);
        Quota quota(services.store);
        for (auto const place : fresh) {
            auto const& envelope = envelopes[place];
            store_one(envelope, agreement::validate(envelope, here), transaction, quota, intake, place);
        }
    });
    note_contradictions(services, intake);
    note_restored(services, intake);
    return intake;
}

Intake take_in_orphans(Services& services) {
    Intake all;
    for (;;) {
        auto const pass = judge_orphans(services);
        note_contradictions(services, pass);
        note_restored(services, pass);
        all.add(pass);
        if (pass.accepted.empty()) return all;
    }
}

std::vector<base::Digest> files_wanted(Services const& services, std::vector<std::string> const& envelopes) {
    std::set<base::Digest> wanted;
    for (auto const& envelope : envelopes) {
        auto const missing = files_missing(services.store, envelope);
        if (!missing.empty() && is_signed(envelope, ground(services))) {
            wanted.insert(missing.begin(), missing.end());
        }
    }
    return {wanted.begin(), wanted.end()};
}

}  // namespace consortium::flow
