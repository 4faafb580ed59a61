#include "cli/command/key_record.h"

#include "core/base/text.h"
#include "core/crypto/keystore.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

using base::Json;

base::Path key_folder(Session& session, std::string const& named) {
    if (!named.empty()) return std::filesystem::absolute(named);
    return session.has_workspace() ? session.workspace() / "keys" : std::filesystem::current_path();
}

namespace {

bool is_ssh(port::KeyInfo const& key) {
    return key.algorithm == "ssh";
}

/// The file with the private key, or what says where else it is; nothing for an SSH key.
std::string where(port::KeyInfo const& key, base::Path const& folder) {
    if (is_ssh(key)) return {};
    auto const elsewhere = crypto::elsewhere(folder, key.name);
    return elsewhere.empty() ? (folder / (key.name + ".pem")).string() : elsewhere;
}

}  // namespace

std::string protection(port::KeyInfo const& key, base::Path const& folder) {
    if (is_ssh(key)) return "elsewhere";
    auto const ending = crypto::private_file(folder, key.name).extension();
    if (ending == ".pkcs11" || ending == ".command") return ending.string().substr(1);
    return key.encrypted ? "passphrase" : "none";
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

model::Outcome intended_key(std::string const& name, base::Path const& folder) {
    model::Outcome outcome;
    outcome.schema = "consortium.key/1";
    outcome.data = base::JsonValue(Json{{"name", name}, {"folder", folder.string()}, {"dry_run", true}});
    outcome.text.emplace_back("would write key '" + name + "' to " + folder.string());
    return outcome;
}

std::string new_key_name(model::Request const& request, base::Path const& folder) {
    auto name = request.arguments->at("operand").get<std::string>();
    base::check_name(name, "key");
    if (crypto::has_key(folder, name) || base::exists(folder / (name + ".age.pub")))
        throw base::Error(base::Code::conflict, "a key '" + name + "' exists in " + folder.string(),
                          "choose another name; keys are never overwritten");
    return name;
}

base::Secret wanted_passphrase(Session& session, model::Request const& request, std::string const& name) {
    if (request.arguments->value("no-passphrase", false)) return {};
    auto passphrase = session.new_passphrase("key '" + name + "'");
    if (passphrase.empty())
        throw base::Error(base::Code::declined, "no passphrase was given for key '" + name + "'",
                          "give one, or say --no-passphrase to keep the key unencrypted");
    return passphrase;
}

}  // namespace consortium::cli
