#pragma once

#include "core/base/bytes.h"
#include "core/base/instant.h"

#include <initializer_list>

/// The little of DER (X.690) that is written and read here directly: revocation lists, which must not cost an
/// object for each entry, and the outer shell of what is signed elsewhere.
namespace consortium::crypto::der {

inline constexpr std::uint8_t integer = 0x02, bit_string = 0x03, octet_string = 0x04, oid = 0x06,
                              enumerated = 0x0a, utc_time = 0x17, generalized_time = 0x18, sequence = 0x30,
                              explicit_0 = 0xa0, explicit_1 = 0xa1, explicit_2 = 0xa2, boolean = 0x01;

/// Tag and length for `size` octets of content.
base::Bytes header(std::uint8_t tag, std::size_t size);
void append(base::Bytes& out, base::BytesView bytes);
base::Bytes wrap(std::uint8_t tag, std::initializer_list<base::BytesView> parts);
/// An INTEGER from an unsigned big-endian number: leading zeros dropped, one put where the sign bit is set.
base::Bytes unsigned_integer(base::BytesView number);
/// A signature, or another run of whole octets.
base::Bytes bits(base::BytesView octets);
/// A signature as X.509 has it (RFC 3279 2.2.3), from r and s of one length behind each other, as JOSE and
/// PKCS#11 have it.
base::Bytes signature_of(base::BytesView halves);
/// RFC 5280 4.1.2.5: UTCTime through 2049, then GeneralizedTime.
base::Bytes time(base::Instant instant);
base::Bytes generalized(base::Instant instant);
/// An Extension (RFC 5280 4.1): `id` is the content of its object identifier, `value` DER.
base::Bytes extension(base::BytesView id, base::BytesView value);
base::Bytes critical_extension(base::BytesView id, base::BytesView value);

struct Element {
    std::uint8_t tag = 0;
    base::BytesView content;
    base::BytesView whole;
};

/// Reads definite, minimal lengths and one-octet tags only. Throws Error(malformed) on anything else.
class Reader {
public:
    explicit Reader(base::BytesView bytes) : m_rest(bytes) {}
    bool at_end() const { return m_rest.empty(); }
    bool next_is(std::uint8_t tag) const { return !m_rest.empty() && m_rest.front() == tag; }
    Element next();
    Element next(std::uint8_t tag);
    /// Reads tag and length alone; what they announce may reach beyond these bytes. Returns its length.
    std::size_t open(std::uint8_t tag);
    std::size_t left() const { return m_rest.size(); }

private:
    struct Heading {
        std::uint8_t tag;
        std::size_t start, size;  // of the content
    };
    Heading heading() const;

    base::BytesView m_rest;
};

struct Extension {
    base::BytesView id, value;
    bool critical = false;
};
Extension read_extension(Reader& list);
/// A serial's INTEGER as hexadecimal digits, at least 32. Throws Error(malformed).
std::string read_serial(Reader& parts);
/// A time of either form. Throws Error(malformed).
base::Instant read_time(Element const& element);

}  // namespace consortium::crypto::der
