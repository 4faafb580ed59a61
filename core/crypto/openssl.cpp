#include "core/crypto/openssl.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/crypto/evp_key.h"

#include <openssl/err.h>

namespace consortium::crypto {

void fail_openssl(std::string_view what) {
    unsigned long const reason = ERR_peek_last_error();
    char const* words = reason == 0 ? nullptr : ERR_reason_error_string(reason);
    std::string message = std::string(what) + " failed";
    if (words != nullptr) message += std::string(": ") + words;
    ERR_clear_error();
    throw base::Error(base::Code::internal, message);
}

std::string last_reason() {
    char const* data = nullptr;
    int flags = 0;
    auto const code = ERR_peek_last_error_data(&data, &flags);
    auto const* const reason = ERR_reason_error_string(code);
    std::string words = reason == nullptr ? "it does not verify" : reason;
    // The reason of a chain stands in data beside the error.
    if (data != nullptr && (flags & ERR_TXT_STRING) != 0 && *data != '\0') words += std::string(": ") + data;
    ERR_clear_error();
    return base::printable(words);
}

BioPtr memory(base::BytesView bytes) {
    return need(BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))), "reading memory");
}

base::Bytes written(BIO* bio) {
    char* data = nullptr;
    auto const size = BIO_get_mem_data(bio, &data);
    auto const view = base::as_bytes({data, static_cast<std::size_t>(size)});
    return {view.begin(), view.end()};
}

base::Bytes public_der(EVP_PKEY* key) {
    if (auto spki = spki_of(key)) return *std::move(spki);
    unsigned char* encoded = nullptr;
    int const size = i2d_PUBKEY(key, &encoded);
    if (size <= 0) fail_openssl("encoding a public key");
    base::Bytes out(encoded, encoded + size);
    OPENSSL_free(encoded);
    return out;
}

}  // namespace consortium::crypto
