#pragma once

#include "core/base/digest.h"

#include <memory>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

namespace consortium::test {

/// A secp256k1 key that seals blocks, for simulated Besu nodes. Not for anything that matters.
class SealKey {
public:
    explicit SealKey(std::string_view seed) : m_secret(base::sha256(seed)) {}

    /// x ‖ y.
    base::Bytes public_key() const {
        auto const point = multiply(m_secret);
        auto out = coordinates(point.get());
        out.erase(out.begin());
        return out;
    }

    /// r ‖ s ‖ v over a digest, by the textbook (SEC 1, section 4.1.3).
    base::Bytes sign(base::Digest const& digest) const {
        base::Bytes seed(m_secret.bytes.begin(), m_secret.bytes.end());
        seed.insert(seed.end(), digest.bytes.begin(), digest.bytes.end());
        auto const nonce = base::sha256(seed);
        auto const point = coordinates(multiply(nonce).get());
        Number const r = number(base::BytesView(point).subspan(1, 32));
        Number const k = number(nonce.view());
        Number const s(BN_new(), &BN_free);
        Number const inverse(BN_new(), &BN_free);
        auto const* n = EC_GROUP_get0_order(group());
        BN_mod_mul(s.get(), r.get(), number(m_secret.view()).get(), n, scratch());
        BN_mod_add(s.get(), s.get(), number(digest.view()).get(), n, scratch());
        BN_mod_inverse(inverse.get(), k.get(), n, scratch());
        BN_mod_mul(s.get(), s.get(), inverse.get(), n, scratch());
        base::Bytes out(65);
        BN_bn2binpad(r.get(), out.data(), 32);
        BN_bn2binpad(s.get(), out.data() + 32, 32);
        out[64] = point[64] & 1;
        return out;
    }

private:
    using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;
    using Point = std::unique_ptr<EC_POINT, decltype(&EC_POINT_free)>;

    static EC_GROUP const* group() {
        static std::unique_ptr<EC_GROUP, decltype(&EC_GROUP_free)> const made(
            EC_GROUP_new_by_curve_name(NID_secp256k1), &EC_GROUP_free);
        return made.get();
    }
    static BN_CTX* scratch() {
        thread_local std::unique_ptr<BN_CTX, decltype(&BN_CTX_free)> const made(BN_CTX_new(), &BN_CTX_free);
        return made.get();
    }
    static Number number(base::BytesView bytes) {
        return {BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr), &BN_free};
    }
    static Point multiply(base::Digest const& factor) {
        Point out(EC_POINT_new(group()), &EC_POINT_free);
        EC_POINT_mul(group(), out.get(), number(factor.view()).get(), nullptr, nullptr, scratch());
        return out;
    }
    static base::Bytes coordinates(EC_POINT const* point) {
        base::Bytes out(65);
        EC_POINT_point2oct(group(), point, POINT_CONVERSION_UNCOMPRESSED, out.data(), out.size(), scratch());
        return out;
    }

    base::Digest m_secret;
};

}  // namespace consortium::test
