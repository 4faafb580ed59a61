#pragma once

#include "core/base/digest.h"
#include "core/port/hash.h"

#include <optional>

namespace consortium::driver::evm {

/// "0x" and an even number of hexadecimal digits, at most `max` bytes. Throws Error(malformed) naming `what`.
base::Bytes read_data(std::string_view text, std::string_view what, std::size_t max = std::size_t{1} << 20);
std::string data_text(base::BytesView bytes);

/// 32 bytes, as the EVM computes and stores them. What reads or makes one throws Error(malformed) for
/// anything that is not of the type.
struct Word {
    std::array<std::uint8_t, 32> bytes{};

    auto operator<=>(Word const&) const = default;
    base::BytesView view() const { return bytes; }
    bool is_zero() const { return *this == Word(); }

    static Word number(std::uint64_t value);
    /// "0x" and 64 hexadecimal digits, no fewer: a hash, or a position in a contract's storage (G35: nodes
    /// take any text for one and answer zero).
    static Word from_text(std::string_view text);
    /// A quantity as JSON-RPC writes it: "0x", no leading zeros, below 2^256.
    static Word from_quantity(std::string_view text);
    /// "0x" and 40 hexadecimal digits.
    static Word from_address(std::string_view text);
    static Word from_digest(base::Digest const& digest) { return {digest.bytes}; }
    /// At most 32 bytes, the last of which is the last of the word.
    static Word from_big_endian(base::BytesView bytes);

    std::string text() const { return data_text(bytes); }
    std::string quantity() const;
    std::string address() const;   // the twelve bytes before it must be zero
    std::uint64_t number() const;  // below 2^64
    bool truth() const;            // zero or one
};

}  // namespace consortium::driver::evm

/// What is needed of Solidity's contract ABI (docs.soliditylang.org, "Contract ABI Specification"): words,
/// bytes, and arrays of either.
namespace consortium::driver::evm::abi {

/// The first four bytes of the hash of a function's signature, e.g. "cancel(bytes32)".
base::Bytes selector(std::string_view signature, port::Hash keccak256);
/// The hash of an event's signature: its first topic.
Word topic(std::string_view signature, port::Hash keccak256);

/// Writes the arguments of a call one after the other.
class Writer {
public:
    Writer& word(Word const& word);
    Writer& bytes(base::BytesView bytes);
    Writer& words(std::vector<Word> const& words);
    Writer& byte_strings(std::vector<base::Bytes> const& strings);
    base::Bytes finish() const;

private:
    struct Argument {
        Word word;
        std::optional<base::Bytes> tail;  // what its offset points at
    };
    Writer& tail(base::Bytes bytes);

    std::vector<Argument> m_arguments;
};

/// Reads arguments in the one form in which compilers write them: what an offset points at follows what was
/// read before without a gap, padding is zero, and nothing is left over. Throws Error(malformed).
class Reader {
public:
    /// `arguments` are how many there are.
    Reader(base::BytesView data, std::size_t arguments);

    Word word();
    base::Bytes bytes();
    std::vector<Word> words();
    std::vector<base::Bytes> byte_strings();
    void done() const;

private:
    base::BytesView take_tail();
    std::size_t take_length(std::size_t unit);

    base::BytesView m_data;
    std::size_t m_head = 0;  // where the next argument stands
    std::size_t m_head_end;
    std::size_t m_tail;  // where the next tail must begin
};

/// The arguments of a call of `signature`; none if the data calls something else.
std::optional<base::BytesView> arguments_of(base::BytesView data, std::string_view signature,
                                            port::Hash keccak256);
/// A call: the selector of `signature`, then the arguments.
base::Bytes call(std::string_view signature, Writer const& arguments, port::Hash keccak256);

}  // namespace consortium::driver::evm::abi
