#pragma once

#include "core/model/act.h"

namespace consortium::model {

/// What acts and their envelopes have at most (PROTOCOL P2).
inline constexpr std::size_t max_references = 1000;
inline constexpr std::size_t max_key_id = 200;
inline constexpr std::size_t max_signature = 4096;
inline constexpr std::int64_t max_integer = (std::int64_t{1} << 53) - 1;
inline constexpr int max_depth = 32;
inline constexpr int highest_protocol = 1'000'000;  // that is read: what is not known is refused later

/// An envelope as to_text() writes it, and an act as canonical(to_json()) does, read without a JSON value
/// between: most of an act would only pass through that. None for any other text, malformed or not: the
/// reader of JSON says what is wrong with it.
std::optional<Envelope> plain_envelope(std::string_view text, std::string_view payload_type);
std::optional<Act> plain_act(std::string_view payload);

/// 32 lower-case hexadecimal digits.
bool is_nonce(std::string_view text);

}  // namespace consortium::model
