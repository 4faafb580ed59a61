#include "core/flow/certificate_key.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;

namespace {

constexpr std::string_view makeable[] = {"p256", "p384", "ed25519", "rsa3072", "rsa4096"};
constexpr std::size_t max_request = 65'536;
constexpr std::size_t longest_key_name = 63;
std::string const compromised_kind = "compromised-key";
constexpr char const* compromised_words = "this key was revoked as compromised; use another one";
constexpr char const* other_key = "make one for this certificate with --new-key";

bool takes_key(model::Profile const& profile, std::string const& type) {
    return profile.key_types.empty() || std::ranges::find(profile.key_types, type) != profile.key_types.end();
}

std::string untaken_key(model::Profile const& profile, std::string const& type) {
    return fmt::format("profile '{}' certifies keys of type {}, this one is {}", profile.id,
                       base::join(profile.key_types, ", "), type);
}

// No look at the other keys: there may be as many as certificates.
port::KeyInfo make_key(Json const& source, std::string const& name, Services& services) {
    auto const passphrase =
        source.at("protection") == "none" ? base::Secret() : services.new_passphrase("key '" + name + "'");
    try {
        return services.keys.create(name, source.at("algorithm").get<std::string>(), passphrase);
    } catch (base::Error const& error) {
        if (error.code() != base::Code::conflict) throw;
        throw base::Error(base::Code::conflict, error.message(),
                          fmt::format("certify it with --key {}, or make another with 'consortium key "
                                      "create'",
                                      name));
    }
}

/// A key that must be the one of before may be elsewhere by now, and its name another's.
port::KeyInfo same_as_before(Json const& source, std::string const& name, port::Keyring const& keys) {
    try {
        auto key = keys.info(name);
        if (source.at("id") == key.id.hex()) return key;
    } catch (base::Error const& error) {
        if (error.code() != base::Code::not_found) throw;
    }
    throw base::Error(base::Code::not_found,
                      fmt::format("the key that was certified is not '{}' of this workspace any more", name),
                      "name it with --key KEY, give a request that it signs with --csr FILE, or make another "
                      "with --new-key");
}

}  // namespace

bool is_makeable(std::string_view type) {
    return std::ranges::find(makeable, type) != std::end(makeable);
}

int keys_given(Json const& arguments) {
    return static_cast<int>(arguments.contains("csr")) + static_cast<int>(arguments.contains("key")) +
           static_cast<int>(arguments.contains("new-key"));
}

NewKey new_key(std::string const& common_name, Json const& arguments) {
    std::string name = "cert-";
    for (char const c : common_name) {
        bool const plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        name += plain ? c : '-';
    }
    return {name.substr(0, longest_key_name), arguments.value("type", "p256")};
}

Json key_source(State const& state, port::Certifier const& certifier, Json const& arguments,
                Wanted const& wanted, NewKey const& made, model::Verdict& verdict) {
    if (arguments.contains("key")) return {{"source", "key"}, {"name", arguments.at("key")}};
    if (arguments.contains("new-key")) {
        check_key_type(made.algorithm, wanted.profile, verdict);
        return {{"source", "new"},
                {"name", made.name},
                {"algorithm", made.algorithm},
                {"protection", arguments.value("no-passphrase", false) ? "none" : "passphrase"}};
    }
    auto const file = arguments.at("csr").get<std::string>();
    auto const request = read_request_file(file);
    try {
        return request_source(state, certifier, request, wanted, verdict);
    } catch (base::Error const& error) {
        if (error.code() != base::Code::malformed) throw;
        throw base::Error(error.code(), fmt::format("'{}': {}", file, error.message()), error.hint(),
                          error.details());
    }
}

base::Bytes read_request_file(base::Path const& path) {
    try {
        return base::read_file(path, max_request);
    } catch (base::Error const& error) {
        bool const large = error.code() == base::Code::malformed && std::filesystem::is_regular_file(path);
        if (!large) throw;
        throw base::Error(
            error.code(), error.message() + ", and no signing request is",
            "a certificate has at most 1000 names, of 48 KiB together: spread them over several",
            error.details());
    }
}

Json request_source(State const& state, port::Certifier const& certifier, base::BytesView request,
                    Wanted const& wanted, model::Verdict& verdict) {
    auto const asked = certifier.read_request(request);
    check_request(asked, wanted, state, certifier, verdict);
    return {{"source", "csr"}, {"public_key", base::to_base64(asked.public_key)}};
}

port::KeyInfo kept_key(Json const& source, model::Profile const& profile, Services& services) {
    auto const name = source.at("name").get<std::string>();
    if (source.at("source") == "new") return make_key(source, name, services);
    auto key = source.contains("id") ? same_as_before(source, name, services.keys) : services.keys.info(name);
    if (!is_free(services.store, *services.store.latest(), key.id, services.certifier)) {
        throw base::Error(base::Code::refused,
                          fmt::format("key '{}' signs acts, certificates or tokens", key.name), other_key);
    }
    if (is_compromised(services.store, key.id.hex())) {
        throw base::Error(base::Code::refused, fmt::format("key '{}': {}", key.name, compromised_words),
                          other_key);
    }
    if (!takes_key(profile, key.algorithm)) {
        throw base::Error(base::Code::refused, untaken_key(profile, key.algorithm),
                          std::string(other_key) + " --type");
    }
    return key;
}

void check_key_type(std::string const& type, model::Profile const& profile, model::Verdict& verdict) {
    verdict.require("key type", takes_key(profile, type), untaken_key(profile, type));
}

bool is_compromised(port::Store const& store, std::string const& key) {
    return store.object(compromised_kind, key).has_value();
}

model::Object compromised_object(std::string const& key, std::string const& serial) {
    model::Object object;
    object.kind = compromised_kind;
    object.name = key;
    object.state = "revoked";
    object.data = base::JsonValue(Json{{"serial", serial}});
    return object;
}

void check_not_compromised(port::Store const& store, base::Digest const& key, model::Verdict& verdict) {
    verdict.require("key", !is_compromised(store, key.hex()), compromised_words);
}

}  // namespace consortium::flow
