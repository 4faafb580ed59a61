#pragma once

#include "core/port/evidence.h"

namespace consortium::agreement {

/// The epoch in a document that is held, by its digest; null if it is not held. Documents are large and asked
/// for with every prepare and commit: the last few that were read are remembered, which is sound because the
/// digest is of the content. Throws Error(malformed) for a file that is no epoch.
std::shared_ptr<model::Epoch const> load_document(port::Evidence const& evidence, base::Digest const& digest);

/// reference(*epoch), with the last few remembered.
model::EpochReference reference_of(std::shared_ptr<model::Epoch const> const& epoch);

}  // namespace consortium::agreement
