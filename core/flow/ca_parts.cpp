#include "core/flow/ca_parts.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/certificate_key.h"
#include "core/flow/crl.h"
#include "core/model/name_space.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;

namespace {

constexpr std::int64_t max_shards = 256;  // told by one octet of the serial
constexpr std::size_t longest_name = 60;  // "ca-" before it is the key's
// What other authorities and lists are called.
constexpr char const* taken[] = {"-shard-", "-delta", "-by-", "root-g"};

}  // namespace

model::AlternativeNames read_permitted(std::vector<std::string> const& texts) {
    model::AlternativeNames out;
    for (auto const& text : texts) {
        try {
            model::add_name_space(out, text);
        } catch (base::Error const& error) {
            throw base::Error(base::Code::usage, "--permit " + error.message(), error.hint());
        }
    }
    return out;
}

void check_parts(Json const& detail, model::Verdict& verdict) {
    auto const shards = detail.at("shards").get<std::int64_t>();
    bool const parted = shards != 0 || detail.at("deltas").get<bool>();
    verdict.require("shards", shards == 0 || (shards >= 2 && shards <= max_shards),
                    fmt::format("revocation lists are parted into 2 to {} shards", max_shards));
    verdict.require("address", !parted || !detail.at("base_url").get<std::string>().empty(),
                    "shards and deltas are found by their URL: give --base-url");
}

void check_authority_name(State const& state, std::string const& name, model::Verdict& verdict) {
    verdict.require("name",
                    name.size() <= longest_name &&
                        std::ranges::none_of(
                            taken, [&](char const* word) { return name.find(word) != std::string::npos; }),
                    fmt::format("a name has at most {} bytes, and not '{}' in it", longest_name,
                                fmt::join(taken, "', '")));
    verdict.require("name", !find_authority(state.store, name),
                    fmt::format("there is an authority '{}' already", name));
}

void check_purposes(State const& state, std::vector<std::string> const& profiles, model::Verdict& verdict) {
    for (auto const& id : profiles) {
        (void)model::profile_of(state.joined().charter, id);
        verdict.require("purpose", id != "ocsp", "every authority certifies who answers for it");
    }
}

bool may_certify(port::Store const& store, base::Digest const& key, port::Certifier const& certifier) {
    return is_unused(store, *store.latest(), key, certifier) && !is_certified(store, key) &&
           !is_compromised(store, key.hex());
}

std::int64_t next_generation(std::vector<Authority> const& all) {
    std::int64_t out = 1;
    for (auto const& each : all)
        if (each.role == "issuing") out = std::max(out, each.generation + 1);
    return out;
}

std::vector<std::string> authority_usage() {
    return {"keyCertSign", "cRLSign"};
}

Authority new_authority(Json const& detail, std::string role, std::string name) {
    Authority out;
    out.name = std::move(name);
    out.role = std::move(role);
    out.stem = detail.at("stem").get<std::string>();
    out.generation = 1;
    out.key = "ca-" + out.name;
    out.algorithm = detail.at("algorithm").get<std::string>();
    out.base_url = detail.at("base_url").get<std::string>();
    if (out.role != "issuing") return out;
    out.ocsp_url = detail.at("ocsp_url").get<std::string>();
    out.shards = detail.at("shards").get<std::int64_t>();
    out.deltas = detail.at("deltas").get<bool>();
    return out;
}

model::CertificateContent authority_content(base::Bytes const& public_key, base::Instant begin,
                                            base::Instant end) {
    model::CertificateContent content;
    content.not_before = begin;
    content.not_after = end;
    content.public_key = public_key;
    content.authority = true;
    content.key_usage = authority_usage();
    return content;
}

AuthorityCertificate certify_under(Authority const& root, model::CertificateContent content,
                                   Services& services, port::Transaction& transaction) {
    content.path_length = 0;
    content.not_after = std::min(content.not_after, root.certificates.front().not_after);
    content = fill_content(std::move(content), root.certificate(), services.certifier);
    set_places(content, root);
    auto const issued =
        certify(content, root.name, root.certificate(), *services.keys.open(root.key), services, transaction);
    return {root.name, content.serial, issued.der, content.not_after};
}

void sign_first_lists(Authority const& authority, Services& services, port::Transaction& transaction) {
    auto const life = authority.role == "root" ? root_crl_life : issuing_crl_life;
    for (auto const& scope : crl_scopes(authority, CrlExtent::full)) {
        sign_crl(authority, scope, life, services, transaction);
    }
}

}  // namespace consortium::flow
