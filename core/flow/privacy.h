#pragma once

#include "core/flow/apply.h"
#include "core/model/outcome.h"

namespace consortium::flow {

/// Erasure of what is known about a person. Object kind "erasure", named by the person's pseudonym: state
/// "begun" (ordered, the order is durable), "erased" (nothing is left here), "readmitted" (parts may come in
/// again). Data {"subject","reason","decision","officer","member","order","outside"} and, once erased,
/// {"parts","time"}. `order` is a DSSE envelope of payload type application/vnd.consortium.erasure.v1+json,
/// signed by the officer who ordered it.

/// The operation that a crash left open half-way through an erasure; none where there is none.
std::optional<model::Object> open_erasure(port::Store const& store, std::string const& subject);

/// `privacy list`: who is known here, and how much is kept about them.
model::Outcome privacy_list(State const& state, model::Request const& request);
/// `privacy show PERSON`: all that is kept here about one person, for who asks for it. Throws
/// Error(not_found).
model::Outcome privacy_show(State const& state, model::Request const& request);
/// `privacy erase PERSON --reason GROUND [--decision PROPOSAL]`: danger. By an officer with role legal or
/// governance whose key is here. Goes on with an erasure that was begun; nothing to do for one that is done.
model::Plan plan_privacy_erase(State const& state, model::Request const& request);
/// `privacy readmit PERSON`: parts about a person that were erased may come in again. By whom an erasure
/// needs, and signed as one.
model::Plan plan_privacy_readmit(State const& state, model::Request const& request);

/// "privacy.order": journals the signed order. Detail {subject, reason, decision, officer, member};
/// result {index}.
extern Applier const privacy_order_applier;
/// "privacy.erase": destroys the key, then the sealed parts, then says so. Detail {subject}; result {subject,
/// parts}. Whatever of it was done before is not done again.
extern Applier const privacy_erase_applier;
/// "privacy.readmit": journals the signed readmission. Detail {subject, officer, member}; result {index}.
extern Applier const privacy_readmit_applier;

}  // namespace consortium::flow
