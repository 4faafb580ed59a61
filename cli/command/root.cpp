#include "core/flow/root.h"

#include "cli/command/root_export.h"
#include "cli/command/root_nodes.h"
#include "cli/command/root_transcript.h"
#include "cli/session.h"
#include "cli/spec.h"
#include "core/driver/guide.h"
#include "core/flow/root_acknowledge.h"
#include "core/flow/root_soak.h"

namespace consortium::cli {

namespace {

template <auto Planner>
model::Outcome planned(Session& session, model::Request const& request) {
    return session.carry_out(Planner(session.state(), request));
}

template <auto Planner>
model::Outcome planned_with_services(Session& session, model::Request const& request) {
    return session.carry_out(Planner(session.state(), session.services(), request));
}

model::Outcome show(Session& session, model::Request const&) {
    return flow::root_show(session.state(), session.services());
}

model::Outcome soak(Session& session, model::Request const& request) {
    return flow::root_soak(session.state(), session.services(), driver::node_guide(), request);
}

model::Outcome acknowledge(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_root_acknowledge(session.state(), session.services(), request));
}

model::Outcome verify(Session& session, model::Request const& request) {
    return flow::root_verify(session.state(), session.services().certifier, request);
}

constexpr Flag rotate_flags[] = {
    {"--type", Kind::choice, "TYPE", "algorithm of the new key; default: that of the old one", Need::optional,
     "p256|p384|ed25519|rsa3072|rsa4096"},
    {"--lifetime", Kind::duration, "DUR", "of the new root", Need::optional, {}, "P3650D"},
    {"--roster", Kind::text, "PART=OFFICER", "administrator, custodian or witness", Need::repeatable},
    {"--threshold", Kind::integer, "N", "how many custodians restore the new key"},
    {"--date", Kind::text, "PHASE=WHEN", "when trust, switch, distrust or destroy is planned",
     Need::repeatable},
    {"--emergency", Kind::toggle, "", "the old key is in others' hands: no links, a new root at once"},
    {"--reason", Kind::text, "TEXT", "what happened; public; of an emergency"},
    {"--since", Kind::instant, "WHEN", "from when the old key is not to be believed; of an emergency"},
    {"--leave", Kind::name, "INTERMEDIATE", "not certain to be clean: it ends; of an emergency",
     Need::repeatable},
};
constexpr Flag prepare_flags[] = {
    {"--no-passphrase", Kind::toggle, "", "keep the new root's key unencrypted"},
};
constexpr Flag gate_flags[] = {
    {"--waive", Kind::text, "NODE: REASON", "go on without MEMBER/NODE, or MEMBER that has none on record",
     Need::repeatable},
};
constexpr Flag within_flag{
    "--within", Kind::duration, "DUR", "how long each server may take, when it is looked at", Need::optional,
    {},         "PT10S"};
constexpr Flag acknowledge_flags[] = {
    {"--waive", Kind::text, "REASON", "the node need not follow, because …; public"},
    {"--note", Kind::text, "TEXT", "how it was seen, or why what is seen is right; public: name nobody"},
    within_flag,
};
constexpr Flag soak_flags[] = {within_flag};
constexpr Flag witness_flags[] = {
    {"--note", Kind::text, "TEXT", "what was seen, and where; public: name nobody"}};
constexpr Flag rollback_flags[] = {
    {"--reason", Kind::text, "TEXT", "why; public: it goes into the transcript", Need::required}};

constexpr Example rotate_examples[] = {
    {"consortium root rotate --roster administrator=acme-sec --roster witness=globex-sec "
     "--date switch=2027-03-01",
     "propose a new generation of the root"},
    {"consortium root rotate --emergency --reason 'the ceremony laptop was stolen' --since 2026-11-02",
     "the old key is in others' hands"},
};
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
constexpr Example acknowledge_examples[] = {
    {"consortium root ack", "all nodes of this member trust the agreed bundle"},
    {"consortium root ack node-3 --waive 'switched off in May'", "one that need not"},
};
constexpr Example switch_examples[] = {
    {"consortium root switch", "prepare that chains are presented under the new root"},
    {"consortium root switch --waive 'globex/node-1: gone'", "without a node whose member does not answer"},
};
constexpr Example soak_examples[] = {{"consortium root soak", "what still depends on the old root alone"}};
constexpr Example distrust_examples[] = {{"consortium root distrust", "prepare that the old root goes"}};
constexpr Example witness_examples[] = {
    {"consortium root witness --note 'in the vault room, with an auditor'", "attest before it is destroyed"},
};
constexpr Example destroy_examples[] = {
    {"consortium root destroy --confirm root-g1", "destroy the old root's key for ever"},
};
constexpr Example rollback_examples[] = {
    {"consortium root rollback --reason 'two nodes do not start with the new chain'", "one phase back"},
};
constexpr Example note_examples[] = {
    {"consortium root note 'the token was exchanged for its spare'", "a deviation, for the transcript"},
};
constexpr Example show_examples[] = {{"consortium root show", "where the rotation stands and who must act"}};
constexpr Example verify_examples[] = {
    {"consortium root verify ceremony-g2.json", "read what you are asked to approve, item by item"},
};

constexpr base::Code rotate_codes[] = {base::Code::not_found, base::Code::refused, base::Code::not_authorized,
                                       base::Code::declined};
constexpr base::Code consent_codes[] = {base::Code::not_found,      base::Code::refused,
                                        base::Code::pending,        base::Code::conflict,
                                        base::Code::not_authorized, base::Code::declined};
constexpr base::Code show_codes[] = {base::Code::not_found};
constexpr base::Code acknowledge_codes[] = {base::Code::not_found, base::Code::refused, base::Code::conflict,
                                            base::Code::not_authorized, base::Code::declined};
constexpr base::Code soak_codes[] = {base::Code::not_found, base::Code::verification_failed};
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
            "key's type and lifetime, the intermediates that will be signed again, who has which part, when) "
            "and opens a proposal root.rotate that names its digest. No key is made before the members have "
            "agreed.\n\n"
            "The phases are: rotate, prepare, approval sign, sign, distribute, ack, switch, soak, distrust, "
            "destroy. 'root show' says at each point what is missing and which command comes next; "
            "consortium-rotation(7) tells the whole.\n\n"
            "With --emergency the old key is in others' hands: the new root is certified by nobody, the "
            "bundle holds it alone, and members decide by the charter's emergency rule. What the old root "
            "has "
            "certified is revoked; intermediates keep their keys under the new root, but for those that are "
            "named with --leave.",
        .examples = rotate_examples,
        .codes = rotate_codes,
        .handler = planned<flow::plan_root_rotate>,
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
            "root, and the revocation lists of both. out/ceremony-gN.json holds them all, and travels to the "
            "members; the SHA-256 of that file is the one digest that officers approve.\n\n"
            "While something prepared waits for approval: prepares it anew, and approvals of what was "
            "prepared before do not count. A key for the new root that is in the keyring already, by the "
            "name "
            "ca-root-gN (on a token, see 'key create --pkcs11'), is the one that is used.\n\n"
            "Once the old root is distrusted: prepares that its key be destroyed.",
        .examples = prepare_examples,
        .codes = consent_codes,
        .handler = planned<flow::plan_root_prepare>,
    },
    {
        .noun = "root",
        .verb = "sign",
        .effect = Effect::write,
        .summary = "sign what enough officers approved",
        .operand = {"DIGEST", Kind::digest, "refuse if what is prepared is not this", Need::optional},
        .description =
            "Signs exactly the prepared objects once the charter's approval rule 'root' is met by approvals "
            "of that very digest, and makes the next trust bundle. Too few approvals: exit 6, naming who is "
            "missing. Two of one organization or person count once, and an approval of another digest does "
            "not count: exit 5. Every object is read back and verified before anything is kept.",
        .examples = sign_examples,
        .codes = consent_codes,
        .handler = planned<flow::plan_root_sign>,
    },
    {
        .noun = "root",
        .verb = "distribute",
        .effect = Effect::write,
        .summary = "propose the trust bundle for the next epoch",
        .description =
            "Opens a proposal root.trust that names the digest of the newest trust bundle of this workspace. "
            "Members trust its roots once an epoch carries it. Versions only rise: to go back is a higher "
            "version too. Where the members said no, it can be proposed again.\n\n"
            "Where the plan names custodians, the first bundle with the new root waits (exit 6) until each "
            "of "
            "them keeps a share of its key: 'share deal ca-root-gN', then 'share accept' by each. An "
            "emergency "
            "does not wait.",
        .examples = distribute_examples,
        .codes = consent_codes,
        .handler = planned_with_services<flow::plan_root_distribute>,
    },
    {
        .noun = "root",
        .verb = "ack",
        .effect = Effect::write,
        .summary = "state that this member's nodes trust the agreed bundle",
        .operand = {"NODE", Kind::name, "one of them; default: all that are on record", Need::optional},
        .flags = acknowledge_flags,
        .description =
            "Signed by an officer of the member whose nodes they are, once they have the bundle that the "
            "last "
            "epoch has put in force: 'root switch' and 'root distrust' wait for it. A node that need not "
            "follow is waived, with the reason.\n\n"
            "A node whose endpoint is known is looked at from outside first, as 'node trust' does, and what "
            "was seen, and at which host and port, stands in the statement for all to read. What a server "
            "presents says nothing of what it trusts, unless "
            "it asks for clients' certificates and names the authorities of which it takes them. Exit 5 "
            "where "
            "that contradicts the statement: a chain that the wrong root alone certifies, a root missing "
            "among those authorities or named after it has gone, another key than the one that is pinned. "
            "Who knows why that is right says so with --note. Where nothing can be seen nothing is in the "
            "way, and the statement says that nobody looked.",
        .examples = acknowledge_examples,
        .codes = acknowledge_codes,
        .handler = acknowledge,
    },
    {
        .noun = "root",
        .verb = "switch",
        .effect = Effect::write,
        .summary = "prepare that chains are presented under the new root",
        .flags = gate_flags,
        .description =
            "Refused while a node has not said that it trusts both roots (exit 6, naming them). Prepares the "
            "next version of the bundle, under which servers present the chain to the new root with the "
            "link, "
            "and new certificates are issued so; officers approve it, then 'root sign' and 'root "
            "distribute'. "
            "A node that is waived here stands in what officers approve.",
        .examples = switch_examples,
        .codes = consent_codes,
        .handler = planned<flow::plan_root_switch>,
    },
    {
        .noun = "root",
        .verb = "soak",
        .effect = Effect::read,
        .summary = "report what still depends on the old root alone",
        .flags = soak_flags,
        .description =
            "Nodes that have not followed or are waived; endpoints that are seen to present a chain which "
            "the "
            "old root alone certifies, or to take clients of the wrong root; where the keys are, also "
            "intermediates without a certificate under the new root, and the certificates in force below "
            "them. Exit 7 while there is any. An endpoint that shows nothing is a warning.",
        .examples = soak_examples,
        .codes = soak_codes,
        .handler = soak,
    },
    {
        .noun = "root",
        .verb = "distrust",
        .effect = Effect::write,
        .summary = "prepare that the old root is trusted no more",
        .flags = gate_flags,
        .description =
            "Refused while a node has not said that it presents and trusts the new chain. Prepares the "
            "bundle "
            "of the new root alone, the revocation of the link that vouched for the old one, and the old "
            "root's last list, which holds as long as it would; officers approve that, then 'root sign' and "
            "'root distribute'.",
        .examples = distrust_examples,
        .codes = consent_codes,
        .handler = planned<flow::plan_root_distrust>,
    },
    {
        .noun = "root",
        .verb = "witness",
        .effect = Effect::write,
        .summary = "attest as a witness, before a key is destroyed",
        .flags = witness_flags,
        .description =
            "States that what was prepared is what will be done. Every witness of the plan's roster must; "
            "where the plan names none, one other officer than who proposed the rotation.",
        .examples = witness_examples,
        .codes = consent_codes,
        .handler = planned<flow::plan_root_witness>,
    },
    {
        .noun = "root",
        .verb = "destroy",
        .effect = Effect::danger,
        .summary = "destroy the old root's key",
        .description =
            "Once 'root prepare' has prepared it, and it is approved by the charter's rule and witnessed: "
            "overwrites and removes the key's file, or destroys it on its token, and states so. Until then "
            "'root rollback' leads back; after it nothing does.\n\n"
            "With the key go the sealed shares and the wrapped key of its deals that are in this workspace. "
            "The plan names the custodians who then run 'share destroy'; a session to recover the key is "
            "refused from then on.",
        .examples = destroy_examples,
        .codes = consent_codes,
        .handler = planned_with_services<flow::plan_root_destroy>,
    },
    {
        .noun = "root",
        .verb = "rollback",
        .effect = Effect::write,
        .summary = "go one phase back",
        .flags = rollback_flags,
        .description =
            "Before anything of a stage is signed, the stage is given up. After that a way back is prepared, "
            "approved, signed and agreed like any stage, as a higher version of the bundle: before the "
            "switch "
            "the new root goes and its link is revoked; after it the old chain is presented again; after the "
            "old root was distrusted it is trusted again, by a new link. Nothing leads back once its key is "
            "destroyed.",
        .examples = rollback_examples,
        .codes = consent_codes,
        .handler = planned<flow::plan_root_rollback>,
    },
    {
        .noun = "root",
        .verb = "note",
        .effect = Effect::write,
        .summary = "note what deviated from the script",
        .operand = {"TEXT", Kind::text, "for the transcript; public: name nobody"},
        .description = "A signed statement that goes into the ceremony's transcript.",
        .examples = note_examples,
        .codes = consent_codes,
        .handler = planned<flow::plan_root_note>,
    },
    {
        .noun = "root",
        .verb = "show",
        .effect = Effect::read,
        .summary = "show where a rotation stands",
        .description =
            "Phase, what there is and what is needed, who is missing, the deadline, the digest in digits and "
            "in words, and the next command: in the workspace that has the keys and in every other.",
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
                       "object will state once it is signed, and what the next trust bundle will hold. What "
                       "is printed as the digest is what 'approval sign' takes. Warns where something begins "
                       "in the future by this machine's clock.",
        .examples = verify_examples,
        .codes = verify_codes,
        .handler = verify,
    },
    root_transcript_command,
    root_nodes_command,
    root_export_command,
    root_countersign_command,
};

}  // namespace

extern Noun const root_noun;
constexpr Noun root_noun{"TRUST", "root", "rotation of the root of trust", commands};

}  // namespace consortium::cli
