#include "core/flow/node.h"

#include "cli/command/node_health.h"
#include "cli/session.h"
#include "cli/spec.h"
#include "core/flow/node_pin.h"
#include "core/flow/node_trust.h"

namespace consortium::cli {

namespace {

using base::Code;

model::Outcome add(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_node_add(session.state(), request));
}

model::Outcome remove(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_node_remove(session.state(), request));
}

model::Outcome list(Session& session, model::Request const& request) {
    return flow::node_list(session.state(), request);
}

model::Outcome show(Session& session, model::Request const& request) {
    return flow::node_show(session.state(), request);
}

model::Outcome peers(Session& session, model::Request const& request) {
    return flow::node_peers(session.state(), session.services(), request);
}

model::Outcome validators(Session& session, model::Request const& request) {
    return flow::node_validators(session.state(), session.services(), request);
}

model::Outcome finality(Session& session, model::Request const& request) {
    return flow::node_finality(session.state(), session.services(), request);
}

model::Outcome trust(Session& session, model::Request const& request) {
    return flow::node_trust(session.state(), session.services(), request);
}

model::Outcome pin(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_node_pin(session.state(), session.services(), request));
}

model::Outcome unpin(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_node_unpin(session.state(), request));
}

constexpr Operand node_operand{"NODE", Kind::name, "name of the node in this workspace"};

constexpr Flag add_flags[] = {
    {"--network", Kind::name, "NETWORK", "network that it is a node of", Need::required},
    {"--url", Kind::text, "URL", "where it is read: https://…, or rehearsal:PATH#NODE", Need::required},
    {"--admin-url", Kind::text, "URL", "where an own node is told what to do; never leaves this workspace"},
    {"--kind", Kind::choice, "KIND", "kind of network, if none of that name is agreed yet", Need::optional,
     "rehearsal|besu|quorum|clique"},
    {"--member", Kind::name, "MEMBER", "its owner; this workspace's member if left out"},
    {"--address", Kind::text, "ADDRESS", "its address on the ledger; the node is asked if left out"},
    {"--authorities", Kind::input, "FILE", "certificate authorities of its TLS certificate (PEM)"},
    {"--certificate", Kind::input, "FILE", "client certificate that it wants (PEM)"},
    {"--key-file", Kind::secret, "FILE", "key of the client certificate (PEM)"},
    {"--bearer-file", Kind::secret, "FILE", "token that it wants (JWT)"},
    {"--login-file", Kind::secret, "FILE", "user and password for its /login, as JSON"},
    {"--unchecked", Kind::toggle, "", "do not ask the node now"},
};

constexpr Example add_examples[] = {
    {"consortium node add n1 --network payments --url https://n1.acme.example:8545 --admin-url "
     "https://n1.internal:8545 --authorities ca.pem --bearer-file token",
     "an own Besu node, told by a second address"},
    {"consortium node add g1 --member globex --network payments --url https://n1.globex.example:8545",
     "another member's node, to be a witness"},
    {"consortium node add n1 --network drill --url 'rehearsal:/srv/drill?validators=4#n1'",
     "an own simulated node; made if it is not there"},
};
constexpr Example remove_examples[] = {{"consortium node remove n1", "forget a node"}};
constexpr Example list_examples[] = {{"consortium node list --format jsonl", "one node a line"}};
constexpr Example show_examples[] = {{"consortium node show n1", "its URLs, address and network"}};
constexpr Example peers_examples[] = {{"consortium node peers n1", "whom it is connected to"}};
constexpr Example validators_examples[] = {{"consortium node validators n1", "the set, and votes under way"}};
constexpr Example finality_examples[] = {{"consortium node finality n1", "the seals of the latest block"}};

constexpr Code add_codes[] = {Code::refused,       Code::conflict,    Code::verification_failed,
                              Code::configuration, Code::unavailable, Code::not_authorized,
                              Code::declined};
constexpr Code remove_codes[] = {Code::not_found, Code::refused, Code::declined};
constexpr Code show_codes[] = {Code::not_found};
constexpr Code ask_codes[] = {Code::not_found,           Code::not_authorized, Code::configuration,
                              Code::verification_failed, Code::unavailable,    Code::unsupported};
constexpr Code finality_codes[] = {Code::not_found, Code::verification_failed, Code::unavailable};

constexpr Flag trust_flags[] = {
    {"--old", Kind::input, "FILE",
     "roots before the rotation (PEM); default: the agreed trust bundle's first"},
    {"--new", Kind::input, "FILE", "roots after it (PEM); default: the agreed trust bundle's last"},
    {"--within", Kind::duration, "DUR", "how long each server may take", Need::optional, {}, "PT10S"},
};
constexpr Example trust_examples[] = {
    {"consortium node trust", "what every endpoint presents, and who trusts it"},
    {"consortium node trust n1 --old root-g1.pem --new root-g2.pem", "one node, between two roots"},
};
constexpr Code trust_codes[] = {Code::not_found, Code::malformed, Code::refused, Code::verification_failed,
                                Code::unavailable};

constexpr Flag pin_flags[] = {
    {"--url", Kind::text, "URL", "where it presents itself: https://…; public; default: as it is known here"},
    {"--pin", Kind::digest, "DIGEST", "SHA-256 of its public key (SPKI DER)"},
    {"--probe", Kind::toggle, "", "take the key that it presents now; with --pin: compare"},
    {"--within", Kind::duration, "DUR", "how long it may take to show its key", Need::optional, {}, "PT10S"},
};
constexpr Example pin_examples[] = {
    {"consortium node pin n1 --url https://n1.acme.example:8545 --probe", "show the key, and sign it"},
    {"consortium node pin n1 --url https://n1.acme.example:8545", "the place alone"},
};
constexpr Example unpin_examples[] = {{"consortium node unpin n1", "it is switched off"}};
constexpr Code pin_codes[] = {Code::malformed,           Code::refused,     Code::not_authorized,
                              Code::verification_failed, Code::unavailable, Code::declined};
constexpr Code unpin_codes[] = {Code::not_found, Code::refused, Code::not_authorized, Code::declined};

constexpr Command commands[] = {
    {
        .noun = "node",
        .verb = "add",
        .effect = Effect::write,
        .summary = "make a node known to this workspace",
        .operand = node_operand,
        .flags = add_flags,
        .description =
            "The node is asked for its network and its address. A node of another network than the one that "
            "was agreed is refused. Other members' nodes are witnesses: they are read, never told "
            "anything.\n\n"
            "A server's certificate is always verified: by --authorities alone if they are given, else by "
            "the "
            "system's. Tokens, keys and logins are read from their files at each use; a file that everybody "
            "may read is refused, and so is sending a secret in clear to another machine. Redirects are not "
            "followed. A node that gives no answer within --timeout counts as down.\n\n"
            "A simulated node is at rehearsal:PATH#NODE, where PATH is a folder that several workspaces "
            "share. The first one makes the network; after '?' it may say validators=N (4), period=SECONDS "
            "(5) and version=V (1.0.0). The chain begins when its N validators are there. A simulated node "
            "is stopped by setting \"running\" to false in PATH/nodes/NODE.json.",
        .examples = add_examples,
        .codes = add_codes,
        .handler = add,
    },
    {
        .noun = "node",
        .verb = "list",
        .effect = Effect::read,
        .summary = "list the nodes that are known here",
        .description = "Shows own nodes and witnesses, without asking them.",
        .examples = list_examples,
        .handler = list,
    },
    {
        .noun = "node",
        .verb = "show",
        .effect = Effect::read,
        .summary = "show how a node is reached",
        .operand = node_operand,
        .description = "Shows the record of one node and the identity of its network, without asking it.",
        .examples = show_examples,
        .codes = show_codes,
        .handler = show,
    },
    {
        .noun = "node",
        .verb = "remove",
        .effect = Effect::write,
        .summary = "forget a node",
        .operand = node_operand,
        .description = "The node itself is not changed. Refused while an operation on it is open.",
        .examples = remove_examples,
        .codes = remove_codes,
        .handler = remove,
    },
    node_health_command,
    {
        .noun = "node",
        .verb = "peers",
        .effect = Effect::read,
        .summary = "list the nodes that a node is connected to",
        .operand = node_operand,
        .description = "Lists identity, address and direction of each connection.",
        .examples = peers_examples,
        .codes = ask_codes,
        .handler = peers,
    },
    {
        .noun = "node",
        .verb = "validators",
        .effect = Effect::read,
        .summary = "list the validators and the votes under way",
        .operand = node_operand,
        .description =
            "The set is the node's; votes and liveness are read from the headers of the last 64 blocks, "
            "whose hashes and seals are computed again here. A validator is live if it proposed or sealed "
            "a block within the last two turns.",
        .examples = validators_examples,
        .codes = ask_codes,
        .handler = validators,
    },
    {
        .noun = "node",
        .verb = "finality",
        .effect = Effect::read,
        .summary = "verify the seals of the latest block",
        .operand = node_operand,
        .description = "Recovers each seal's signer from the header and counts the validators among them. "
                       "Exit 7 if they are fewer than the quorum.",
        .examples = finality_examples,
        .codes = finality_codes,
        .handler = finality,
    },
    node_metrics_command,
    {
        .noun = "node",
        .verb = "trust",
        .effect = Effect::read,
        .summary = "look from outside at what nodes present, and who trusts it",
        .operand = {"NODE", Kind::name, "name of the node; all endpoints if left out", Need::optional},
        .flags = trust_flags,
        .description =
            "Begins a TLS handshake (1.2 or 1.3) with each endpoint, as any stranger may: nothing is "
            "trusted, "
            "no request is sent, no certificate of ours is shown. The chain that the server presents is then "
            "judged as it is, without anything else that is held here, for whoever trusts the old roots "
            "alone, the new ones alone, or both; whether anything was revoked is not asked. In the middle of "
            "a rotation of the root all three should say yes.\n\n"
            "The endpoints are those that members have pinned ('node pin') and those of the nodes that are "
            "known here. Where a server asks for clients' certificates and names the authorities of which it "
            "takes them, it is said whether the old and the new roots are among these. Exit 7 if one "
            "presents "
            "what not even both sets hold, or another key than the one that is pinned, 9 if one shows "
            "nothing: the reason is one of name, "
            "refused, unreachable, timeout, not-tls, alert, closed, broken, address and plain.",
        .examples = trust_examples,
        .codes = trust_codes,
        .handler = trust,
    },
    {
        .noun = "node",
        .verb = "pin",
        .effect = Effect::write,
        .summary = "tell all members where a node presents itself, and with which key",
        .operand = node_operand,
        .flags = pin_flags,
        .description =
            "An own change of this member, which needs no vote: from the next epoch every member sees the "
            "endpoint, 'node trust' and 'root soak' look at it everywhere, and a server that presents "
            "another "
            "key is reported. The digest is of the public key, so a certificate that is renewed for the same "
            "key changes nothing; pin again before the key changes.\n\n"
            "With --probe the endpoint is looked at, and the key that it presents is what is about to be "
            "signed: whoever signs compares the digest with what the node's machine says:\n\n"
            "  openssl x509 -in node.pem -pubkey -noout | openssl pkey -pubin -outform DER | sha256sum",
        .examples = pin_examples,
        .codes = pin_codes,
        .handler = pin,
    },
    {
        .noun = "node",
        .verb = "unpin",
        .effect = Effect::write,
        .summary = "take back what was pinned of a node",
        .operand = node_operand,
        .description = "From the next epoch members see no endpoint of it any more. The node itself is not "
                       "changed, and 'node remove' is another thing: it forgets what is known here.",
        .examples = unpin_examples,
        .codes = unpin_codes,
        .handler = unpin,
    },
};

}  // namespace

extern Noun const node_noun;
constexpr Noun node_noun{"OPERATE", "node", "the nodes of networks: health, peers, validators, trust",
                         commands};

}  // namespace consortium::cli
