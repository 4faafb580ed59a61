#include "core/flow/ssh.h"

#include "cli/output.h"
#include "cli/session.h"
#include "cli/spec.h"
#include "core/port/certifier.h"
#include "core/port/ssh.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Code;

model::Outcome init(Session& session, model::Request const& request) {
    auto& services = session.services();
    return session.carry_out(
        flow::plan_ssh_init(session.state(), services.keys, services.certifier, request));
}

model::Outcome trust(Session& session, model::Request const& request) {
    return flow::ssh_trust(session.state(), session.services().certifier.ssh(), request);
}

model::Outcome issue(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_ssh_issue(session.state(), session.services().certifier, request));
}

/// What was issued is worth more to people than a list of what was done.
model::Outcome issued(Session&, model::Outcome outcome) {
    auto const& result = outcome.data->at("results").at(0);
    outcome.text = {result.at("certificate").get<std::string>()};
    outcome.next.push_back("consortium ssh show " + result.at("serial").get<std::string>());
    return outcome;
}

model::Outcome revoke(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_ssh_revoke(session.state(), request));
}

model::Outcome krl(Session& session, model::Request const&) {
    if (for_people(session.common())) {
        throw base::Error(Code::usage, "a key revocation list is binary, and this is a terminal",
                          "give -o FILE, or a pipe");
    }
    return flow::ssh_krl(session.state(), session.services().certifier.ssh());
}

model::Outcome list(Session& session, model::Request const& request) {
    return flow::ssh_list(session.state(), request);
}

model::Outcome show(Session& session, model::Request const& request) {
    return flow::ssh_show(session.state(), request);
}

model::Outcome verify(Session& session, model::Request const& request) {
    return flow::ssh_verify(session.state(), session.services().certifier.ssh(), request);
}

constexpr Operand serial_operand{"SERIAL", Kind::text, "the certificate's serial, decimal"};

constexpr Flag init_flags[] = {
    {"--for", Kind::choice, "USE", "whose certificates it signs", Need::required, "user|host"},
    {"--key", Kind::name, "KEY", "a key of the workspace that signs nothing else, as on a token"},
    {"--type", Kind::choice, "TYPE", "algorithm of a new key; default: ed25519", Need::optional,
     "ed25519|p256|p384|rsa3072|rsa4096"},
    {"--no-passphrase", Kind::toggle, "", "keep a new key unencrypted"},
};
constexpr Flag trust_flags[] = {
    {"--for", Kind::choice, "USE", "only these authorities", Need::optional, "user|host"},
    {"--hosts", Kind::text, "PATTERN", "for which hosts theirs may speak, as known_hosts has it"},
};
constexpr Flag issue_flags[] = {
    {"--for", Kind::choice, "USE", "whose key it is", Need::required, "user|host"},
    {"--public-key", Kind::input, "FILE", "the key: one line, as in id_ed25519.pub", Need::required},
    {"--principal", Kind::text, "NAME", "a login or role of the user, a name or address of the host",
     Need::repeatable},
    {"--valid-for", Kind::duration, "DUR",
     "how long it lasts; default: a user's P1D, P30D at most; a host's P90D, P365D at most"},
    {"--force-command", Kind::text, "COMMAND", "a user's: run this and nothing else"},
    {"--source-address", Kind::text, "CIDR", "a user's: only from there", Need::repeatable},
    {"--permit", Kind::choice, "WHAT", "a user's: allow this; default: none of them", Need::repeatable,
     "pty|agent-forwarding|port-forwarding|user-rc|X11-forwarding"},
};
constexpr Flag revoke_flags[] = {
    {"--authority", Kind::name, "NAME", "an authority, and with it every certificate that it has signed"},
    {"--reason", Kind::choice, "REASON", "why", Need::optional,
     "unspecified|key-compromise|ca-compromise|affiliation-changed|superseded|cessation-of-operation|"
     "privilege-withdrawn",
     "unspecified"},
};
constexpr Flag list_flags[] = {
    {"--for", Kind::choice, "USE", "only these", Need::optional, "user|host"},
    {"--state", Kind::choice, "STATE", "only these", Need::optional, "valid|revoked|expired"},
    {"--expiring", Kind::duration, "DUR", "only what is valid and ends within this time"},
};
constexpr Flag show_flags[] = {
    {"--print", Kind::choice, "FORM", "words, or the certificate itself", Need::optional, "words|certificate",
     "words"},
};
constexpr Flag verify_flags[] = {
    {"--principal", Kind::text, "NAME", "for whom it must be"},
    {"--at", Kind::instant, "TIME", "as of this time; default: now"},
};

constexpr Example init_examples[] = {
    {"consortium ssh init --for user", "a new key, with a passphrase: keys/ssh-user-1.pem"},
    {"consortium ssh init --for host --key hosts", "a key that 'key create --pkcs11' made on a token"},
};
constexpr Example trust_examples[] = {
    {"consortium ssh trust --for user -o acme-users.pub", "what hosts need, with the lines of sshd_config"},
    {"consortium ssh trust --for host --hosts '*.acme.example' >>~/.ssh/known_hosts", "what users need"},
};
constexpr Example issue_examples[] = {
    {"consortium ssh issue ada --for user --public-key id_ed25519.pub --principal ops --permit pty -o "
     "id_ed25519-cert.pub",
     "a day's login with a terminal; ssh finds the file beside the key"},
    {"consortium ssh issue backup --for user --public-key backup.pub --principal backup --force-command "
     "/usr/bin/rrsync --source-address 10.0.0.0/8 --valid-for 30D",
     "for a machine: one command, from one network"},
    {"consortium ssh issue node1 --for host --public-key ssh_host_ed25519_key.pub --principal "
     "node1.acme.example --principal 10.0.0.7",
     "for sshd's HostCertificate"},
};
constexpr Example revoke_examples[] = {
    {"consortium ssh revoke 1234567890 --reason key-compromise", "one certificate, by its serial"},
    {"consortium ssh revoke --authority user-1 --reason ca-compromise", "all that it has signed"},
};
constexpr Example krl_examples[] = {
    {"consortium ssh krl -o payments.krl", "for sshd's RevokedKeys and ssh's RevokedHostKeys"},
};
constexpr Example list_examples[] = {
    {"consortium ssh list --for host --expiring 14D", "which hosts need a new one"},
};
constexpr Example show_examples[] = {
    {"consortium ssh show 1234567890", "one certificate in words"},
    {"consortium ssh show 1234567890 --print certificate -o id_ed25519-cert.pub", "the file once more"},
};
constexpr Example verify_examples[] = {
    {"consortium ssh verify id_ed25519-cert.pub --principal ops",
     "exit 0 if it holds now, 7 with the reason if not"},
};

constexpr Code init_codes[] = {Code::refused,  Code::not_found, Code::not_authorized,
                               Code::conflict, Code::declined,  Code::unsupported};
constexpr Code issue_codes[] = {Code::refused,  Code::not_found, Code::not_authorized,     Code::malformed,
                                Code::conflict, Code::declined,  Code::verification_failed};
constexpr Code revoke_codes[] = {Code::refused, Code::not_found, Code::conflict, Code::declined};
constexpr Code read_codes[] = {Code::not_found};
constexpr Code verify_codes[] = {Code::not_found, Code::malformed, Code::verification_failed};

constexpr Command commands[] = {
    {
        .noun = "ssh",
        .verb = "init",
        .effect = Effect::write,
        .summary = "let a key sign certificates for SSH",
        .flags = init_flags,
        .description =
            "One authority signs for users, another for hosts, each with a key of its own: never one that "
            "signs "
            "acts, X.509 certificates or tokens, nor the other way round. Run again, it makes a second "
            "authority: new certificates are signed by that one, and both are trusted until the older is "
            "revoked.\n\n"
            "Then give hosts and users the lines that 'ssh trust' prints.",
        .examples = init_examples,
        .codes = init_codes,
        .handler = init,
    },
    {
        .noun = "ssh",
        .verb = "trust",
        .effect = Effect::read,
        .summary = "print what hosts and users must trust",
        .flags = trust_flags,
        .description =
            "The public keys of the authorities, ready for the files that they belong in: for users the file "
            "that TrustedUserCAKeys names in each host's sshd_config, for hosts a line @cert-authority of "
            "known_hosts. Comments say where each goes; both files may hold them.",
        .examples = trust_examples,
        .codes = read_codes,
        .handler = trust,
    },
    {
        .noun = "ssh",
        .verb = "issue",
        .effect = Effect::write,
        .summary = "certify the SSH key of a user or a host",
        .operand = {"ID", Kind::text,
                    "what sshd's log calls the holder; not who may log in: see --principal"},
        .flags = issue_flags,
        .description =
            "Signs a certificate of OpenSSH for a public key: Ed25519, ECDSA, RSA of 3072 bits at least, and "
            "keys on FIDO authenticators. A key that signs acts here is never certified, since a forwarded "
            "agent could be made to sign with it. The certificate is printed as one line.\n\n"
            "A user's certificate is good for the logins, or roles of AuthorizedPrincipalsFile, that "
            "--principal "
            "names, and permits nothing else: without --permit pty there is a command, but no terminal. A "
            "host's "
            "is good for the names and addresses under which it is reached. It is in force from a minute "
            "ago, "
            "for clocks that are a little behind.\n\n"
            "The serial has 64 random bits. Serial and digest are journaled before the signature is made; "
            "serial, journal entry and certificate are written together or not at all. RSA authorities sign "
            "with rsa-sha2-256, never with SHA-1.",
        .examples = issue_examples,
        .codes = issue_codes,
        .handler = issue,
        .shown = issued,
    },
    {
        .noun = "ssh",
        .verb = "revoke",
        .effect = Effect::danger,
        .summary = "revoke an SSH certificate, or an authority",
        .operand = {"SERIAL", Kind::text, serial_operand.help, Need::optional},
        .flags = revoke_flags,
        .description =
            "Records the revocation with its reason. Hosts and users learn of it by the next list: "
            "run 'ssh krl' and copy the file to where RevokedKeys and RevokedHostKeys name it. It "
            "cannot be undone, so the serial or the authority's name must be typed or given with "
            "--confirm.",
        .examples = revoke_examples,
        .codes = revoke_codes,
        .handler = revoke,
    },
    {
        .noun = "ssh",
        .verb = "krl",
        .effect = Effect::read,
        .summary = "write the list of revoked SSH certificates",
        .description =
            "A key revocation list (KRL) of all authorities, of users and of hosts: the serials that were "
            "revoked, and whole authorities. It follows from the journal alone, so that the same state gives "
            "the same bytes and no key is needed; each revocation makes its version one higher. What was "
            "revoked stays on it. The list is not signed: copy it by a way that you trust.",
        .examples = krl_examples,
        .codes = read_codes,
        .handler = krl,
    },
    {
        .noun = "ssh",
        .verb = "list",
        .effect = Effect::read,
        .summary = "list SSH certificates",
        .flags = list_flags,
        .description = "What ends first stands first. Certificates of a revoked authority are revoked too.",
        .examples = list_examples,
        .handler = list,
    },
    {
        .noun = "ssh",
        .verb = "show",
        .effect = Effect::read,
        .summary = "show one SSH certificate",
        .operand = serial_operand,
        .flags = show_flags,
        .description = "By the serial, as 'ssh list' and 'ssh-keygen -L' show it.",
        .examples = show_examples,
        .codes = read_codes,
        .handler = show,
    },
    {
        .noun = "ssh",
        .verb = "verify",
        .effect = Effect::read,
        .summary = "verify an SSH certificate and say why it holds or not",
        .operand = {"FILE", Kind::input, "one line, as in id_ed25519-cert.pub ('-': standard input)"},
        .flags = verify_flags,
        .description =
            "Checks that an authority of this workspace has signed it, for a user or a host as it may; that "
            "the "
            "journal knows it, so that one which was signed past it is reported; that neither it nor its "
            "authority was revoked; that it is in force; and for whom it is. Where there is no workspace, "
            "'ssh-keygen -Q -f payments.krl FILE' tells whether it is revoked.",
        .examples = verify_examples,
        .codes = verify_codes,
        .handler = verify,
    },
};

}  // namespace

extern Noun const ssh_noun;
constexpr Noun ssh_noun{"TRUST", "ssh", "certificates for logging in to hosts, and of hosts", commands};

}  // namespace consortium::cli
