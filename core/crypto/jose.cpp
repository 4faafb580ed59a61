#include "core/crypto/jose.h"

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/crypto/der.h"
#include "core/crypto/openssl.h"
#include "core/crypto/public_key.h"
#include "core/crypto/verifier.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <openssl/err.h>

namespace consortium::crypto {

namespace {

using base::Bytes;
using base::BytesView;
using base::Json;

/// How each kind of key is called by RFC 7518 section 3.1 and RFC 8037 section 3.1.
struct Kind {
    std::string_view name, algorithm, type, curve;
    std::size_t coordinate;  // octets of one, and of one half of a signature; 0: it has none
};
constexpr auto kinds = std::to_array<Kind>({
    {"ed25519", "EdDSA", "OKP", "Ed25519", 32},
    {"p256", "ES256", "EC", "P-256", 32},
    {"p384", "ES384", "EC", "P-384", 48},
    {"rsa", "RS256", "RSA", "", 0},
});
constexpr auto const& rsa = kinds.back();

BytesView without_sign(BytesView integer) {
    return integer.size() > 1 && integer.front() == 0 ? integer.subspan(1) : integer;
}

Kind const* find_kind(BytesView spki) {
    auto const name = algorithm_of(spki);
    if (!name) return rsa_modulus_of(spki) ? &rsa : nullptr;
    auto const* const found = std::ranges::find(kinds, *name, &Kind::name);
    return found == kinds.end() ? nullptr : found;
}

Kind const& kind_of(BytesView spki) {
    if (auto const* const kind = find_kind(spki)) return *kind;
    throw base::Error(base::Code::unsupported, "a key of this type signs no tokens",
                      "make one with 'consortium key create NAME --type p256'");
}

void append_padded(Bytes& out, BytesView number, std::size_t size) {
    number = without_sign(number);
    if (number.size() > size) throw base::Error(base::Code::internal, "a signature larger than its key");
    out.insert(out.end(), size - number.size(), 0);
    der::append(out, number);
}

class OpensslJose final : public port::Jose {
public:
    std::string algorithm(BytesView spki) const override { return std::string(kind_of(spki).algorithm); }

    Json to_jwk(BytesView spki) const override {
        auto const& kind = kind_of(spki);
        auto const size = kind.coordinate;
        Json out{{"kty", kind.type}};
        if (size == 0) {
            out["n"] = base::to_base64url(*rsa_modulus_of(spki));
            out["e"] = base::to_base64url(rsa_exponent);
            return out;
        }
        out["crv"] = kind.curve;
        if (kind.type == "EC") out["y"] = base::to_base64url(spki.last(size));
        out["x"] = base::to_base64url(kind.type == "EC" ? spki.last(2 * size).first(size) : spki.last(size));
        return out;
    }

    std::optional<Bytes> from_jwk(Json const& jwk) const override {
        base::JsonReader in(jwk, "/key");
        auto const type = in.text("kty", 64);
        for (char const* secret : {"d", "k"})
            if (in.has(secret))
                in.fail(secret, "this is the secret part of a key, which belongs into no set");
        if (type == rsa.type) return from_rsa(in);
        auto const curve = in.optional_text("crv", 64).value_or("");
        for (auto const& kind : kinds)
            if (kind.type == type && kind.curve == curve) return from_point(in, kind);
        return std::nullopt;
    }

    std::string key_id(BytesView spki) const override {
        return base::to_base64url(base::sha256(base::canonical(to_jwk(spki))).view());
    }

    Bytes to_jws(BytesView spki, BytesView signature) const override {
        auto const& kind = kind_of(spki);
        if (kind.type != "EC") return {signature.begin(), signature.end()};
        der::Reader numbers(der::Reader(signature).next(der::sequence).content);
        Bytes out;
        for (int i = 0; i < 2; ++i) append_padded(out, numbers.next(der::integer).content, kind.coordinate);
        return out;
    }

    bool verify(BytesView spki, std::string_view signing_input, BytesView signature) const override {
        auto const* const kind = find_kind(spki);
        if (kind == nullptr) return false;
        auto const message = base::as_bytes(signing_input);
        if (kind == &rsa) return verify_rsa(spki, message, signature);
        if (signature.size() != 2 * kind->coordinate) return false;
        return verify_raw(
            spki, message,
            kind->type == "EC" ? der::signature_of(signature) : Bytes(signature.begin(), signature.end()));
    }

private:
    static Bytes number(base::JsonReader& in, char const* key) {
        try {
            return base::from_base64url(in.text(key));
        } catch (base::Error const& error) {
            in.fail(key, error.message());
        }
    }

    static std::optional<Bytes> from_rsa(base::JsonReader& in) {
        auto const modulus = number(in, "n");
        if (!std::ranges::equal(number(in, "e"), rsa_exponent) || !is_rsa_modulus(modulus))
            return std::nullopt;
        return rsa_spki(modulus, rsa_exponent);
    }

    static std::optional<Bytes> from_point(base::JsonReader& in, Kind const& kind) {
        Bytes point;
        if (kind.type == "EC") point.push_back(4);  // uncompressed
        for (char const* coordinate : {"x", "y"}) {
            if (*coordinate == 'y' && kind.type != "EC") break;
            auto const value = number(in, coordinate);
            if (value.size() != kind.coordinate)
                in.fail(coordinate, "a coordinate has the length of its curve");
            der::append(point, value);
        }
        auto spki = model::spki_of(kind.name, point);
        if (!spki || !algorithm_of(*spki)) in.fail("x", "this point is not on its curve");
        return spki;
    }
};

}  // namespace

port::Jose const& jose() {
    static OpensslJose const jose;
    return jose;
}

}  // namespace consortium::crypto
