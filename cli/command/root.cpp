#include "core/flow/root.h"

#include "cli/session.h"
#include "cli/spec.h"

namespace consortium::cli {

namespace {

model::Outcome rotate(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_root_rotate(session.state(), request));
}

model::Outcome prepare(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_root_prepare(session.state(), request));
}

model::Outcome sign(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_root_sign(session.state(), request));
}

model::Outcome distribute(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_root_distribute(session.state(), request));
}

model::Outcome show(Session& session, model::Request const&) {
    return flow::root_show(session.state());
}

model::Outcome verify(Session& session, model::Request const& request) {
    return flow::root_verify(session.services().certifier, request);
}

constexpr Flag rotate_flags[] = {
    {"--type", Kind::choice, "TYPE", "algorithm of the new key; default: that of the old one", Need::optional,
     "p256|p384|ed25519|rsa3072|rsa4096"},
    {"--lifetime", Kind::duration, "DUR", "of the new root", Need::optional, {}, "P3650D"},
};
constexpr Flag prepare_flags[] = {
    {"--no-passphrase", Kind::toggle, "", "keep the new root's key unencrypted"},
};

constexpr Example rotate_examples[] = {{"consortium root rotate", "propose a new generation of the root"}};
constexpr Example prepare_examples[] = {
    {"consortium root prepare", "make the new key; out/ceremony-g2.json is what officers approve"},
};
constexpr Example sign_examples[] = {
    {"consortium root sign", "sign what enough officers approved"},
    {"consortium root sign 3fa9c1… --wait-ok", "in a script that goes on while approvals are missing"},
};
constexpr Example distribute_examples[] = {
    {"consortium root distribute", "propose the trust bundle for the next epoch"},
};
constexpr Example show_examples[] = {{"consortium root show", "where the rotation stands and who must act"}};
constexpr Example verify_examples[] = {
    {"consortium root verify ceremony-g2.json", "read what you are asked to approve, item by item"},
};

constexpr base::Code rotate_codes[] = {base::Code::not_found, base::Code::refused, base::Code::not_authorized,
                                       base::Code::declined};
constexpr base::Code consent_codes[] = {base::Code::not_found, base::Code::refused, base::Code::pending,
                                        base::Code::not_authorized, base::Code::declined};
constexpr base::Code show_codes[] = {base::Code::not_found};
constexpr base::Code verify_codes[] = {base::Code::not_found, base::Code::malformed};

constexpr Command commands[] = {
    {
        .noun = "root",
        .verb = "rotate",
        .effect = Effect::write,
        .summary = "propose a new generation of the root",
        .flags = rotate_flags,
        .description =
            "Writes the plan of a rotation (from and to which generation, the old root's fingerprint, the "
            "new "
            "key's type and lifetime, the intermediates that will be signed again) and opens a proposal "
            "root.rotate that names its digest. No key is made before the members have agreed.\n\n"
            "The phases are: rotate, prepare, approval sign, sign, distribute. 'root show' says at each "
            "point "
            "what is missing and which command comes next.",
        .examples = rotate_examples,
        .codes = rotate_codes,
        .handler = rotate,
    },
    {
        .noun = "root",
        .verb = "prepare",
        .effect = Effect::write,
        .summary = "make the new key and fix everything that will be signed",
        .flags = prepare_flags,
        .description =
            "Once the plan is agreed and final: makes the new root's key and writes every object that the "
            "ceremony will sign, to the last byte: the new root, the new root certified by the old one, the "
            "old one certified by the new one, every intermediate with the same key and name under the new "
            "root, and the revocation lists of both. out/ceremony-gN.json holds them all; the SHA-256 of "
            "that "
            "file is the one digest that officers approve.",
        .examples = prepare_examples,
        .codes = consent_codes,
        .handler = prepare,
    },
    {
        .noun = "root",
        .verb = "sign",
        .effect = Effect::write,
        .summary = "sign what enough officers approved",
        .operand = {"DIGEST", Kind::digest, "refuse if what is prepared is not this", Need::optional},
        .description =
            "Signs exactly the prepared objects once the charter's approval rule 'root' is met by approvals "
            "of that very digest. Too few approvals: exit 6, naming who is missing. Two of one organization "
            "or person count once, and an approval of another digest does not count: exit 5. Every object is "
            "read back and verified before anything is kept.",
        .examples = sign_examples,
        .codes = consent_codes,
        .handler = sign,
    },
    {
        .noun = "root",
        .verb = "distribute",
        .effect = Effect::write,
        .summary = "propose the trust bundle for the next epoch",
        .description =
            "Opens a proposal root.trust that names the digest of the newest trust bundle of this workspace. "
            "Members trust its roots once an epoch carries it. Versions only rise: to go back is a higher "
            "version too.",
        .examples = distribute_examples,
        .codes = consent_codes,
        .handler = distribute,
    },
    {
        .noun = "root",
        .verb = "show",
        .effect = Effect::read,
        .summary = "show where a rotation stands",
        .description =
            "Phase, approvals that there are and that are needed, who is missing, the deadline, the "
            "digest in digits and in words, and the next command.",
        .examples = show_examples,
        .codes = show_codes,
        .handler = show,
    },
    {
        .noun = "root",
        .verb = "verify",
        .effect = Effect::read,
        .summary = "read a ceremony's manifest before approving it",
        .operand = {"FILE", Kind::input, "the manifest, as 'root prepare' wrote it"},
        .description = "Checks that each digest is that of the bytes beside it, and says in words what each "
                       "object will state once it is signed. What is printed as the digest is what 'approval "
                       "sign' takes. Needs no workspace of the authority's.",
        .examples = verify_examples,
        .codes = verify_codes,
        .handler = verify,
    },
};

}  // namespace

extern Noun const root_noun;
constexpr Noun root_noun{"TRUST", "root", "rotation of the root of trust", commands};

}  // namespace consortium::cli
