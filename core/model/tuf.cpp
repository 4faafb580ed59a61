#include "core/model/tuf.h"

#include "core/base/error.h"
#include "core/model/public_key.h"

#include <nlohmann/json.hpp>

namespace consortium::model {

using base::Json;

namespace {

constexpr char const* specification = "1.0.31";

void append_text(std::string& out, std::string const& text) {
    out += '"';
    for (char const c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

void append(std::string& out, Json const& value);

/// Json keeps keys sorted by their bytes, which in UTF-8 is by code points, as the clients sort them.
void append_record(std::string& out, Json const& value) {
    char const* separator = "";
    out += '{';
    for (auto const& [key, item] : value.items()) {
        out += std::exchange(separator, ",");
        append_text(out, key);
        out += ':';
        append(out, item);
    }
    out += '}';
}

void append_list(std::string& out, Json const& value) {
    char const* separator = "";
    out += '[';
    for (auto const& item : value) {
        out += std::exchange(separator, ",");
        append(out, item);
    }
    out += ']';
}

void append(std::string& out, Json const& value) {
    if (value.is_string()) return append_text(out, value.get_ref<std::string const&>());
    if (value.is_object()) return append_record(out, value);
    if (value.is_array()) return append_list(out, value);
    if (value.is_number_float() || value.is_binary())
        throw base::Error(base::Code::malformed, "OLPC canonical JSON has whole numbers only");
    out += value.dump();
}

Json common(TufTerms const& terms, char const* type) {
    return {{"_type", type},
            {"spec_version", specification},
            {"version", terms.version},
            {"expires", terms.expires.text()}};
}

Json root_part(TufTerms const& terms) {
    auto out = common(terms, "root");
    Json ids = Json::array();
    out["keys"] = Json::object();
    for (auto const& key : terms.keys) {
        out["keys"][key.id] = *key.value;
        ids.push_back(key.id);
    }
    for (char const* role : {"root", "targets", "snapshot", "timestamp"})
        out["roles"][role] = {{"keyids", ids}, {"threshold", terms.threshold}};
    // "METADATA … `N.snapshot.json`": what a client reads meanwhile stays whole.
    out["consistent_snapshot"] = true;
    out["x-consortium"] = *terms.origin;
    return out;
}

Json targets_part(TufTerms const& terms) {
    auto out = common(terms, "targets");
    out["targets"] = Json::object();
    for (auto const& target : terms.targets)
        out["targets"][target.name] = {{"length", target.content.size()},
                                       {"hashes", {{"sha256", base::sha256(target.content).hex()}}}};
    return out;
}

/// Without "length" and "hashes", which the specification leaves optional: they would be of a file with its
/// signatures, and who signs would wait for who signs.
Json meta_part(TufTerms const& terms, char const* type, char const* of) {
    auto out = common(terms, type);
    out["meta"] = {{of, {{"version", terms.version}}}};
    return out;
}

TufDocument document(char const* role, Json part) {
    TufDocument out;
    out.role = role;
    out.bytes = tuf_canonical(part);
    out.digest = base::sha256(out.bytes);
    out.part = base::JsonValue(std::move(part));
    return out;
}

}  // namespace

std::string tuf_canonical(Json const& value) {
    std::string out;
    append(out, value);
    return out;
}

std::optional<TufKey> tuf_key(std::string_view algorithm, base::BytesView spki) {
    constexpr std::size_t ed25519_bytes = 32;
    Json value;
    if (algorithm == "ed25519" && spki.size() > ed25519_bytes)
        value = {{"keytype", "ed25519"},
                 {"scheme", "ed25519"},
                 {"keyval", {{"public", base::to_hex(spki.last(ed25519_bytes))}}}};
    else if (algorithm == "p256")
        value = {{"keytype", "ecdsa"},
                 {"scheme", "ecdsa-sha2-nistp256"},
                 {"keyval", {{"public", public_pem(spki)}}}};
    else
        return std::nullopt;
    auto id = base::sha256(tuf_canonical(value)).hex();
    return TufKey{std::move(id), base::JsonValue(std::move(value))};
}

std::vector<TufDocument> tuf_documents(TufTerms const& terms) {
    return {document("root", root_part(terms)), document("targets", targets_part(terms)),
            document("snapshot", meta_part(terms, "snapshot", "targets.json")),
            document("timestamp", meta_part(terms, "timestamp", "snapshot.json"))};
}

std::string tuf_file(TufDocument const& document,
                     std::vector<std::pair<std::string, std::string>> const& signatures) {
    Json list = Json::array();
    for (auto const& [id, signature] : signatures) list.push_back({{"keyid", id}, {"sig", signature}});
    return base::canonical(Json{{"signatures", std::move(list)}, {"signed", *document.part}});
}

}  // namespace consortium::model
