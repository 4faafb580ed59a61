#pragma once

#include "core/base/bytes.h"

#include <string>
#include <vector>

/// Looks for secrets in the memory of this process. What is looked for is kept under a mask, or it would find
/// itself.
namespace consortium::test {

class Needle {
public:
    static constexpr std::size_t length = 16;  // a part of a secret is too much already
    static constexpr std::size_t step = 8;     // parts begin at multiples of it

    explicit Needle(base::BytesView secret);

    /// The secret itself.
    base::Bytes revealed() const;
    /// Where the last part of the secret begins, and one further.
    std::size_t end_of_parts() const;
    /// The first two bytes of a part, as the index of a table.
    std::size_t begin_of(std::size_t part) const;
    /// Whether a part stands at a place that has so many bytes after it.
    bool stands_at(std::uint8_t const* place, std::size_t part) const;

private:
    base::Bytes m_masked;
};

/// Whether any 16 bytes of one of the secrets that begin in it at a multiple of 8 stand in the block. Reads
/// the block once.
bool any_in(base::BytesView block, std::vector<Needle> const& needles);

/// Where the writable memory of this process holds one of them: its mappings, by name, as a core dump would.
std::vector<std::string> places_in_memory(std::vector<Needle> const& needles);

}  // namespace consortium::test
