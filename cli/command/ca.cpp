#include "core/flow/ca.h"

#include "cli/output.h"
#include "cli/session.h"
#include "cli/spec.h"
#include "core/flow/certificate_wanted.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

model::Outcome init(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_ca_init(session.state(), request));
}

model::Outcome add(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_ca_add(session.state(), session.services().certifier, request));
}

model::Outcome request(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_ca_request(session.state(), session.services().certifier, request));
}

model::Outcome adopt(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_ca_adopt(session.state(), session.services(), request));
}

/// The file that was written, as the next command names it.
std::string written(Session& session) {
    auto const& common = session.common();
    return names_file(common) ? flow::shell_word(common.out) : "FILE";
}

/// Of one whose key is elsewhere, the certificate is what its member waits for.
model::Outcome added(Session& session, model::Outcome outcome) {
    auto const& result = outcome.data->at("results").at(0);
    if (!result.contains("key") || !result.at("key").is_null()) return outcome;
    outcome.text = {result.at("chain").get<std::string>()};
    outcome.next = {"consortium ca adopt " + written(session) + ", where its key is",
                    "consortium root distribute"};
    return outcome;
}

model::Outcome requested(Session& session, model::Outcome outcome) {
    auto const& result = outcome.data->at("results").at(0);
    outcome.text = {result.at("request").get<std::string>()};
    outcome.next = {result.at("add").get<std::string>() + " --csr " + written(session)};
    return outcome;
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
    "where 'ocsp respond' or the folder ocsp of 'ca publish' will be served, written into certificates; "
    "default: nobody answers"};
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
    {"--csr", Kind::input, "FILE",
     "certify the key of this request, which the member keeps: see 'ca request'"},
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

constexpr Flag request_flags[] = {
    {"--permit", Kind::text, "SPACE", "the names that it is to be bound to, e.g. dns:acme.example",
     Need::repeatable},
    {"--key", Kind::name, "KEY", "ask for a key that is in the keyring; default: ca-NAME, made if need be"},
    {"--replaces", Kind::name, "AUTHORITY",
     "once adopted, it takes the place of this one; --permit is taken from it"},
    {"--type", Kind::choice, "TYPE", "algorithm of a new key; default: p256", Need::optional, key_types},
    {"--no-passphrase", Kind::toggle, "", "keep a new key unencrypted"},
};
constexpr Flag adopt_flags[] = {
    {"--name", Kind::name, "NAME", "what it is called here; default: as 'ca request' had it"},
    {"--crl", Kind::input, "FILE", "the root's revocation list: it must not stand on it", Need::repeatable},
    {"--purpose", Kind::name, "PROFILE", "certify this profile only, see 'cert issue'", Need::repeatable},
    base_url,
    ocsp_url,
    crl_shards,
    crl_deltas,
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
    {"consortium ca add globex --member globex --permit dns:globex.example --csr globex.csr -o globex.pem",
     "the same for a key that globex keeps, by its 'ca request'"},
};
constexpr Example request_examples[] = {
    {"consortium ca request globex --permit dns:globex.example --permit ip:10.2.0.0/16 -o globex.csr",
     "make the key here, and a request for who holds the root"},
    {"consortium ca request globex --permit dns:globex.example --key hsm -o globex.csr",
     "for a key on a token, see 'key create'"},
};
constexpr Example adopt_examples[] = {
    {"consortium ca adopt globex.pem --crl root-g1.crl --base-url http://pki.globex.example",
     "what the root's holder wrote; from now on 'cert issue' certifies by it"},
    {"consortium ca adopt", "what the trust bundle carries for a key of this workspace"},
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
constexpr base::Code add_codes[] = {base::Code::refused,        base::Code::not_found,
                                    base::Code::conflict,       base::Code::declined,
                                    base::Code::not_authorized, base::Code::verification_failed};
constexpr base::Code request_codes[] = {base::Code::refused, base::Code::not_found, base::Code::conflict,
                                        base::Code::declined, base::Code::not_authorized};
constexpr base::Code adopt_codes[] = {base::Code::refused,   base::Code::not_found,
                                      base::Code::malformed, base::Code::conflict,
                                      base::Code::declined,  base::Code::not_authorized};
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
            "With --csr the member keeps the key: the request is what its 'ca request' has written, or any "
            "PKCS#10 that asks for CA:TRUE. It must be signed by its own key, and whatever it asks beyond "
            "this "
            "command is refused, naming the field. No key is made here; the certificate is printed, for 'ca "
            "adopt' there. Such an intermediate is listed, published, signed again when the root is rotated, "
            "and revoked like any other, but only who has its key issues by it, and journals what it issued: "
            "what it can certify is bound by its certificate alone. Verifiers take a kind of name of which "
            "--permit names none for free, so name a space of each: dns, ip, email and uri. What it "
            "certifies "
            "wrongly within them can be detected, not prevented.\n\n"
            "--replaces makes a successor, and retires the one before it: that one issues nothing more, and "
            "'crl issue' still signs its lists while certificates of it are in force. To end an intermediate "
            "at "
            "once, revoke it by its serial with 'cert revoke'.",
        .examples = add_examples,
        .codes = add_codes,
        .handler = add,
        .shown = added,
    },
    {
        .noun = "ca",
        .verb = "request",
        .effect = Effect::write,
        .summary = "ask that a key of this workspace become an intermediate's",
        .operand = {"NAME", Kind::name, "what the authority is to be called"},
        .flags = request_flags,
        .description =
            "The ordinary case of a consortium: a member makes and keeps the key of its intermediate, and "
            "who "
            "holds the shared root only certifies it. Writes a signing request (PKCS#10) that asks for an "
            "authority of this workspace's member, bound to the names of --permit, which certifies no "
            "further "
            "authority. The key signs it: proof that you hold it. The request is printed as PEM, and the "
            "command is named that the root's holder types; nothing is sent anywhere. A kind of name of "
            "which "
            "--permit names none is not bound: name a space of each.\n\n"
            "From then on the key is for nothing else: 'cert issue' and 'cert request' refuse it. A key on a "
            "token or behind an external command is named with --key, see 'key create' and 'key import'. The "
            "same again writes another request for the same key.",
        .examples = request_examples,
        .codes = request_codes,
        .handler = request,
        .shown = requested,
    },
    {
        .noun = "ca",
        .verb = "adopt",
        .effect = Effect::write,
        .summary = "take in an intermediate that a root of the members has certified",
        .operand = {"FILE", Kind::input,
                    "its certificates, PEM or DER; default: those of the trust bundle in force",
                    Need::optional},
        .flags = adopt_flags,
        .description =
            "Makes an authority of a certificate for a key of this workspace, see 'ca request'. It must lead "
            "to a root of the trust bundle in force, be in force, an authority's, of this workspace's "
            "member, "
            "and bound to names; the key must be used for nothing else. Roots are known by agreement only: "
            "before an epoch carries a trust bundle, nothing can be adopted. Whether it is revoked is asked "
            "where the root's list is given with --crl.\n\n"
            "'cert issue' then certifies by it, for this member and within its names, with revocation lists "
            "and OCSP of its own, which 'ca publish' writes. --base-url, --ocsp-url, --crl-shards and "
            "--crl-deltas say of them what they say with 'ca add', and cannot be changed later.\n\n"
            "When the root is rotated, its holder signs the intermediate again for the same key: adopt that "
            "certificate, too, from a FILE or from the new trust bundle. It stands behind the first until "
            "that one's root is trusted no more, or it ends. An intermediate that is adopted here is revoked "
            "where the root is; 'ca retire' ends what it certifies here.",
        .examples = adopt_examples,
        .codes = adopt_codes,
        .handler = adopt,
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
        .description =
            "One line a certificate: an intermediate that two roots vouch for has two. It is "
            "active; retired, when it certifies nothing more; or revoked. Its key may be in another "
            "workspace: see 'ca add --csr'.",
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
