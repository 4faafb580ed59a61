#pragma once

#include "core/port/cms.h"

namespace consortium::crypto {

/// By OpenSSL's functions for CMS.
port::Cms const& cms();

}  // namespace consortium::crypto
