#pragma once

#include "core/base/json.h"

namespace consortium::model {

inline constexpr std::size_t max_bundle = 64u << 20;
inline constexpr std::size_t max_bundle_lines = 100'000;
inline constexpr std::size_t max_bundle_line = 96u << 10;

/// The private part of an act on its way to named recipients.
struct BundlePart {
    base::Digest act;
    base::Bytes sealed;  // a file of the format age v1
};

/// Acts and files in one file for mail or a stick: JSON lines, uncompressed (PROTOCOL P13). The first line
/// names schema, genesis and sender; then {"act": envelope, "digest": its SHA-256}, {"file": sha256,
/// "part", "of", "data"} and {"private": act id, "age": base64}; the last line {"end": {"lines", "digest"}}
/// holds the SHA-256 of all lines before it.
struct Bundle {
    base::Digest genesis;
    std::string member;              // who made it
    std::vector<std::string> acts;   // envelopes, each after what it refers to
    std::vector<std::string> files;  // contents
    std::vector<BundlePart> parts = {};
    std::vector<std::size_t>
        lines;  // of each act in the text it was read from, from 1; empty in one just made
};

/// Throws Error(refused) if it would be larger than a bundle may be.
std::string to_text(Bundle const& bundle);
/// Throws Error(verification_failed) for a bundle that was cut short or changed on its way, Error(malformed)
/// for one that was made wrong; both name the line.
Bundle bundle_from_text(std::string_view text);

}  // namespace consortium::model
