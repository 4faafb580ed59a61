#include "core/flow/bundle.h"

#include "core/agreement/reference.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/private_part.h"
#include "core/port/courier.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

model::Bundle read_bundle(base::Path const& file) {
    try {
        return model::bundle_from_text(base::read_text(file, model::max_bundle));
    } catch (Error const& error) {
        throw error.with("file", file.string());
    }
}

void check_genesis(model::Bundle const& bundle, Services const& services) {
    auto const here = ground(services).genesis;
    if (bundle.genesis == here) return;
    throw Error(Code::refused, "this bundle is of another consortium",
                "run 'consortium epoch show' to see this one",
                {{"bundle", bundle.genesis.hex()}, {"here", here.hex()}});
}

/// Only what an act of the bundle, or one that waits here, asks for is worth keeping.
std::vector<std::string> files_asked_for(model::Bundle const& bundle, Services const& services) {
    auto waiting = bundle.acts;
    for (auto const& orphan : services.store.orphans()) waiting.push_back(orphan.envelope);
    auto const wanted = files_wanted(services, waiting);
    std::set<base::Digest> const asked(wanted.begin(), wanted.end());
    std::vector<std::string> files;
    for (auto const& content : bundle.files) {
        if (asked.contains(base::sha256(content))) files.push_back(content);
    }
    return files;
}

/// An act travels alone where there is nobody to seal its part for.
void add_part(Services const& services, base::Digest const& id, std::vector<std::string> const& to,
              model::Bundle& bundle) {
    if (to.empty()) return;
    auto const act = services.store.act(id);
    auto const bytes = base::Secret::from_text(part_bytes(services.store, services.vault, *act));
    if (bytes.empty()) return;
    model::BundlePart part;
    part.act = id;
    part.sealed = services.courier->seal(bytes.view(), to);
    bundle.parts.push_back(std::move(part));
}

/// What became of the private parts of a bundle.
struct PartsTaken {
    std::size_t kept = 0, held = 0, erased = 0, refused = 0;
    std::size_t closed = 0;   // not for this workspace, or could not be opened here
    std::size_t changed = 0;  // on its way
    std::size_t waiting = 0;  // of acts that wait here for what they refer to, or for an epoch
    std::string why;          // nothing could be opened
    bool without_identity = false;
};

/// Counts what does not open: one part never stands in the way of the others.
std::optional<base::Secret> open_one(port::Courier& courier, model::BundlePart const& part,
                                     PartsTaken& taken) {
    try {
        if (auto bytes = courier.open(part.sealed)) return bytes;
        ++taken.closed;
    } catch (Error const& error) {
        if (error.code() == Code::verification_failed) {
            ++taken.changed;
        } else {
            ++taken.closed;
            taken.why = error.message();
        }
    }
    return std::nullopt;
}

/// Opening may ask a person, so it is done before the lock is taken; only what an act here commits to is
/// opened at all.
std::vector<std::pair<base::Digest, base::Secret>> open_parts(Services& services, model::Bundle const& bundle,
                                                              PartsTaken& taken) {
    std::vector<std::pair<base::Digest, base::Secret>> opened;
    if (bundle.parts.empty()) return opened;
    taken.without_identity = services.courier == nullptr || !services.courier->has_identity();
    if (taken.without_identity || services.vault == nullptr) {
        taken.closed = bundle.parts.size();
        return opened;
    }
    std::set<base::Digest> seen, orphans;
    for (auto const& orphan : services.store.orphans()) orphans.insert(orphan.id);
    for (auto const& part : bundle.parts) {
        auto const act = services.store.act(part.act);
        bool const held = act && !part_bytes(services.store, services.vault, *act).empty();
        bool const waits = act ? !held && awaits_epoch(services.store, *act) : orphans.contains(part.act);
        if (waits) {
            ++taken.waiting;
        } else if (!act || !act->act.private_part || !seen.insert(part.act).second) {
            ++taken.refused;
        } else if (held) {
            ++taken.held;
        } else if (auto bytes = open_one(*services.courier, part, taken)) {
            opened.emplace_back(part.act, std::move(*bytes));
        }
    }
    return opened;
}

PartsTaken take_parts(Services& services, model::Bundle const& bundle) {
    PartsTaken taken;
    std::vector<std::pair<base::Digest, base::Secret>> opened;
    try {
        opened = open_parts(services, bundle, taken);
    } catch (Error const& error) {  // the acts are taken in, whatever is wrong with these
        taken = {};
        taken.why = error.message();
        taken.closed = bundle.parts.size();
    }
    if (opened.empty()) return taken;
    services.store.write([&](port::Transaction& transaction) {
        for (auto const& [act, bytes] : opened) {
            auto const one = take_part(services, transaction, act, bytes.text());
            taken.kept += one == PartTaken::kept ? 1 : 0;
            taken.held += one == PartTaken::known ? 1 : 0;
            taken.erased += one == PartTaken::erased ? 1 : 0;
            taken.refused += one == PartTaken::refused ? 1 : 0;
            taken.waiting += one == PartTaken::waiting ? 1 : 0;
        }
    });
    return taken;
}

void warn_of(PartsTaken const& taken, model::Outcome& outcome) {
    if (taken.without_identity)
        outcome.warnings.emplace_back(
            "this workspace has no identity to open private parts with: "
            "'consortium key create NAME --type age' makes one");
    if (!taken.why.empty())
        outcome.warnings.push_back("some private parts could not be tried with every key here: " + taken.why);
    if (taken.changed > 0)
        outcome.warnings.push_back(
            fmt::format("{} private parts were changed on their way: not taken in; ask for the bundle again",
                        taken.changed));
    if (taken.erased > 0)
        outcome.warnings.push_back(fmt::format(
            "{} private parts are about persons who were erased here: not taken in", taken.erased));
    if (taken.waiting > 0)
        outcome.warnings.push_back(fmt::format(
            "{} private parts are not taken in yet: their acts wait here, for what they refer to or for an "
            "epoch that enacts them; import this bundle again once 'consortium exchange sync' has brought it",
            taken.waiting));
    if (taken.refused > 0)
        outcome.warnings.push_back(fmt::format(
            "{} private parts are not what any act here commits to: not taken in", taken.refused));
}

void add_parts(PartsTaken const& taken, std::size_t all, model::Outcome& outcome) {
    auto data = *outcome.data;
    data["private"] = {{"kept", taken.kept},       {"held", taken.held},       {"erased", taken.erased},
                       {"refused", taken.refused}, {"changed", taken.changed}, {"waiting", taken.waiting},
                       {"closed", taken.closed}};
    outcome.data = JsonValue(std::move(data));
    if (all == 0) return;
    outcome.text.emplace_back(fmt::format("private parts: {} kept, {} held already, {} not opened",
                                          taken.kept, taken.held, taken.closed));
    warn_of(taken, outcome);
}

model::Outcome outcome_of(model::Bundle const& bundle, Intake const& intake, std::string const& verb) {
    model::Outcome outcome;
    outcome.schema = "consortium.bundle/1";
    auto data = to_json(intake);
    data["member"] = bundle.member;
    data["acts"] = bundle.acts.size();
    outcome.data = JsonValue(std::move(data));
    outcome.text.emplace_back(fmt::format("{} a bundle of {} acts by '{}': {}", verb, bundle.acts.size(),
                                          bundle.member, in_words(intake)));
    for (auto const& refused : intake.refused) {
        outcome.text.emplace_back(
            fmt::format("refused {}: {}", in_words(refused, "line"), base::printable(refused.reason)));
    }
    if (intake.refused.empty()) return outcome;
    outcome.status = intake.refused.front().code;
    outcome.text.emplace_back(
        fmt::format("hint: ask '{}' about what was refused; nothing of it was taken in", bundle.member));
    return outcome;
}

}  // namespace

Json to_json(Intake const& intake) {
    Json accepted = Json::array();
    for (auto const& id : intake.accepted) accepted.push_back(id.hex());
    Json refused = Json::array();
    for (auto const& act : intake.refused) {
        refused.push_back({{"id", act.id.hex()},
                           {"member", act.member},
                           {"code", base::info(act.code).name},
                           {"reason", base::printable(act.reason)},
                           {"place", act.place ? Json(*act.place) : Json()},
                           {"file", nullptr}});
    }
    return {{"accepted", accepted},
            {"held", intake.duplicates},
            {"waiting", intake.orphans},
            {"refused", refused}};
}

std::string in_words(Intake const& intake) {
    return fmt::format("{} accepted, {} held already, {} waiting, {} refused", intake.accepted.size(),
                       intake.duplicates, intake.orphans, intake.refused.size());
}

std::string in_words(Refused const& refused, std::string_view unit) {
    auto const act = refused.member.empty() ? std::string("an act of nobody")
                                            : fmt::format("an act of '{}'", base::printable(refused.member));
    return refused.place ? fmt::format("{} {}, {}", unit, *refused.place, act) : act + " that waited here";
}

Recipients recipients(Services const& services) {
    Recipients out;
    auto const epoch = services.store.latest();
    if (services.courier == nullptr || !epoch) return out;
    for (auto const& id : services.courier->members()) {
        auto const* member = epoch->member(id);
        (member != nullptr && member->belongs() ? out.members : out.others).push_back(id);
    }
    return out;
}

model::Bundle make_bundle(Services const& services, Identity const& self, BundleScope const& scope) {
    model::Bundle bundle;
    bundle.genesis = ground(services).genesis;
    bundle.member = self.member;
    auto const& store = services.store;
    std::set<base::Digest> files;
    auto const to = recipients(services).members;
    store.entries(scope.since, store.head().size, [&](model::Entry const& entry) {
        if (entry.kind != model::EntryKind::act) return;
        auto const act = model::act_from_text(model::envelope_from_text(entry.leaf).payload);
        if (!scope.member.empty() && act.member != scope.member) return;
        bundle.acts.push_back(entry.leaf);
        if (act.private_part)
            add_part(services, model::act_id(model::envelope_from_text(entry.leaf)), to, bundle);
        for (auto const& file : agreement::named_by(store, act).files) files.insert(file);
    });
    for (auto const& digest : files) {
        if (auto content = store.file(digest)) bundle.files.push_back(*std::move(content));
    }
    return bundle;
}

model::Outcome import_bundle(Services& services, Identity const& self, base::Path const& file) {
    auto const bundle = read_bundle(file);
    check_genesis(bundle, services);
    auto intake = take_in(services, bundle.acts, files_asked_for(bundle, services));
    intake.locate({bundle.lines.begin(), bundle.lines.end()});
    Identity follower = self;
    follower.seat = false;
    for (;;) {
        auto const before = services.store.head().size;
        take_in(services, {}, files_asked_for(bundle, services));  // an epoch brought keys to judge more by
        intake.add(take_in_orphans(services));
        seat_step(services, follower);
        if (services.store.head().size == before) break;
    }
    auto outcome = outcome_of(bundle, intake, "took in");
    add_parts(take_parts(services, bundle), bundle.parts.size(), outcome);
    return outcome;
}

model::Outcome verify_bundle(Services const& services, base::Path const& file) {
    auto const bundle = read_bundle(file);
    check_genesis(bundle, services);
    Intake intake;
    auto const here = ground(services);
    for (std::size_t i = 0; i < bundle.acts.size(); ++i) {
        auto const answer = agreement::validate(bundle.acts[i], here);
        using Result = agreement::Acceptance::Result;
        if (answer.result == Result::accepted) intake.accepted.push_back(answer.id);
        if (answer.result == Result::duplicate) ++intake.duplicates;
        if (answer.result == Result::orphan || answer.result == Result::quarantined) ++intake.orphans;
        if (answer.result == Result::rejected) {
            intake.refused.push_back({answer.id, answer.member, answer.code, answer.reason, bundle.lines[i]});
        }
    }
    return outcome_of(bundle, intake, "looked at");
}

}  // namespace consortium::flow
