#pragma once

#include "core/model/certificate.h"

namespace consortium::model {

/// Of the names, the first that is not within the permitted subtrees (RFC 5280 4.2.1.10), as "ip:11.0.0.1";
/// empty: all are. A kind of which no subtree is given is not constrained.
std::string first_outside(AlternativeNames const& names, AlternativeNames const& permitted);

/// Files a subtree as people write it under its kind: "dns:acme.example", "ip:10.0.0.0/8",
/// "email:acme.example" (or ".acme.example", or one address), "uri:acme.example". Throws Error(malformed).
void add_name_space(AlternativeNames& permitted, std::string_view text);

}  // namespace consortium::model
