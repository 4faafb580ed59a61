#pragma once

#include "core/flow/services.h"
#include "core/model/private_part.h"

namespace consortium::flow {

// What everything has in common that is prepared here for an officer to sign elsewhere with ssh-keygen.

/// The officer for whom it is prepared. Throws Error(not_found) with the nearest id, Error(unsupported) for
/// one whose key is no SSH key: `otherwise` is the command that such an officer runs.
model::Officer const& officer_elsewhere(model::Epoch const& epoch, std::string_view id,
                                        std::string_view otherwise);
/// The state as it looks to that officer.
State seen_by(State const& state, model::Officer const& officer);
/// The act that the officer is to sign, in the latest epoch.
model::Act prepared_act(model::Draft const& draft, Services& services, State const& state,
                        model::Officer const& officer);
/// The end of a summary: how `act`, whose bytes are in `file`, is signed and comes back. `file` is a name
/// without folders, since it is signed elsewhere.
std::string how_to_sign(model::Act const& act, std::string_view bytes, std::string_view file);
/// Writes the bytes to `file`, what they mean to file.txt and the private part, where there is one, to
/// file.private; one from before goes. What is signed comes last: wherever this breaks off, nobody signs what
/// commits to words that are nowhere.
void write_prepared(std::string const& file, std::string const& bytes, std::string const& summary,
                    std::optional<model::PrivatePart> const& part = {});

}  // namespace consortium::flow
