#pragma once

#include "core/base/bytes.h"

namespace consortium::port {

class Entropy {
public:
    virtual ~Entropy() = default;
    /// Fills with bytes fit for keys. Throws Error(internal) rather than return weak ones.
    virtual void fill(std::span<std::uint8_t> out) = 0;

    base::Bytes bytes(std::size_t count) {
        base::Bytes out(count);
        fill(out);
        return out;
    }
};

}  // namespace consortium::port
