#include "core/flow/proposal_change.h"

#include "core/agreement/effect.h"
#include "core/agreement/next_epoch.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/applicant.h"
#include "core/flow/charter_diff.h"
#include "core/flow/charter_file.h"
#include "core/flow/proposal.h"
#include "core/flow/release.h"
#include "core/model/root.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using agreement::OpenProposal;
using base::Digest;
using base::Json;
using base::JsonValue;

constexpr std::size_t max_file = 16u << 20;

std::string text_of(OpenProposal const& proposal, char const* field) {
    return proposal.body.action.detail->at(field).get<std::string>();
}

std::optional<std::string> file_of(State const& state, OpenProposal const& proposal, char const* field) {
    return state.store.file(Digest::from_hex(text_of(proposal, field)));
}

/// The epoch that the action would change, or has changed.
std::shared_ptr<model::Epoch const> before(State const& state, OpenProposal const& proposal) {
    static_cast<void>(state.joined());
    auto const settled = state.store.settled(proposal.id);
    auto epoch = settled && *settled > 0 ? state.store.epoch(*settled - 1) : state.epoch;
    return epoch ? epoch : state.epoch;
}

void add_amendment(State const& state, OpenProposal const& proposal, model::Epoch const& now,
                   ProposalChange& out) {
    auto const text = file_of(state, proposal, "charter");
    if (!text) return;
    auto const next = model::charter_from_json(base::parse_canonical(*text, {max_file}));
    out.items = charter_changes(now.charter, next);
    out.weakens = policy::weakened(now.charter, next, parties_of(now));
}

void add_validator(OpenProposal const& proposal, ProposalChange& out) {
    bool const joins = proposal.body.action.kind == "validator.add";
    auto const address = text_of(proposal, "address"), member = text_of(proposal, "member");
    auto const is = JsonValue(Json("of " + member));
    out.items.push_back(
        {"/network/" + text_of(proposal, "network") + "/validator/" + address,
         "validator " + base::printable(address) + " of network '" + text_of(proposal, "network") + "'",
         joins ? JsonValue() : is, joins ? is : JsonValue()});
}

void add_rotation(State const& state, OpenProposal const& proposal, ProposalChange& out) {
    auto const text = file_of(state, proposal, "plan");
    if (!text) return;
    auto const plan = model::rotation_plan_from_text(*text);
    auto const generation = [](std::int64_t number) {
        return JsonValue(Json("generation " + std::to_string(number)));
    };
    out.items.push_back({"/root", "root '" + plan.name + "'", generation(plan.from), generation(plan.to)});
    out.notes.push_back(
        fmt::format("the new root has a key of type {}, for {}; the old one has SHA-256 {}; signed anew: {}",
                    plan.algorithm, plan.lifetime.text(), plan.old_root.hex(),
                    plan.intermediates.empty() ? "nothing" : base::join(plan.intermediates, ", ")));
}

void add_applicant(State const& state, OpenProposal const& proposal, ProposalChange& out) {
    auto const submitted = state.store.act(Digest::from_hex(text_of(proposal, "submission")));
    if (!submitted) return;
    auto const found = find_applicant(state, submitted->act.member);
    if (!found) return;
    if (!found->submit || found->submit->id != submitted->id)
        out.notes.emplace_back("the applicant has handed in another application since");
    auto const verdict = gate_verdict(state, *found);
    out.notes.push_back("gates: " + verdict.state);
    for (auto const& rule : verdict.rules)
        out.notes.push_back(rule.name + ": " + (rule.holds ? "" : "NOT MET: ") + base::printable(rule.words));
}

/// What this workspace knows of a release that is named with a digest (G26).
void add_release(State const& state, OpenProposal const& proposal, ProposalChange& out) {
    auto const name = text_of(proposal, "release");
    auto const object = state.store.object("release", name);
    if (!object) {
        out.notes.push_back("release '" + base::printable(name) +
                            "' is not known here: 'consortium release add' checks its digest");
        return;
    }
    auto const release = find_release(state.store, name);
    bool const same = release.digest.hex() == text_of(proposal, "digest");
    out.notes.push_back(fmt::format("release '{}' is version {} here, {}", name,
                                    base::printable(release.version),
                                    same ? "with this digest" : "with ANOTHER digest"));
}

void add_details(State const& state, OpenProposal const& proposal, model::Epoch const& now,
                 ProposalChange& out) {
    auto const& kind = proposal.body.action.kind;
    if (kind == "charter.amend") add_amendment(state, proposal, now, out);
    if (kind == "validator.add" || kind == "validator.remove") add_validator(proposal, out);
    if (kind == "root.rotate") add_rotation(state, proposal, out);
    if (kind == "member.admit") add_applicant(state, proposal, out);
    if (kind == "release.upgrade") add_release(state, proposal, out);
}

/// PROTOCOL P6: a change of charter or members voids what closes later, where its own charter restarts it.
std::vector<OpenProposal> restarted(State const& state, OpenProposal const& by) {
    auto const& kind = by.body.action.kind;
    std::vector<OpenProposal> out;
    if (kind != "charter.amend" && !kind.starts_with("member.")) return out;
    for (auto& other : agreement::open_proposals(state.store)) {
        bool const later = other.id != by.id && other.body.closes > by.body.closes;
        if (later && other.base->charter.midvote_of(*other.decision) == "restart")
            out.push_back(std::move(other));
    }
    return out;
}

std::string_view word_of(policy::Severity severity) {
    return severity == policy::Severity::refused ? "refused" : "warning";
}

model::Table items_table(ProposalChange const& change) {
    model::Table table{{"changes", "from", "to"}, {}, "nothing in the epoch changes"};
    for (auto const& one : change.items)
        table.rows.push_back({base::printable(one.words), base::printable(charter_value(*one.now)),
                              base::printable(charter_value(*one.next))});
    return table;
}

model::Table findings_table(ProposalChange const& change) {
    model::Table table{{"weaker", "what it means"}, {}, ""};
    for (auto const& one : change.weakens)
        table.rows.push_back({std::string(word_of(one.severity)), base::printable(one.words)});
    return table;
}

}  // namespace

ProposalChange change_of(State const& state, port::Certifier const& certifier, OpenProposal const& proposal) {
    auto const now = before(state, proposal);
    ProposalChange out;
    out.epoch = now->number;
    bool const open = !state.store.settled(proposal.id);
    if (open) out.obstacle = agreement::failed_precondition(*now, proposal.body);
    model::Epoch next = *now;
    ++next.number;
    auto const failed = agreement::enact(state.store, next, proposal.body);
    if (open && out.obstacle.empty()) out.obstacle = failed;
    if (failed.empty()) out.items = epoch_changes(*now, next, certifier);
    try {
        add_details(state, proposal, *now, out);
    } catch (base::Error const& error) {  // a file that is a record, but not the one that it should be
        out.notes.push_back("what it names cannot be read: " + error.message());
    }
    if (open) out.restarts = restarted(state, proposal);
    return out;
}

base::Json to_json(ProposalChange const& change) {
    Json items = Json::array(), weakens = Json::array(), restarts = Json::array();
    for (auto const& one : change.items)
        items.push_back({{"place", one.place}, {"words", one.words}, {"now", *one.now}, {"next", *one.next}});
    for (auto const& one : change.weakens)
        weakens.push_back({{"severity", word_of(one.severity)},
                           {"rule", one.rule},
                           {"pointer", one.pointer},
                           {"words", one.words}});
    for (auto const& one : change.restarts)
        restarts.push_back(
            {{"id", one.id.hex()}, {"name", model::short_name(one.id)}, {"title", one.body.title}});
    return {{"epoch", change.epoch},
            {"items", std::move(items)},
            {"weakens", std::move(weakens)},
            {"obstacle", change.obstacle.empty() ? Json() : Json(change.obstacle)},
            {"restarts", std::move(restarts)},
            {"notes", change.notes}};
}

std::vector<model::Paragraph> in_words(ProposalChange const& change) {
    std::vector<model::Paragraph> out;
    out.emplace_back(items_table(change));
    if (!change.weakens.empty()) out.emplace_back(findings_table(change));
    std::string lines;
    for (auto const& note : change.notes) lines += base::printable(note) + '\n';
    for (auto const& one : change.restarts)
        lines += fmt::format("if it passes, {} must be opened anew: {}\n", model::short_name(one.id),
                             base::printable(one.body.title));
    if (!change.obstacle.empty())
        lines += "as things stand it would be void: " + base::printable(change.obstacle) + '\n';
    if (!lines.empty()) out.emplace_back("\n" + lines);
    return out;
}

}  // namespace consortium::flow
