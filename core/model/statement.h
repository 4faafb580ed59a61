#pragma once

#include "core/model/act.h"

namespace consortium::model {

/// One ballot or suspension that a seat held before the proposal closed.
struct Listing {
    base::Digest id;
    base::Instant received;
};

/// The most listings that are read in the act itself, and that go into it: so many that its payload stays
/// below 45,000 bytes (PROTOCOL P2). More go into a file.
inline constexpr std::size_t max_inline_listings = 300, inline_listings = 240;

/// Body of an act of kind "seen" (PROTOCOL P5). The act refers to [proposal], then to every listed act when
/// they are inline. Listings are sorted by id, each once.
struct Statement {
    std::vector<Listing> listed;       // empty when `file` is set
    std::optional<base::Digest> file;  // the listing of more than inline_listings, as a file
    std::int64_t stage = 0;            // how often the vote went on before; left out of the body at 0
    bool early = false;                // made before the close, for a vote that is settled; left out if not
    std::optional<base::Instant> known = {};  // when the proposal was received; left out if after the close
};

base::Json to_json(Statement const& statement);
Statement statement_from_json(base::Json const& value);

/// The content of a listing file.
std::string listing_text(std::vector<Listing> const& listed);
std::vector<Listing> listing_from_text(std::string_view text);

}  // namespace consortium::model
