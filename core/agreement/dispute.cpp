#include "core/agreement/dispute.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::agreement {

namespace {

using base::Digest;
using model::StoredAct;

std::vector<StoredAct> said(port::Evidence const& evidence, std::string const& kind, Digest const& stage) {
    return evidence.acts({.kind = kind, .subject = stage, .epoch = {}, .member = {}});
}

/// Of several acts by which one says the same the smallest.
template <typename Who>
void add_smallest(std::map<Who, Digest> const& from, std::map<Who, Digest>& to) {
    for (auto const& [who, id] : from) {
        auto const [at, fresh] = to.emplace(who, id);
        if (!fresh) at->second = std::min(at->second, id);
    }
}

void take_overdue(port::Evidence const& evidence, StageView& view) {
    for (auto const& act : said(evidence, "overdue", view.stage.id)) {
        Pins one;
        if (!sort_pins(evidence, view.stage, std::vector{act.id}, one).empty()) continue;
        for (std::size_t i = 0; i < 2; ++i) add_smallest(one.waived.at(i), view.pins.waived.at(i));
        for (auto const& [step, groups] : one.overdue) add_smallest(groups, view.pins.overdue[step]);
        for (auto const& [step, groups] : one.late) add_smallest(groups, view.pins.late[step]);
    }
}

/// The plea with the other party's commitment: the one that the opener's reveal names, else the first by id.
void take_pleas(port::Evidence const& evidence, StageView& view) {
    view.pleas = said(evidence, "plea", view.stage.id);
    for (auto const& act : view.pleas) {
        bool const commits = model::plea_from_json(*act.act.body).commitment.has_value();
        if (commits && (!view.pins.plea || act.id < view.pins.plea->id)) view.pins.plea = act;
    }
}

/// Of several reveals of a party, the one under a plea counts, then the smallest.
void take_reveals(port::Evidence const& evidence, StageView& view) {
    auto const under_plea = [&](StoredAct const& act) {
        return evidence.act(act.act.refs.at(1))->act.kind == "plea";
    };
    for (auto const& act : said(evidence, "reveal", view.stage.id)) {
        auto& place = view.pins.reveals.at(static_cast<std::size_t>(view.stage.party(act.act.member)));
        auto const rank = [&](StoredAct const& one) { return std::pair(!under_plea(one), one.id); };
        if (!place || rank(act) < rank(*place)) place = act;
    }
    for (std::size_t i = 0; i < 2; ++i)
        if (view.pins.passed(view.stage, "reveal", view.stage.parties.at(i))) view.pins.reveals.at(i).reset();
    auto& [mine, theirs] = view.pins.reveals;
    if (!mine) return;
    if (under_plea(*mine)) view.pins.plea = evidence.act(mine->act.refs[1]);
    if (theirs && (!under_plea(*mine) || theirs->act.refs.at(1) != mine->act.refs.at(1))) theirs.reset();
}

/// Of the strikes of a party under this draw the smallest, and the smallest that says something else.
void take_strikes(port::Evidence const& evidence, StageView& view) {
    auto const smaller = [](std::optional<StoredAct>& place, StoredAct const& act) {
        if (!place || act.id < place->id) place = act;
    };
    std::vector<StoredAct> acts;
    for (auto const& act : said(evidence, "strike", view.stage.id)) {
        auto const party = static_cast<std::size_t>(view.stage.party(act.act.member));
        if (view.pins.passed(view.stage, "strike", view.stage.parties.at(party))) continue;
        if (!is_under(evidence, view.stage, act, view.drawn->seed)) continue;
        smaller(view.pins.strikes.at(party), act);
        acts.push_back(act);
    }
    for (auto const& act : acts) {
        auto const party = static_cast<std::size_t>(view.stage.party(act.act.member));
        bool const same = *act.act.body == *view.pins.strikes.at(party)->act.body;
        if (!same) smaller(view.pins.contradicted.at(party), act);
    }
}

/// The rulings that those name who say that a panel's time has passed, where enough hold the same outcome: of
/// several outcomes of the lowest. None: its time has not passed, as far as that is said.
std::optional<std::set<Digest>> in_time(port::Evidence const& evidence, StageView const& view,
                                        std::vector<std::string> const& panel) {
    for (auto const& [what, groups] : view.pins.late) {
        auto const& [step, outcome] = what;
        if (step != "ruling" || outcome.panel != panel || !view.pins.passed(view.stage, step, outcome))
            continue;
        std::set<Digest> named;
        for (auto const& [group, id] : groups) {
            auto const act = evidence.act(id);
            named.insert(act->act.refs.begin(), act->act.refs.end());
        }
        return named;
    }
    return std::nullopt;
}

/// The rulings of those who sit on each panel that was stated, of several by one the smallest; without those
/// that came after its time.
std::map<std::vector<std::string>, std::map<std::string, StoredAct>> rulings_by_panel(
    port::Evidence const& evidence, StageView const& view) {
    std::map<std::vector<std::string>, std::map<std::string, StoredAct>> out;
    std::map<std::vector<std::string>, std::optional<std::set<Digest>>> timely;
    for (auto const& act : said(evidence, "ruling", view.stage.id)) {
        auto const panel = panel_of(*evidence.act(act.act.refs.at(1)));
        auto const [named, fresh] = timely.try_emplace(panel);
        if (fresh) named->second = in_time(evidence, view, panel);
        if (named->second && !named->second->contains(act.id)) continue;
        auto& rulings = out[panel];
        auto const place = rulings.find(act.act.officer);
        if (place == rulings.end() || act.id < place->second.id)
            rulings.insert_or_assign(act.act.officer, act);
    }
    return out;
}

/// Of several panels that were stated the one counts whose ruling is in force, then the one that follows from
/// what is held; else the one that says of more that its time has passed, and then the smallest.
void take_panel(port::Evidence const& evidence, StageView& view) {
    auto const rulings = rulings_by_panel(evidence, view);
    auto const with = [&](StoredAct const& act) {
        auto pins = view.pins;
        pins.assign = act;
        auto const given = rulings.find(panel_of(act));
        if (given != rulings.end()) pins.rulings = given->second;
        return pins;
    };
    auto const rank = [&](StoredAct const& act) {
        bool const follows = view.follows && panel_of(act) == view.follows->panel;
        return std::tuple(!in_force(evidence, view.stage, with(act)), !follows,
                          -static_cast<std::int64_t>(act.act.refs.size()), act.id);
    };
    std::optional<StoredAct> best;
    for (auto const& act : said(evidence, "assign", view.stage.id))
        if (!best || rank(act) < rank(*best)) best = act;
    if (!best) return;
    view.pins = with(*best);
    view.panel = panel_of(*best);
    view.rulings = rulings_under(evidence, view.pins, view.panel);
    view.sum = count(view.rulings, view.panel);
}

base::Instant later(std::optional<base::Instant> const& left, base::Instant right) {
    return left ? std::max(*left, right) : right;
}

void wait(StageView& view, Phase phase, std::vector<std::string> missing, std::optional<base::Instant> since,
          base::Duration lasts) {
    view.phase = phase;
    view.missing = std::move(missing);
    if (since) view.deadline = *since + lasts;
}

std::vector<std::string> who_did_not(StageView const& view,
                                     std::array<std::optional<StoredAct>, 2> const& acts,
                                     std::string const& step) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < 2; ++i) {
        auto const& party = view.stage.parties.at(i);
        bool const lost = step == "strike" && view.drawn && view.drawn->lost.at(i);
        if (!acts.at(i) && !lost && !view.pins.passed(view.stage, step, party)) out.push_back(party);
    }
    return out;
}

std::optional<base::Instant> last_receipt(std::array<std::optional<StoredAct>, 2> const& acts) {
    std::optional<base::Instant> out;
    for (auto const& act : acts)
        if (act) out = later(out, act->received);
    return out;
}

bool unanswered(StageView const& view) {
    return view.pins.passed(view.stage, "answer", view.stage.parties[1]);
}

/// When what is waited for could begin: the last receipt of what it follows from.
base::Instant begun(port::Evidence const& evidence, StageView const& view, base::Instant opened) {
    base::Instant out = later(last_receipt(view.pins.reveals), opened);
    if (view.pins.plea) out = later(out, view.pins.plea->received);
    for (auto const& [step, groups] : view.pins.overdue)
        for (auto const& [group, id] : groups) out = later(out, evidence.act(id)->received);
    return out;
}

/// Up to the panel: what is held of it, who is waited for, until when.
void place_draw(port::Evidence const& evidence, StageView& view, base::Instant opened) {
    auto const& rule = view.stage.rule;
    if (!view.pins.plea && !unanswered(view)) {
        wait(view, Phase::answer, {view.stage.parties[1]}, opened, rule.answer);
        return;
    }
    Drawn drawn;
    if (!draw_from(evidence, view.stage, view.pins, drawn).empty()) {
        auto missing = who_did_not(view, view.pins.reveals, "reveal");
        if (!view.pins.plea) std::erase(missing, view.stage.parties[1]);
        wait(view, Phase::reveal, missing, begun(evidence, view, opened), rule.answer);
        return;
    }
    view.drawn = drawn;
    take_strikes(evidence, view);
    model::Assign follows;
    if (!seat_from(evidence, view.stage, view.pins, follows).empty()) {
        wait(view, Phase::strike, who_did_not(view, view.pins.strikes, "strike"),
             begun(evidence, view, opened), rule.answer);
        return;
    }
    view.follows = follows;
    wait(view, Phase::assign, {}, {}, {});
}

void place_ruling(port::Evidence const& evidence, StageView& view) {
    if (!view.pins.assign) return;
    if (in_force(evidence, view.stage, view.pins)) {
        wait(view, Phase::ruled, {}, {}, {});
        view.deadline.reset();
        return;
    }
    std::vector<std::string> missing;
    for (auto const& officer : view.panel)
        if (!view.pins.rulings.contains(officer)) missing.push_back(officer);
    wait(view, Phase::rule, missing, view.pins.assign->received, view.stage.rule.ruling);
}

StageView load_view(port::Evidence const& evidence, StoredAct const& opened) {
    StageView view;
    view.stage = load_stage(evidence, opened);
    take_overdue(evidence, view);
    take_pleas(evidence, view);
    take_reveals(evidence, view);
    place_draw(evidence, view, opened.received);
    take_panel(evidence, view);
    place_ruling(evidence, view);
    return view;
}

/// One appeal only: the one that has come furthest, so that no later one takes its place; of those that have
/// come as far the respondent's, then the smallest.
std::optional<StageView> load_appeal(port::Evidence const& evidence, StageView const& first) {
    std::optional<StageView> out;
    auto const rank = [&](StageView const& view) {
        return std::tuple(-static_cast<int>(view.phase), view.stage.act.member != first.stage.parties[1],
                          view.stage.id);
    };
    for (auto const& act : said(evidence, "appeal", first.stage.id)) {
        auto const party = static_cast<std::size_t>(first.stage.party(act.act.member));
        auto const outcome = first.outcome();
        if (first.pins.waived.at(party).contains(outcome) ||
            first.pins.passed(first.stage, "appeal", outcome))
            continue;
        auto view = load_view(evidence, act);
        if (!out || rank(view) < rank(*out)) out = std::move(view);
    }
    return out;
}

/// The appeal's, then the first stage's; of several the smallest. Who withdraws ends it only while no ruling
/// is in force, and a panel that ruled too late ends nothing.
std::optional<StoredAct> find_close(port::Evidence const& evidence, DisputeView const& view) {
    std::optional<StoredAct> out;
    for (auto const* stage : {view.appeal ? &*view.appeal : nullptr, &view.first}) {
        bool const late = stage != nullptr && stage->stage.is_appeal() && stage->phase != Phase::ruled &&
                          stage->pins.passed(stage->stage, "ruling", stage->outcome());
        if (stage == nullptr || late || out) continue;
        for (auto const& act : said(evidence, "close", stage->stage.id)) {
            bool const withdrawn = model::close_from_json(*act.act.body).outcome == "withdrawn";
            bool const counts = !withdrawn || view.first.phase != Phase::ruled;
            if (counts && (!out || act.id < out->id)) out = act;
        }
    }
    return out;
}

std::optional<base::Instant> appealable_until(StageView const& first) {
    if (first.phase != Phase::ruled || first.stage.rule.appeal == base::Duration{}) return std::nullopt;
    std::optional<base::Instant> last;
    for (auto const& [officer, act] : first.pins.rulings) last = later(last, act.received);
    return last ? std::optional(*last + first.stage.rule.appeal) : std::nullopt;
}

void add_overdue(StageView const& view, std::string const& step, std::string const& party,
                 std::vector<Digest>& out) {
    if (!view.pins.passed(view.stage, step, party)) return;
    for (auto const& [group, id] : view.pins.overdue.at({step, party})) out.push_back(id);
}

}  // namespace

std::vector<Digest> StageView::basis() const {
    std::vector<Digest> out;
    for (std::size_t i = 0; i < 2; ++i) {
        if (pins.reveals.at(i))
            out.push_back(pins.reveals.at(i)->id);
        else
            add_overdue(*this, "reveal", stage.parties.at(i), out);
    }
    return out;
}

std::vector<Digest> StageView::seating() const {
    auto out = basis();
    for (std::size_t i = 0; i < 2; ++i) {
        if (pins.strikes.at(i))
            out.push_back(pins.strikes.at(i)->id);
        else
            add_overdue(*this, "strike", stage.parties.at(i), out);
        if (pins.contradicted.at(i)) out.push_back(pins.contradicted.at(i)->id);
    }
    return out;
}

std::string DisputeView::status() const {
    if (close)
        return model::close_from_json(*close->act.body).outcome == "withdrawn" ? "withdrawn" : "closed";
    if (appeal) return "appealed";
    switch (first.phase) {
        case Phase::answer:
            return "open";
        case Phase::reveal:
            return "answered";
        case Phase::strike:
        case Phase::assign:
            return "drawn";
        case Phase::rule:
            return "assigned";
        case Phase::ruled:
            break;
    }
    return "ruled";
}

DisputeView load_dispute(port::Evidence const& evidence, Digest const& id) {
    auto opened = evidence.act(id);
    if (opened && opened->act.kind == "appeal") opened = evidence.act(opened->act.refs.at(0));
    if (!opened || opened->act.kind != "dispute") static_cast<void>(load_stage(evidence, id));  // says why
    DisputeView out;
    out.first = load_view(evidence, *opened);
    out.appeal = load_appeal(evidence, out.first);
    out.close = find_close(evidence, out);
    out.appealable = appealable_until(out.first);
    return out;
}

std::vector<Digest> disputes(port::Evidence const& evidence) {
    std::vector<Digest> out;
    for (auto const& act : evidence.acts({.kind = "dispute", .subject = {}, .epoch = {}, .member = {}}))
        out.push_back(act.id);
    return out;
}

}  // namespace consortium::agreement
