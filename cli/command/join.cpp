#include "core/flow/join.h"

#include "cli/place.h"
#include "cli/settings.h"
#include "cli/spec.h"
#include "core/base/error.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Json;

/// Whether the workspace accepted the genesis now; a dry run or a saved plan did not.
std::optional<model::Outcome> begin(Session& session, model::Request const& request,
                                    port::Exchange& exchange) {
    auto const& arguments = *request.arguments;
    if (!arguments.contains("genesis")) return std::nullopt;
    if (!arguments.contains("epoch")) {
        throw base::Error(base::Code::usage, "--genesis goes with --epoch",
                          "obtain both hashes from f+1 members by other means than this folder");
    }
    Json wanted = arguments;
    if (session.settings().is_true("rehearsal")) wanted["rehearsal"] = true;
    std::vector<std::string> known;
    if (!arguments.contains("with"))
        for (auto const& [member, place] : session.settings().peers()) known.push_back(member);
    auto const document =
        flow::find_genesis(exchange, base::Digest::from_hex(arguments["genesis"].get<std::string>()), known);
    auto outcome = session.carry_out(
        flow::plan_join(session.state(), {request.command, base::JsonValue(std::move(wanted))}, document));
    bool const carried_out = outcome.schema == "consortium.operation/1";
    return carried_out ? std::nullopt : std::optional(std::move(outcome));
}

model::Outcome join(Session& session, model::Request const& request) {
    auto const exchange = exchange_place(session, request);
    if (auto outcome = begin(session, request, *exchange)) return *outcome;
    auto& services = session.services();
    auto const pulled =
        flow::to_outcome(flow::pull(services, session.self(), *exchange, exchanged_over(request)));
    auto outcome = flow::continue_join(services, session.self(), *exchange);
    outcome.warnings.insert(outcome.warnings.end(), pulled.warnings.begin(), pulled.warnings.end());
    return outcome;
}

constexpr Flag flags[] = {
    {"--genesis", Kind::digest, "HASH", "the genesis hash, from f+1 members"},
    {"--epoch", Kind::digest, "HASH", "the hash of a recent epoch, from f+1 members"},
    {"--with", Kind::text, "PLACE", "one place for everything; default: the settings 'exchange', 'peer'"},
};

constexpr Example examples[] = {
    {"consortium join --genesis HASH --epoch HASH",
     "check everything from the genesis on, ask for a welcome"},
    {"consortium join", "look whether enough members have answered"},
};

constexpr base::Code codes[] = {base::Code::not_found, base::Code::verification_failed, base::Code::refused,
                                base::Code::conflict, base::Code::pending};

constexpr Command commands[] = {{
    .noun = "join",
    .verb = {},
    .effect = Effect::write,
    .summary = "join a consortium, trusting two hashes and nobody's word",
    .operand = {},
    .flags = flags,
    .description =
        "A sponsor could hand you a forged consortium, or yesterday's. So you bring two hashes that f+1 "
        "members told "
        "you by telephone or in person: of the genesis, and of a recent epoch; 'consortium epoch show' shows "
        "both to "
        "them, also as words to read aloud. The chain of epochs is then verified from the genesis on, each "
        "by the "
        "commits of a quorum, and must contain the epoch that you named.\n\n"
        "After that a fresh nonce is left in the shared folder; each member's seat answers it, at its next "
        "'consortium exchange sync', with a signed welcome that names its latest epoch. With f+1 welcomes "
        "you have "
        "joined; until then the exit status is 6. An applicant joins the same way, to see what it applies "
        "to.",
    .examples = examples,
    .codes = codes,
    .handler = join,
}};

}  // namespace

extern Noun const join_noun;
constexpr Noun join_noun{"", "join", "join a consortium, trusting two hashes and nobody's word", commands};

}  // namespace consortium::cli
