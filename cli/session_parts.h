#pragma once

#include "cli/clock.h"
#include "cli/compose.h"
#include "cli/session.h"
#include "cli/settings.h"
#include "core/base/secret.h"

#include <map>

namespace consortium::cli {

/// What a session holds; shared by session.cpp and carry_out.cpp only.
struct Session::Parts {
    Parts(Session& session, Common flags);
    Adapters& adapters(Session& session);

    Common common;
    Surroundings around;
    SessionClock clock;
    std::optional<Settings> settings;
    std::optional<base::Path> workspace;
    bool searched = false;
    std::unique_ptr<Adapters> made;
    std::optional<flow::Identity> identity;
    std::optional<base::Digest> expected;
    Command const* command = nullptr;                                  // the one that runs
    std::optional<model::Request> request;                             // as it was typed
    std::map<std::string, base::Secret, std::less<>> new_passphrases;  // by what was asked; once a process
};

}  // namespace consortium::cli
