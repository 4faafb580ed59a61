#pragma once

#include "cli/session.h"

namespace consortium::cli {

/// Where this command exchanges: its flag --with, else the setting 'exchange'. Throws Error(usage) if neither
/// is given.
std::unique_ptr<port::Exchange> exchange_place(Session& session, model::Request const& request);

}  // namespace consortium::cli
