#include "cli/session.h"
#include "cli/spec.h"
#include "core/base/text.h"
#include "core/crypto/courier.h"
#include "core/crypto/entropy.h"
#include "core/crypto/keystore.h"
#include "core/crypto/signer.h"
#include "core/crypto/token_key.h"
#include "core/flow/own_change.h"
#include "core/model/public_key.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Json;

constexpr std::size_t max_key_file = 65'536;

/// Where keys are: the named folder, else the workspace's, else the current one.
base::Path folder_of(Session& session, std::string const& named) {
    if (!named.empty()) return std::filesystem::absolute(named);
    return session.has_workspace() ? session.workspace() / "keys" : std::filesystem::current_path();
}

base::Path folder_to_read(Session& session, model::Request const& request) {
    return folder_of(session, request.arguments->value("in", std::string()));
}

bool is_ssh(port::KeyInfo const& key) {
    return key.algorithm == "ssh";
}

std::string protection(port::KeyInfo const& key, base::Path const& folder) {
    if (is_ssh(key)) return "elsewhere";
    if (!crypto::elsewhere(folder, key.name).empty()) return "pkcs11";
    return key.encrypted ? "passphrase" : "none";
}

/// The file with the private key, or what says where else it is; nothing for an SSH key.
std::string where(port::KeyInfo const& key, base::Path const& folder) {
    if (is_ssh(key)) return {};
    auto const elsewhere = crypto::elsewhere(folder, key.name);
    return elsewhere.empty() ? (folder / (key.name + ".pem")).string() : elsewhere;
}

Json record(port::KeyInfo const& key, base::Path const& folder) {
    auto const elsewhere = crypto::elsewhere(folder, key.name);
    bool const here = !is_ssh(key) && elsewhere.empty();
    auto const ending = is_ssh(key) ? ".ssh.pub" : ".pub.pem";
    return {{"name", key.name},
            {"algorithm", key.algorithm},
            {"id", key.id.hex()},
            {"public_key", base::to_base64(key.public_key)},
            {"protection", protection(key, folder)},
            {"file", here ? Json(where(key, folder)) : Json()},
            {"elsewhere", elsewhere.empty() ? Json() : Json(elsewhere)},
            {"public_file", (folder / (key.name + ending)).string()}};
}

model::Outcome describe(port::KeyInfo const& key, base::Path const& folder) {
    model::Outcome outcome;
    outcome.schema = "consortium.key/1";
    auto data = record(key, folder);
    model::Fields fields;
    fields.rows = {{"name", key.name},
                   {"algorithm", key.algorithm},
                   {"id", key.id.hex()},
                   {"protection", protection(key, folder)},
                   {"public", data["public_file"].get<std::string>()}};
    if (!is_ssh(key)) fields.rows.emplace_back("private", where(key, folder));
    outcome.data = base::JsonValue(std::move(data));
    outcome.text = {fields};
    return outcome;
}

Json record(crypto::AgeIdentity const& identity, base::Path const& folder) {
    return {{"name", identity.name},
            {"algorithm", "age"},
            {"id", nullptr},
            {"public_key", identity.recipient},
            {"protection", identity.encrypted ? "passphrase" : "none"},
            {"file", (folder / (identity.name + ".age.pem")).string()},
            {"elsewhere", nullptr},
            {"public_file", (folder / (identity.name + ".age.pub")).string()}};
}

model::Outcome describe(crypto::AgeIdentity const& identity, base::Path const& folder) {
    model::Outcome outcome;
    outcome.schema = "consortium.key/1";
    auto data = record(identity, folder);
    model::Fields fields;
    fields.rows = {{"name", identity.name},
                   {"algorithm", "age"},
                   {"recipient", identity.recipient},
                   {"protection", data["protection"].get<std::string>()},
                   {"private", data["file"].get<std::string>()}};
    outcome.data = base::JsonValue(std::move(data));
    outcome.text = {fields};
    return outcome;
}

/// What a dry run says instead: nothing is asked, nothing written.
model::Outcome intended(std::string const& name, base::Path const& folder) {
    model::Outcome outcome;
    outcome.schema = "consortium.key/1";
    outcome.data = base::JsonValue(Json{{"name", name}, {"folder", folder.string()}, {"dry_run", true}});
    outcome.text.emplace_back("would write key '" + name + "' to " + folder.string());
    return outcome;
}

std::string new_name(model::Request const& request, base::Path const& folder) {
    auto name = request.arguments->at("operand").get<std::string>();
    base::check_name(name, "key");
    if (crypto::has_key(folder, name) || base::exists(folder / (name + ".age.pub")))
        throw base::Error(base::Code::conflict, "a key '" + name + "' exists in " + folder.string(),
                          "choose another name; keys are never overwritten");
    return name;
}

std::string text_of(model::Request const& request, char const* flag) {
    return request.arguments->value(flag, std::string());
}

base::Secret wanted_passphrase(Session& session, model::Request const& request, std::string const& name) {
    if (request.arguments->value("no-passphrase", false)) return {};
    auto passphrase = session.new_passphrase("key '" + name + "'");
    if (passphrase.empty())
        throw base::Error(base::Code::declined, "no passphrase was given for key '" + name + "'",
                          "give one, or say --no-passphrase to keep the key unencrypted");
    return passphrase;
}

model::Outcome create(Session& session, model::Request const& request) {
    auto const folder = folder_of(session, session.common().out);
    auto const name = new_name(request, folder);
    if (session.common().dry_run) return intended(name, folder);
    auto const type = request.arguments->value("type", std::string("ed25519"));
    if (request.arguments->contains("pkcs11")) {
        return describe(
            crypto::create_token_key(folder, name, type, text_of(request, "pkcs11"), session.pin()), folder);
    }
    auto const passphrase = wanted_passphrase(session, request, name);
    if (type == "age")
        return describe(crypto::create_age_identity(folder, name, passphrase, crypto::system_entropy()),
                        folder);
    return describe(crypto::open_keyring(folder, {})->create(name, type, passphrase), folder);
}

model::Outcome import_private(Session& session, model::Request const& request, std::string const& name,
                              base::Path const& folder, base::Secret const& pem) {
    bool const encrypted = crypto::is_encrypted(pem.view(), name);
    auto const passphrase =
        encrypted ? session.passphrase("key '" + name + "'") : wanted_passphrase(session, request, name);
    auto const key = crypto::private_from_pem(pem.view(), passphrase, name);
    return describe(crypto::import_key(folder, name, key, passphrase), folder);
}

model::Outcome import(Session& session, model::Request const& request) {
    auto const folder = folder_of(session, session.common().out);
    auto const name = new_name(request, folder);
    auto const source = text_of(request, "from"), token = text_of(request, "pkcs11");
    if (source.empty() == token.empty())
        throw base::Error(base::Code::usage, "'key import' takes one of --from and --pkcs11",
                          "run 'consortium help key import'");
    if (!token.empty()) {
        if (session.common().dry_run) return intended(name, folder);
        return describe(crypto::import_token_key(folder, name, token, session.pin()), folder);
    }
    base::Secret const content(base::read_file(source, max_key_file));
    if (session.common().dry_run) return intended(name, folder);
    if (content.text().starts_with("-----BEGIN "))
        return import_private(session, request, name, folder, content);
    return describe(crypto::add_ssh_key(folder, name, content.text()), folder);
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
    model::Table table{{"NAME", "ALGORITHM", "PROTECTION", "ID"}, {}, "no keys in " + folder.string()};
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
    no_passphrase,
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
};
constexpr Example list_examples[] = {
    {"consortium key list", "the keys of this workspace"},
    {"consortium key list --in /media/usb", "the keys in another folder"},
};
constexpr Example replace_examples[] = {
    {"consortium key create seat-2", "first make the new key, then have it enacted:"},
    {"consortium key replace seat --with keys/seat-2.pub.pem", "after the seat was restored from a backup"},
};
constexpr Example show_examples[] = {{"consortium key show ada", "its id, and the public key as PEM"}};

constexpr base::Code write_codes[] = {base::Code::not_found,   base::Code::not_authorized,
                                      base::Code::conflict,    base::Code::declined,
                                      base::Code::unavailable, base::Code::unsupported,
                                      base::Code::refused,     base::Code::verification_failed};
constexpr base::Code replace_codes[] = {base::Code::not_found, base::Code::not_authorized,
                                        base::Code::refused, base::Code::malformed, base::Code::unsupported};
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
            "NAME.ssh.pub: its owner signs with 'ssh-keygen -Y sign -n consortium'. With --pkcs11 a pair "
            "that "
            "is on a hardware token already is used, if the token does not give it away.",
        .examples = import_examples,
        .codes = write_codes,
        .handler = import,
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
