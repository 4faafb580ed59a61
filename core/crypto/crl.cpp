#include "core/crypto/crl.h"

#include "core/crypto/der.h"

#include <algorithm>

namespace consortium::crypto {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;
using model::CrlContent;
using model::CrlFacts;
using model::Revocation;

namespace {

// The contents of the object identifiers 2.5.29.x that revocation lists use.
constexpr std::uint8_t number_id[] = {0x55, 0x1d, 20};
constexpr std::uint8_t reason_id[] = {0x55, 0x1d, 21};
constexpr std::uint8_t invalidity_id[] = {0x55, 0x1d, 24};
constexpr std::uint8_t base_id[] = {0x55, 0x1d, 27};
constexpr std::uint8_t place_id[] = {0x55, 0x1d, 28};
constexpr std::uint8_t authority_key_id[] = {0x55, 0x1d, 35};
constexpr std::uint8_t freshest_id[] = {0x55, 0x1d, 46};
constexpr std::uint8_t url_tag = 0x86;  // GeneralName: uniformResourceIdentifier [6]
constexpr std::uint8_t version_2[] = {0x01};

/// Appends entries; a run of revocations at one instant formats it once.
class Entries {
public:
    explicit Entries(Bytes& out) : m_out(out) {}

    void append(Revocation const& revocation) {
        if (m_time.empty() || revocation.at != m_at) {
            m_at = revocation.at;
            m_time = der::time(m_at);
        }
        auto const serial = der::unsigned_integer(base::from_hex(revocation.serial));
        Bytes extensions;
        if (revocation.reason != 0) {
            std::uint8_t const code[] = {static_cast<std::uint8_t>(revocation.reason)};
            der::append(extensions, der::extension(reason_id, der::wrap(der::enumerated, {code})));
        }
        if (revocation.compromised) {
            der::append(extensions, der::extension(invalidity_id, der::generalized(*revocation.compromised)));
        }
        if (!extensions.empty()) extensions = der::wrap(der::sequence, {extensions});
        der::append(m_out, der::header(der::sequence, serial.size() + m_time.size() + extensions.size()));
        der::append(m_out, serial);
        der::append(m_out, m_time);
        der::append(m_out, extensions);
    }

private:
    Bytes& m_out;
    base::Instant m_at;
    Bytes m_time;
};

Bytes integer_of(std::uint64_t number) {
    Bytes octets;
    base::append_u64(octets, number);
    return der::unsigned_integer(octets);
}

// distributionPoint [0] EXPLICIT CHOICE { fullName [0] IMPLICIT GeneralNames }, of one URL.
Bytes point_of(std::string const& url) {
    auto const name = der::wrap(url_tag, {base::as_bytes(url)});
    return der::wrap(der::explicit_0, {der::wrap(der::explicit_0, {name})});
}

Bytes list_extensions(CrlContent const& content) {
    auto const key_id = der::wrap(0x80, {content.authority_key_id});
    Bytes all = der::extension(authority_key_id, der::wrap(der::sequence, {key_id}));
    der::append(all, der::extension(number_id, integer_of(content.number)));
    // RFC 5280 5.2.4 and 5.2.5: whoever does not know that a list is not whole must not use it.
    if (content.base != 0) der::append(all, der::critical_extension(base_id, integer_of(content.base)));
    if (!content.place.empty()) {
        auto const value = der::wrap(der::sequence, {point_of(content.place)});
        der::append(all, der::critical_extension(place_id, value));
    }
    if (!content.freshest.empty()) {
        auto const point = der::wrap(der::sequence, {point_of(content.freshest)});
        der::append(all, der::extension(freshest_id, der::wrap(der::sequence, {point})));
    }
    return der::wrap(der::explicit_0, {der::wrap(der::sequence, {all})});
}

CrlFacts read_head(der::Reader& list, BytesView algorithm) {
    CrlFacts facts;
    auto const version = list.next(der::integer);
    if (!std::ranges::equal(version.content, version_2)) {
        throw Error(Code::malformed, "only revocation lists of version 2 are read");
    }
    if (!std::ranges::equal(list.next(der::sequence).whole, algorithm)) {
        throw Error(Code::malformed, "this revocation list names another algorithm inside than outside");
    }
    auto const issuer = list.next(der::sequence);
    facts.content.issuer = Bytes(issuer.whole.begin(), issuer.whole.end());
    facts.issuer = name_text(parse_name(issuer.whole).get());
    return facts;
}

void read_entry_extension(der::Extension const& extension, Revocation& revocation) {
    der::Reader value(extension.value);
    if (std::ranges::equal(extension.id, reason_id)) {
        auto const code = value.next(der::enumerated).content;
        if (code.size() != 1 || code[0] > 10)
            throw Error(Code::malformed, "a revocation reason out of range");
        revocation.reason = code[0];
    } else if (std::ranges::equal(extension.id, invalidity_id)) {
        revocation.compromised = der::read_time(value.next(der::generalized_time));
    } else if (extension.critical) {
        throw Error(Code::malformed, "an entry of this revocation list has an unknown critical extension");
    }
}

Revocation read_entry(der::Reader& list) {
    der::Reader entry(list.next(der::sequence).content);
    Revocation revocation;
    revocation.serial = der::read_serial(entry);
    revocation.at = der::read_time(entry.next());
    if (entry.at_end()) return revocation;
    der::Reader extensions(entry.next(der::sequence).content);
    while (!extensions.at_end()) read_entry_extension(der::read_extension(extensions), revocation);
    return revocation;
}

std::uint64_t read_number(der::Reader& value) {
    auto const octets = value.next(der::integer).content;
    if (octets.empty() || octets.size() > 8 || octets.front() >= 0x80) {
        throw Error(Code::malformed, "a revocation list's number is negative or too large");
    }
    std::uint64_t number = 0;
    for (auto const octet : octets) number = number << 8U | octet;
    return number;
}

/// The one URL of a DistributionPoint, or of an IssuingDistributionPoint: what else limits a list is not
/// understood here, so the list is not used.
std::string read_point(der::Reader& value) {
    der::Reader parts(value.next(der::sequence).content);
    der::Reader point(parts.next(der::explicit_0).content);
    der::Reader names(point.next(der::explicit_0).content);
    std::string url(base::as_text(names.next(url_tag).content));
    if (!parts.at_end() || !point.at_end() || !names.at_end() || url.empty()) {
        throw Error(Code::malformed, "this revocation list is limited in a way that is not understood");
    }
    return url;
}

void read_list_extension(der::Extension const& extension, CrlContent& content) {
    der::Reader value(extension.value);
    auto const is = [&extension](BytesView id) { return std::ranges::equal(extension.id, id); };
    if (is(number_id)) {
        content.number = read_number(value);
    } else if (is(base_id)) {
        content.base = read_number(value);
        if (content.base == 0) throw Error(Code::malformed, "a delta of no revocation list");
    } else if (is(place_id)) {
        content.place = read_point(value);
    } else if (is(freshest_id)) {
        der::Reader points(value.next(der::sequence).content);
        content.freshest = read_point(points);
    } else if (is(authority_key_id)) {
        der::Reader parts(value.next(der::sequence).content);
        if (!parts.next_is(0x80)) return;
        auto const key_id = parts.next().content;
        content.authority_key_id = Bytes(key_id.begin(), key_id.end());
    } else if (extension.critical) {
        throw Error(Code::malformed, "this revocation list has an unknown critical extension");
    }
}

void read_list_extensions(der::Reader& list, CrlContent& content) {
    der::Reader outer(list.next(der::explicit_0).content);
    der::Reader extensions(outer.next(der::sequence).content);
    std::vector<BytesView> seen;
    while (!extensions.at_end()) {
        auto const each = der::read_extension(extensions);
        bool const again =
            std::ranges::any_of(seen, [&](BytesView id) { return std::ranges::equal(id, each.id); });
        if (again) throw Error(Code::malformed, "a revocation list has an extension twice");
        seen.push_back(each.id);
        read_list_extension(each, content);
    }
}

}  // namespace

Bytes write_crl(CrlContent const& content, port::Certifier::Revocations const& revoked, BytesView algorithm) {
    Bytes before = der::wrap(der::integer, {version_2});
    der::append(before, algorithm);
    der::append(before, content.issuer);
    der::append(before, der::time(content.this_update));
    der::append(before, der::time(content.next_update));

    // The entries go straight behind a gap for all that precedes them, whose lengths are known at the end.
    std::size_t const gap = before.size() + 12;
    Bytes out(gap);
    Entries entries(out);
    revoked([&entries](Revocation const& revocation) { entries.append(revocation); });
    std::size_t const listed = out.size() - gap;
    // RFC 5280 5.1.2.6: without revoked certificates, the list of them is absent.
    if (listed > 0) der::append(before, der::header(der::sequence, listed));
    der::append(out, list_extensions(content));
    auto front = der::header(der::sequence, before.size() + out.size() - gap);
    der::append(front, before);
    std::copy(front.begin(), front.end(), out.begin() + static_cast<std::ptrdiff_t>(gap - front.size()));
    out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(gap - front.size()));
    return out;
}

CrlFacts read_crl(BytesView der, port::Certifier::Each const& each) {
    auto const parts = signed_parts(der);
    der::Reader list(der::Reader(parts.tbs).next(der::sequence).content);
    CrlFacts facts = read_head(list, parts.identifier);
    facts.signature = parts.algorithm;
    facts.tbs = base::sha256(parts.tbs);
    facts.content.this_update = der::read_time(list.next());
    if (list.next_is(der::utc_time) || list.next_is(der::generalized_time)) {
        facts.content.next_update = der::read_time(list.next());
    }
    if (list.next_is(der::sequence)) {
        der::Reader entries(list.next().content);
        for (; !entries.at_end(); ++facts.entries) {
            auto const revocation = read_entry(entries);
            if (each) each(revocation);
        }
        if (facts.entries == 0) throw Error(Code::malformed, "an empty list of revoked certificates");
    }
    if (!list.at_end()) read_list_extensions(list, facts.content);
    return facts;
}

SignedParts signed_parts(BytesView der) {
    der::Reader whole(der);
    der::Reader parts(whole.next(der::sequence).content);
    SignedParts out;
    out.tbs = parts.next(der::sequence).whole;
    out.identifier = parts.next(der::sequence).whole;
    auto const bits = parts.next(der::bit_string).content;
    if (!whole.at_end() || !parts.at_end() || bits.empty() || bits.front() != 0) {
        throw Error(Code::malformed, "this is not the DER of a signed object");
    }
    out.signature = bits.subspan(1);
    auto const algorithm = decoded<AlgorithmPtr>(d2i_X509_ALGOR, out.identifier, "an algorithm");
    int const kind = OBJ_obj2nid(algorithm->algorithm);
    out.algorithm = kind == NID_undef ? "unknown" : OBJ_nid2sn(kind);
    return out;
}

bool verify_parts(SignedParts const& parts, EVP_PKEY* key) {
    int digest = NID_undef;
    int type = NID_undef;
    OBJ_find_sigid_algs(OBJ_sn2nid(parts.algorithm.c_str()), &digest, &type);
    auto const* hash = digest == NID_undef ? nullptr : EVP_get_digestbynid(digest);
    DigestContextPtr const context(EVP_MD_CTX_new());
    return EVP_DigestVerifyInit(context.get(), nullptr, hash, nullptr, key) == 1 &&
           EVP_DigestVerify(context.get(), parts.signature.data(), parts.signature.size(), parts.tbs.data(),
                            parts.tbs.size()) == 1;
}

}  // namespace consortium::crypto
