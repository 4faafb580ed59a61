// A stranger's certificate, and a stranger's signing request: as it came, and signed anew by a key of ours,
// so that what is behind the signature is read too.

#include "core/crypto/csr.h"
#include "core/crypto/x509.h"
#include "tests/fuzz/fuzz.h"

using namespace consortium;

namespace {

EVP_PKEY* our_key() {
    static crypto::PkeyPtr const key(EVP_EC_gen("P-256"));
    return key.get();
}

void check_request(base::BytesView bytes) {
    auto const request = crypto::read_request(bytes);
    fuzz::require(!request.public_key.empty() && !request.algorithm.empty());
    // It is what it says, whoever asks, and a name is as long as it came, NUL characters included.
    fuzz::require(crypto::read_request(bytes) == request);
    for (auto const& name : request.names.texts()) fuzz::require(name.size() <= bytes.size());
}

base::Bytes signed_anew(base::BytesView bytes) {
    auto const* cursor = bytes.data();
    crypto::RequestHandle const request(d2i_X509_REQ(nullptr, &cursor, static_cast<long>(bytes.size())));
    if (!request || X509_REQ_set_pubkey(request.get(), our_key()) != 1 ||
        X509_REQ_sign(request.get(), our_key(), EVP_sha256()) <= 0) {
        throw base::Error(base::Code::malformed, "no signing request");
    }
    return crypto::encoded<X509_REQ>(i2d_X509_REQ, request.get());
}

void check_certificate(base::BytesView bytes) {
    auto const certificate = crypto::parse_certificate(bytes);
    auto const facts = crypto::read_facts(certificate.get(), bytes);
    fuzz::require(facts.fingerprint == base::sha256(bytes));
    fuzz::require(facts.subject.find('\n') == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    base::BytesView const bytes{data, size};
    return fuzz::probe([&] { check_request(bytes); }) |
           fuzz::probe([&] { check_request(signed_anew(bytes)); }) |
           fuzz::probe([&] { check_certificate(bytes); });
}
