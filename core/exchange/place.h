#pragma once

#include "core/base/instant.h"
#include "core/port/clock.h"
#include "core/port/exchange.h"
#include "core/port/transport.h"

#include <functional>

namespace consortium::exchange {

/// Where a tree is, and what one needs to get there.
struct Place {
    std::string at;  // "/srv/exchange", "git@host:path", "https://…", "s3://bucket/prefix" …
    port::HttpSecurity security = {};  // of https and s3
    std::string endpoint = {};         // of s3: the store's URL; empty: that of AWS
    std::string region = {};           // of s3
    base::Path credentials = {};       // of s3: a file with the access key; empty: the environment's
};

/// What adapters use to get there.
struct Means {
    std::string member;  // who writes
    base::Path cache;    // a folder for private copies, made when it is needed
    base::Duration timeout{10};
    port::Clock const* clock = nullptr;
    std::function<port::Transport&()> transport;
};

/// The error, naming the place: one about the place itself, from which other places need not suffer.
base::Error about_place(base::Error const& error, std::string const& place);

}  // namespace consortium::exchange
