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

model::Outcome prepare(Session& session, model::Request const& request) {
    return flow::approval_prepare(session.services(), session.state(), request);
}

model::Outcome write_files(Session& session, model::Request const& request) {
    return flow::approval_export(session.state(), request);
}

constexpr Operand digest{"DIGEST", Kind::text, "64 hexadecimal digits, p-… of an act, or a name that waits"};
constexpr Flag rule{"--rule", Kind::name, "RULE", "approval rule of the charter; the only one if left out"};
constexpr Flag about{"--about", Kind::text, "TEXT", "what the digest is of, for people"};

constexpr Flag file{"--file", Kind::input, "FILE", "what you looked at: refused unless it has this digest"};
constexpr Flag sign_flags[] = {rule, about, file};
constexpr Flag verify_flags[] = {rule, about};
constexpr Flag prepare_flags[] = {
    {"--for", Kind::name, "OFFICER", "who will sign, with an SSH key", Need::required},
    {"--to", Kind::output, "FILE", "the bytes to sign, or a folder for them; FILE.txt says what they mean",
     Need::required},
    rule,
    about,
    file,
};
constexpr Flag export_flags[] = {
    {"--to", Kind::output, "FOLDER", "a new folder", Need::required},
    rule,
};

constexpr Example sign_examples[] = {
    {"consortium approval sign r-2026 --rule root", "approve what waits under that name"},
    {"consortium approval sign DIGEST --rule root --file manifest.json",
     "approve a digest after checking that it is the file's"},
};
constexpr Example verify_examples[] = {
    {"consortium approval verify DIGEST --rule root", "who approved, how many are needed, who is missing"},
};
constexpr Example prepare_examples[] = {
    {"consortium approval prepare r-2026 --rule root --for eve --to stick",
     "write what eve signs into a folder on a stick"},
    {"ssh-keygen -Y sign -n consortium -f ~/.ssh/id_ed25519_sk approval-eve-3fa9c1d0e5b7",
     "what eve does, anywhere"},
    {"consortium exchange import stick", "take in all that was signed"},
};
constexpr Example export_examples[] = {
    {"consortium approval export DIGEST --rule root --to approvals", "for an auditor, or another workspace"},
};
constexpr Example list_examples[] = {{"consortium approval list", "every digest that somebody approved"}};

constexpr Code sign_codes[] = {Code::not_found, Code::not_authorized, Code::refused, Code::conflict,
                               Code::declined};
constexpr Code verify_codes[] = {Code::not_found, Code::refused, Code::pending};
constexpr Code prepare_codes[] = {Code::not_found, Code::unsupported, Code::refused, Code::storage};
constexpr Code export_codes[] = {Code::not_found, Code::conflict, Code::storage};
constexpr Code list_codes[] = {Code::not_found};

constexpr Command commands[] = {
    {
        .noun = "approval",
        .verb = "sign",
        .effect = Effect::write,
        .summary = "approve one digest",
        .operand = digest,
        .flags = sign_flags,
        .description =
            "An approval binds exactly one digest: what is executed later must have it. The digest is shown "
            "in "
            "full and as words to read aloud before you are asked.\n\n"
            "A second approval of the same person, or of an organization that counts already where the rule "
            "wants distinct members, is refused. It counts for 90 days; after that the same officer approves "
            "anew.\n\n"
            "The key may be a file, on a token, in an ssh-agent or behind a command: see 'key import'. An "
            "officer who has no workspace: 'approval prepare'.",
        .examples = sign_examples,
        .codes = sign_codes,
        .handler = sign,
    },
    {
        .noun = "approval",
        .verb = "verify",
        .effect = Effect::read,
        .summary = "say whether a digest has the approvals that the charter wants",
        .operand = digest,
        .flags = verify_flags,
        .description =
            "Counts people and organizations, not signatures. Too few approvals: exit 6, naming "
            "who is missing. "
            "Two of one member, or approvals of another digest for the same thing: exit 5. What has "
            "expired, and what a key signed that was removed for a cause since, does not count and "
            "is named.",
        .examples = verify_examples,
        .codes = verify_codes,
        .handler = verify,
    },
    {
        .noun = "approval",
        .verb = "prepare",
        .effect = Effect::read,
        .summary = "write an approval for an officer to sign elsewhere",
        .operand = digest,
        .flags = prepare_flags,
        .description =
            "An officer with an SSH key needs no workspace. This writes the exact bytes of the approval and, "
            "beside them, a summary to read: the digest in full and as words to read aloud, what it is of, "
            "and until when it counts. The officer signs the bytes with 'ssh-keygen -Y sign -n consortium' "
            "and "
            "sends the .sig file back; 'exchange import' takes in one, or a folder of them.",
        .examples = prepare_examples,
        .codes = prepare_codes,
        .handler = prepare,
    },
    {
        .noun = "approval",
        .verb = "export",
        .effect = Effect::read,
        .summary = "write the approvals of a digest as files that other programs judge",
        .operand = digest,
        .flags = export_flags,
        .description =
            "One DSSE envelope an approval, the bytes that were signed, the signature as 'ssh-keygen -Y "
            "verify' or openssl take it, and the public keys; README.txt says how. Every approval of the "
            "digest by the rule is there, also one that does not count. 'exchange import' takes the folder, "
            "or a .dsse.json of it, in elsewhere.",
        .examples = export_examples,
        .codes = export_codes,
        .handler = write_files,
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
