#include "core/driver/evm/abi.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::driver::evm {

using base::Bytes;
using base::BytesView;

namespace {

constexpr std::size_t word_size = 32;

[[noreturn]] void fail(std::string_view what) {
    throw base::Error(base::Code::malformed, std::string(what));
}

// What is shown of a text that is not as it must be.
std::string shown(std::string_view text) {
    return base::printable(text.substr(0, 80));
}

}  // namespace

Bytes read_data(std::string_view text, std::string_view what, std::size_t max) {
    if (!text.starts_with("0x")) fail(fmt::format("{} does not begin with 0x", what));
    if (text.size() > 2 + 2 * max) fail(fmt::format("{} has more than {} bytes", what, max));
    try {
        return base::from_hex(text.substr(2));
    } catch (base::Error const&) {
        fail(fmt::format("{} is not bytes in hexadecimal digits: '{}'", what, shown(text)));
    }
}

std::string data_text(BytesView bytes) {
    return "0x" + base::to_hex(bytes);
}

Word Word::number(std::uint64_t value) {
    Word word;
    for (std::size_t i = 0; i < 8; ++i) {
        word.bytes[word_size - 1 - i] = static_cast<std::uint8_t>(value >> 8 * i);
    }
    return word;
}

Word Word::from_big_endian(BytesView bytes) {
    if (bytes.size() > word_size) fail("a number of more than 32 bytes");
    Word word;
    std::copy(bytes.begin(), bytes.end(), word.bytes.end() - static_cast<std::ptrdiff_t>(bytes.size()));
    return word;
}

Word Word::from_text(std::string_view text) {
    if (text.size() != 2 + 2 * word_size) {
        fail(fmt::format("'{}' is not 32 bytes: 0x and 64 hexadecimal digits", shown(text)));
    }
    return from_big_endian(read_data(text, "a word"));
}

Word Word::from_quantity(std::string_view text) {
    auto const digits = text.substr(std::min<std::size_t>(2, text.size()));
    bool const canonical = text.starts_with("0x") && !digits.empty() && digits.size() <= 2 * word_size &&
                           (digits == "0" || digits[0] != '0');
    if (!canonical) fail(fmt::format("'{}' is not a quantity: 0x and no leading zeros", shown(text)));
    return from_big_endian(
        read_data(fmt::format("0x{}{}", digits.size() % 2 == 0 ? "" : "0", digits), "a quantity"));
}

Word Word::from_address(std::string_view text) {
    if (text.size() != 42) fail(fmt::format("'{}' is not an address: 0x and 40 digits", shown(text)));
    return from_big_endian(read_data(text, "an address"));
}

std::string Word::quantity() const {
    auto digits = base::to_hex(bytes);
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
    return "0x" + digits;
}

std::string Word::address() const {
    bool const padded = std::all_of(bytes.begin(), bytes.begin() + 12, [](auto byte) { return byte == 0; });
    if (!padded) fail(fmt::format("{} is not an address: it has more than 20 bytes", text()));
    return data_text(view().subspan(12));
}

std::uint64_t Word::number() const {
    bool const small = std::all_of(bytes.begin(), bytes.begin() + 24, [](auto byte) { return byte == 0; });
    if (!small) fail(fmt::format("{} is more than 64 bits can hold", quantity()));
    return base::read_u64(view().subspan(24));
}

bool Word::truth() const {
    if (*this > number(1)) fail(fmt::format("{} is neither true nor false", quantity()));
    return !is_zero();
}

}  // namespace consortium::driver::evm

namespace consortium::driver::evm::abi {

namespace {

std::size_t padded(std::size_t length) {
    return (length + word_size - 1) / word_size * word_size;
}

void append(Bytes& out, BytesView bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}

Bytes string_tail(BytesView bytes) {
    Bytes out;
    append(out, Word::number(bytes.size()).view());
    append(out, bytes);
    out.resize(word_size + padded(bytes.size()));
    return out;
}

}  // namespace

Bytes selector(std::string_view signature, port::Hash keccak256) {
    auto const digest = keccak256(base::as_bytes(signature));
    return {digest.bytes.begin(), digest.bytes.begin() + 4};
}

Word topic(std::string_view signature, port::Hash keccak256) {
    return Word::from_digest(keccak256(base::as_bytes(signature)));
}

Writer& Writer::word(Word const& word) {
    m_arguments.push_back({word, {}});
    return *this;
}

Writer& Writer::tail(Bytes bytes) {
    m_arguments.push_back({{}, std::move(bytes)});
    return *this;
}

Writer& Writer::bytes(BytesView bytes) {
    return tail(string_tail(bytes));
}

Writer& Writer::words(std::vector<Word> const& words) {
    Bytes out;
    append(out, Word::number(words.size()).view());
    for (auto const& word : words) append(out, word.view());
    return tail(std::move(out));
}

Writer& Writer::byte_strings(std::vector<Bytes> const& strings) {
    Writer items;  // offsets count from behind the length
    for (auto const& string : strings) items.bytes(string);
    Bytes out;
    append(out, Word::number(strings.size()).view());
    append(out, items.finish());
    return tail(std::move(out));
}

Bytes Writer::finish() const {
    Bytes out, tails;
    for (auto const& argument : m_arguments) {
        if (!argument.tail) {
            append(out, argument.word.view());
            continue;
        }
        append(out, Word::number(m_arguments.size() * word_size + tails.size()).view());
        append(tails, *argument.tail);
    }
    append(out, tails);
    return out;
}

Reader::Reader(BytesView data, std::size_t arguments) : m_data(data) {
    if (arguments > data.size() / word_size) fail("ABI: the data ends inside the arguments");
    m_head_end = m_tail = arguments * word_size;
}

Word Reader::word() {
    if (m_head == m_head_end) fail("ABI: fewer arguments than are read");
    m_head += word_size;
    return Word::from_big_endian(m_data.subspan(m_head - word_size, word_size));
}

BytesView Reader::take_tail() {
    if (word() != Word::number(m_tail)) fail("ABI: an offset that does not point behind what came before");
    return m_data.subspan(m_tail);
}

// The length at the next tail; that many `unit`s must fit behind it.
std::size_t Reader::take_length(std::size_t unit) {
    auto const rest = take_tail();
    if (rest.size() < word_size) fail("ABI: the data ends inside a length");
    auto const length = Word::from_big_endian(rest.first(word_size));
    auto const most = (rest.size() - word_size) / unit;
    if (length > Word::number(most)) fail("ABI: a length beyond the end of the data");
    m_tail += word_size;
    return static_cast<std::size_t>(length.number());
}

Bytes Reader::bytes() {
    auto const length = take_length(1);
    auto const whole = padded(length);
    auto const rest = m_data.subspan(m_tail);
    if (rest.size() < whole) fail("ABI: the data ends inside the padding");
    auto const padding = rest.subspan(length, whole - length);
    if (std::any_of(padding.begin(), padding.end(), [](auto byte) { return byte != 0; })) {
        fail("ABI: padding that is not zero");
    }
    m_tail += whole;
    return {rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(length)};
}

std::vector<Word> Reader::words() {
    auto const length = take_length(word_size);
    Reader items(m_data.subspan(m_tail, length * word_size), length);
    std::vector<Word> out;
    out.reserve(length);
    for (std::size_t i = 0; i < length; ++i) out.push_back(items.word());
    m_tail += length * word_size;
    return out;
}

std::vector<Bytes> Reader::byte_strings() {
    auto const length = take_length(2 * word_size);
    Reader items(m_data.subspan(m_tail), length);
    std::vector<Bytes> out;
    out.reserve(length);
    for (std::size_t i = 0; i < length; ++i) out.push_back(items.bytes());
    m_tail += items.m_tail;
    return out;
}

void Reader::done() const {
    if (m_head != m_head_end) fail("ABI: more arguments than are read");
    if (m_tail != m_data.size()) fail("ABI: bytes after its end");
}

std::optional<BytesView> arguments_of(BytesView data, std::string_view signature, port::Hash keccak256) {
    auto const wanted = selector(signature, keccak256);
    if (data.size() < wanted.size() || !std::equal(wanted.begin(), wanted.end(), data.begin())) return {};
    return data.subspan(wanted.size());
}

Bytes call(std::string_view signature, Writer const& arguments, port::Hash keccak256) {
    auto out = selector(signature, keccak256);
    append(out, arguments.finish());
    return out;
}

}  // namespace consortium::driver::evm::abi
