#include "cli/command/cert_export.h"
#include "cli/command/cert_issue.h"
#include "cli/command/cert_issue_words.h"
#include "cli/command/cert_read.h"
#include "cli/command/cert_revoke_words.h"
#include "cli/spec.h"

namespace consortium::cli {

namespace {

constexpr Operand serial_operand{"SERIAL", Kind::text, "the certificate's serial, hexadecimal"};

// Without a fallback of the parser: where a certificate is signed that was prepared before, these are
// refused, so one that nobody gave must not be there.
constexpr Flag profile{"--profile", Kind::text, "PROFILE",
                       "what it is for: node-tls, besu-tls, node-identity, client, officer, code-signing, "
                       "ocsp, or another of 'cert profiles'; default: node-tls"};
constexpr Flag csr{"--csr", Kind::input, "FILE", "certify the key of this signing request (PKCS#10)"};
constexpr Flag new_key{"--new-key", Kind::toggle, "", "make a key in this workspace and certify it"};
constexpr Flag key{"--key", Kind::name, "KEY", "certify a key of this workspace"};
constexpr Flag also{"--also", Kind::text, "NAME", "a further host, address, email address or URI",
                    Need::repeatable};
constexpr Flag unit{"--unit", Kind::text, "UNIT",
                    "of a node's identity what it is to the ledger: peer, orderer, client or admin"};
constexpr Flag member{"--member", Kind::name, "ID", "the organization that it is for; default: yours"};
constexpr Flag issuer{"--issuer", Kind::name, "AUTHORITY",
                      "the authority that certifies it; default: by the rule of 'ca add'"};
constexpr std::string_view key_types = "p256|p384|ed25519|rsa3072|rsa4096";
constexpr Flag type{"--type",       Kind::choice, "TYPE", "algorithm of a new key; default: p256",
                    Need::optional, key_types};
constexpr Flag no_passphrase{"--no-passphrase", Kind::toggle, "",
                             "keep a new key unencrypted, as daemons need it"};

constexpr Flag issue_flags[] = {
    {"--pending", Kind::text, "SERIAL", "sign the certificate that waited for approval under this serial"},
    profile,
    csr,
    new_key,
    key,
    also,
    unit,
    member,
    issuer,
    {"--valid-for", Kind::duration, "DUR", "how long it lasts; default: the profile's longest"},
    type,
    no_passphrase,
    {"--batch", Kind::input, "FILE", "certify every row of a CSV or JSON-lines file"},
    {"--to", Kind::output, "DIR", "of a batch: the folder for certificates, keys and report"},
    {"--ssh", Kind::choice, "USE", "certificates for logins and hosts: see 'ssh issue'", Need::optional,
     "user|host"},
};
constexpr Flag request_flags[] = {
    profile,
    {"--new-key", Kind::toggle, "", "make a key in this workspace and ask for its certificate"},
    {"--key", Kind::name, "KEY", "ask for the certificate of a key of this workspace"},
    also,
    unit,
    member,
    type,
    no_passphrase,
};
constexpr Flag renew_flags[] = {
    csr,
    new_key,
    key,
    issuer,
    {"--valid-for", Kind::duration, "DUR", "how long it lasts; default: as long as the old one did"},
    {"--type", Kind::choice, "TYPE", "algorithm of a new key; default: that of the old one", Need::optional,
     key_types},
    no_passphrase,
};
constexpr Flag revoke_flags[] = {
    {"--reason", Kind::choice, "REASON", "why", Need::optional,
     "unspecified|key-compromise|ca-compromise|affiliation-changed|superseded|cessation-of-operation|"
     "privilege-withdrawn",
     "unspecified"},
    {"--invalidity-date", Kind::instant, "TIME", "since when the key may have been in other hands"},
    {"--member", Kind::name, "ID", "all that are in force of this organization, and its own intermediates"},
    {"--node", Kind::text, "NODE", "all that name this node: as 'node list' has it, or a host or address"},
    {"--officer", Kind::name, "ID", "all of this officer, by the pseudonym in the common name"},
    {"--key", Kind::text, "KEY", "all of this key, by its name here or its id"},
};
constexpr Flag list_flags[] = {
    {"--state", Kind::choice, "STATE", "only these certificates", Need::optional,
     "valid|renewed|revoked|expired|pending"},
    {"--member", Kind::name, "ID", "only those of this organization"},
    {"--expiring", Kind::duration, "DUR",
     "only what ends within this time, soonest first, and is not renewed"},
    {"--what", Kind::choice, "WHAT", "only these", Need::repeatable, "authority|certificate|crl"},
    {"--exit-code", Kind::toggle, "", "exit with 7 if the list is not empty"},
};
constexpr Flag check_flags[] = {profile};
constexpr Flag export_flags[] = {
    {"--form", Kind::choice, "FORM", "what it is written as", Need::optional, "pem|der|pkcs12|msp", "pem"},
    {"--chain", Kind::toggle, "", "append the intermediate"},
    {"--password-file", Kind::secret, "FILE", "the password that a keystore is to have"},
};
constexpr Flag verify_flags[] = {
    {"--crl", Kind::input, "FILE", "a revocation list that is not at hand here", Need::repeatable},
    {"--roots", Kind::input, "FILE", "trust these roots instead of the agreed ones"},
    {"--at", Kind::instant, "TIME", "as of this time; default: now"},
    {"--no-revocation", Kind::toggle, "", "do not ask whether it is revoked"},
    {"--purpose", Kind::choice, "PURPOSE", "it must be fit for this; default: any", Need::optional,
     "tls-server|tls-client|email"},
    {"--name", Kind::text, "NAME", "it must be for this host, address, email address or URI",
     Need::repeatable},
};

constexpr Example issue_examples[] = {
    {"consortium cert issue node1.acme.example --csr node1.csr -o node1.pem",
     "certify the key of a node that keeps it"},
    {"consortium cert issue node1.acme.example --also 10.0.0.1 --new-key --no-passphrase",
     "make the key here: keys/cert-node1-acme-example.pem"},
    {"consortium cert issue peer0.acme.example --profile node-identity --unit peer --csr peer0.csr -o "
     "peer0.pem",
     "who a node is to the ledger"},
    {"consortium cert issue --batch nodes.csv --new-key --no-passphrase --to nodes",
     "a thousand nodes: nodes.csv begins with 'name,also', then 'node1.acme.example,10.0.0.1'"},
    {"consortium cert issue --pending 5f0c… -o node1.pem", "sign what was approved"},
};
constexpr Example withdraw_examples[] = {
    {"consortium cert withdraw 5f0c…", "it will not be signed, whoever approves it"},
};
constexpr Example check_examples[] = {
    {"consortium cert check node1.tbs --profile node-tls", "before approving what another member issues"},
};
constexpr Example request_examples[] = {
    {"consortium cert request node1.acme.example --also 10.0.0.1 --new-key --no-passphrase -o node1.csr",
     "make the key here, and a request for whoever issues"},
    {"consortium cert request peer0.acme.example --profile node-identity --unit peer --key peer0 -o "
     "peer0.csr",
     "for a key that is here, or on a token"},
};
constexpr Example renew_examples[] = {
    {"consortium cert renew 5f0c… -o node1.pem", "the same key, if it is kept here"},
    {"consortium cert renew 5f0c… --new-key --no-passphrase -o node1.pem", "a new one, of the same type"},
    {"consortium cert renew 5f0c… --csr node1.csr -o node1.pem",
     "of a node that keeps its key: a new request, by that key or another"},
};
constexpr Example revoke_examples[] = {
    {"consortium cert revoke 5f0c… --reason key-compromise --invalidity-date 2026-11-01",
     "it enters the next revocation list, see 'crl issue'"},
    {"consortium cert revoke --node node1.acme.example --reason superseded",
     "whatever is in force for a host that is gone"},
    {"consortium cert revoke --member globex --reason cessation-of-operation --confirm globex",
     "a member that leaves, in a script"},
};
constexpr Example list_examples[] = {
    {"consortium cert list --expiring 30D", "what needs renewal, roots and revocation lists included"},
    {"consortium cert list --state revoked --format csv", "for a spreadsheet"},
    {"consortium cert list --expiring 30D --what certificate --what authority --exit-code",
     "for a monitor: exit 0 if nothing ends within a month, else 7"},
    {"consortium cert list --expiring 2D --what crl --exit-code",
     "for a monitor: whether the timer that signs the lists has stopped"},
};
constexpr Example show_examples[] = {{"consortium cert show 5f0c…", "one certificate in words"}};
constexpr Example export_examples[] = {
    {"consortium cert export 5f0c… --chain -o node1.pem", "what a server presents"},
    {"consortium cert export 5f0c… --form pkcs12 --password-file node1.password -o node1.p12",
     "the keystore that Besu takes, key included"},
    {"consortium cert export 5f0c… --form msp -o msp", "the local MSP of a Fabric peer or orderer"},
};
constexpr Example verify_examples[] = {
    {"consortium cert verify node1.pem", "exit 0 if it holds now, 7 with the reason if not"},
    {"consortium cert verify node1.pem --crl issuing-1.crl --at 2026-12-01",
     "as of a day, with a revocation list that was fetched"},
    {"consortium cert verify node1.pem --purpose tls-server --name node1.example",
     "whether a client may take it for that host"},
};

constexpr Example profiles_examples[] = {
    {"consortium cert profiles", "what certificates may be by the charter in force"},
    {"consortium cert profiles node-tls --format json", "one of them, as a record"},
};

constexpr base::Code issue_codes[] = {
    base::Code::refused,  base::Code::not_found, base::Code::not_authorized, base::Code::verification_failed,
    base::Code::conflict, base::Code::declined,  base::Code::pending};
constexpr base::Code request_codes[] = {base::Code::refused, base::Code::not_found,
                                        base::Code::not_authorized, base::Code::conflict,
                                        base::Code::declined};
constexpr base::Code revoke_codes[] = {base::Code::refused, base::Code::not_found, base::Code::conflict,
                                       base::Code::declined};
constexpr base::Code list_codes[] = {base::Code::verification_failed};
constexpr base::Code check_codes[] = {base::Code::not_found, base::Code::malformed, base::Code::refused};
constexpr base::Code read_codes[] = {base::Code::not_found};
constexpr base::Code export_codes[] = {base::Code::not_found, base::Code::refused, base::Code::not_authorized,
                                       base::Code::conflict, base::Code::unsupported};
constexpr base::Code verify_codes[] = {base::Code::not_found, base::Code::malformed,
                                       base::Code::verification_failed};

constexpr Command commands[] = {
    {
        .noun = "cert",
        .verb = "issue",
        .effect = Effect::write,
        .summary = "certify a key",
        .operand = {"NAME", Kind::text, "the subject: of a node its host name or address", Need::optional},
        .flags = issue_flags,
        .description = cert_issue_description,
        .examples = issue_examples,
        .codes = issue_codes,
        .handler = cert_issue,
        .shown = cert_issued,
    },
    {
        .noun = "cert",
        .verb = "request",
        .effect = Effect::write,
        .summary = "ask for the certificate of a key",
        .operand = {"NAME", Kind::text, "the subject: of a node its host name or address"},
        .flags = request_flags,
        .description =
            "Writes a signing request (PKCS#10) that asks for what 'cert issue' would certify by the same "
            "words, signed by the key that it is for: proof that you hold it. The issuer may be in another "
            "workspace, and none needs to be in this one; nothing is sent anywhere. The request is printed "
            "as "
            "PEM, and the command is named that the issuer types.\n\n"
            "No certificate is asked for a key that signs acts, certificates or tokens. A key on a "
            "hardware token signs like any other, see 'key create'. The journal keeps that there was a "
            "request, its digest and the key's id.",
        .examples = request_examples,
        .codes = request_codes,
        .handler = cert_request,
        .shown = cert_requested,
    },
    {
        .noun = "cert",
        .verb = "renew",
        .effect = Effect::write,
        .summary = "issue a certificate again before it ends",
        .operand = serial_operand,
        .flags = renew_flags,
        .description =
            "Issues a certificate with the profile, names, unit and member of the old one, by the authority "
            "and under the rules that 'cert issue' goes by now. One that has expired can "
            "be renewed; one that was revoked cannot, nor one that was renewed already: then renew the "
            "newest.\n\n"
            "The key stays the same if it is kept in this workspace. Of a key that is elsewhere a new "
            "request "
            "is needed: that somebody had it once does not prove that they have it still. A key that was "
            "revoked as compromised is not certified again.\n\n"
            "The old certificate stays in force until it ends or is revoked, so that both can be used while "
            "one is put in the other's place; it is 'renewed' in 'cert list', and 'status' does not warn of "
            "its end any more. If the new one is revoked, the old one waits for its renewal again.",
        .examples = renew_examples,
        .codes = issue_codes,
        .handler = cert_renew,
        .shown = cert_renewed,
    },
    {
        .noun = "cert",
        .verb = "revoke",
        .effect = Effect::danger,
        .summary = "revoke certificates",
        .operand = {"SERIAL", Kind::text, "the certificate's serial, hexadecimal", Need::optional},
        .flags = revoke_flags,
        .description = cert_revoke_description,
        .examples = revoke_examples,
        .codes = revoke_codes,
        .handler = cert_revoke,
    },
    {
        .noun = "cert",
        .verb = "withdraw",
        .effect = Effect::write,
        .summary = "give up a certificate that waits for approval",
        .operand = serial_operand,
        .description =
            "It is not signed any more, however many approve it. A key that was made for it stays.",
        .examples = withdraw_examples,
        .codes = revoke_codes,
        .handler = cert_withdraw,
    },
    {
        .noun = "cert",
        .verb = "check",
        .effect = Effect::read,
        .summary = "look at a certificate before it is signed",
        .operand = {"FILE", Kind::input, "the bytes that wait for approval, as 'cert export' writes them"},
        .flags = check_flags,
        .description =
            "For officers who approve what another workspace issues: reads the bytes that would be "
            "signed, says what they say, whether the charter in force allows it under the profile, "
            "and which digest is to be approved by which rule. It does not look at the issuing "
            "authority, which may be unknown here.",
        .examples = check_examples,
        .codes = check_codes,
        .handler = cert_check,
    },
    {
        .noun = "cert",
        .verb = "list",
        .effect = Effect::read,
        .summary = "list certificates",
        .flags = list_flags,
        .description = "Without --state or --member, the authorities' own certificates and the revocation "
                       "lists are listed too, because they expire like any other. A certificate is valid, or "
                       "renewed: in force like a valid one, with another to take its place; or pending, and "
                       "lapsed in the end: not signed yet, as it waits for approval. --expiring "
                       "leaves renewed ones out, and names the command that replaces each of the others.\n\n"
                       "For monitoring, --exit-code makes the exit status tell whether there is any. A "
                       "revocation list lives for a week only, and is best looked at by itself (--what crl), "
                       "with less time ahead than certificates have.",
        .examples = list_examples,
        .codes = list_codes,
        .handler = cert_list,
    },
    {
        .noun = "cert",
        .verb = "show",
        .effect = Effect::read,
        .summary = "show one certificate",
        .operand = serial_operand,
        .description = "Serials are taken with or without colons, in either case. Of one that waits for "
                       "approval it says what it would say, and who has approved it.",
        .examples = show_examples,
        .codes = read_codes,
        .handler = cert_show,
    },
    {
        .noun = "cert",
        .verb = "profiles",
        .effect = Effect::read,
        .summary = "list what certificates may be",
        .operand = {"PROFILE", Kind::text, "this one only", Need::optional},
        .description = "A profile says what a key is certified for, how long at most, which types of keys, "
                       "which kinds of names within which space, which units, and whose approval issuing "
                       "waits for. There are built-in ones; the charter changes them and makes others in its "
                       "tables [certificate.ID], see consortium-charter(5). Without a workspace the built-in "
                       "ones are listed.",
        .examples = profiles_examples,
        .codes = read_codes,
        .handler = cert_profiles,
    },
    {
        .noun = "cert",
        .verb = "export",
        .effect = Effect::read,
        .summary = "write a certificate in the form that a program reads",
        .operand = serial_operand,
        .flags = export_flags,
        .description =
            "pem and der are the certificate, with --chain (PEM only) followed by the intermediate. The root "
            "is left out: who verifies must have it already.\n\n"
            "pkcs12 is a keystore with the certificate, the intermediate and the private key, encrypted "
            "under "
            "the first line of --password-file (AES-256, PBKDF2): what Besu's --rpc-http-tls-keystore-file "
            "and Java read. msp is a folder that a Fabric node takes as its local MSP: certificate, roots, "
            "intermediates, revocation lists, config.yaml with NodeOUs, and the private key, which Fabric "
            "reads unencrypted only; it is for certificates of profile node-identity. Both need the key in "
            "this workspace, and are readable by their owner alone; a key on a token stays there.\n\n"
            "Of one that waits for approval the bytes are written that officers approve, in DER: sha256sum "
            "says the digest, and 'openssl asn1parse -inform DER' or 'cert check' what is in it.",
        .examples = export_examples,
        .codes = export_codes,
        .handler = cert_export,
    },
    {
        .noun = "cert",
        .verb = "verify",
        .effect = Effect::read,
        .summary = "verify a certificate and say why it holds or not",
        .operand = {"FILE", Kind::input, "PEM or DER; further certificates in it may complete the path"},
        .flags = verify_flags,
        .description =
            "Looks for a path to a root of the agreed trust bundle (before one is agreed, to this "
            "workspace's own), in force now, with no certificate on it revoked, by RFC 5280. A missing or "
            "outdated revocation list is a failure unless --no-revocation is given.\n\n"
            "With --purpose and --name it must also be fit for that use, and be for each of those names; a "
            "common name does not count as one. Keys and signatures of less than 112 bits, among them RSA "
            "below 2048 bits and SHA-1, and keys of other kinds than those certified here, are never "
            "accepted, nor what breaks a rule of RFC 5280 that others overlook.\n\n"
            "Where the issuing authority is this workspace's own, the certificate must also stand in its "
            "journal: one that was signed past it is reported.",
        .examples = verify_examples,
        .codes = verify_codes,
        .handler = cert_verify,
    },
};

}  // namespace

extern Noun const cert_noun;
constexpr Noun cert_noun{"TRUST", "cert", "certificates of nodes, clients and officers", commands};

}  // namespace consortium::cli
