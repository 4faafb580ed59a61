#pragma once

#include "core/flow/proposal_look.h"

#include <functional>

namespace consortium::flow {

/// When watching ends by itself.
enum class WatchEnd { settled, closed, decided };

struct WatchOptions {
    WatchEnd until = WatchEnd::decided;
    base::Duration every{30};            // between two looks
    std::optional<std::int64_t> rounds;  // at most so many looks; none: no bound
};

/// What watching needs of whoever runs it.
struct Watched {
    std::function<State()> look;  // the state as it is now, after what others said was taken in
    std::function<void(ProposalLook const&, std::vector<std::string> const& news, base::Instant now)> show;
    std::function<void(base::Duration)> pause;
};

/// Looks at a proposal again and again, and shows it first and whenever something has changed. Returns the
/// last look; its status is pending where `rounds` ended before what was waited for came.
model::Outcome watch_proposal(std::string_view name, WatchOptions const& options, Watched const& watched);

}  // namespace consortium::flow
