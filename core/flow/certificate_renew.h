#pragma once

#include "core/model/entry.h"
#include "core/port/store.h"

/// One certificate takes the place of another: {"renews"} of the new one and {"renewed_by"} of the old one
/// name each other, and the old one's state is "renewed". It is in force all the same, until it ends or is
/// revoked.
namespace consortium::flow {

/// Whether it was issued and not revoked; it may have expired.
bool is_unrevoked(model::Object const& certificate);

/// The certificate that this one takes the place of, as it stands from now on; none: it takes nobody's.
std::optional<model::Object> renewed(port::Store const& store, model::Object const& issued);
/// The certificate whose place this one does not take any more, since it is revoked: it waits for its renewal
/// again. None: there is no such certificate.
std::optional<model::Object> waiting_again(port::Store const& store, model::Object const& revoked);
/// Of those that it renews or was renewed by, the serials of which are in force and certify the same key.
std::vector<std::string> of_same_key(port::Store const& store, model::Object const& certificate,
                                     base::Instant now);

}  // namespace consortium::flow
