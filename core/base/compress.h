#pragma once

#include <string>
#include <string_view>

namespace consortium::base {

/// One member in the format of RFC 1952, without a name or a time: the same bytes for the same text.
std::string gzip(std::string_view text);

bool is_gzip(std::string_view bytes);
/// The text of exactly one member. Throws Error(malformed) for torn or damaged bytes, for anything after it,
/// and for a text of more than `max` bytes, of which no more is ever held.
std::string gunzip(std::string_view bytes, std::size_t max);

}  // namespace consortium::base
