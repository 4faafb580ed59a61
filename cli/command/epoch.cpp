#include "core/flow/epoch.h"

#include "cli/session.h"
#include "cli/spec.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/crypto/verifier.h"
#include "core/flow/seat.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Code;

model::Outcome list(Session& session, model::Request const& request) {
    return flow::epoch_list(session.state(), request);
}

model::Outcome show(Session& session, model::Request const& request) {
    return flow::epoch_show(session.state(), request);
}

model::Outcome verify(Session& session, model::Request const& request) {
    bool const bundle = request.arguments->contains("bundle");
    for (char const* flag : {"epoch", "trust"}) {
        if (!bundle && request.arguments->contains(flag))
            throw base::Error(Code::usage, std::string("--") + flag + " goes with --bundle",
                              "give --bundle FILE, as 'consortium exchange export --to FILE' writes it");
    }
    if (bundle && request.arguments->contains("evidence"))
        throw base::Error(Code::usage, "--bundle and --evidence are two questions", "ask one at a time");
    if (bundle) return flow::epoch_verify_bundle(request, crypto::verifier());
    if (request.arguments->contains("evidence"))
        return flow::epoch_verify_evidence(request, crypto::verifier());
    return flow::epoch_verify(session.state(), request, session.services().verifier);
}

model::Outcome evidence(Session& session, model::Request const& request) {
    auto const& arguments = *request.arguments;
    if (!arguments.contains("operand")) {
        if (arguments.contains("to"))
            throw base::Error(Code::usage, "--to needs the id of one evidence",
                              "run 'consortium epoch evidence'");
        return flow::epoch_evidence(session.state(), request);
    }
    auto const text = flow::epoch_evidence_file(session.state(), arguments.at("operand").get<std::string>());
    model::Outcome outcome;
    outcome.schema = "consortium.equivocation.file/1";
    auto const file = arguments.value("to", std::string());
    outcome.data = base::JsonValue(base::Json{{"file", file.empty() ? base::Json() : base::Json(file)},
                                              {"digest", base::sha256(text).hex()},
                                              {"content", text}});
    if (file.empty()) {
        outcome.text.emplace_back(text);
        return outcome;
    }
    base::write_file(file, text);
    outcome.text.emplace_back("wrote the evidence to " + file);
    outcome.next = {"consortium epoch verify --evidence " + file};
    return outcome;
}

model::Outcome skip(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_epoch_skip(session.state(), request));
}

model::Outcome resume(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_epoch_resume(session.state(), request));
}

constexpr Operand number{"NUMBER", Kind::text, "an epoch; the latest if left out", Need::optional};
constexpr Operand evidence_id{"ID", Kind::text, "one evidence; all if left out", Need::optional};
constexpr Flag verify_flags[] = {
    {"--genesis", Kind::digest, "HASH", "the genesis that this must be"},
    {"--bundle", Kind::input, "FILE", "verify what a bundle says, with nothing else"},
    {"--epoch", Kind::digest, "HASH", "of a bundle: any epoch that it must contain, instead of the genesis"},
    {"--trust", Kind::input, "FILE", "of a bundle: that this is the trust bundle in force"},
    {"--evidence", Kind::input, "FILE", "verify a file of evidence that a member said two things"}};
constexpr Flag evidence_flags[] = {{"--to", Kind::output, "FILE", "write the evidence as one file"}};

constexpr Example list_examples[] = {{"consortium epoch list", "what was decided, epoch by epoch"}};
constexpr Example show_examples[] = {
    {"consortium epoch show", "the latest epoch; read its hash to a newcomer by telephone"},
    {"consortium epoch show 3 --format json", "one epoch as a record"}};
constexpr Example verify_examples[] = {
    {"consortium epoch verify", "recompute every epoch from the genesis on"},
    {"consortium epoch verify --genesis HASH", "from the genesis that you were told"},
    {"consortium epoch verify --bundle all.bundle --genesis HASH",
     "anybody, anywhere: from a bundle that 'consortium exchange export' made"},
    {"consortium epoch verify --evidence umbrella.json", "whether a member did say two things"}};
constexpr Example evidence_examples[] = {
    {"consortium epoch evidence", "who was found to have said two things"},
    {"consortium epoch evidence 3fa9c1 --to umbrella.json", "the proof as one file, for anybody"}};
constexpr Example skip_examples[] = {
    {"consortium epoch skip --confirm acme", "the leader is known to be away for weeks: do not wait for it"}};

constexpr Example resume_examples[] = {{"consortium epoch resume --confirm acme",
                                        "two members, both needed: the other has handed over everything"}};

constexpr Code read_codes[] = {Code::not_found, Code::refused};
constexpr Code verify_codes[] = {Code::verification_failed, Code::malformed, Code::not_found, Code::refused};
constexpr Code skip_codes[] = {Code::refused, Code::not_authorized, Code::declined};

constexpr Command commands[] = {
    {"epoch",
     "list",
     Effect::read,
     "list the epochs and what each decided",
     {},
     {},
     "An epoch is the whole state that the members agreed on: charter, members, officers, keys, networks, "
     "trust "
     "bundle, with the results that made it.",
     list_examples,
     read_codes,
     list},
    {"epoch",
     "show",
     Effect::read,
     "show one epoch with its hash in words",
     number,
     {},
     "Shows the hash of the epoch and of the genesis in digits and as words to read aloud: a newcomer needs "
     "both from "
     "f+1 members.",
     show_examples,
     read_codes,
     show},
    {"epoch",
     "verify",
     Effect::read,
     "verify the chain of epochs from the genesis on",
     {},
     verify_flags,
     "Checks every founder's signature, each link, the commits of a quorum of seats for each epoch, and "
     "makes each "
     "document again from the acts that it names. The first epoch that does not hold is named; exit status "
     "7.\n\n"
     "With --bundle no workspace and no exchange is needed: every act in the bundle is judged anew, in the "
     "epoch that it names, starting from the genesis whose hash you were told; the hash of any later epoch "
     "(--epoch) does as well, since each names the one before. With --trust the file, as 'root export --type "
     "json' writes it, must be the trust bundle that the latest of these epochs carries: one that no epoch "
     "carries, whoever signed what is in it, and one that was replaced are refused. A file of acts that was "
     "kept back since says what was agreed until then: name the newest epoch that you know.\n\n"
     "With --evidence a file that "
     "'epoch evidence' wrote is verified: both acts, their signatures, and that their author's keys are in "
     "the "
     "epochs that they name; compare the hashes of these epochs with your own.",
     verify_examples,
     verify_codes,
     verify},
    {"epoch", "evidence", Effect::read, "show who said two things, and export the proof", evidence_id,
     evidence_flags,
     "Two different acts of one member in one slot (a ballot of one revision, a seat's statement on a "
     "proposal, "
     "a candidate, prepare, commit or skip of one attempt) prove that it said two things. They are found "
     "while "
     "acts are taken in. Nothing is frozen for it: what a quorum made final stands, and sanctions are "
     "proposed "
     "like anything else. The file that --to writes holds both acts and the epochs in which their author's "
     "keys "
     "are: anybody can verify it with 'epoch verify --evidence'.",
     evidence_examples, read_codes, evidence},
    {"epoch",
     "skip",
     Effect::danger,
     "leave an attempt to agree before its time is over",
     {},
     {},
     "The seat signs one skip of the attempt that it is in, as it would when the timer ends. When a quorum "
     "has, "
     "the next member in turn leads. A skip cannot be taken back: the seat neither prepares nor commits in "
     "that "
     "attempt any more. Only for a leader who is known to be away; 'consortium exchange sync' says until "
     "when "
     "it is waited for.",
     skip_examples,
     skip_codes,
     skip},
    {"epoch",
     "resume",
     Effect::danger,
     "let a restored seat sign again with the key that it had",
     {},
     {},
     "A seat whose own acts come back from others was restored from a backup: it may have prepared or "
     "committed "
     "what it does not know any more, so it signs nothing. Its officers then have a new seat key enacted "
     "with "
     "'key replace seat'. Only where every voting member is needed for a quorum the others can neither have "
     "agreed on anything without this seat nor enact a key for it: there it resumes, once each of them has "
     "handed over, by 'exchange export' and 'exchange import', all that it holds of this seat. Whether they "
     "have is for the officer to know; the program cannot see it.",
     resume_examples,
     skip_codes,
     resume},
};

}  // namespace

extern Noun const epoch_noun;
constexpr Noun epoch_noun{"GOVERN", "epoch", "what the members have agreed on, step by step", commands};

}  // namespace consortium::cli
