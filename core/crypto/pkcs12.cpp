#include "core/crypto/pkcs12.h"

#include "core/crypto/evp_key.h"
#include "core/crypto/x509_handles.h"

#include <algorithm>
#include <openssl/pkcs12.h>

namespace consortium::crypto {

namespace {

using base::Bytes;
using base::Code;
using base::Error;

constexpr std::size_t shortest = 8, longest = 128;
/// As many as Java's keytool takes; the password of a keystore is a machine's, not one that people remember.
constexpr int iterations = 10'000;

using StorePtr = Handle<PKCS12, PKCS12_free>;

struct FreeStack {
    void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_pop_free(stack, X509_free); }
};
using StackPtr = std::unique_ptr<STACK_OF(X509), FreeStack>;

// RFC 7292 B.1 makes a BMPString of it, of which readers disagree beyond ASCII.
base::Secret terminated(base::Secret const& password) {
    auto const text = password.view();
    bool const plain = std::all_of(text.begin(), text.end(), [](auto c) { return c >= ' ' && c < 0x7f; });
    if (!plain || text.size() < shortest || text.size() > longest) {
        throw Error(Code::refused, "a keystore's password has 8 to 128 characters, all of them ASCII",
                    "run 'openssl rand -base64 24 >FILE', and name it with --password-file");
    }
    Bytes bytes;
    bytes.reserve(text.size() + 1);
    bytes.assign(text.begin(), text.end());
    bytes.push_back(0);
    return base::Secret(std::move(bytes));
}

PkeyPtr key_in(base::Secret const& pkcs8) {
    auto const* cursor = pkcs8.view().data();
    Pkcs8Ptr const info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &cursor, static_cast<long>(pkcs8.view().size())));
    return info ? need(private_key_of(info.get()), "reading a private key")
                : throw Error(Code::malformed, "not a private key in PKCS#8 form");
}

struct FreeBags {
    void operator()(STACK_OF(PKCS12_SAFEBAG) * stack) const noexcept {
        sk_PKCS12_SAFEBAG_pop_free(stack, PKCS12_SAFEBAG_free);
    }
};
using BagsPtr = std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), FreeBags>;

struct FreeSafes {
    void operator()(STACK_OF(PKCS7) * stack) const noexcept { sk_PKCS7_pop_free(stack, PKCS7_free); }
};
using SafesPtr = std::unique_ptr<STACK_OF(PKCS7), FreeSafes>;

/// trustedKeyUsage of the JDK with anyExtendedKeyUsage, which keytool writes too: without it Java lists the
/// certificate, but trusts nobody by it.
void mark_trusted(PKCS12_SAFEBAG* bag) {
    auto const* any = reinterpret_cast<unsigned char const*>(OBJ_nid2obj(NID_anyExtendedKeyUsage));
    if (PKCS12_add1_attr_by_txt(bag, "2.16.840.1.113894.746875.1.1", V_ASN1_OBJECT, any, -1) != 1)
        fail_openssl("marking a certificate as trusted");
}

BagsPtr bags_of(std::vector<std::pair<std::string, Bytes>> const& trusted) {
    STACK_OF(PKCS12_SAFEBAG)* made = nullptr;
    BagsPtr bags;
    for (auto const& [name, der] : trusted) {
        auto const certificate = parse_certificate(der);
        auto* const bag = PKCS12_add_cert(&made, certificate.get());
        if (!bags) bags.reset(made);
        if (bag == nullptr || PKCS12_add_friendlyname_utf8(bag, name.c_str(), -1) != 1)
            fail_openssl("keeping a certificate");
        mark_trusted(bag);
    }
    return bags;
}

StackPtr above(std::vector<Bytes> const& chain) {
    auto stack = need(StackPtr(sk_X509_new_null()), "keeping certificates");
    for (std::size_t i = 1; i < chain.size(); ++i) {
        auto certificate = parse_certificate(chain[i]);
        if (sk_X509_push(stack.get(), certificate.get()) == 0) fail_openssl("keeping certificates");
        (void)certificate.release();
    }
    return stack;
}

}  // namespace

Bytes keystore(base::Secret const& pkcs8, std::vector<Bytes> const& chain, std::string const& alias,
               base::Secret const& password) {
    auto const word = terminated(password);
    auto const key = key_in(pkcs8);
    auto const certificate = parse_certificate(chain.at(0));
    if (X509_check_private_key(certificate.get(), key.get()) != 1) {
        (void)last_reason();
        throw Error(Code::verification_failed, "the private key is not the one of the certificate");
    }
    auto const others = above(chain);
    auto const made =
        need(StorePtr(PKCS12_create_ex(reinterpret_cast<char const*>(word.view().data()), alias.c_str(),
                                       key.get(), certificate.get(), others.get(), NID_aes_256_cbc,
                                       NID_aes_256_cbc, iterations, iterations, 0, nullptr, nullptr)),
             "making a keystore");
    return encoded(i2d_PKCS12, made.get());
}

Bytes truststore(std::vector<std::pair<std::string, Bytes>> const& trusted, base::Secret const& password) {
    auto const word = terminated(password);
    auto const* const text = reinterpret_cast<char const*>(word.view().data());
    auto const bags = bags_of(trusted);
    if (!bags) throw Error(Code::malformed, "a truststore without a certificate would trust nobody");
    STACK_OF(PKCS7)* made = nullptr;
    int const added = PKCS12_add_safe(&made, bags.get(), NID_aes_256_cbc, iterations, text);
    SafesPtr const safes(made);
    if (added != 1) fail_openssl("encrypting a truststore");
    auto const store = need(StorePtr(PKCS12_add_safes(safes.get(), NID_pkcs7_data)), "making a truststore");
    if (PKCS12_set_mac(store.get(), text, -1, nullptr, 0, iterations, EVP_sha256()) != 1)
        fail_openssl("authenticating a truststore");
    return encoded(i2d_PKCS12, store.get());
}

}  // namespace consortium::crypto
