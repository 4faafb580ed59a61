#include "core/driver/evm/recover.h"

#include "core/base/error.h"

#include <memory>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

namespace consortium::driver::evm {

namespace {

using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;
using Scratch = std::unique_ptr<BN_CTX, decltype(&BN_CTX_free)>;
using Point = std::unique_ptr<EC_POINT, decltype(&EC_POINT_free)>;
using Group = std::unique_ptr<EC_GROUP, decltype(&EC_GROUP_free)>;

EC_GROUP const* curve() {
    static Group const group(EC_GROUP_new_by_curve_name(NID_secp256k1), &EC_GROUP_free);
    if (!group) throw base::Error(base::Code::unsupported, "this OpenSSL has no curve secp256k1");
    return group.get();
}

Number number(base::BytesView bytes) {
    return {BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr), &BN_free};
}

Number number() {
    return {BN_new(), &BN_free};
}

bool in_range(BIGNUM const* value) {
    return !BN_is_zero(value) && BN_cmp(value, EC_GROUP_get0_order(curve())) < 0;
}

// Q = r^-1 (s R - z G)
Point public_point(BIGNUM const* r, BIGNUM const* s, BIGNUM const* z, int parity, BN_CTX* scratch) {
    auto const* order = EC_GROUP_get0_order(curve());
    Point none(nullptr, &EC_POINT_free);
    Point big_r(EC_POINT_new(curve()), &EC_POINT_free);
    if (!big_r || EC_POINT_set_compressed_coordinates(curve(), big_r.get(), r, parity, scratch) != 1) {
        return none;
    }
    auto inverse = number();
    auto u1 = number();
    auto u2 = number();
    Point out(EC_POINT_new(curve()), &EC_POINT_free);
    bool const good = inverse && u1 && u2 && out &&
                      BN_mod_inverse(inverse.get(), r, order, scratch) != nullptr &&
                      BN_mod_mul(u1.get(), z, inverse.get(), order, scratch) == 1 &&
                      BN_sub(u1.get(), order, u1.get()) == 1 &&
                      BN_mod_mul(u2.get(), s, inverse.get(), order, scratch) == 1 &&
                      EC_POINT_mul(curve(), out.get(), u1.get(), big_r.get(), u2.get(), scratch) == 1;
    if (!good || EC_POINT_is_at_infinity(curve(), out.get()) == 1) return none;
    return out;
}

}  // namespace

std::optional<base::Bytes> recover_key(base::Digest const& digest, base::BytesView signature) {
    if (signature.size() != 65) return std::nullopt;
    int const v = signature[64] >= 27 ? signature[64] - 27 : signature[64];
    if (v != 0 && v != 1) return std::nullopt;
    Scratch const scratch(BN_CTX_new(), &BN_CTX_free);
    auto const r = number(signature.first(32));
    auto const s = number(signature.subspan(32, 32));
    auto const z = number(digest.view());
    if (!scratch || !r || !s || !z) throw base::Error(base::Code::internal, "OpenSSL has no memory");
    if (!in_range(r.get()) || !in_range(s.get())) return std::nullopt;
    auto const point = public_point(r.get(), s.get(), z.get(), v, scratch.get());
    if (!point) return std::nullopt;
    base::Bytes out(65);
    auto const size = EC_POINT_point2oct(curve(), point.get(), POINT_CONVERSION_UNCOMPRESSED, out.data(),
                                         out.size(), scratch.get());
    if (size != out.size()) return std::nullopt;
    out.erase(out.begin());
    return out;
}

bool is_public_key(base::BytesView key) {
    if (key.size() != 64) return false;
    base::Bytes encoded{POINT_CONVERSION_UNCOMPRESSED};
    encoded.insert(encoded.end(), key.begin(), key.end());
    Point const point(EC_POINT_new(curve()), &EC_POINT_free);
    if (!point) throw base::Error(base::Code::internal, "OpenSSL has no memory");
    // Fails for coordinates past the field and for a point that is not on the curve.
    bool const good = EC_POINT_oct2point(curve(), point.get(), encoded.data(), encoded.size(), nullptr) == 1;
    ERR_clear_error();
    return good;
}

}  // namespace consortium::driver::evm
