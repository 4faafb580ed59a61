#include "core/crypto/crl.h"
#include "core/crypto/der.h"

#include <algorithm>

namespace consortium::crypto {

using base::Bytes;
using base::BytesView;
using model::CrlContent;

namespace {

Bytes integer_of(std::uint64_t number) {
    Bytes octets;
    base::append_u64(octets, number);
    return der::unsigned_integer(octets);
}

// distributionPoint [0] EXPLICIT CHOICE { fullName [0] IMPLICIT GeneralNames }, of one URL.
Bytes point_of(std::string const& url) {
    auto const name = der::wrap(crl::url_tag, {base::as_bytes(url)});
    return der::wrap(der::explicit_0, {der::wrap(der::explicit_0, {name})});
}

Bytes list_extensions(CrlContent const& content) {
    auto const key_id = der::wrap(0x80, {content.authority_key_id});
    Bytes all = der::extension(crl::authority_key_id, der::wrap(der::sequence, {key_id}));
    der::append(all, der::extension(crl::number_id, integer_of(content.number)));
    // RFC 5280 5.2.4 and 5.2.5: whoever does not know that a list is not whole must not use it.
    if (content.base != 0) der::append(all, der::critical_extension(crl::base_id, integer_of(content.base)));
    if (!content.place.empty()) {
        auto const value = der::wrap(der::sequence, {point_of(content.place)});
        der::append(all, der::critical_extension(crl::place_id, value));
    }
    if (!content.freshest.empty()) {
        auto const point = der::wrap(der::sequence, {point_of(content.freshest)});
        der::append(all, der::extension(crl::freshest_id, der::wrap(der::sequence, {point})));
    }
    return der::wrap(der::explicit_0, {der::wrap(der::sequence, {all})});
}

Bytes entry_extensions(model::Revocation const& revocation) {
    Bytes extensions;
    if (revocation.reason != 0) {
        std::uint8_t const code[] = {static_cast<std::uint8_t>(revocation.reason)};
        der::append(extensions, der::extension(crl::reason_id, der::wrap(der::enumerated, {code})));
    }
    if (revocation.compromised) {
        der::append(extensions,
                    der::extension(crl::invalidity_id, der::generalized(*revocation.compromised)));
    }
    return extensions.empty() ? extensions : der::wrap(der::sequence, {extensions});
}

}  // namespace

void DerCrlForm::append_entry(Bytes& out, model::Revocation const& revocation) const {
    auto const serial = der::unsigned_integer(base::from_hex(revocation.serial));
    auto const time = der::time(revocation.at);
    auto const extensions = entry_extensions(revocation);
    der::append(out, der::header(der::sequence, serial.size() + time.size() + extensions.size()));
    der::append(out, serial);
    der::append(out, time);
    der::append(out, extensions);
}

port::CrlForm::Frame DerCrlForm::frame(CrlContent const& content, std::uint64_t listed,
                                       std::string_view algorithm) const {
    Bytes before = der::wrap(der::integer, {crl::version_2});
    der::append(before, m_algorithms.identifier(algorithm));
    der::append(before, content.issuer);
    der::append(before, der::time(content.this_update));
    der::append(before, der::time(content.next_update));
    // RFC 5280 5.1.2.6: without revoked certificates, the list of them is absent.
    if (listed > 0) der::append(before, der::header(der::sequence, listed));
    Frame out;
    out.end = list_extensions(content);
    out.front = der::header(der::sequence, before.size() + listed + out.end.size());
    der::append(out.front, before);
    return out;
}

port::CrlForm::Frame DerCrlForm::assemble(Frame tbs, std::uint64_t listed, std::string_view algorithm,
                                          BytesView signature) const {
    der::append(tbs.end, m_algorithms.identifier(algorithm));
    der::append(tbs.end, der::bits(signature));
    auto const outer = der::header(der::sequence, tbs.front.size() + listed + tbs.end.size());
    tbs.front.insert(tbs.front.begin(), outer.begin(), outer.end());
    return tbs;
}

}  // namespace consortium::crypto
