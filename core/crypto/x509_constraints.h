#pragma once

#include "core/crypto/x509_handles.h"
#include "core/model/certificate.h"

/// What makes an authority of a certificate, and bounds it: basic constraints and name constraints.
namespace consortium::crypto {

/// Puts both on the certificate: an authority's request may ask for that.
void add_constraints(X509* certificate, model::CertificateContent const& content);
/// The permitted subtrees of name constraints; what else they say is reported in `other`.
model::AlternativeNames read_subtrees(NAME_CONSTRAINTS const* constraints, std::vector<std::string>& other);
/// None, or the number of authorities below; what is no such number is -1 or the largest.
std::optional<int> read_path_length(BASIC_CONSTRAINTS const* constraints);

}  // namespace consortium::crypto
