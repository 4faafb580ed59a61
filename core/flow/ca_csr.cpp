#include "core/flow/ca_csr.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/certificate_key.h"
#include "core/flow/evidence.h"
#include "core/model/authority_request.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using model::SigningRequest;

namespace {

constexpr char const* by = "an intermediate's certificate";

void check_subject(SigningRequest const& asked, Json const& detail, model::Verdict& verdict) {
    auto const granted = [&detail](char const* field) { return detail.at(field).get<std::string>(); };
    for (auto const& [kind, value] : asked.subject) {
        // Who asks may not know what the names of this root's intermediates begin with.
        bool const good = (kind == "CN" && (value == granted("common_name") || value == granted("name"))) ||
                          (kind == "O" && (value == granted("organization") || value == granted("member")));
        verdict.require("csr: subject", good,
                        fmt::format("the request asks for {}={}, which is neither the name given here nor "
                                    "the member's",
                                    kind, base::printable(value)));
    }
}

/// A kind that is not named is not constrained: neither more nor fewer may be asked for than are granted.
void check_permitted(model::AlternativeNames const& asked, Json const& detail, model::Verdict& verdict) {
    if (asked.empty()) return;
    auto wanted = asked.texts();
    auto granted = model::alternative_names_from_json(detail.at("permitted")).texts();
    auto const words = fmt::format("the request asks for {}, and {} is given with --permit",
                                   base::printable(base::join(wanted, ", ")), base::join(granted, ", "));
    std::ranges::sort(wanted);
    std::ranges::sort(granted);
    verdict.require("csr: nameConstraints", wanted == granted, words);
}

}  // namespace

model::Object to_object(AskedAuthority const& asked, std::string state) {
    model::Object object;
    object.kind = authority_request_kind;
    object.name = asked.key_id.hex();
    object.state = std::move(state);
    object.data = base::JsonValue(Json{{"name", asked.name},
                                       {"key", asked.key},
                                       {"replaces", asked.replaces},
                                       {"permitted", model::to_json(asked.permitted)}});
    return object;
}

std::optional<AskedAuthority> find_asked(port::Store const& store, base::Digest const& key) {
    auto const object = store.object(authority_request_kind, key.hex());
    if (!object) return std::nullopt;
    auto const text = [&object](char const* field) { return object->data->at(field).get<std::string>(); };
    return AskedAuthority{key, text("name"), text("key"), text("replaces"),
                          model::alternative_names_from_json(object->data->at("permitted"))};
}

std::optional<SigningRequest> given_request(port::Certifier const& certifier, model::Request const& request) {
    auto const& arguments = *request.arguments;
    if (!arguments.contains("csr")) return std::nullopt;
    refuse_arguments(request, {"type", "no-passphrase"},
                     "is about a key that is made here, and --csr brings that of another workspace");
    refuse_arguments(request, {"purpose", "base-url", "ocsp-url", "crl-shards", "crl-deltas"},
                     "is for whoever has the key to say", "give it there, with 'consortium ca adopt'");
    return certifier.read_request(read_request_file(arguments.at("csr").get<std::string>()));
}

void check_authority_request(SigningRequest const& asked, Json const& detail, State const& state,
                             port::Certifier const& certifier, model::Verdict& verdict) {
    verdict.require("member", !detail.at("member").get<std::string>().empty(),
                    "a key that is elsewhere is some member's: give --member");
    check_subject(asked, detail, verdict);
    verdict.require("csr: basicConstraints", asked.authority, "the request does not ask to be an authority");
    std::vector<std::string> rest;
    auto const constraints = model::constraints_from_words(asked.other, rest);
    verdict.require("csr: pathLenConstraint", constraints.path_length.value_or(0) == 0,
                    "the request asks to certify further authorities");
    check_permitted(constraints.permitted, detail, verdict);
    check_subset("keyUsage", asked.key_usage, authority_usage(), by, verdict);
    check_subset("extendedKeyUsage", asked.extended_usage, {}, by, verdict);
    check_subset("subjectAltName", asked.names.texts(), {}, by, verdict);
    check_subset("extension", rest, {}, by, verdict);
    verdict.require("key type", is_makeable(asked.algorithm),
                    fmt::format("an authority's key is of type p256, p384, ed25519, rsa3072 or rsa4096, this "
                                "one is {}",
                                asked.algorithm));
    auto const key = base::sha256(asked.public_key);
    check_not_compromised(state.store, key, verdict);
    verdict.require("csr: key",
                    is_free(state.store, state.joined(), key, certifier) && !is_certified(state.store, key),
                    "the request names a key that signs acts, certificates or tokens, or is certified, "
                    "here; it must be another one");
}

void require_granted(port::Store const& store, base::Digest const& key, port::Certifier const& certifier) {
    if (is_free(store, *store.latest(), key, certifier) && may_certify(store, key, certifier)) return;
    throw base::Error(base::Code::conflict, "the key of this request came to be used while this was decided",
                      "run the command again", {{"key", key.hex()}});
}

std::string unbound_kinds(model::AlternativeNames const& permitted) {
    std::vector<std::string> out;
    if (permitted.dns.empty()) out.emplace_back("dns");
    if (permitted.ip.empty()) out.emplace_back("ip");
    if (permitted.email.empty()) out.emplace_back("email");
    if (permitted.uri.empty()) out.emplace_back("uri");
    return base::join(out, ", ");
}

}  // namespace consortium::flow
