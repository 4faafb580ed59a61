#include "core/crypto/der.h"

#include "core/base/error.h"
#include "core/crypto/x509_handles.h"

#include <algorithm>

namespace consortium::crypto::der {

using base::Bytes;
using base::BytesView;

namespace {

[[noreturn]] void fail(char const* what) {
    throw base::Error(base::Code::malformed, std::string("not DER: ") + what);
}

// "2026-11-02T12:00:00Z" -> "20261102120000Z"
std::string compact(base::Instant instant) {
    auto text = instant.text();
    std::erase_if(text, [](char c) { return c == '-' || c == ':' || c == 'T'; });
    return text;
}

}  // namespace

Bytes header(std::uint8_t tag, std::size_t size) {
    Bytes out{tag};
    if (size < 0x80) {
        out.push_back(static_cast<std::uint8_t>(size));
        return out;
    }
    Bytes digits;
    for (; size != 0; size >>= 8) digits.push_back(static_cast<std::uint8_t>(size));
    out.push_back(static_cast<std::uint8_t>(0x80U | digits.size()));
    out.insert(out.end(), digits.rbegin(), digits.rend());
    return out;
}

void append(Bytes& out, BytesView bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}

Bytes wrap(std::uint8_t tag, std::initializer_list<BytesView> parts) {
    std::size_t size = 0;
    for (auto const& part : parts) size += part.size();
    Bytes out = header(tag, size);
    out.reserve(out.size() + size);
    for (auto const& part : parts) append(out, part);
    return out;
}

Bytes unsigned_integer(BytesView number) {
    auto const first =
        std::find_if(number.begin(), number.end(), [](std::uint8_t octet) { return octet != 0; });
    Bytes content(first, number.end());
    if (content.empty() || (content.front() & 0x80U) != 0) content.insert(content.begin(), 0);
    return wrap(integer, {content});
}

Bytes signature_of(BytesView halves) {
    auto const half = halves.size() / 2;
    return wrap(sequence, {unsigned_integer(halves.first(half)), unsigned_integer(halves.subspan(half))});
}

Bytes bits(BytesView octets) {
    static constexpr std::uint8_t none_unused[] = {0};
    return wrap(bit_string, {none_unused, octets});
}

Bytes time(base::Instant instant) {
    static constexpr std::int64_t year_2050 = 2'524'608'000;
    if (instant.seconds >= year_2050) return generalized(instant);
    return wrap(utc_time, {base::as_bytes(std::string_view(compact(instant)).substr(2))});
}

Bytes generalized(base::Instant instant) {
    return wrap(generalized_time, {base::as_bytes(compact(instant))});
}

Bytes extension(BytesView id, BytesView value) {
    return wrap(sequence, {wrap(oid, {id}), wrap(octet_string, {value})});
}

Bytes critical_extension(BytesView id, BytesView value) {
    static constexpr std::uint8_t yes[] = {0xff};
    return wrap(sequence, {wrap(oid, {id}), wrap(boolean, {yes}), wrap(octet_string, {value})});
}

Reader::Heading Reader::heading() const {
    if (m_rest.size() < 2) fail("cut short");
    Heading out{m_rest[0], 2, m_rest[1]};
    if ((out.tag & 0x1fU) == 0x1fU) fail("a tag of several octets");
    if (out.size >= 0x80) {
        std::size_t const digits = out.size & 0x7fU;
        if (digits == 0 || digits > 4 || m_rest.size() < 2 + digits) fail("a length that cannot be");
        out.size = 0;
        for (; out.start < 2 + digits; ++out.start) out.size = out.size << 8U | m_rest[out.start];
        if (out.size < 0x80 || (digits > 1 && m_rest[2] == 0)) fail("a length that is not minimal");
    }
    return out;
}

Element Reader::next() {
    auto const [tag, start, size] = heading();
    if (m_rest.size() - start < size) fail("cut short");
    Element const element{tag, m_rest.subspan(start, size), m_rest.first(start + size)};
    m_rest = m_rest.subspan(start + size);
    return element;
}

std::size_t Reader::open(std::uint8_t tag) {
    auto const found = heading();
    if (found.tag != tag) fail("another type than expected");
    m_rest = m_rest.subspan(found.start);
    return found.size;
}

Element Reader::next(std::uint8_t tag) {
    auto const element = next();
    if (element.tag != tag) fail("another type than expected");
    return element;
}

Extension read_extension(Reader& list) {
    Reader parts(list.next(sequence).content);
    Extension out;
    out.id = parts.next(oid).content;
    if (parts.next_is(boolean)) {
        auto const flag = parts.next().content;
        out.critical = flag.size() == 1 && flag[0] != 0;
    }
    out.value = parts.next(octet_string).content;
    return out;
}

std::string read_serial(Reader& parts) {
    auto serial = parts.next(integer).content;
    if (serial.empty() || serial.size() > 21) fail("a serial of no sane size");
    if ((serial.front() & 0x80U) != 0) fail("a negative serial");
    while (serial.size() > 1 && serial.front() == 0) serial = serial.subspan(1);
    auto digits = base::to_hex(serial);
    if (digits.size() < 32) digits.insert(0, 32 - digits.size(), '0');
    return digits;
}

base::Instant read_time(Element const& element) {
    if (element.tag != utc_time && element.tag != generalized_time) fail("no time where one must be");
    TimeHandle const time(ASN1_TIME_new());
    std::string const text(base::as_text(element.content));
    if (ASN1_TIME_set_string_X509(time.get(), text.c_str()) != 1) fail("a time that cannot be read");
    return instant_of(time.get());
}

}  // namespace consortium::crypto::der
