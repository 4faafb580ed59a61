#pragma once

#include "core/flow/authority.h"
#include "core/model/root.h"
#include "core/model/verdict.h"

/// A certificate that another workspace has made for a key of this one, before it is believed.
namespace consortium::flow {

struct Offered {
    base::Bytes der;
    model::CertificateFacts facts;
    port::KeyInfo key;
};

/// The trust bundle in force: the roots that members trust are known by agreement only, never from the file
/// that is to be believed. Throws Error(not_found) that says how one comes to be.
model::TrustBundle agreed_bundle(State const& state);
/// What FILE holds for one key of this workspace; without a FILE, what the bundle carries for one and is new
/// here. Throws Error(not_found) where there is none, Error(usage) where there are several keys.
std::vector<Offered> offered(State const& state, model::TrustBundle const& bundle, Services const& services,
                             base::Json const& arguments);
/// Whether an authority of this workspace has this certificate.
bool is_adopted(port::Store const& store, base::BytesView der);
/// By whom it is certified, and whether a member's intermediate may be certified so: by a root of the bundle,
/// in force, not on one of these lists (none: not asked), an authority for this member, bound to names.
AuthorityCertificate judged(Offered const& given, State const& state, model::TrustBundle const& bundle,
                            std::vector<base::Bytes> const& lists, Services const& services,
                            model::Verdict& verdict);

}  // namespace consortium::flow
