#pragma once

#include "core/base/digest.h"
#include "core/port/exchange.h"

namespace consortium::flow {

/// The folders of an exchange that are named as members are; what else lies there is none of ours.
std::vector<std::string> member_folders(port::Exchange const& exchange);

/// A blob; none if it is absent, too large or cannot be read: what one has put into the exchange must not
/// keep the others from being read.
std::optional<std::string> read_if_sound(port::Exchange const& exchange, std::string const& path,
                                         std::size_t max);

/// Fetches files that acts name, each from whichever member has it: a file's name is its digest, so it does
/// not matter who. What one fetcher brings is bounded (64 MiB, 1,000 files); acts whose files are left out
/// wait for the next.
class FileFetcher {
public:
    explicit FileFetcher(port::Exchange const& exchange);

    /// The contents of those that were found.
    std::vector<std::string> fetch(std::vector<base::Digest> const& wanted);

private:
    std::optional<std::string> find(base::Digest const& digest) const;

    port::Exchange const& m_exchange;
    std::vector<std::string> m_folders;
    std::size_t m_bytes = 64u << 20;  // that may still be fetched
    std::size_t m_files = 1'000;
};

}  // namespace consortium::flow
