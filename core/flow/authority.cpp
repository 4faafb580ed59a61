#include "core/flow/authority.h"

#include "core/base/error.h"
#include "core/flow/certificate_leaf.h"
#include "core/flow/ssh.h"
#include "core/flow/token.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Bytes;
using base::BytesView;
using base::Json;
using base::JsonValue;

namespace {

std::string const kind = "authority";

AuthorityCertificate certificate_from_json(base::JsonReader& in) {
    AuthorityCertificate out;
    out.issuer = in.name("issuer");
    out.serial = in.text("serial", 40);
    out.der = in.base64("der");
    out.not_after = in.instant("not_after");
    in.done();
    return out;
}

[[noreturn]] void refuse_other() {
    throw base::Error(base::Code::internal, "a certificate does not say what it was asked to say");
}

}  // namespace

model::Object to_object(Authority const& authority) {
    Json certificates = Json::array();
    std::optional<base::Instant> due;
    for (auto const& each : authority.certificates) {
        certificates.push_back({{"issuer", each.issuer},
                                {"serial", each.serial},
                                {"der", base::to_base64(each.der)},
                                {"not_after", each.not_after.text()}});
        due = std::max(due.value_or(each.not_after), each.not_after);
    }
    model::Object object;
    object.kind = kind;
    object.name = authority.name;
    object.state = authority.state;
    object.member = authority.member;
    object.due = due;
    object.data = JsonValue(Json{{"role", authority.role},
                                 {"stem", authority.stem},
                                 {"generation", authority.generation},
                                 {"key", authority.key},
                                 {"algorithm", authority.algorithm},
                                 {"base_url", authority.base_url},
                                 {"ocsp_url", authority.ocsp_url},
                                 {"shards", authority.shards},
                                 {"deltas", authority.deltas},
                                 {"member", authority.member},
                                 {"profiles", authority.profiles},
                                 {"adopted", authority.adopted},
                                 {"certificates", certificates}});
    return object;
}

Authority authority_from_object(model::Object const& object) {
    base::JsonReader in(*object.data);
    Authority out;
    out.name = object.name;
    out.state = object.state;
    out.version = object.version;
    out.role = in.name("role");
    out.stem = in.text("stem");
    out.generation = in.integer("generation");
    out.key = in.text("key");
    out.algorithm = in.text("algorithm");
    out.base_url = in.text("base_url");
    // Authorities that were made before these were known have none of them.
    out.ocsp_url = in.optional_text("ocsp_url").value_or("");
    out.shards = in.optional_integer("shards").value_or(0);
    out.deltas = in.has("deltas") && in.boolean("deltas");
    out.member = in.optional_text("member").value_or("");
    if (in.has("profiles")) out.profiles = in.texts("profiles");
    out.adopted = in.has("adopted") && in.boolean("adopted");
    in.objects("certificates",
               [&out](base::JsonReader& each) { out.certificates.push_back(certificate_from_json(each)); });
    in.done();
    return out;
}

std::optional<Authority> find_authority(port::Store const& store, std::string_view name) {
    auto const object = store.object(kind, name);
    return object ? std::optional(authority_from_object(*object)) : std::nullopt;
}

Authority authority(port::Store const& store, std::string_view name) {
    auto found = find_authority(store, name);
    if (!found) {
        throw base::Error(base::Code::not_found, fmt::format("no authority '{}' in this workspace", name),
                          "run 'consortium ca list'");
    }
    return *std::move(found);
}

std::vector<Authority> authorities(port::Store const& store) {
    std::vector<Authority> out;
    store.objects({.kind = kind},
                  [&out](model::Object const& object) { out.push_back(authority_from_object(object)); });
    return out;
}

bool is_relied_on(Authority const& authority, base::Instant now) {
    return authority.role == "issuing" && authority.state != "revoked" &&
           authority.certificates.front().not_after > now;
}

Authority newest(port::Store const& store, std::string_view role) {
    std::optional<Authority> found;
    for (auto& each : authorities(store)) {
        if (each.role != role || each.state != "active" || each.key.empty()) continue;
        if (!found || each.generation > found->generation) found = std::move(each);
    }
    if (!found) {
        throw base::Error(
            base::Code::not_found, fmt::format("this workspace has no {} certificate authority", role),
            role == "issuing" ? "run 'consortium ca init', or 'consortium ca request NAME' for one "
                                "below a root of the members"
                              : "run 'consortium ca init'");
    }
    return *std::move(found);
}

model::DistinguishedName root_name(std::string_view stem, std::int64_t generation,
                                   std::string_view organization) {
    return {fmt::format("{} Root G{}", stem, generation), std::string(organization)};
}

model::DistinguishedName issuing_name(std::string_view stem, std::int64_t number,
                                      std::string_view organization) {
    return {fmt::format("{} Issuing CA {}", stem, number), std::string(organization)};
}

void journal(port::Transaction& transaction, Services& services, std::string_view event, Json body,
             std::vector<model::Object> writes) {
    model::Event entry;
    entry.kind = std::string(event);
    entry.time = services.clock.now();
    entry.body = JsonValue(std::move(body));
    entry.writes = std::move(writes);
    transaction.append_event(entry);
}

port::KeyInfo ensure_key(Services& services, std::string const& name, std::string const& algorithm,
                         std::string const& protection) {
    auto const known = services.keys.list();
    auto const found =
        std::find_if(known.begin(), known.end(), [&](auto const& key) { return key.name == name; });
    if (found == known.end()) {
        auto const passphrase =
            protection == "none" ? base::Secret() : services.new_passphrase("key '" + name + "'");
        services.keys.create(name, algorithm, passphrase);
    } else if (found->algorithm != algorithm) {
        throw base::Error(base::Code::conflict,
                          fmt::format("the keyring has a key '{}' of type {}", name, found->algorithm),
                          fmt::format("move it away, or ask for that type with --type {}", found->algorithm));
    }
    services.keys.open(name);
    return services.keys.info(name);
}

bool is_free(port::Store const& store, model::Epoch const& epoch, base::Digest const& key,
             port::Certifier const& certifier) {
    return !store.object(authority_request_kind, key.hex()) && is_unused(store, epoch, key, certifier);
}

bool is_unused(port::Store const& store, model::Epoch const& epoch, base::Digest const& key,
               port::Certifier const& certifier) {
    if (epoch.key(key) != nullptr) return false;
    auto const is_key = [&key](BytesView spki) { return base::sha256(spki) == key; };
    auto const authorities_here = authorities(store);
    auto const tokens = token_keys(store);
    auto const for_ssh = ssh_authorities(store);
    return std::ranges::none_of(authorities_here,
                                [&](auto const& each) {
                                    return is_key(certifier.describe(each.certificate()).content.public_key);
                                }) &&
           std::ranges::none_of(tokens, [&](auto const& each) { return is_key(each.public_key); }) &&
           std::ranges::none_of(for_ssh, [&](auto const& each) { return is_key(each.public_key); });
}

bool is_certified(port::Store const& store, base::Digest const& key) {
    bool found = false;
    store.objects({.kind = "certificate"}, [&](model::Object const& object) {
        found = found || object.data->at("key_id") == key.hex();
    });
    return found;
}

model::CertificateContent fill_content(model::CertificateContent content, BytesView issuer,
                                       port::Certifier& certifier) {
    content.serial = certifier.draw_serial();
    content.subject_key_id = certifier.key_id(content.public_key);
    if (issuer.empty()) {
        content.issuer = content.subject;
    } else {
        auto const above = certifier.describe(issuer);
        content.issuer = above.content.subject;
        content.authority_key_id = above.content.subject_key_id;
    }
    return content;
}

std::int64_t shard_of(std::string_view serial, std::int64_t shards) {
    return base::from_hex(serial.substr(0, 2)).front() % shards;
}

std::string shard_name(Authority const& issuer, std::int64_t shard) {
    return fmt::format("{}-shard-{}", issuer.name, shard);
}

std::string list_name(Authority const& issuer, std::string_view serial) {
    if (issuer.shards == 0) return issuer.name;
    return shard_name(issuer, shard_of(serial, issuer.shards));
}

std::string list_url(Authority const& issuer, std::string_view list) {
    return issuer.base_url.empty() ? "" : fmt::format("{}/{}.crl", issuer.base_url, list);
}

void set_places(model::CertificateContent& content, Authority const& issuer) {
    content.ocsp_url = issuer.ocsp_url;
    if (issuer.base_url.empty()) return;
    content.crl_url = list_url(issuer, list_name(issuer, content.serial));
    content.issuer_url = fmt::format("{}/{}.cer", issuer.base_url, issuer.name);
}

Bytes sign_bytes(Bytes const& tbs, port::Signer& signer, port::Certifier& certifier) {
    return certifier.assemble(tbs, signer.algorithm(), signer.sign(tbs));
}

void announce(std::string_view serial, base::Digest const& tbs, std::string const& issuer_name,
              Services& services, port::Transaction& transaction) {
    journal(transaction, services, "certificate.intent",
            {{"issuer", issuer_name}, {"serial", serial}, {"tbs", tbs.hex()}}, {});
}

Issued accepted(Bytes der, model::CertificateContent const& content, base::Digest const& tbs,
                BytesView issuer, port::Certifier const& certifier) {
    auto facts = certifier.accept_certificate(der, issuer.empty() ? BytesView(der) : issuer);
    if (facts.content != content || facts.tbs != tbs) refuse_other();
    return {std::move(der), std::move(facts)};
}

Issued certify_bytes(Bytes const& tbs, std::string const& serial, std::string const& issuer_name,
                     BytesView issuer, port::Signer& signer, Services& services,
                     port::Transaction& transaction) {
    auto const digest = base::sha256(tbs);
    announce(serial, digest, issuer_name, services, transaction);
    auto der = sign_bytes(tbs, signer, services.certifier);
    auto facts = services.certifier.accept_certificate(der, issuer.empty() ? BytesView(der) : issuer);
    if (facts.content.serial != serial || facts.tbs != digest) refuse_other();
    return {std::move(der), std::move(facts)};
}

Issued certify(model::CertificateContent const& content, std::string const& issuer_name, BytesView issuer,
               port::Signer& signer, Services& services, port::Transaction& transaction) {
    auto const tbs = services.certifier.certificate_tbs(content, signer.algorithm());
    auto const digest = base::sha256(tbs);
    announce(content.serial, digest, issuer_name, services, transaction);
    return accepted(sign_bytes(tbs, signer, services.certifier), content, digest, issuer, services.certifier);
}

}  // namespace consortium::flow
