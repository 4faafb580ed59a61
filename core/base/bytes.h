#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace consortium::base {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<std::uint8_t const>;

BytesView as_bytes(std::string_view text);
std::string_view as_text(BytesView bytes);
Bytes to_bytes(std::string_view text);

/// Lower-case hexadecimal. from_hex accepts either case, an even number of digits and no prefix.
/// Throws Error(malformed).
std::string to_hex(BytesView bytes);
Bytes from_hex(std::string_view text);

/// RFC 4648 section 4, with padding. from_base64 is strict: no white space, canonical padding bits.
/// Throws Error(malformed).
std::string to_base64(BytesView bytes);
Bytes from_base64(std::string_view text);

/// RFC 4648 section 5, without padding (JWT).
std::string to_base64url(BytesView bytes);
Bytes from_base64url(std::string_view text);

/// Big-endian integers.
void append_u16(Bytes& out, std::uint16_t value);
void append_u64(Bytes& out, std::uint64_t value);
std::uint16_t read_u16(BytesView bytes);
std::uint64_t read_u64(BytesView bytes);

/// Compares in time that depends on the lengths only.
bool equal_constant_time(BytesView left, BytesView right);

}  // namespace consortium::base
