#pragma once

#include "core/crypto/x509_handles.h"
#include "core/model/certificate.h"

namespace consortium::crypto {

inline constexpr std::size_t max_request = 65'536;

/// Reads a PKCS#10 request, PEM or DER, and checks that its author holds the key (see port::Certifier).
model::SigningRequest read_request(base::BytesView input);

/// The CertificationRequestInfo that asks for this (see port::Certifier).
base::Bytes request_tbs(model::SigningRequest const& request);

}  // namespace consortium::crypto
