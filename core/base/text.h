#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace consortium::base {

std::vector<std::string> split(std::string_view text, char separator);
std::string join(std::span<std::string const> parts, std::string_view separator);
std::string_view trimmed(std::string_view text);
bool is_utf8(std::string_view text);
/// Control characters (C0, DEL, C1, bidirectional overrides) replaced, so that hostile text cannot drive a
/// terminal.
std::string printable(std::string_view text);
/// Columns on a terminal: wide characters count two, combining ones none.
std::size_t columns(std::string_view text);

/// [a-z0-9-]{1,63}, as ids of members, officers and networks are. Throws Error(malformed) naming `what`.
bool is_name(std::string_view text);
void check_name(std::string_view text, std::string_view what);

/// The candidate nearest to `word` by edit distance (transpositions count one), or "" if none is near.
std::string nearest(std::string_view word, std::span<std::string const> candidates);

}  // namespace consortium::base
