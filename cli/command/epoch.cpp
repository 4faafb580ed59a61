#include "core/flow/epoch.h"

#include "cli/session.h"
#include "cli/spec.h"

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
    return flow::epoch_verify(session.state(), request, session.services().verifier);
}

constexpr Operand number{"NUMBER", Kind::text, "an epoch; the latest if left out", Need::optional};
constexpr Flag verify_flags[] = {{"--genesis", Kind::digest, "HASH", "the genesis that this must be"}};

constexpr Example list_examples[] = {{"consortium epoch list", "what was decided, epoch by epoch"}};
constexpr Example show_examples[] = {
    {"consortium epoch show", "the latest epoch; read its hash to a newcomer by telephone"},
    {"consortium epoch show 3 --format json", "one epoch as a record"}};
constexpr Example verify_examples[] = {
    {"consortium epoch verify", "recompute every epoch from the genesis on"},
    {"consortium epoch verify --genesis HASH", "from the genesis that you were told"}};

constexpr Code read_codes[] = {Code::not_found, Code::refused};
constexpr Code verify_codes[] = {Code::verification_failed, Code::refused};

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
     "7.",
     verify_examples,
     verify_codes,
     verify},
};

}  // namespace

extern Noun const epoch_noun;
constexpr Noun epoch_noun{"GOVERN", "epoch", "what the members have agreed on, step by step", commands};

}  // namespace consortium::cli
