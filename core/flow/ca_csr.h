#pragma once

#include "core/flow/ca_parts.h"
#include "core/model/plan.h"

/// An intermediate whose key a member keeps: what it asks for, and what it is granted.
namespace consortium::flow {

/// What this workspace has asked for and not adopted yet, or has: object authority-request/<the key's id>.
struct AskedAuthority {
    base::Digest key_id;
    std::string name;      // what the authority is to be called here
    std::string key;       // its name in the keyring
    std::string replaces;  // the authority whose place it takes; empty: none's
    model::AlternativeNames permitted;
};
model::Object to_object(AskedAuthority const& asked, std::string state);
std::optional<AskedAuthority> find_asked(port::Store const& store, base::Digest const& key);

/// The request that --csr of 'ca add' names; none: the key is of this workspace. Throws Error(usage) beside
/// flags about that key or about lists, which are for whoever has the key to say.
std::optional<model::SigningRequest> given_request(port::Certifier const& certifier,
                                                   model::Request const& request);
/// What the request asks beyond what is granted, field by field, and whether its key may certify. `detail` is
/// that of the step: {name, common_name, member, organization, permitted}.
void check_authority_request(model::SigningRequest const& asked, base::Json const& detail, State const& state,
                             port::Certifier const& certifier, model::Verdict& verdict);
/// Throws Error(conflict) where the key came to be used since that was checked.
void require_granted(port::Store const& store, base::Digest const& key, port::Certifier const& certifier);
/// The kinds of names of which none is permitted: verifiers take that for all of them. "ip, email, uri".
std::string unbound_kinds(model::AlternativeNames const& permitted);

}  // namespace consortium::flow
