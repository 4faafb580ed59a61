#include "core/flow/ca.h"

#include "cli/session.h"
#include "cli/spec.h"

namespace consortium::cli {

namespace {

model::Outcome init(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_ca_init(session.state(), request));
}

model::Outcome add(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_ca_add(session.state(), session.services().certifier, request));
}

model::Outcome retire(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_ca_retire(session.state(), request));
}

model::Outcome list(Session& session, model::Request const&) {
    return flow::ca_list(session.state());
}

model::Outcome show(Session& session, model::Request const& request) {
    return flow::ca_show(session.state(), session.services().certifier, request);
}

model::Outcome publish(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_ca_publish(session.state(), request));
}

constexpr std::string_view key_types = "p256|p384|ed25519|rsa3072|rsa4096";
constexpr Flag permit{"--permit", Kind::text, "SPACE",
                      "certify only names in this space, e.g. dns:acme.example", Need::repeatable};
constexpr Flag base_url{"--base-url", Kind::text, "URL",
                        "where 'ca publish' will be served, written into certificates"};
constexpr Flag ocsp_url{
    "--ocsp-url", Kind::text, "URL",
    "where 'ocsp respond' or the folder ocsp of 'ca publish' will be served, written into certificates"};
constexpr Flag crl_shards{"--crl-shards", Kind::integer, "N",
                          "spread revoked certificates over N lists, told by the serial"};
constexpr Flag crl_deltas{"--crl-deltas", Kind::toggle, "",
                          "let revocation lists name the place of deltas, see 'crl issue --delta'"};
constexpr Flag no_passphrase{"--no-passphrase", Kind::toggle, "", "keep each key that is made unencrypted"};

constexpr Flag init_flags[] = {
    {"--name", Kind::text, "TEXT", "what the authorities' names begin with; default: the consortium's name"},
    {"--type", Kind::choice, "TYPE", "algorithm of the keys", Need::optional, key_types, "p256"},
    {"--lifetime", Kind::duration, "DUR", "of the root", Need::optional, {}, "P3650D"},
    {"--issuing-lifetime", Kind::duration, "DUR", "of the intermediate", Need::optional, {}, "P1825D"},
    permit,
    base_url,
    ocsp_url,
    crl_shards,
    crl_deltas,
    no_passphrase,
};

constexpr Flag add_flags[] = {
    {"--purpose", Kind::name, "PROFILE", "certify this profile only, see 'cert issue'", Need::repeatable},
    {"--member", Kind::name, "ID", "certify for this organization only; wants --permit"},
    permit,
    {"--replaces", Kind::name, "AUTHORITY",
     "retire this intermediate, and take from it whatever is not given here"},
    {"--type", Kind::choice, "TYPE", "algorithm of the key; default: the root's", Need::optional, key_types},
    {"--lifetime", Kind::duration, "DUR", "how long it lasts; default: P1825D, or as long as the root"},
    {"--base-url", Kind::text, "URL",
     "where 'ca publish' will be served, written into certificates; default: the root's"},
    ocsp_url,
    crl_shards,
    crl_deltas,
    no_passphrase,
};

constexpr Example init_examples[] = {
    {"consortium ca init", "make a root and an issuing authority with P-256 keys"},
    {"consortium ca init --name Payments --permit dns:payments.example --base-url http://pki.example",
     "an authority that certifies hosts of one domain only"},
};
constexpr Example add_examples[] = {
    {"consortium ca add officers --purpose officer", "for the certificates of officers, and only those"},
    {"consortium ca add globex --member globex --permit dns:globex.example --permit ip:10.2.0.0/16",
     "for one member, bound to its names"},
    {"consortium ca add issuing-2 --replaces issuing-1", "the successor of one that nears its end"},
};
constexpr Example retire_examples[] = {
    {"consortium ca retire officers", "officers are certified by the general one again"},
};
constexpr Example list_examples[] = {{"consortium ca list", "roots, intermediates and links"}};
constexpr Example show_examples[] = {
    {"consortium ca show", "the root's certificate, and its fingerprint to read aloud"},
    {"consortium ca show issuing-1", "the intermediate"},
};
constexpr Example publish_examples[] = {
    {"consortium ca publish /srv/www/pki --yes", "write what a web server must serve; fit for a timer"},
};

constexpr base::Code init_codes[] = {base::Code::refused, base::Code::conflict, base::Code::declined,
                                     base::Code::not_authorized};
constexpr base::Code add_codes[] = {base::Code::refused, base::Code::not_found, base::Code::conflict,
                                    base::Code::declined, base::Code::not_authorized};
constexpr base::Code retire_codes[] = {base::Code::refused, base::Code::not_found, base::Code::conflict,
                                       base::Code::declined};
constexpr base::Code read_codes[] = {base::Code::not_found};
constexpr base::Code publish_codes[] = {base::Code::not_found, base::Code::storage, base::Code::declined};

constexpr Command commands[] = {
    {
        .noun = "ca",
        .verb = "init",
        .effect = Effect::write,
        .summary = "make a root and an issuing authority",
        .flags = init_flags,
        .description =
            "Makes two keys in this workspace (ca-root-g1 and ca-issuing-1), a self-signed root of "
            "generation 1, an intermediate below it that may certify no further authority, the first "
            "revocation list of each, and version 1 of the trust bundle. Every serial and the digest of "
            "everything signed is in the journal.\n\n"
            "The members trust the root once an epoch carries the bundle: see 'root distribute'. Each "
            "generation of roots has a name of its own, because verifiers disagree about two keys under one "
            "name.\n\n"
            "With --crl-shards, each certificate names the one of N revocation lists that it would stand on: "
            "the first octet of its serial, modulo N. Lists stay small whatever is revoked; the number "
            "cannot "
            "be changed later. A list for one shard, and a delta, says so in a critical extension, so that a "
            "verifier which does not know it fails instead of missing a revocation: NSS is one. Both need "
            "--base-url.\n\n"
            "Name spaces of --permit are dns:, ip: (a range), email: and uri:. There are none for directory "
            "names: some verifiers refuse every certificate below such a constraint.",
        .examples = init_examples,
        .codes = init_codes,
        .handler = init,
    },
    {
        .noun = "ca",
        .verb = "add",
        .effect = Effect::write,
        .summary = "make a further intermediate",
        .operand = {"NAME", Kind::name,
                    "its name; what is called like another but for the number comes after it"},
        .flags = add_flags,
        .description =
            "Makes an intermediate with a key, a name and revocation lists of its own, certified by every "
            "root "
            "of this workspace that is in force; it may certify no further authority. The key is called "
            "ca-NAME: one of that name and type that is in the keyring already, on a token say, is taken. Of "
            "'node-tls-2', the subject is 'Node TLS CA 2' behind the consortium's name. A new version of the "
            "trust bundle carries it: 'root distribute' proposes it to the members, and until then whoever "
            "presents the chain is verified as well.\n\n"
            "With --purpose it certifies these profiles only, with --member certificates of that member "
            "only. "
            "What is for one member must be bound to its names by --permit, and carries the member's "
            "organization in its own name: 'cert verify' accepts no other organization below it. There is no "
            "constraint on directory names in it, because some verifiers refuse every certificate below such "
            "a "
            "constraint. The purpose is a rule of this program, which no other verifier looks at.\n\n"
            "Each certificate is issued by one rule: of the active intermediates that are for its member and "
            "its profile, one that is for that member and that profile goes before one for the member, this "
            "before one for the profile, and this before one for everything; of equals, the newest. Renewal "
            "keeps to it, too. --issuer of 'cert issue' and 'cert renew' names another, which must be for "
            "the "
            "certificate as well. Who answers for an authority (profile ocsp) is certified by that "
            "authority, whatever it is for; a root can certify who answers for the intermediates.\n\n"
            "--replaces makes a successor, and retires the one before it: that one issues nothing more, and "
            "'crl issue' still signs its lists while certificates of it are in force. To end an intermediate "
            "at "
            "once, revoke it by its serial with 'cert revoke'.",
        .examples = add_examples,
        .codes = add_codes,
        .handler = add,
    },
    {
        .noun = "ca",
        .verb = "retire",
        .effect = Effect::write,
        .summary = "let an intermediate certify nothing more",
        .operand = {"AUTHORITY", Kind::name, "an intermediate"},
        .description =
            "What it has certified stays in force, it stays in the trust bundle, and 'crl issue' goes on "
            "signing its lists until it ends. Its key may only sign those, and certify who answers for it. "
            "It "
            "does not come back: make another with 'ca add'.",
        .examples = retire_examples,
        .codes = retire_codes,
        .handler = retire,
    },
    {
        .noun = "ca",
        .verb = "list",
        .effect = Effect::read,
        .summary = "list the authorities of this workspace",
        .description = "One line a certificate: an intermediate that two roots vouch for has two. It is "
                       "active; retired, when it certifies nothing more; or revoked.",
        .examples = list_examples,
        .handler = list,
    },
    {
        .noun = "ca",
        .verb = "show",
        .effect = Effect::read,
        .summary = "show an authority's certificate",
        .operand = {"AUTHORITY", Kind::name, "its name; default: the newest root", Need::optional},
        .description = "Shows the newest certificate of the authority, as fields and as PEM. The fingerprint "
                       "is shown as words too: compare it by telephone before you trust a root.",
        .examples = show_examples,
        .codes = read_codes,
        .handler = show,
    },
    {
        .noun = "ca",
        .verb = "publish",
        .effect = Effect::write,
        .summary = "write certificates, revocation lists and the trust bundle to a folder",
        .operand = {"DIR", Kind::output, "the folder; any web server can serve it"},
        .description =
            "Writes NAME.cer and NAME.crl (DER, under the addresses that certificates name when there is a "
            "base URL; shards and deltas too), trust.pem (the roots), intermediates.pem, trust.json, "
            "index.html and manifest.json; where there are authorities for SSH, also ssh-users.pub and "
            "ssh-known-hosts, as 'ssh trust' prints them, and ssh.krl, which is that of 'ssh krl'. Nothing "
            "signs those three: serve them over HTTPS. Each file is replaced as a whole, the manifest last. "
            "Nothing secret is written.\n\n"
            "Where somebody answers for an authority (see 'ocsp respond'), the folder ocsp gets an OCSP "
            "response for each of its certificates that is not over, in force for 7 days, without a nonce. "
            "It "
            "lies where a client that asks by GET looks (RFC 6960 A.1, RFC 5019): the path is the base64 of "
            "the request, by SHA-1; a slash in it begins a folder, several count as one, and what ends in "
            "one "
            "is that folder's index.html. Serve the folder ocsp as application/ocsp-response, and name it "
            "with "
            "--ocsp-url of 'ca init'. A server must decode %2F in URLs; Apache wants AllowEncodedSlashes.\n\n"
            "The manifest gives of each file its SHA-256, its type, and the time at which it expires: there "
            "is "
            "a newer one by then. So max-age in Cache-Control may be half of the time that is left; for what "
            "never expires, an hour. What an earlier run wrote, this one did not write again, and nobody has "
            "changed, is removed.\n\n"
            "The digest of the manifest is journaled with the operation, not each response.",
        .examples = publish_examples,
        .codes = publish_codes,
        .handler = publish,
    },
};

}  // namespace

extern Noun const ca_noun;
constexpr Noun ca_noun{"TRUST", "ca", "certificate authorities", commands};

}  // namespace consortium::cli
