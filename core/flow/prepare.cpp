#include "core/flow/prepare.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/charter_diff.h"
#include "core/flow/prepare_parts.h"
#include "core/flow/private_part.h"
#include "core/flow/proposal_change.h"
#include "core/flow/vote.h"
#include "core/policy/permission.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

void require_vote(State const& state, agreement::OpenProposal const& proposal) {
    auto const verdict = policy::may_vote(state.joined(), *proposal.base, state.self.officer,
                                          proposal.body.action.kind, state.now);
    for (auto const& rule : verdict.rules)
        if (!rule.holds) throw Error(Code::refused, rule.words);
    if (state.now >= proposal.body.closes)
        throw Error(Code::refused, model::short_name(proposal.id) + " closed " + proposal.body.closes.text());
}

/// What the act commits to, in a file that only its owner reads.
std::string words_of(std::optional<model::PrivatePart> const& part, std::string const& file) {
    if (!part) return {};
    return fmt::format(
        "  reason   {}\n"
        "           {} commits to it by the SHA-256 of {}.private: {}\n",
        base::printable(part->words.at("reason")), file, file, model::commitment(*part).hex());
}

/// What the action would change, for somebody who has no workspace to look it up in.
std::string change_lines(ProposalChange const& change) {
    constexpr std::size_t most = 60;
    std::string out;
    for (std::size_t i = 0; i < change.items.size() && i < most; ++i) {
        auto const& one = change.items[i];
        out +=
            fmt::format("  changes  {}: {} becomes {}\n", base::printable(one.words),
                        base::printable(charter_value(*one.now)), base::printable(charter_value(*one.next)));
    }
    if (change.items.size() > most)
        out += fmt::format("  changes  and {} places more\n", change.items.size() - most);
    for (auto const& one : change.weakens) out += "  weaker   " + base::printable(one.words) + '\n';
    for (auto const& note : change.notes) out += "  note     " + base::printable(note) + '\n';
    if (!change.obstacle.empty()) out += "  void     " + base::printable(change.obstacle) + '\n';
    return out;
}

struct Prepared {
    model::Act act;
    std::string bytes, choice, file;  // the file's name without folders: it is signed elsewhere
    std::string words;                // on what is said in private
};

std::string summary_of(Prepared const& prepared, agreement::OpenProposal const& proposal,
                       ProposalChange const& change) {
    auto const& act = prepared.act;
    return fmt::format(
        "{officer} of {member} votes '{choice}' on {name}\n"
        "  title    {title}\n"
        "  action   {action}\n"
        "{words}"
        "{changes}"
        "  closes   {closes}: the signature must be back before\n"
        "{how}"
        "Sign one such file only: two that say different things void each other.\n",
        fmt::arg("officer", act.officer), fmt::arg("member", act.member), fmt::arg("choice", prepared.choice),
        fmt::arg("name", model::short_name(proposal.id, 12)),
        fmt::arg("title", base::printable(proposal.body.title)),
        fmt::arg("action", base::printable(base::canonical(model::to_json(proposal.body.action)))),
        fmt::arg("words", prepared.words), fmt::arg("changes", change_lines(change)),
        fmt::arg("closes", proposal.body.closes.text()),
        fmt::arg("how", how_to_sign(act, prepared.bytes, prepared.file)));
}

std::size_t read_length(std::string_view& rest) {
    std::size_t length = 0, digits = 0;
    while (digits < rest.size() && digits < 6 && rest[digits] >= '0' && rest[digits] <= '9')
        length = length * 10 + static_cast<std::size_t>(rest[digits++] - '0');
    if (digits == 0 || digits == rest.size() || rest[digits] != ' ')
        throw Error(Code::malformed, "these are not the bytes of a prepared act");
    rest.remove_prefix(digits + 1);
    return length;
}

}  // namespace

model::Outcome vote_prepare(Services& services, State const& state, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const proposal = find_proposal(state, arguments.at("operand").get<std::string>());
    auto const choice = arguments.at("choice").get<std::string>();
    auto const file = arguments.at("to").get<std::string>();
    auto const& officer =
        officer_elsewhere(state.joined(), arguments.at("for").get<std::string>(), "consortium vote cast");
    auto const seen = seen_by(state, officer);
    require_vote(seen, proposal);
    PrivateDraft words;
    words.words = private_words(request);
    auto act = prepared_act(ballot_draft(seen, proposal, choice), services, seen, officer);
    auto const part = make_part(words, act, officer.person, services);
    if (part) act.private_part = model::commitment(*part);
    model::Envelope envelope;
    envelope.payload = base::canonical(model::to_json(act));
    auto const bytes = model::pre_authentication(envelope);
    auto const name = base::Path(file).filename().string();
    auto const summary = summary_of({act, bytes, choice, name, words_of(part, name)}, proposal,
                                    change_of(state, services.certifier, proposal));
    write_prepared(file, bytes, summary, part);

    model::Outcome outcome;
    outcome.schema = "consortium.prepared/1";
    outcome.is_private = part.has_value();
    outcome.data = JsonValue(Json{{"file", file},
                                  {"summary", file + ".txt"},
                                  {"private", part ? Json(file + ".private") : Json()},
                                  {"id", model::act_id(envelope).hex()},
                                  {"officer", officer.id},
                                  {"choice", choice},
                                  {"proposal", proposal.id.hex()}});
    outcome.text.emplace_back(summary);
    outcome.next = {"consortium exchange import " + file + ".sig"};
    return outcome;
}

std::string signed_elsewhere(std::string_view prepared, base::Bytes signature) {
    constexpr std::string_view magic = "DSSEv1 ";
    if (!prepared.starts_with(magic))
        throw Error(Code::malformed, "these are not the bytes of a prepared act");
    auto rest = prepared.substr(magic.size());
    auto const type_length = read_length(rest);
    model::Envelope envelope;
    envelope.payload_type = std::string(rest.substr(0, type_length));
    rest.remove_prefix(std::min(rest.size(), type_length + 1));
    if (read_length(rest) != rest.size())
        throw Error(Code::malformed, "a prepared act of another length than it says");
    envelope.payload = std::string(rest);
    envelope.scheme = "sshsig";
    envelope.key_id = model::act_from_text(envelope.payload).key.hex();
    envelope.signature = std::move(signature);
    return model::to_text(envelope);
}

}  // namespace consortium::flow
