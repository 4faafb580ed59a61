// An OCSP request of a stranger. What is taken names at least one certificate, and each name is read the same
// again.

#include "core/crypto/ocsp.h"

#include "tests/fuzz/fuzz.h"

using namespace consortium;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    return fuzz::probe([&] {
        auto const request = crypto::read_status_request({data, size});
        fuzz::require(!request.asked.empty() && request.nonce.size() <= 32);
        for (auto const& id : request.asked) {
            fuzz::require(id.serial.size() >= 32 && id.serial.size() <= 42);
            fuzz::require(crypto::read_certificate_id(id.der) == id);
        }
    });
}
