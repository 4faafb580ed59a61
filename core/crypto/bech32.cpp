#include "core/crypto/bech32.h"

#include <algorithm>
#include <array>

namespace consortium::crypto {

namespace {

constexpr std::string_view letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t checksum_letters = 6;

std::uint32_t polymod(base::BytesView values) {
    constexpr std::array<std::uint32_t, 5> generator{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                                     0x2a1462b3};
    std::uint32_t check = 1;
    for (auto const value : values) {
        auto const top = check >> 25;
        check = ((check & 0x1ffffff) << 5) ^ value;
        for (std::size_t bit = 0; bit < generator.size(); ++bit)
            if (((top >> bit) & 1) != 0) check ^= generator[bit];
    }
    return check;
}

base::Bytes expanded(std::string_view prefix) {
    base::Bytes out;
    for (char const letter : prefix) out.push_back(static_cast<std::uint8_t>(letter >> 5));
    out.push_back(0);
    for (char const letter : prefix) out.push_back(static_cast<std::uint8_t>(letter & 31));
    return out;
}

/// Regroups bits; what does not fill a group at the end is padded with zeros.
base::Bytes regrouped(base::BytesView values, int from, int to) {
    base::Bytes out;
    std::uint32_t held = 0;
    int bits = 0;
    for (auto const value : values) {
        held = (held << from) | value;
        bits += from;
        while (bits >= to) {
            bits -= to;
            out.push_back(static_cast<std::uint8_t>((held >> bits) & ((1u << to) - 1)));
        }
    }
    if (bits > 0) out.push_back(static_cast<std::uint8_t>((held << (to - bits)) & ((1u << to) - 1)));
    return out;
}

}  // namespace

std::string bech32(std::string_view prefix, base::BytesView bytes) {
    auto values = regrouped(bytes, 8, 5);
    auto all = expanded(prefix);
    all.insert(all.end(), values.begin(), values.end());
    all.insert(all.end(), checksum_letters, 0);
    auto const check = polymod(all) ^ 1;
    for (std::size_t i = 0; i < checksum_letters; ++i)
        values.push_back(static_cast<std::uint8_t>((check >> (5 * (checksum_letters - 1 - i))) & 31));
    std::string out(prefix);
    out += '1';
    for (auto const value : values) out += letters[value];
    return out;
}

std::optional<base::Bytes> from_bech32(std::string_view prefix, std::string_view text) {
    if (text.size() < prefix.size() + 1 + checksum_letters || !text.starts_with(prefix) ||
        text[prefix.size()] != '1')
        return std::nullopt;
    base::Bytes values;
    for (char const letter : text.substr(prefix.size() + 1)) {
        auto const at = letters.find(letter);
        if (at == std::string_view::npos) return std::nullopt;
        values.push_back(static_cast<std::uint8_t>(at));
    }
    auto all = expanded(prefix);
    all.insert(all.end(), values.begin(), values.end());
    if (polymod(all) != 1) return std::nullopt;
    values.resize(values.size() - checksum_letters);
    auto bytes = regrouped(values, 5, 8);
    auto const whole = values.size() * 5 / 8;
    auto const left = values.size() * 5 % 8;
    if (left >= 5 || (left > 0 && bytes.back() != 0)) return std::nullopt;
    bytes.resize(whole);
    return bytes;
}

}  // namespace consortium::crypto
