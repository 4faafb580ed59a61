#pragma once

#include "core/flow/services.h"
#include "core/model/outcome.h"

namespace consortium::flow {

/// One act that lay in a file: what it commits to came beside it as `words`, empty where it did not.
struct ActFile {
    base::Path file;  // prepared bytes, or an envelope
    std::string envelope;
    std::string words;
};

/// A file that holds no act at all, and why.
struct NoActFile {
    base::Path file;
    base::Code code;
    std::string reason;
};

/// Judges each act as everybody will, and stores what holds; names every file that is refused. The status is
/// that of the first refusal, or pending where something waits for what it refers to.
model::Outcome import_acts(Services& services, std::vector<ActFile> const& files,
                           std::vector<NoActFile> const& spoiled = {});

}  // namespace consortium::flow
