#pragma once

#include "core/port/exchange.h"

namespace consortium::port {

/// An exchange at which others may remove what was written from here, and which puts it back, by a memory of
/// its own that may be lost.
class Remembering {
public:
    virtual ~Remembering() = default;
    /// False where it does not know all that was written: then the writer writes all again.
    virtual bool remembers() const = 0;
    /// All was written and settled: from now on it remembers.
    virtual void remember() = 0;
};

inline bool remembers(Exchange const& exchange) {
    auto const* memory = dynamic_cast<Remembering const*>(&exchange);
    return memory == nullptr || memory->remembers();
}

inline void remember(Exchange& exchange) {
    if (auto* memory = dynamic_cast<Remembering*>(&exchange)) memory->remember();
}

}  // namespace consortium::port
