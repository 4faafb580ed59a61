#pragma once

#include "core/base/instant.h"

#include <string>
#include <string_view>
#include <vector>

namespace consortium::base {

/// Another program and what it may take.
struct Job {
    std::vector<std::string> arguments;    // the program first, found on PATH; no shell
    std::vector<std::string> environment;  // NAME=VALUE, all of it
    std::string folder;                    // in which it runs; empty: the current one
    std::string_view input;
    std::size_t max_output = 1u << 20;
    std::size_t max_file = 1u << 30;  // bytes that it may write into one file
    base::Duration time_limit{600};
};

struct Ended {
    enum class How { exited, stopped, late, talkative } how = How::exited;
    int status = -1;     // of exited; -1 if it was stopped by a signal
    std::string output;  // of talkative: up to the bound
    std::string errors;  // the last of what it said on standard error, at most 4 KiB

    bool is_good() const { return how == How::exited && status == 0; }
};

/// The last lines of what it said on standard error, as one that can be shown.
std::string last_words(Ended const& ended);

/// Runs a program without a terminal and without any other descriptor of this process, in a session of its
/// own, and ends it with all that it started when it says too much or takes too long. Throws
/// Error(unsupported) naming the program if it is not installed.
Ended run(Job const& job);

}  // namespace consortium::base
