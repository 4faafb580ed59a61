#include "cli/command/root_transcript.h"

#include "cli/data.h"
#include "core/flow/root_transcript.h"

namespace consortium::cli {

model::Outcome root_transcript(Session& session, model::Request const& request) {
    return session.carry_out(
        flow::plan_root_transcript(session.state(), session.services(), software(), request));
}

}  // namespace consortium::cli
