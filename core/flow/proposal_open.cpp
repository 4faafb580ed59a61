#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/dispute.h"
#include "core/flow/proposal.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;

namespace {

constexpr std::size_t max_file = 16u << 20;

std::string usage_of(model::ActionKind const& kind) {
    std::vector<std::string> fields;
    for (auto const& field : kind.fields) {
        auto const word = "--set " + std::string(field.name) + "=…";
        fields.push_back(field.presence == model::Presence::required ? word : "[" + word + "]");
    }
    return "'" + std::string(kind.name) + "' takes " + base::join(fields, " ");
}

model::ActionKind const& kind_of(std::string const& name) {
    if (auto const* kind = model::find_action(name)) return *kind;
    std::vector<std::string> names;
    for (auto const& kind : model::action_kinds()) names.emplace_back(kind.name);
    auto const near = base::nearest(name, names);
    throw Error(
        Code::usage, "there is no action '" + base::printable(name) + "'",
        near.empty() ? "the actions are: " + base::join(names, ", ") : "did you mean '" + near + "'?");
}

/// What the workspace knows of a release stands in for a digest that is not given.
void complete(State const& state, model::ActionKind const& kind, Json& detail) {
    if (kind.name != "release.upgrade" || detail.contains("digest") || !detail.contains("release")) return;
    auto const release = state.store.object("release", detail["release"].get<std::string>());
    if (release && release->data->contains("digest")) detail["digest"] = release->data->at("digest");
}

/// A release by its name: as this workspace knows it, or as it is in force on a network.
model::Rollback read_rollback(State const& state, std::string const& name) {
    if (auto const known = state.store.object("release", name); known && known->data->contains("digest"))
        return {name, base::Digest::from_hex(known->data->at("digest").get<std::string>())};
    auto const& releases = *state.joined().releases;
    for (auto const& release : releases.is_object() ? releases : Json::object())
        if (release.at("release") == name)
            return {name, base::Digest::from_hex(release.at("digest").get<std::string>())};
    throw Error(Code::not_found, "no release '" + base::printable(name) + "' is known here to go back to",
                "run 'consortium release add'");
}

/// "KEY=VALUE" words by the kind's fields; a field of type file names a file, whose content goes along.
Json read_detail(State const& state, model::Request const& request, model::ActionKind const& kind,
                 std::vector<std::string>& files) {
    Json detail = Json::object();
    for (auto const& word : request.arguments->value("set", std::vector<std::string>{})) {
        auto const at = word.find('=');
        auto const key = word.substr(0, at);
        auto const field = std::find_if(kind.fields.begin(), kind.fields.end(),
                                        [&](model::DetailField const& one) { return one.name == key; });
        if (at == std::string::npos || field == kind.fields.end()) {
            throw Error(Code::usage, "'" + base::printable(word) + "' does not set a field of this action",
                        usage_of(kind));
        }
        auto value = word.substr(at + 1);
        if (field->type == model::DetailType::file) {
            files.push_back(base::canonical(base::parse_json(base::read_text(value, max_file), {max_file})));
            value = base::sha256(files.back()).hex();
        }
        detail[key] = std::move(value);
    }
    complete(state, kind, detail);
    for (auto const& field : kind.fields) {
        if (field.presence == model::Presence::required && !detail.contains(field.name)) {
            throw Error(Code::usage,
                        "'" + std::string(field.name) + "' of '" + std::string(kind.name) + "' is missing",
                        usage_of(kind));
        }
    }
    return detail;
}

/// "release:SUBJECT=VALUE": must hold in the epoch that the result is applied to.
model::Precondition read_precondition(std::string const& text) {
    auto const colon = text.find(':');
    auto const equals = text.find('=', colon == std::string::npos ? 0 : colon);
    if (colon == std::string::npos || equals == std::string::npos) {
        throw Error(Code::usage, "'" + base::printable(text) + "' is not of the form KIND:SUBJECT=VALUE");
    }
    return {text.substr(0, colon), text.substr(colon + 1, equals - colon - 1), text.substr(equals + 1)};
}

/// "1=acme": who carries out the first step.
std::pair<std::int64_t, std::string> read_executor(std::string const& text) {
    auto const at = text.find('=');
    if (at != 1 || text[0] < '1' || text[0] > '9') {
        throw Error(Code::usage, "'" + base::printable(text) + "' is not of the form STEP=MEMBER");
    }
    return {text[0] - '0', text.substr(2)};
}

ProposalOptions read_options(State const& state, model::Request const& request) {
    auto const& arguments = *request.arguments;
    ProposalOptions options;
    if (arguments.contains("rollback"))
        options.rollback = read_rollback(state, arguments["rollback"].get<std::string>());
    options.title = arguments.value("title", std::string());
    if (arguments.contains("closes")) {
        options.closes = base::Instant::from_typed(arguments["closes"].get<std::string>());
    }
    if (arguments.contains("timelock")) {
        options.timelock = base::Duration::from_text(arguments["timelock"].get<std::string>());
    }
    if (arguments.contains("lapses")) {
        options.lapses = base::Duration::from_text(arguments["lapses"].get<std::string>());
    }
    for (auto const& text : arguments.value("require", std::vector<std::string>{})) {
        options.preconditions.push_back(read_precondition(text));
    }
    for (auto const& text : arguments.value("executor", std::vector<std::string>{})) {
        options.executor.insert(read_executor(text));
    }
    options.track = policy::track_from(arguments.value("track", std::string()));
    return options;
}

model::Measure const& measure_of(model::Epoch const& epoch, agreement::OpenProposal const& proposal) {
    for (auto const& measure : epoch.measures)
        if (measure.proposal == proposal.id && measure.ends) return measure;
    throw Error(Code::refused, model::short_name(proposal.id) + " is no emergency whose measure is in force",
                "run 'consortium proposal show " + model::short_name(proposal.id) + "'");
}

}  // namespace

model::Plan plan_proposal_open(State const& state, model::Request const& request) {
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    auto const& kind = kind_of(request.arguments->at("operand").get<std::string>());
    auto options = read_options(state, request);
    if (options.rollback && kind.name != "release.upgrade")
        throw Error(Code::usage, "--rollback belongs to release.upgrade and to no other action");
    if (request.arguments->contains("finding"))
        options.finding = find_finding(state, request.arguments->at("finding").get<std::string>());
    auto const detail = read_detail(state, request, kind, options.files);
    auto const action = model::action_from_json(Json{{"kind", kind.name}, {"detail", detail}}, "--set");
    plan.steps.push_back(propose(state, action, options));
    return plan;
}

model::Plan plan_proposal_ratify(State const& state, model::Request const& request) {
    auto const proposal = find_proposal(state, request.arguments->at("operand").get<std::string>());
    auto const& measure = measure_of(state.joined(), proposal);
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    ProposalOptions options;
    options.ratifies = proposal.id;
    options.title = "ratify " + model::short_name(proposal.id) + ", " + proposal.body.title;
    plan.steps.push_back(propose(state, proposal.body.action, options));
    plan.verdict.next = "consortium vote cast";
    auto const closes = state.now + policy::shortest_vote(*proposal.decision, policy::Track::ordinary);
    if (closes >= *measure.ends)
        plan.verdict.require("in time", true,
                             "what " + model::short_name(proposal.id) + " did ends " + measure.ends->text() +
                                 ", before this vote closes; if it passes it is done anew");
    return plan;
}

}  // namespace consortium::flow
