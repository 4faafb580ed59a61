#include "core/driver/evm/typed_data.h"

#include "core/driver/evm/quantity256.h"
#include "core/driver/evm/type_system.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::driver::evm {

using base::Bytes;
using base::BytesView;
using base::Json;
using typed::Member;
using typed::Type;
using typed::TypeSystem;

namespace {

Bytes word_of(Quantity256 const& value) {
    return {value.word().begin(), value.word().end()};
}

Bytes hex_of(Json const& value, std::string const& place) {
    if (!value.is_string()) typed::fail(place, "not a text that begins with 0x");
    auto const text = value.get<std::string>();
    if (!text.starts_with("0x")) typed::fail(place, "not a text that begins with 0x");
    try {
        return base::from_hex(std::string_view(text).substr(2));
    } catch (base::Error const& error) {
        typed::fail(place, error.message());
    }
}

Bytes sized_hex(Json const& value, std::size_t size, std::string const& place) {
    auto out = hex_of(value, place);
    if (out.size() != size) typed::fail(place, fmt::format("{} bytes, not {}", out.size(), size));
    return out;
}

/// A number with its sign.
struct Signed {
    bool negative = false;
    Quantity256 magnitude;
};

Signed integer_of(Json const& value, std::string const& place) {
    if (value.is_number_integer()) {  // at most 2^53-1 either way
        auto const number = value.get<std::int64_t>();
        return {number < 0, Quantity256(static_cast<std::uint64_t>(std::abs(number)))};
    }
    if (!value.is_string()) typed::fail(place, "neither an integer nor a text that holds one");
    auto const text = value.get<std::string>();
    Signed out{text.starts_with("-"), {}};
    try {
        out.magnitude = Quantity256::from_text(std::string_view(text).substr(out.negative ? 1 : 0));
    } catch (base::Error const& error) {
        typed::fail(place, error.message());
    }
    if (out.negative && out.magnitude == Quantity256()) typed::fail(place, "a zero with a sign");
    return out;
}

Bytes encode_integer(Type const& type, Json const& value, std::string const& place) {
    auto const [negative, magnitude] = integer_of(value, place);
    bool const is_signed = type.kind == Type::Kind::signed_integer;
    auto const encoded = negative ? magnitude.negated() : magnitude;
    // Two's complement: -2^(N-1) is the lowest, so what counts of a negative number is one less.
    auto const bits = negative ? encoded.inverted().bits() : magnitude.bits();
    bool const fits =
        negative ? is_signed && bits < type.size : bits <= (is_signed ? type.size - 1 : type.size);
    if (!fits) typed::fail(place, fmt::format("{} is out of the range of {}", value.dump(), type.text));
    return word_of(encoded);
}

/// encodeData and hashStruct of EIP-712.
class Encoder {
public:
    Encoder(TypeSystem const& types, port::Hash keccak256) : m_types(types), m_hash(keccak256) {}

    base::Digest type_hash(std::string const& name) {
        auto const [place, is_new] = m_type_hashes.emplace(name, base::Digest());
        if (is_new) place->second = m_hash(base::as_bytes(m_types.encoded(name)));
        return place->second;
    }

    base::Digest hash_struct(std::string const& name, Json const& value, std::string const& place) {
        if (!value.is_object()) typed::fail(place, fmt::format("not an object, as a {} is", name));
        auto const& members = m_types.members(name);
        auto data = bytes_of(type_hash(name));
        for (auto const& member : members) {
            auto const inside = place + "/" + member.name;
            if (!value.contains(member.name)) typed::fail(inside, "missing");
            append(data, encode(member.type, value.at(member.name), inside));
        }
        for (auto const& [key, ignored] : value.items()) {
            bool const known = std::any_of(members.begin(), members.end(),
                                           [&](Member const& member) { return member.name == key; });
            if (!known) typed::fail(fmt::format("{}/{}", place, key), fmt::format("no member of {}", name));
        }
        return m_hash(data);
    }

private:
    static Bytes bytes_of(base::Digest const& digest) { return {digest.bytes.begin(), digest.bytes.end()}; }
    static void append(Bytes& out, Bytes const& more) { out.insert(out.end(), more.begin(), more.end()); }

    Bytes encode(Type const& type, Json const& value, std::string const& place) {
        if (!type.dimensions.empty()) return encode_array(type, value, place);
        switch (type.kind) {
            case Type::Kind::structure:
                return bytes_of(hash_struct(type.text, value, place));
            case Type::Kind::text:
                return encode_text(value, place);
            case Type::Kind::bytes:
                return bytes_of(m_hash(hex_of(value, place)));
            case Type::Kind::fixed_bytes: {
                auto out = sized_hex(value, static_cast<std::size_t>(type.size), place);
                out.resize(32);
                return out;
            }
            case Type::Kind::address: {
                auto out = sized_hex(value, 20, place);
                out.insert(out.begin(), 12, 0);
                return out;
            }
            case Type::Kind::boolean:
                if (!value.is_boolean()) typed::fail(place, "neither true nor false");
                return word_of(Quantity256(value.get<bool>() ? 1 : 0));
            case Type::Kind::signed_integer:
            case Type::Kind::unsigned_integer:
                break;
        }
        return encode_integer(type, value, place);
    }

    Bytes encode_text(Json const& value, std::string const& place) {
        if (!value.is_string()) typed::fail(place, "not a text");
        return bytes_of(m_hash(base::as_bytes(value.get<std::string>())));
    }

    // "The array values are encoded as the keccak256 hash of the concatenated encodeData of their contents."
    Bytes encode_array(Type const& type, Json const& value, std::string const& place) {
        if (!value.is_array()) typed::fail(place, "not a list");
        auto const size = type.dimensions.back();
        if (size && value.size() != *size) {
            typed::fail(place, fmt::format("{} items, not {}", value.size(), *size));
        }
        auto item = type;
        item.dimensions.pop_back();
        Bytes data;
        for (std::size_t i = 0; i < value.size(); ++i) {
            append(data, encode(item, value[i], fmt::format("{}/{}", place, i)));
        }
        return bytes_of(m_hash(data));
    }

    TypeSystem const& m_types;
    port::Hash m_hash;
    std::map<std::string, base::Digest> m_type_hashes;  // each is needed for every item of a list
};

}  // namespace

TypedDataHashes hash_typed_data(std::string_view json, port::Hash keccak256) {
    base::JsonLimits limits;
    limits.bytes = max_typed_data;
    auto const value = base::parse_json(json, limits);
    base::JsonReader in(value);
    TypeSystem const types(in.value("types"));
    auto const primary = in.text("primaryType", 100);
    auto const& domain = in.value("domain");
    auto const& message = in.value("message");
    in.done();
    types.check_domain();
    if (primary == typed::domain_name || !types.has(primary)) {
        typed::fail("/primaryType", "not one of the types of a message");
    }
    Encoder encoder(types, keccak256);
    TypedDataHashes out;
    out.encoded_type = types.encoded(primary);
    out.type_hash = encoder.type_hash(primary);
    out.domain_separator = encoder.hash_struct(std::string(typed::domain_name), domain, "/domain");
    out.struct_hash = encoder.hash_struct(primary, message, "/message");
    Bytes data{0x19, 0x01};
    for (auto const* part : {&out.domain_separator, &out.struct_hash}) {
        data.insert(data.end(), part->bytes.begin(), part->bytes.end());
    }
    out.digest = keccak256(data);
    return out;
}

}  // namespace consortium::driver::evm
