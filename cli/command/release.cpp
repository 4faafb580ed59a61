#include "core/flow/release.h"

#include "cli/session.h"
#include "cli/spec.h"

namespace consortium::cli {

namespace {

using base::Code;

model::Outcome add(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_release_add(session.state(), request));
}

model::Outcome list(Session& session, model::Request const& request) {
    return flow::release_list(session.state(), request);
}

model::Outcome show(Session& session, model::Request const& request) {
    return flow::release_show(session.state(), request);
}

model::Outcome verify(Session& session, model::Request const& request) {
    return flow::release_verify(session.state(), request);
}

constexpr Operand release_operand{"RELEASE", Kind::text, "name of the release, e.g. r-2.1"};

constexpr Flag add_flags[] = {
    {"--version", Kind::text, "VERSION", "the version that nodes report once they run it", Need::required},
    {"--digest", Kind::digest, "SHA256", "SHA-256 of what is installed"},
    {"--file", Kind::input, "FILE", "what is installed: its SHA-256 is computed"},
};
constexpr Flag verify_flags[] = {
    {"--file", Kind::input, "FILE", "the file to compare", Need::required},
};

constexpr Example add_examples[] = {
    {"consortium release add r-2.1 --version 2.1.0 --file besu-2.1.0.tar.gz", "compute the digest"},
    {"consortium release add r-2.1 --version 2.1.0 --digest "
     "0f4d7a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7",
     "take the digest that was published"},
};
constexpr Example list_examples[] = {{"consortium release list", "all releases"}};
constexpr Example show_examples[] = {{"consortium release show r-2.1", "its version and digest"}};
constexpr Example verify_examples[] = {
    {"consortium release verify r-2.1 --file besu-2.1.0.tar.gz", "before it is installed"}};

constexpr Code add_codes[] = {Code::not_found, Code::refused, Code::conflict, Code::declined};
constexpr Code show_codes[] = {Code::not_found};
constexpr Code verify_codes[] = {Code::not_found, Code::verification_failed};

constexpr Command commands[] = {
    {
        .noun = "release",
        .verb = "add",
        .effect = Effect::write,
        .summary = "describe a release that may be upgraded to",
        .operand = release_operand,
        .flags = add_flags,
        .description = "A release is a name, the version that nodes report and the digest of what is "
                       "installed. An upgrade proposal names release and digest; it is executed only where "
                       "the release of that name has that digest. Give --digest or --file, not both.",
        .examples = add_examples,
        .codes = add_codes,
        .handler = add,
    },
    {
        .noun = "release",
        .verb = "list",
        .effect = Effect::read,
        .summary = "list the releases",
        .description = "Shows the releases that were added here.",
        .examples = list_examples,
        .handler = list,
    },
    {
        .noun = "release",
        .verb = "show",
        .effect = Effect::read,
        .summary = "show a release",
        .operand = release_operand,
        .description = "Shows version and digest.",
        .examples = show_examples,
        .codes = show_codes,
        .handler = show,
    },
    {
        .noun = "release",
        .verb = "verify",
        .effect = Effect::read,
        .summary = "compare a file with a release",
        .operand = release_operand,
        .flags = verify_flags,
        .description = "Exit 7 if the file's digest is not the release's.",
        .examples = verify_examples,
        .codes = verify_codes,
        .handler = verify,
    },
};

}  // namespace

extern Noun const release_noun;
constexpr Noun release_noun{"GOVERN", "release", "what nodes are upgraded to", commands};

}  // namespace consortium::cli
