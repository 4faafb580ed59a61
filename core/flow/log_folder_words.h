#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace consortium::flow {

/// What the words in the folder of a whole log are about.
struct LogFolderWords {
    std::string origin, recipient;
    std::uint64_t size = 0;      // of the head
    std::uint64_t recorded = 0;  // entries before the record of the disclosure
};

/// How the folder is checked with sha256sum, openssl, ssh-keygen and Go, command by command.
std::string log_folder_readme(LogFolderWords const& words);
/// A program in Go that recomputes the folder's tree with the Go team's own packages.
std::string_view log_folder_program();

}  // namespace consortium::flow
