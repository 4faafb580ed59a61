#include "cli/command/key_import.h"
#include "cli/command/key_record.h"
#include "cli/session.h"
#include "cli/spec.h"
#include "core/crypto/courier.h"
#include "core/crypto/entropy.h"
#include "core/crypto/keystore.h"
#include "core/crypto/token_key.h"
#include "core/flow/own_change.h"
#include "core/model/public_key.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Json;

base::Path folder_to_read(Session& session, model::Request const& request) {
    return key_folder(session, request.arguments->value("in", std::string()));
}

model::Outcome create(Session& session, model::Request const& request) {
    auto const folder = key_folder(session, session.common().out);
    auto const name = new_key_name(request, folder);
    if (session.common().dry_run) return intended_key(name, folder);
    auto const type = request.arguments->value("type", std::string("ed25519"));
    if (request.arguments->contains("pkcs11")) {
        return describe(
            crypto::create_token_key(folder, name, type, request.arguments->at("pkcs11").get<std::string>(),
                                     session.key_means()),
            folder);
    }
    auto const passphrase = wanted_passphrase(session, request, name);
    if (type == "age")
        return describe(crypto::create_age_identity(folder, name, passphrase, crypto::system_entropy()),
                        folder);
    return describe(crypto::open_keyring(folder, {})->create(name, type, passphrase), folder);
}

std::vector<port::KeyInfo> all_keys(base::Path const& folder) {
    auto keys = crypto::open_keyring(folder, {})->list();
    for (auto& key : crypto::ssh_keys(folder)) keys.push_back(std::move(key));
    return keys;
}

model::Outcome list(Session& session, model::Request const& request) {
    auto const folder = folder_to_read(session, request);
    model::Outcome outcome;
    outcome.schema = "consortium.key.list/1";
    Json items = Json::array();
    model::Table table{{"name", "algorithm", "protection", "id"}, {}, "no keys in " + folder.string()};
    for (auto const& key : all_keys(folder)) {
        items.push_back(record(key, folder));
        table.rows.push_back({key.name, key.algorithm, protection(key, folder), key.id.hex()});
    }
    for (auto const& identity : crypto::age_identities(folder)) {
        auto item = record(identity, folder);
        table.rows.push_back(
            {identity.name, "age", item["protection"].get<std::string>(), identity.recipient});
        items.push_back(std::move(item));
    }
    outcome.data = base::JsonValue(Json{{"items", std::move(items)}});
    outcome.text = {table};
    return outcome;
}

model::Outcome show(Session& session, model::Request const& request) {
    auto const folder = folder_to_read(session, request);
    auto const name = request.arguments->at("operand").get<std::string>();
    for (auto const& key : crypto::ssh_keys(folder))
        if (key.name == name) return describe(key, folder);
    for (auto const& identity : crypto::age_identities(folder))
        if (identity.name == name) return describe(identity, folder);
    auto const key = crypto::open_keyring(folder, {})->info(name);
    auto outcome = describe(key, folder);
    outcome.text.emplace_back(model::public_pem(key.public_key));
    return outcome;
}

model::Outcome replace(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_key_replace(session.state(), request));
}

constexpr Flag no_passphrase{"--no-passphrase", Kind::toggle, "",
                             "keep the key unencrypted, readable by its owner only"};
constexpr Flag in_folder{"--in", Kind::text, "DIR", "look in this folder instead of the workspace's keys"};

constexpr Flag create_flags[] = {
    {"--type", Kind::choice, "TYPE", "algorithm", Need::optional, "ed25519|p256|p384|rsa3072|rsa4096|age",
     "ed25519"},
    {"--pkcs11", Kind::text, "URI", "make it on this token, which never gives it away (RFC 7512)"},
    no_passphrase,
};
constexpr Flag import_flags[] = {
    {"--from", Kind::input, "FILE", "PKCS#8 private key (PEM), or an SSH public key"},
    {"--pkcs11", Kind::text, "URI", "the key on this token that the URI names by id or object (RFC 7512)"},
    {"--command", Kind::text, "WORDS", "the program that signs with the key, and its arguments"},
    {"--public-key", Kind::input, "FILE", "with --command: the public key (PEM)"},
    {"--pass-env", Kind::text, "NAME",
     "with --command: let it see this variable, or all that begin with AWS_*", Need::repeatable},
    {"--time-limit", Kind::duration, "DUR", "with --command: how long it may take", Need::optional, "",
     "PT1M"},
    no_passphrase,
};
constexpr Flag trust_flags[] = {
    {"--in", Kind::text, "DIR", "the folder of the key instead of the workspace's keys"},
};
constexpr Flag read_flags[] = {in_folder};
constexpr Flag replace_flags[] = {
    {"--with", Kind::input, "FILE", "the new public key (PEM); its private part is in this workspace"},
    {"--cause", Kind::choice, "WHY", "why the old one ends; left out: in order", Need::optional,
     "compromise"},
};

constexpr Example create_examples[] = {
    {"consortium key create ada", "make an Ed25519 key; asks for a passphrase"},
    {"consortium key create post --type age", "what is private can be sent to this workspace"},
    {"consortium key create ceremony --type p384 --passphrase-file words.txt -o /media/usb",
     "make a key outside any workspace"},
    {"consortium key create ca-root-g1 --type p384 --pin-file pin.txt --pkcs11 "
     "'pkcs11:token=ceremony?module-path=/usr/lib/softhsm/libsofthsm2.so'",
     "make the root's key on a hardware token before 'ca init --type p384'"},
};
constexpr Example import_examples[] = {
    {"consortium key import ada --from ada.key", "take over a key that openssl made"},
    {"consortium key import ada-token --from ~/.ssh/id_ed25519_sk.pub",
     "note the public key of an officer who signs with a FIDO token"},
    {"consortium key import ada --pkcs11 "
     "'pkcs11:token=ada;object=signing?module-path=/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so'",
     "use the key of a smart card"},
    {"consortium key import ca-issuing-1 --command '/usr/local/bin/kms-sign alias/issuing' --public-key "
     "issuing.pub.pem --pass-env 'AWS_*'",
     "let a key management service sign for the authority, before 'ca init'"},
};
constexpr Example trust_examples[] = {
    {"consortium key trust ca-issuing-1", "after 'workspace restore' on another machine"},
};
constexpr Example list_examples[] = {
    {"consortium key list", "the keys of this workspace"},
    {"consortium key list --in /media/usb", "the keys in another folder"},
};
constexpr Example replace_examples[] = {
    {"consortium key create seat-2", "first make the new key, then have it enacted"},
    {"consortium key replace seat --with keys/seat-2.pub.pem", "after the seat was restored from a backup"},
};
constexpr Example show_examples[] = {{"consortium key show ada", "its id, and the public key as PEM"}};

constexpr base::Code write_codes[] = {base::Code::not_found,   base::Code::not_authorized,
                                      base::Code::conflict,    base::Code::declined,
                                      base::Code::unavailable, base::Code::unsupported,
                                      base::Code::refused,     base::Code::verification_failed};
constexpr base::Code replace_codes[] = {base::Code::not_found, base::Code::not_authorized,
                                        base::Code::refused, base::Code::malformed, base::Code::unsupported};
constexpr base::Code trust_codes[] = {base::Code::not_found, base::Code::declined};
constexpr base::Code read_codes[] = {base::Code::not_found};

constexpr Command commands[] = {
    {
        .noun = "key",
        .verb = "create",
        .effect = Effect::write,
        .summary = "make a key",
        .operand = {"NAME", Kind::name, "the key's name, which is its file's name"},
        .flags = create_flags,
        .description =
            "Writes NAME.pem (PKCS#8, encrypted with scrypt and AES-256 under a passphrase, mode 0600) and "
            "NAME.pub.pem into the workspace's keys/, into the folder of -o, or outside a workspace into the "
            "current folder. A key is never overwritten. 'openssl pkey' reads both.\n\n"
            "A key of type age signs nothing: it opens the private parts that others send in bundles, see "
            "consortium-privacy(7). It is NAME.age.pem, and its recipient, which the others write into their "
            "settings, is the line in NAME.age.pub.\n\n"
            "The passphrase comes from --passphrase-file ('-' is standard input) or is asked for, twice, on "
            "the terminal.\n\n"
            "With --pkcs11 the pair is made on a hardware token (PKCS#11), sensitive and never extractable, "
            "which the token must confirm. The URI (RFC 7512) names the token (token, serial, manufacturer, "
            "model) and its module by an absolute path (module-path). NAME.pkcs11 then holds the URI of the "
            "key, and nothing secret; commands that use the key by its name ask the token to sign, and check "
            "what it signed. A key 'ca-root-g1' or 'ca-issuing-1' that is there before 'ca init' is the one "
            "that it uses.\n\n"
            "The PIN comes from --pin-file, from the descriptor that CONSORTIUM_PIN_FD names, or from the "
            "terminal, once a command. A wrong one is not tried again: tokens lock. Where one more wrong PIN "
            "would lock the token, nothing is tried without --last-pin-try.",
        .examples = create_examples,
        .codes = write_codes,
        .handler = create,
        .planned = Planned::no,
    },
    {
        .noun = "key",
        .verb = "import",
        .effect = Effect::write,
        .summary = "take over a key from elsewhere",
        .operand = {"NAME", Kind::name, "the key's name here"},
        .flags = import_flags,
        .description =
            "A PKCS#8 private key is written again as 'key create' would write it, under the passphrase that "
            "it has. An SSH public key (ssh-ed25519, sk-ssh-ed25519, ecdsa-sha2-nistp256 or -nistp384) is "
            "kept as "
            "NAME.ssh.pub. Acts are signed with it by the ssh-agent that SSH_AUTH_SOCK names, when that "
            "holds "
            "the key ('ssh-add'; a FIDO key wants to be touched); without an agent its owner signs what "
            "'vote "
            "prepare' writes, with 'ssh-keygen -Y sign -n consortium'. With --pkcs11 a pair that is on a "
            "hardware token already is used, if the token does not give it away.\n\n"
            "With --command a program signs, for instance the client of a key management service; the "
            "private "
            "key is wherever that has it. NAME.command (mode 0600) holds the program's words and nothing "
            "secret: do not write anything secret into them, since arguments of programs can be read by "
            "everybody on the machine. Blanks part the words, quotes keep them together, no shell reads "
            "them. "
            "The program is found once, now, and kept by its absolute path, so that no other PATH or folder "
            "puts another one in its place. It is asked for one signature at once, and must give it.\n\n"
            "It runs in the folder /, without a terminal. Standard input has the bytes that are to be "
            "signed: "
            "the SHA-256 (for P-384 the SHA-384) as 32 or 48 raw bytes, for Ed25519 the message itself. On "
            "standard output it gives the signature and nothing else: ECDSA in DER, RSA PKCS#1 v1.5, or the "
            "64 bytes of Ed25519; at most 4096 bytes. It exits with 0, else the last lines of its standard "
            "error are shown. The environment is CONSORTIUM_KEY (NAME), CONSORTIUM_ALGORITHM (p256, p384, "
            "ed25519, rsa3072, rsa4096), CONSORTIUM_DIGEST (sha256, sha384, none); of ours PATH, HOME, USER, "
            "LOGNAME, TMPDIR, XDG_CONFIG_HOME, XDG_CACHE_HOME, XDG_RUNTIME_DIR, SSL_CERT_FILE, SSL_CERT_DIR "
            "and the variables of proxies; and what --pass-env names, which is read anew each time. It is "
            "never run twice for one signature, and a signature that does not verify with the public key is "
            "given to nobody.\n\n"
            "The module of a token is loaded, and a command is run, only where this user has imported or "
            "made "
            "the key on this machine, or said 'key trust'.",
        .examples = import_examples,
        .codes = write_codes,
        .handler = key_import,
        .planned = Planned::no,
    },
    {
        .noun = "key",
        .verb = "trust",
        .effect = Effect::danger,
        .summary = "let the module or program that a key names be used",
        .operand = {"NAME", Kind::name, "the key's name"},
        .flags = trust_flags,
        .description =
            "NAME.pkcs11 names a module that is loaded into this program, NAME.command a program that is "
            "run, "
            "with all that you may do. Such a file can come with a backup or with a workspace that somebody "
            "copied. So nothing is loaded or run until the user who runs this has made or imported the key "
            "on this machine, or has looked at what it names and typed the key's name here. What is trusted "
            "is this very line, for this name and public key; a changed one is not. It is noted in "
            "$XDG_STATE_HOME/consortium/key-places, which no backup holds.",
        .examples = trust_examples,
        .codes = trust_codes,
        .handler = key_trust,
        .planned = Planned::no,
    },
    {
        .noun = "key",
        .verb = "list",
        .effect = Effect::read,
        .summary = "list the keys of a workspace or folder",
        .flags = read_flags,
        .description = "Reads public parts only; asks for no passphrase.",
        .examples = list_examples,
        .codes = read_codes,
        .handler = list,
    },
    {
        .noun = "key",
        .verb = "show",
        .effect = Effect::read,
        .summary = "show one key",
        .operand = {"NAME", Kind::name, "the key's name"},
        .flags = read_flags,
        .description = "Shows the key's id, which is the SHA-256 of its SubjectPublicKeyInfo (of the "
                       "public-key blob for an "
                       "SSH key), and the public key. Private parts are never shown.",
        .examples = show_examples,
        .codes = read_codes,
        .handler = show,
    },
    {
        .noun = "key",
        .verb = "replace",
        .effect = Effect::write,
        .summary = "have a new seat, witness or log key enacted",
        .operand = {"WHICH", Kind::name, "which key of the member: seat, witness or log"},
        .flags = replace_flags,
        .description =
            "Signs a change of what is the member's own; the next epoch enacts it without ballots, when the "
            "charter's time to settle has passed or with a decision that is due before. The new key acts "
            "from "
            "that epoch on, the old one until then: make it with 'key create' and leave both in keys/.\n\n"
            "What the old witness key cosigned is not counted any more; the next head is cosigned with the "
            "new one. The log key names the journal, and is replaced together with it only: 'audit recover' "
            "begins "
            "a new origin with a key of its own, then 'key replace log', without --with, has that enacted "
            "(exit 11 "
            "before).\n\n"
            "A seat that was restored from a backup stays silent until its new key is enacted; the others go "
            "on "
            "without it, if they are a quorum.",
        .examples = replace_examples,
        .codes = replace_codes,
        .handler = replace,
    },
};

}  // namespace

extern Noun const key_noun;
constexpr Noun key_noun{"TRUST", "key", "keys of officers, seats, logs and witnesses", commands};

}  // namespace consortium::cli
