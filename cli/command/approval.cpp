#include "core/flow/approval.h"

#include "cli/session.h"
#include "cli/spec.h"

namespace consortium::cli {

namespace {

using base::Code;

model::Outcome sign(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_approval_sign(session.state(), request));
}

model::Outcome verify(Session& session, model::Request const& request) {
    return flow::approval_verify(session.state(), request);
}

model::Outcome list(Session& session, model::Request const& request) {
    return flow::approval_list(session.state(), request);
}

constexpr Flag rule{"--rule", Kind::name, "RULE", "approval rule of the charter; the only one if left out"};
constexpr Flag about{"--about", Kind::text, "TEXT", "what the digest is of, for people"};

constexpr Flag sign_flags[] = {
    rule,
    about,
    {"--file", Kind::input, "FILE", "what you looked at: refused unless it has this digest"},
};
constexpr Flag verify_flags[] = {rule, about};

constexpr Example sign_examples[] = {
    {"consortium approval sign r-2026 --rule root", "approve what waits under that name"},
    {"consortium approval sign DIGEST --rule root --file manifest.json",
     "approve a digest after checking that it is the file's"},
};
constexpr Example verify_examples[] = {
    {"consortium approval verify DIGEST --rule root", "who approved, how many are needed, who is missing"},
};
constexpr Example list_examples[] = {{"consortium approval list", "every digest that somebody approved"}};

constexpr Code sign_codes[] = {Code::not_found, Code::not_authorized, Code::refused, Code::conflict,
                               Code::declined};
constexpr Code verify_codes[] = {Code::not_found, Code::refused, Code::pending};
constexpr Code list_codes[] = {Code::not_found};

constexpr Command commands[] = {
    {
        .noun = "approval",
        .verb = "sign",
        .effect = Effect::write,
        .summary = "approve one digest",
        .operand = {"DIGEST", Kind::text, "64 hexadecimal digits, p-… of an act, or a name that waits"},
        .flags = sign_flags,
        .description =
            "An approval binds exactly one digest: what is executed later must have it. The digest is shown "
            "in "
            "full and as words to read aloud before you are asked.\n\n"
            "A second approval of the same person, or of an organization that counts already where the rule "
            "wants distinct members, is refused.",
        .examples = sign_examples,
        .codes = sign_codes,
        .handler = sign,
    },
    {
        .noun = "approval",
        .verb = "verify",
        .effect = Effect::read,
        .summary = "say whether a digest has the approvals that the charter wants",
        .operand = {"DIGEST", Kind::text, "64 hexadecimal digits, p-… of an act, or a name that waits"},
        .flags = verify_flags,
        .description = "Counts people and organizations, not signatures. Too few approvals: exit 6, naming "
                       "who is missing. "
                       "Two of one member, or approvals of another digest for the same thing: exit 5.",
        .examples = verify_examples,
        .codes = verify_codes,
        .handler = verify,
    },
    {
        .noun = "approval",
        .verb = "list",
        .effect = Effect::read,
        .summary = "list approvals",
        .description = "By rule and digest, with the officers who approved it.",
        .examples = list_examples,
        .codes = list_codes,
        .handler = list,
    },
};

}  // namespace

extern Noun const approval_noun;
constexpr Noun approval_noun{"GOVERN", "approval", "approvals that bind one digest", commands};

}  // namespace consortium::cli
