#pragma once

#include "core/model/act.h"

namespace consortium::model {

/// What prepares, commits and carried sets name; equal means both equal (PROTOCOL P6).
struct Choice {
    std::int64_t attempt = 0;
    base::Digest document;
    auto operator<=>(Choice const&) const = default;
};

/// Body of "prepare" (no references) and "commit" (refers to its prepares).
base::Json to_json(Choice const& choice);
Choice choice_from_json(base::Json const& value);

/// Body of "candidate". The act refers to the statements and own changes that its document pins, then to
/// its skips.
struct Candidate {
    Choice choice;
    std::vector<base::Digest> skips;  // attempt 0: none; else q skips of the attempt before
};

base::Json to_json(Candidate const& candidate);
Candidate candidate_from_json(base::Json const& value);

/// Body of "skip". The act refers to the carried prepares.
struct Skip {
    std::int64_t attempt = 0;
    std::optional<Choice> carried;
};

base::Json to_json(Skip const& skip);
Skip skip_from_json(base::Json const& value);

/// Body of "found": a founder's officer agrees to the genesis document.
struct Found {
    base::Digest document;
};

base::Json to_json(Found const& found);
Found found_from_json(base::Json const& value);

/// Body of "ready" is {}: an admitted member's seat holds the final epoch that the act names (P4).
/// Body of "welcome": a member's seat answers a newcomer's nonce with the latest epoch, which the act names.
struct Welcome {
    std::string nonce;  // 32 hexadecimal digits
};

base::Json to_json(Welcome const& welcome);
Welcome welcome_from_json(base::Json const& value);

}  // namespace consortium::model
