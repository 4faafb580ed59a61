#pragma once

#include "core/base/instant.h"

namespace consortium::port {

class Clock {
public:
    virtual ~Clock() = default;
    virtual base::Instant now() const = 0;
};

}  // namespace consortium::port
