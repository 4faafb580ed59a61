#include "core/crypto/der.h"
#include "core/crypto/ocsp.h"

#include <algorithm>

namespace consortium::crypto {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;
using model::CertificateId;
using model::StatusRequest;

namespace {

constexpr std::size_t max_nonce = 32;  // RFC 8954 2.1
constexpr std::uint8_t sha256_id[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01};

[[noreturn]] void fail(std::string const& what) {
    throw Error(Code::malformed, "this is not a sound OCSP request: " + what);
}

std::string read_hash_name(der::Reader& parts) {
    der::Reader algorithm(parts.next(der::sequence).content);
    auto const id = algorithm.next(der::oid).content;
    if (!algorithm.at_end() && !std::ranges::equal(algorithm.next().whole, null_value)) {
        fail("a hash with parameters");
    }
    if (!algorithm.at_end()) fail("more than a hash where one is named");
    if (std::ranges::equal(id, sha1_id)) return "sha1";
    if (std::ranges::equal(id, sha256_id)) return "sha256";
    fail("it names certificates by another hash than SHA-1 and SHA-256");
}

Bytes read_hash(der::Reader& parts, std::string const& hash) {
    auto const content = parts.next(der::octet_string).content;
    if (content.size() != (hash == "sha1" ? 20U : 32U)) fail("a hash of another length than its kind has");
    return {content.begin(), content.end()};
}

// RFC 8954 2.1: a nonce of no octet, or of more than 32, is refused as malformed.
Bytes read_nonce(BytesView value) {
    der::Reader parts(value);
    auto const nonce = parts.next(der::octet_string).content;
    if (!parts.at_end() || nonce.empty() || nonce.size() > max_nonce) fail("a nonce of no sane size");
    return {nonce.begin(), nonce.end()};
}

// RFC 6960 4.4: what is not known is passed over, unless it is critical.
void read_extensions(BytesView list, Bytes* nonce) {
    der::Reader outer(list);
    der::Reader extensions(outer.next(der::sequence).content);
    if (!outer.at_end()) fail("something behind its extensions");
    while (!extensions.at_end()) {
        auto const each = der::read_extension(extensions);
        if (nonce != nullptr && std::ranges::equal(each.id, nonce_id)) {
            if (!nonce->empty()) fail("two nonces");
            *nonce = read_nonce(each.value);
        } else if (each.critical) {
            fail("an unknown critical extension");
        }
    }
}

CertificateId read_asked(der::Reader& list) {
    der::Reader parts(list.next(der::sequence).content);
    auto out = read_certificate_id(parts.next(der::sequence).whole);
    if (parts.next_is(der::explicit_0)) read_extensions(parts.next().content, nullptr);
    if (!parts.at_end()) fail("something behind a certificate's name");
    return out;
}

StatusRequest read_tbs(der::Reader parts) {
    static constexpr std::uint8_t version_1[] = {0x02, 0x01, 0x00};
    if (parts.next_is(der::explicit_0) && !std::ranges::equal(parts.next().content, version_1)) {
        fail("another version than 1");
    }
    if (parts.next_is(der::explicit_1)) parts.next();  // who asks: anybody may
    StatusRequest out;
    der::Reader list(parts.next(der::sequence).content);
    while (!list.at_end()) out.asked.push_back(read_asked(list));
    if (out.asked.empty()) fail("it asks about nothing");
    if (parts.next_is(der::explicit_2)) read_extensions(parts.next().content, &out.nonce);
    if (!parts.at_end()) fail("something behind its extensions");
    return out;
}

}  // namespace

CertificateId read_certificate_id(BytesView der) {
    der::Reader parts(der::Reader(der).next(der::sequence).content);
    CertificateId out;
    out.hash = read_hash_name(parts);
    out.issuer_name = read_hash(parts, out.hash);
    out.issuer_key = read_hash(parts, out.hash);
    out.serial = der::read_serial(parts);
    if (!parts.at_end()) fail("something behind a serial");
    out.der.assign(der.begin(), der.end());
    return out;
}

StatusRequest read_status_request(BytesView der) {
    if (der.size() > model::max_status_request) fail("it has more than 8 KiB");
    der::Reader whole(der);
    der::Reader parts(whole.next(der::sequence).content);
    if (!whole.at_end()) fail("something behind it");
    auto out = read_tbs(der::Reader(parts.next(der::sequence).content));
    if (parts.next_is(der::explicit_0)) parts.next();  // a signature: whoever asks is answered
    if (!parts.at_end()) fail("something behind its signature");
    return out;
}

}  // namespace consortium::crypto
