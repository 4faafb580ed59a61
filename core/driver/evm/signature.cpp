#include "core/driver/evm/signature.h"

#include "core/base/error.h"
#include "core/driver/evm/recover.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::driver::evm {

using base::Code;
using base::Error;

namespace {

/// SEC 2, section 2.4.1: the order of the base point, and its half.
Quantity256 const& order() {
    static auto const value =
        Quantity256::from_text("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    return value;
}

Quantity256 const& half_order() {
    static auto const value =
        Quantity256::from_text("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");
    return value;
}

bool in_range(Quantity256 const& value) {
    return value != Quantity256() && value < order();
}

Quantity256 scalar(base::BytesView bytes, std::string_view name) {
    if (bytes.size() != 32) {
        throw Error(Code::malformed,
                    fmt::format("{} of a signature has {} bytes, not 32", name, bytes.size()));
    }
    auto const begin = std::find_if(bytes.begin(), bytes.end(), [](auto byte) { return byte != 0; });
    auto const value = Quantity256::from_canonical({begin, bytes.end()});
    if (!in_range(value)) {
        throw Error(Code::malformed, fmt::format("{} of a signature is outside of 1 … n-1", name));
    }
    return value;
}

// s, or n - s where that is lower: both are good for the same digest and key.
Quantity256 lower(Quantity256 const& s) {
    if (s <= half_order()) return s;
    auto const rest = order().negated().plus(s);  // (2^256 - n) + s
    return rest ? rest->negated() : s;            // 2^256 - that
}

}  // namespace

bool is_canonical(Signature const& signature) {
    bool const parity = signature.y_parity == 0 || signature.y_parity == 1;
    return parity && in_range(signature.r) && in_range(signature.s) && signature.s <= half_order();
}

std::optional<std::string> recover_address(base::Digest const& digest, Signature const& signature,
                                           port::Hash keccak256) {
    base::Bytes bytes(signature.r.word().begin(), signature.r.word().end());
    bytes.insert(bytes.end(), signature.s.word().begin(), signature.s.word().end());
    bytes.push_back(static_cast<std::uint8_t>(signature.y_parity));
    auto const key = recover_key(digest, bytes);
    if (!key) return std::nullopt;
    return "0x" + keccak256(*key).hex().substr(24);
}

Signature finish_signature(base::Digest const& digest, base::BytesView r, base::BytesView s,
                           std::string_view address, port::Hash keccak256) {
    Signature out{scalar(r, "r"), lower(scalar(s, "s")), 0};
    for (int const parity : {0, 1}) {
        out.y_parity = parity;
        if (recover_address(digest, out, keccak256) == address) return out;
    }
    throw Error(Code::verification_failed, fmt::format("the signature is not by the key of {}", address),
                "is the key that signed the one of this account? 'consortium key list' shows its keys",
                {{"address", std::string(address)}});
}

}  // namespace consortium::driver::evm
