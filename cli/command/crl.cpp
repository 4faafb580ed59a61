#include "core/flow/crl.h"

#include "cli/session.h"
#include "cli/spec.h"

namespace consortium::cli {

namespace {

model::Outcome issue(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_crl_issue(session.state(), request));
}

model::Outcome verify(Session& session, model::Request const& request) {
    return flow::crl_verify(session.state(), session.services().certifier, request);
}

model::Outcome list(Session& session, model::Request const&) {
    return flow::crl_list(session.state());
}

model::Outcome export_pem(Session& session, model::Request const& request) {
    return flow::crl_export(session.state(), session.services().certifier, request);
}

constexpr Operand authority_operand{"AUTHORITY", Kind::name,
                                    "its name; default: every intermediate that is in force", Need::optional};

constexpr Flag issue_flags[] = {
    {"--valid-for", Kind::duration, "DUR",
     "until the next list is due; default: P7D, of a root P180D, of a delta P1D"},
    {"--delta", Kind::toggle, "", "list only what was revoked since the last full list"},
};

constexpr Example issue_examples[] = {
    {"consortium crl issue --yes", "sign the next lists of the intermediates; fit for a timer"},
    {"consortium crl issue root-g1", "sign the root's list"},
    {"consortium crl issue --delta --yes", "every hour, between two full lists"},
};
constexpr Example verify_examples[] = {
    {"consortium crl verify", "every list held here"},
    {"consortium crl verify issuing-1.crl", "a list that was fetched"},
};
constexpr Example list_examples[] = {{"consortium crl list", "numbers and when the next ones are due"}};
constexpr Example export_examples[] = {{"consortium crl export root-g1 -o root-g1.pem", "as PEM"}};

constexpr base::Code issue_codes[] = {base::Code::not_found, base::Code::not_authorized, base::Code::refused,
                                      base::Code::declined};
constexpr base::Code verify_codes[] = {base::Code::not_found, base::Code::malformed,
                                       base::Code::verification_failed};
constexpr base::Code read_codes[] = {base::Code::not_found};

constexpr Command commands[] = {
    {
        .noun = "crl",
        .verb = "issue",
        .effect = Effect::write,
        .summary = "sign the next revocation list",
        .operand = authority_operand,
        .flags = issue_flags,
        .description =
            "Lists every revoked certificate of the authority with its reason and invalidity date. The list "
            "has a number one above the last, and names the issuer's key by the identifier that the issuer's "
            "certificate has: a list without it, or with another one, locks out whole organizations on some "
            "ledgers. It is read back and verified by another path before it is kept.\n\n"
            "Where none is named, each intermediate signs that is in force and whose key is here, one that "
            "is "
            "retired too: whoever was certified by it goes by its list until the end. A root signs when it "
            "is "
            "named, since its key is rarely at hand.\n\n"
            "An authority with shards ('ca init --crl-shards') signs the list of every shard. A delta "
            "completes the last full list until the next one; it is counted with it.",
        .examples = issue_examples,
        .codes = issue_codes,
        .handler = issue,
    },
    {
        .noun = "crl",
        .verb = "list",
        .effect = Effect::read,
        .summary = "list revocation lists",
        .description = "The list of each authority that is in force now.",
        .examples = list_examples,
        .handler = list,
    },
    {
        .noun = "crl",
        .verb = "export",
        .effect = Effect::read,
        .summary = "write a revocation list as PEM",
        .operand = {"LIST", Kind::name, "see 'crl list'; default: that of the newest issuing authority",
                    Need::optional},
        .description =
            "Prints the list of this name that was signed last: an authority's own, a shard of it, "
            "or a delta.",
        .examples = export_examples,
        .codes = read_codes,
        .handler = export_pem,
    },
    {
        .noun = "crl",
        .verb = "verify",
        .effect = Effect::read,
        .summary = "verify revocation lists",
        .operand = {"FILE", Kind::input, "PEM or DER; default: the lists held here", Need::optional},
        .description = "Checks the signature under the authority that the list names, the issuer's key "
                       "identifier, the number, and that it is in force now.",
        .examples = verify_examples,
        .codes = verify_codes,
        .handler = verify,
    },
};

}  // namespace

extern Noun const crl_noun;
constexpr Noun crl_noun{"TRUST", "crl", "revocation lists", commands};

}  // namespace consortium::cli
