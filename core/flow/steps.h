#pragma once

#include "core/flow/apply.h"
#include "core/flow/private_part.h"

namespace consortium::flow {

/// "act": sign and append. Detail {kind, refs, body, by_seat, files:[text …], private: what the act only
/// commits to, or null}; result {"id", "kind"}.
extern Applier const act_applier;
/// "event": append. Detail {kind, body, writes:[objects]} and, where the event names some, files:[text …];
/// result {"index"}.
extern Applier const event_applier;
/// "output": write a file, after everything else is durable. Detail {path, content, mode: "shared"|"owner"};
/// result
/// {"path", "digest"}.
extern Applier const output_applier;

model::Step act_step(model::Draft const& draft, std::string target, std::string summary,
                     std::vector<std::string> const& files = {});
model::Step act_step(model::Draft const& draft, PrivateDraft const& words, std::string target,
                     std::string summary);
model::Step event_step(std::string kind, base::Json body, std::vector<model::Object> const& writes,
                       std::string target, std::string summary);
model::Step output_step(base::Path const& path, std::string content, base::FileMode mode,
                        std::string summary);

}  // namespace consortium::flow
