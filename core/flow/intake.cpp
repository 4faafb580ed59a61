#include "core/flow/intake.h"

#include "core/agreement/equivocation.h"
#include "core/agreement/reference.h"
#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/flow/agreement.h"
#include "core/flow/quota.h"
#include "core/flow/seat.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using agreement::Acceptance;

namespace {

std::optional<model::SignedAct> read_act(std::string const& text) {
    try {
        return model::signed_act_from_text(text);
    } catch (base::Error const&) {
        return std::nullopt;  // validation says what is wrong with it
    }
}

/// The files that an act names and that are not held.
std::vector<base::Digest> files_missing(port::Store const& store, std::string const& envelope) {
    std::vector<base::Digest> missing;
    auto const signed_act = read_act(envelope);
    if (!signed_act) return missing;
    try {
        for (auto const& file : agreement::named_by(store, signed_act->act).files) {
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
    auto const signed_act = read_act(envelope);
    return signed_act && agreement::named_epoch(here, signed_act->act.epoch) != nullptr;
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

/// An act as it came; `act` where it can be read.
struct Given {
    std::string const& envelope;
    std::optional<model::SignedAct> act;
    std::optional<std::uint64_t> place = {};
};

Acceptance judge(Given const& given, agreement::Ground const& here) {
    return given.act ? agreement::validate(*given.act, here) : agreement::validate(given.envelope, here);
}

void store_one(Given const& given, agreement::Ground const& here, port::Transaction& transaction,
               Quota& quota, Intake& intake) {
    using Result = Acceptance::Result;
    auto const answer = judge(given, here);
    switch (answer.result) {
        case Result::accepted:
            if (!quota.excess(answer).empty()) {
                put_aside(given.envelope, answer, transaction, intake);
                break;
            }
            transaction.append_act(given.act.value());
            quota.count(answer);
            intake.accepted.push_back(answer.id);
            break;
        case Result::duplicate:
            ++intake.duplicates;
            break;
        case Result::orphan:
        case Result::quarantined:
            put_aside(given.envelope, answer, transaction, intake);
            break;
        case Result::rejected:
            transaction.put_rejected(given.envelope, answer.reason);
            intake.refused.push_back({answer.id, answer.member, answer.code, answer.reason, given.place});
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
            store_one({orphan.envelope, read_act(orphan.envelope)}, here, transaction, quota, intake);
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

void read_acts(std::vector<std::string> const& envelopes,
               std::function<void(std::size_t place, std::optional<model::SignedAct>&& act)> const& each) {
    constexpr std::size_t block = 64;
    using Acts = std::vector<std::optional<model::SignedAct>>;
    auto const read = [&](std::uint64_t job) {
        Acts acts;
        for (auto at = job * block; at < std::min<std::size_t>((job + 1) * block, envelopes.size()); ++at)
            acts.push_back(read_act(envelopes[at]));
        return acts;
    };
    auto const take = [&](std::uint64_t job, Acts&& acts) {
        for (std::size_t at = 0; at < acts.size(); ++at) each(job * block + at, std::move(acts[at]));
    };
    auto const blocks = (envelopes.size() + block - 1) / block;
    // `each` keeps a processor busy too: with a reader on every one it would have to wait for its own.
    auto const readers = std::max(1u, base::processors() - 1);
    if (blocks > 1) return base::InOrder<Acts>(blocks, readers, [&] { return read; }).take(take);
    for (std::uint64_t job = 0; job < blocks; ++job) take(job, read(job));
}

Intake take_in(Services& services, std::vector<std::string> const& envelopes,
               std::vector<std::string> const& files) {
    Intake intake;
    bool const is_new = std::any_of(envelopes.begin(), envelopes.end(), [&](std::string const& envelope) {
        return !is_held(services.store, envelope);
    });
    bool const new_files = std::any_of(files.begin(), files.end(), [&](std::string const& file) {
        return !services.store.has_file(base::sha256(file));
    });
    if (!is_new && !new_files) {
        intake.duplicates = envelopes.size();
        return intake;
    }
    auto const here = ground(services);
    // What the acts show of their authors is looked for among new ones only: it is noted with them.
    services.store.together([&] {
        services.store.write([&](port::Transaction& transaction) {
            for (auto const& file : files) transaction.put_file(file);
            Quota quota(services.store);
            read_acts(envelopes, [&](std::size_t place, std::optional<model::SignedAct>&& act) {
                store_one({envelopes[place], std::move(act), place}, here, transaction, quota, intake);
            });
        });
        note_contradictions(services, intake);
        note_restored(services, intake);
    });
    return intake;
}

Intake take_in_orphans(Services& services) {
    Intake all;
    for (;;) {
        Intake pass;
        services.store.together([&] {
            pass = judge_orphans(services);
            note_contradictions(services, pass);
            note_restored(services, pass);
        });
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
