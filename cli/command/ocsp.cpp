#include "core/flow/ocsp.h"

#include "cli/output.h"
#include "cli/session.h"
#include "cli/spec.h"

namespace consortium::cli {

namespace {

model::Outcome respond(Session& session, model::Request const& request) {
    if (for_people(session.common())) {
        throw base::Error(base::Code::usage, "a response is binary, and this is a terminal",
                          "give -o FILE, or a pipe");
    }
    return flow::ocsp_respond(session.state(), session.services(), request);
}

model::Outcome verify(Session& session, model::Request const& request) {
    return flow::ocsp_verify(session.state(), session.services().certifier, request);
}

constexpr Flag respond_flags[] = {
    {"--valid-for", Kind::duration, "DUR", "how long the answer may be kept", Need::optional, {}, "P1D"},
};
constexpr Flag verify_flags[] = {
    {"--certificate", Kind::input, "FILE", "it must say that this certificate is good"},
    {"--request", Kind::input, "FILE", "it must answer this request, nonce included"},
    {"--issuer", Kind::input, "FILE", "trust this authority instead of those that are known here"},
    {"--at", Kind::instant, "TIME", "as of this time; default: now"},
};

constexpr Example respond_examples[] = {
    {"consortium ocsp respond <request.der >response.der", "what a web server's CGI script calls"},
    {"consortium cert issue status --profile ocsp --new-key --no-passphrase --yes",
     "once a month: who answers, so that the authority's key stays locked"},
};
constexpr Example verify_examples[] = {
    {"consortium ocsp verify response.der --certificate node1.pem", "exit 0 if it says good, else 7"},
    {"consortium ocsp verify response.der --issuer issuing.pem --request request.der",
     "with the request that it answers"},
};

constexpr base::Code respond_codes[] = {base::Code::not_found, base::Code::not_authorized};
constexpr base::Code verify_codes[] = {base::Code::not_found, base::Code::malformed,
                                       base::Code::verification_failed};

constexpr Command commands[] = {
    {
        .noun = "ocsp",
        .verb = "respond",
        .effect = Effect::read,
        .summary = "answer whether certificates are revoked",
        .operand = {"FILE", Kind::input, "the request, DER; default: standard input", Need::optional},
        .flags = respond_flags,
        .description =
            "Reads one OCSP request and prints the response (application/ocsp-response), from what the "
            "journal knows now: good only for certificates that were issued here, revoked with time, reason "
            "and invalidity date, else unknown. A nonce of 1 to 32 octets is repeated (RFC 8954). Issuers "
            "are "
            "named by SHA-1 or SHA-256.\n\n"
            "The response is signed by the newest certificate of profile ocsp under that authority whose key "
            "is in this workspace; the authority's own key is not used. Such a certificate carries "
            "id-pkix-ocsp-nocheck, so it lasts 30 days at most: issue the next one in time. The response is "
            "read back and verified before it is printed. With several intermediates, each needs its own: "
            "name it with --issuer. One that a root has certified (--issuer root-g1) answers for the "
            "intermediates themselves while the root's key is away; their certificates name no place where "
            "one could ask, because they outlast whoever answers, and the root's list covers them.\n\n"
            "A request that cannot be read is answered with malformedRequest, and one about another issuer, "
            "or for whom nobody answers, with unauthorized; the reason is printed to standard error. "
            "Requests "
            "need no signature, and one is not looked at. For responses as static files see 'ca publish'.",
        .examples = respond_examples,
        .codes = respond_codes,
        .handler = respond,
    },
    {
        .noun = "ocsp",
        .verb = "verify",
        .effect = Effect::read,
        .summary = "verify an OCSP response and say what it says",
        .operand = {"FILE", Kind::input, "the response, DER"},
        .flags = verify_flags,
        .description =
            "Checks that the authority itself or one whom it has certified to answer for it has signed the "
            "response, and that it is in force now. The authority must be known here and hold itself, unless "
            "it is given with --issuer. Without --certificate, a response that says 'revoked' holds like any "
            "other.",
        .examples = verify_examples,
        .codes = verify_codes,
        .handler = verify,
    },
};

}  // namespace

extern Noun const ocsp_noun;
constexpr Noun ocsp_noun{"TRUST", "ocsp", "the status of single certificates", commands};

}  // namespace consortium::cli
