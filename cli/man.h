#pragma once

#include <string>
#include <utility>
#include <vector>

namespace consortium::cli {

struct ManualPage {
    std::string file;  // "consortium-vote.1"
    std::string content;
};

/// consortium(1), one page a noun, and the table of exit codes in section 7; written from the registry.
std::vector<ManualPage> manual_pages();

}  // namespace consortium::cli
