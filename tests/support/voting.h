#pragma once

#include "core/agreement/candidate.h"
#include "core/agreement/follow_up.h"
#include "tests/support/seats.h"

#include <functional>
#include <nlohmann/json.hpp>

/// Votes among four seats under a charter of one decision, in process.
namespace consortium::test {

inline base::Duration span(std::string_view text) {
    return base::Duration::from_text(text);
}

inline model::Epoch start_with(std::function<void(model::Decision&)> const& change) {
    auto start = founding({"a", "b", "c", "d"});
    change(start.charter.decisions.front());
    start.charter = model::charter_from_json(model::to_json(start.charter));
    return start;
}

/// An emergency track for patches and pauses.
inline void with_emergency(model::Decision& decision) {
    model::Emergency emergency;
    emergency.min = model::Bound::from_text(">=3/4");
    emergency.scope = {"patch", "pause"};
    emergency.window = span("PT2H");
    emergency.max_life = span("P7D");
    emergency.ratify = emergency.cooldown = span("P30D");
    decision.emergency = emergency;
}

/// Four seats under a charter whose one decision is changed.
struct Voting {
    model::Epoch start;
    base::Digest genesis = model::reference(start).hash;
    Workspace a{"a", start, genesis}, b{"b", start, genesis}, c{"c", start, genesis}, d{"d", start, genesis};

    explicit Voting(std::function<void(model::Decision&)> const& change) : start(start_with(change)) {}

    std::vector<Workspace*> all() { return {&a, &b, &c, &d}; }
    void exchange() {
        for (int twice = 0; twice < 2; ++twice)
            for (auto* from : all())
                for (auto* to : all()) to->pull(*from);
    }
    void pass(std::string_view time) {
        for (auto* one : all()) one->now = one->now + span(time);
    }
    /// Syncs of everybody, until nothing more can come of it.
    void decide() {
        for (int round = 0; round < 6; ++round) {
            exchange();
            for (auto* one : all()) one->step();
        }
        exchange();
    }
    model::Draft draft(model::Action action, std::string_view open_for, std::string track = "ordinary",
                       std::function<void(model::Proposal&)> const& change = {}) {
        model::Proposal body;
        body.title = "a proposal";
        body.action = std::move(action);
        body.closes = a.now + span(open_for);
        body.lapses = body.closes + span("P30D");
        body.track = std::move(track);
        if (change) change(body);
        return {"proposal", {}, base::JsonValue(model::to_json(body)), false};
    }
    base::Digest open(model::Action action, std::string_view open_for, std::string track = "ordinary") {
        auto const id = a.say(draft(std::move(action), open_for, std::move(track)));
        exchange();
        return id;
    }
    void cast(base::Digest const& proposal, std::vector<std::string> const& choices) {
        for (std::size_t i = 0; i < choices.size(); ++i)
            if (!choices[i].empty()) all()[i]->cast(proposal, choices[i]);
        exchange();
    }
    agreement::Acceptance answer(Workspace& who, model::Draft const& draft) {
        static std::uint64_t nonce = 1'000'000;
        return who.receive(who.make(draft, ++nonce));
    }
    model::Epoch latest() { return *a.evidence.latest(); }
    model::Result result() { return latest().results.at(0); }
    std::vector<std::string> reasons() {
        std::vector<std::string> out;
        for (auto const& [id, reason] : result().excluded) out.push_back(reason);
        return out;
    }
};

inline std::string release_in(model::Epoch const& epoch) {
    if (!epoch.releases->is_object() || !epoch.releases->contains("payments")) return {};
    return epoch.releases->at("payments").at("release").get<std::string>();
}

}  // namespace consortium::test
