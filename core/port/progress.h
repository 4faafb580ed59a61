#pragma once

#include <cstdint>
#include <string_view>

namespace consortium::port {

/// Tells a person how far long work is. Shown on terminals; one line per 10 s elsewhere.
class Progress {
public:
    virtual ~Progress() = default;
    virtual void start(std::string_view what, std::uint64_t total) = 0;  // total 0: unknown
    virtual void advance(std::uint64_t done) = 0;
    virtual void finish() = 0;
};

}  // namespace consortium::port
