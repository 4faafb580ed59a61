#pragma once

#include "core/base/digest.h"
#include "core/flow/services.h"

namespace consortium::flow {

/// The folders that may hold what members publish: those of the members and invited organizations known
/// here, and what else the place lists that is named as members are.
std::vector<std::string> member_folders(Services const& services, port::Exchange const& exchange);

/// A blob; none if it is absent, too large or cannot be read: what one has put into the exchange must not
/// keep the others from being read.
std::optional<std::string> read_if_sound(port::Exchange const& exchange, std::string const& path,
                                         std::size_t max);

/// A blob of one's own, which is to be written anew: none if it is absent or nothing that can be read as one
/// (too large, a link). Throws where the place does not let it be read: whatever lies there is not to be
/// lost.
std::optional<std::string> read_own(port::Exchange const& exchange, std::string const& path, std::size_t max);

/// Why nothing can be written, in words, where that is so.
std::string why_read_only(port::Exchange const& exchange);

/// The names in a folder; none where it cannot be listed, holds more than is read, or its place cannot be
/// reached: what is known by name suffices.
port::Exchange::Names list_if_reached(port::Exchange const& exchange, std::string const& folder);

/// Fetches files that acts name, each from whichever member has it: a file's name is its digest, so it does
/// not matter who; `likely` is asked first. What one fetcher brings is bounded (64 MiB, 1,000 files), and so
/// is how often it asks: acts may name files that nobody has. Acts whose files are left out wait for the
/// next; one that cannot ask for all begins anywhere among them, so that none is left out for ever.
class FileFetcher {
public:
    FileFetcher(Services const& services, port::Exchange const& exchange, std::string_view likely = {});

    /// The contents of those that were found.
    std::vector<std::string> fetch(std::vector<base::Digest> const& wanted);

private:
    std::optional<std::string> find(base::Digest const& digest);
    std::size_t anywhere(std::size_t count) const;

    Services const& m_services;
    port::Exchange const& m_exchange;
    std::string m_likely;
    std::vector<std::string> m_folders;  // made when the first file is wanted
    std::size_t m_bytes = 64u << 20;     // that may still be fetched
    std::size_t m_files = 1'000;
    std::size_t m_asks = 4'000;
};

}  // namespace consortium::flow
