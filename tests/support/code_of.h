#pragma once

#include "core/base/error.h"

/// The code that the work fails with; internal if it does not fail.
inline consortium::base::Code code_of(auto const& work) {
    try {
        work();
    } catch (consortium::base::Error const& error) {
        return error.code();
    }
    return consortium::base::Code::internal;
}
