#pragma once

#include "core/base/error.h"

#include <doctest/doctest.h>

/// What the work fails with; it must fail.
inline consortium::base::Error error_of(auto const& work) {
    try {
        work();
    } catch (consortium::base::Error const& error) {
        return error;
    }
    FAIL("no error");
    return consortium::base::Error(consortium::base::Code::internal, "");
}
