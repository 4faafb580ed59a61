#pragma once

#include "core/agreement/statement.h"
#include "core/flow/services.h"

namespace consortium::flow {

/// The record of a change as change management asks for it: what was decided and why, by whom, what was then
/// done to which of one's own nodes by whom and when, how it was verified, what came of it, which way back
/// was prepared. {"name","consortium","rehearsal","what","why","decision","executions","outcome","rollback"};
/// see `report render change/…`. Throws Error(refused) for a proposal that is not decided yet.
base::Json change_record(State const& state, agreement::OpenProposal const& proposal);

/// The record as Markdown (CommonMark with tables); whatever came from others is escaped.
std::string change_markdown(base::Json const& record);

/// Decided proposals of which a record can be made: those that were, or are to be, executed on nodes.
std::vector<base::Digest> changes(port::Store const& store);

}  // namespace consortium::flow
