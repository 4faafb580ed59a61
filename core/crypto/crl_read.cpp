#include "core/crypto/crl.h"
#include "core/crypto/der.h"

#include <algorithm>
#include <openssl/evp.h>

namespace consortium::crypto {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;
using model::CrlContent;
using model::CrlFacts;
using model::Revocation;

namespace {

/// What is read of a list before its entries. Sizes and places are in octets from the beginning of the list.
struct Opening {
    CrlFacts facts;
    BytesView identifier;  // of the algorithm, as the signed part names it
    std::size_t tbs_begin = 0, tbs_end = 0;
    std::size_t entries_begin = 0, entries_size = 0;
    std::size_t whole = 0;

    std::size_t entries_end() const { return entries_begin + entries_size; }
};

/// `bytes` may end where the entries begin.
Opening read_opening(BytesView bytes) {
    Opening out;
    der::Reader list(bytes);
    auto const at = [&] { return bytes.size() - list.left(); };
    auto const size = list.open(der::sequence);
    out.whole = at() + size;
    out.tbs_begin = at();
    auto const tbs = list.open(der::sequence);
    out.tbs_end = at() + tbs;
    if (!std::ranges::equal(list.next(der::integer).content, crl::version_2)) {
        throw Error(Code::malformed, "only revocation lists of version 2 are read");
    }
    out.identifier = list.next(der::sequence).whole;
    auto const issuer = list.next(der::sequence);
    auto& facts = out.facts;
    facts.content.issuer = Bytes(issuer.whole.begin(), issuer.whole.end());
    facts.issuer = name_text(parse_name(issuer.whole).get());
    facts.content.this_update = der::read_time(list.next());
    if (list.next_is(der::utc_time) || list.next_is(der::generalized_time)) {
        facts.content.next_update = der::read_time(list.next());
    }
    if (at() < out.tbs_end && list.next_is(der::sequence)) {
        out.entries_size = list.open(der::sequence);
        if (out.entries_size == 0) throw Error(Code::malformed, "an empty list of revoked certificates");
    }
    out.entries_begin = at();
    if (out.entries_end() > out.tbs_end || out.tbs_end > out.whole) {
        throw Error(Code::malformed, "the lengths in this revocation list contradict one another");
    }
    return out;
}

void read_entry_extension(der::Extension const& extension, Revocation& revocation) {
    der::Reader value(extension.value);
    if (std::ranges::equal(extension.id, crl::reason_id)) {
        auto const code = value.next(der::enumerated).content;
        if (code.size() != 1 || code[0] > 10)
            throw Error(Code::malformed, "a revocation reason out of range");
        revocation.reason = code[0];
    } else if (std::ranges::equal(extension.id, crl::invalidity_id)) {
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
    std::string url(base::as_text(names.next(crl::url_tag).content));
    if (!parts.at_end() || !point.at_end() || !names.at_end() || url.empty()) {
        throw Error(Code::malformed, "this revocation list is limited in a way that is not understood");
    }
    return url;
}

void read_list_extension(der::Extension const& extension, CrlContent& content) {
    der::Reader value(extension.value);
    auto const is = [&extension](BytesView id) { return std::ranges::equal(extension.id, id); };
    if (is(crl::number_id)) {
        content.number = read_number(value);
    } else if (is(crl::base_id)) {
        content.base = read_number(value);
        if (content.base == 0) throw Error(Code::malformed, "a delta of no revocation list");
    } else if (is(crl::place_id)) {
        content.place = read_point(value);
    } else if (is(crl::freshest_id)) {
        der::Reader points(value.next(der::sequence).content);
        content.freshest = read_point(points);
    } else if (is(crl::authority_key_id)) {
        der::Reader parts(value.next(der::sequence).content);
        if (!parts.next_is(0x80)) return;
        auto const key_id = parts.next().content;
        content.authority_key_id = Bytes(key_id.begin(), key_id.end());
    } else if (extension.critical) {
        throw Error(Code::malformed, "this revocation list has an unknown critical extension");
    }
}

void read_list_extensions(BytesView tagged, CrlContent& content) {
    der::Reader outer(tagged);
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

/// Reads what follows the entries; returns the rest of the signed part, and the signature.
std::pair<BytesView, BytesView> read_end(BytesView bytes, Opening& opening) {
    der::Reader list(bytes);
    BytesView tbs_end;
    if (auto const size = opening.tbs_end - opening.entries_end(); size > 0) {
        auto const extensions = list.next(der::explicit_0);
        if (extensions.whole.size() != size) {
            throw Error(Code::malformed, "the lengths in this revocation list contradict one another");
        }
        read_list_extensions(extensions.content, opening.facts.content);
        tbs_end = extensions.whole;
    }
    auto const identifier = list.next(der::sequence).whole;
    if (!std::ranges::equal(identifier, opening.identifier)) {
        throw Error(Code::malformed, "this revocation list names another algorithm inside than outside");
    }
    opening.facts.signature = algorithm_name(identifier);
    auto const bits = list.next(der::bit_string).content;
    if (!list.at_end() || bits.empty() || bits.front() != 0) {
        throw Error(Code::malformed, "this is not the DER of a signed object");
    }
    return {tbs_end, bits.subspan(1)};
}

void read_entries(BytesView bytes, port::Certifier::Each const& each, CrlFacts& facts) {
    for (der::Reader entries(bytes); !entries.at_end(); ++facts.entries) {
        auto const revocation = read_entry(entries);
        if (each) each(revocation);
    }
}

}  // namespace

CrlFacts read_crl(BytesView der, port::Certifier::Each const& each) {
    auto opening = read_opening(der);
    if (opening.whole != der.size()) {
        throw Error(Code::malformed, "this revocation list is cut short, or something follows it");
    }
    read_entries(der.subspan(opening.entries_begin, opening.entries_size), each, opening.facts);
    read_end(der.subspan(opening.entries_end()), opening);
    opening.facts.tbs = base::sha256(der.subspan(opening.tbs_begin, opening.tbs_end - opening.tbs_begin));
    return std::move(opening.facts);
}

CrlRead read_crl_pieces(port::CrlForm::Frame const& list, port::Pieces const& entries, std::size_t known) {
    auto opening = read_opening(list.front);
    std::size_t piece = 0;
    std::size_t size = 0;
    entries([&](BytesView bytes) {
        size += bytes.size();
        if (piece++ >= known) read_entries(bytes, {}, opening.facts);
    });
    if (opening.entries_begin != list.front.size() || opening.entries_size != size ||
        opening.whole != list.front.size() + size + list.end.size()) {
        throw Error(Code::malformed, "the lengths in this revocation list contradict one another");
    }
    auto const [tbs_end, signature] = read_end(list.end, opening);
    return {std::move(opening.facts), BytesView(list.front).subspan(opening.tbs_begin), tbs_end, signature};
}

}  // namespace consortium::crypto
