#include "core/flow/prepare.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/bundle.h"
#include "core/flow/charter_diff.h"
#include "core/flow/private_part.h"
#include "core/flow/proposal_change.h"
#include "core/flow/vote.h"
#include "core/model/ssh_key.h"
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

constexpr base::Duration act_life{90 * 86'400};

model::Officer const& find_officer(model::Epoch const& epoch, std::string const& id) {
    auto const* officer = epoch.officer(id);
    if (officer == nullptr)
        throw Error(Code::not_found,
                    "no officer '" + base::printable(id) + "' in epoch " + std::to_string(epoch.number),
                    "run 'consortium epoch show'");
    auto const* key = epoch.key(officer->key);
    if (key == nullptr || key->algorithm != "ssh")
        throw Error(Code::unsupported, "the key of '" + id + "' is no SSH key, so ssh-keygen cannot use it",
                    "run 'consortium vote cast' in the officer's own workspace");
    return *officer;
}

/// The state as it looks to the officer for whom this is prepared.
State seen_by(State const& state, model::Officer const& officer) {
    State out = state;
    out.self.member = officer.member;
    out.self.officer = officer.id;
    return out;
}

void require_vote(State const& state, agreement::OpenProposal const& proposal) {
    auto const verdict = policy::may_vote(state.joined(), *proposal.base, state.self.officer,
                                          proposal.body.action.kind, state.now);
    for (auto const& rule : verdict.rules)
        if (!rule.holds) throw Error(Code::refused, rule.words);
    if (state.now >= proposal.body.closes)
        throw Error(Code::refused, model::short_name(proposal.id) + " closed " + proposal.body.closes.text());
}

model::Act act_of(model::Draft const& draft, Services& services, State const& state,
                  model::Officer const& officer) {
    model::Act act;
    act.kind = draft.kind;
    act.genesis = ground(services).genesis;
    act.epoch = model::reference(state.joined());
    act.member = officer.member;
    act.officer = officer.id;
    act.key = officer.key;
    act.time = state.now;
    act.expires = state.now + act_life;
    act.nonce = base::to_hex(services.entropy.bytes(16));
    act.refs = draft.refs;
    act.body = draft.body;
    return act;
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
        "  epoch    {epoch}\n"
        "  key      {key}, as 'ssh-keygen -lf KEY' shows it\n"
        "  SHA-256  {digest}, as 'sha256sum {file}' shows it\n"
        "What is signed can be read in {file} itself. Sign with\n"
        "  ssh-keygen -Y sign -n consortium -f KEY {file}\n"
        "and send {file}.sig back; 'consortium exchange import {file}.sig' takes it in where {file} lies "
        "beside "
        "it.\n"
        "Sign one such file only: two that say different things void each other.\n",
        fmt::arg("officer", act.officer), fmt::arg("member", act.member), fmt::arg("choice", prepared.choice),
        fmt::arg("name", model::short_name(proposal.id, 12)),
        fmt::arg("title", base::printable(proposal.body.title)),
        fmt::arg("action", base::printable(base::canonical(model::to_json(proposal.body.action)))),
        fmt::arg("words", prepared.words), fmt::arg("changes", change_lines(change)),
        fmt::arg("closes", proposal.body.closes.text()), fmt::arg("epoch", act.epoch.number),
        fmt::arg("key", model::ssh_fingerprint(act.key)),
        fmt::arg("digest", base::sha256(prepared.bytes).hex()), fmt::arg("file", prepared.file));
}

/// What is signed comes last: wherever this breaks off, nobody signs what commits to words that are nowhere.
void write_prepared(std::string const& file, std::string const& bytes, std::string const& summary,
                    std::optional<model::PrivatePart> const& part) {
    if (part)
        base::write_file(file + ".private", model::to_bytes(*part), base::FileMode::owner);
    else
        std::filesystem::remove(file + ".private");
    // The summary shows the words.
    base::write_file(file + ".txt", summary, part ? base::FileMode::owner : base::FileMode::shared);
    base::write_file(file, bytes);
}

/// What became of the words beside prepared bytes, and where they still are.
void warn_of_words(std::optional<PartTaken> taken, base::Path const& file, model::Outcome& outcome) {
    auto const name = base::printable(file.string());
    if (!taken || taken == PartTaken::waiting) {
        outcome.warnings.push_back(
            fmt::format("the words beside it are not taken in yet: keep {0}.private, and "
                        "import {0}.sig again once the act no longer waits",
                        name));
        return;
    }
    if (taken == PartTaken::refused) {
        outcome.warnings.emplace_back("the words beside it are not those that it commits to; not taken in");
        return;
    }
    if (taken == PartTaken::erased)
        outcome.warnings.emplace_back("words about this person were erased here; not taken in");
    outcome.warnings.push_back(fmt::format(
        "{0}.private and {0}.txt still hold the words: delete them where nobody needs them", name));
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
    auto const& officer = find_officer(state.joined(), arguments.at("for").get<std::string>());
    auto const seen = seen_by(state, officer);
    require_vote(seen, proposal);
    PrivateDraft words;
    words.words = private_words(request);
    auto act = act_of(ballot_draft(seen, proposal, choice), services, seen, officer);
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

model::Outcome import_act(Services& services, std::string const& envelope, std::string const& words,
                          base::Path const& file) {
    auto const intake = take_in(services, {envelope});
    std::optional<PartTaken> taken;
    if (!words.empty() && intake.refused.empty() && intake.orphans == 0)
        services.store.write([&](port::Transaction& transaction) {
            taken =
                take_part(services, transaction, model::act_id(model::envelope_from_text(envelope)), words);
        });
    model::Outcome outcome;
    outcome.schema = "consortium.bundle/1";
    auto data = to_json(intake);
    data["member"] = nullptr;
    data["acts"] = 1;
    outcome.data = JsonValue(std::move(data));
    outcome.text.emplace_back("took in an act that was signed elsewhere: " + in_words(intake));
    for (auto const& refused : intake.refused)
        outcome.text.emplace_back("refused: " + base::printable(refused.reason));
    if (!words.empty() && intake.refused.empty()) warn_of_words(taken, file, outcome);
    if (!intake.refused.empty()) outcome.status = intake.refused.front().code;
    if (intake.orphans > 0) outcome.status = Code::pending;
    return outcome;
}

}  // namespace consortium::flow
