#include "core/driver/evm/enode.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/driver/evm/recover.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <fmt/format.h>

namespace consortium::driver::evm {

using base::Code;
using base::Error;

namespace {

constexpr std::size_t max_text = 512;
constexpr std::string_view scheme = "enode://";

[[noreturn]] void fail(std::string_view what) {
    throw Error(Code::malformed, fmt::format("not an enode: {}", what),
                "the form is enode://ID@ADDRESS:PORT[?discport=PORT], with an ID of 128 hexadecimal digits");
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& letter : out) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    return out;
}

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

std::uint16_t read_port(std::string_view digits, std::string_view name) {
    std::uint16_t out = 0;
    auto const* end = digits.data() + digits.size();
    auto const [stop, error] = std::from_chars(digits.data(), end, out);
    bool const short_enough = !digits.empty() && digits.size() <= 5;
    if (!short_enough || error != std::errc() || stop != end) {
        fail(fmt::format("'{}' is not a {} port from 0 to 65535", base::printable(digits.substr(0, 20)),
                         name));
    }
    return out;
}

std::string read_id(std::string_view digits) {
    if (digits.empty()) fail("it has no id");
    if (digits.size() != 128) fail(fmt::format("its id has {} characters, not 128", digits.size()));
    bool const hexadecimal = digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
    if (!hexadecimal) fail("its id has characters that are no hexadecimal digits");
    if (!is_public_key(base::from_hex(digits))) {
        fail("its id is no key of secp256k1; a digit of it is wrong");
    }
    return lower(digits);
}

// The bytes of an address, written as RFC 5952 has it; none if it is no address of the family.
std::optional<std::string> address_text(int family, std::string const& text) {
    std::array<unsigned char, 16> bytes{};
    std::array<char, INET6_ADDRSTRLEN> out{};
    if (inet_pton(family, text.c_str(), bytes.data()) != 1) return std::nullopt;
    // ::ffff:0:0/96 are the addresses of IPv4, and nodes take them so.
    static constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    bool const is_mapped = family == AF_INET6 && std::equal(mapped.begin(), mapped.end(), bytes.begin());
    auto const* from = is_mapped ? bytes.data() + mapped.size() : bytes.data();
    if (inet_ntop(is_mapped ? AF_INET : family, from, out.data(), out.size()) == nullptr) return std::nullopt;
    return out.data();
}

// RFC 1123, section 2.1. What ends in a number is a mistyped address, not a name.
bool is_host_name(std::string_view text) {
    if (text.empty() || text.size() > 253) return false;
    auto const labels = base::split(text, '.');
    bool const good = std::all_of(labels.begin(), labels.end(), [](std::string const& label) {
        bool const letters =
            label.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
        return letters && !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-';
    });
    return good && !std::all_of(labels.back().begin(), labels.back().end(), is_digit);
}

std::string read_host(std::string_view text, HostNames names) {
    if (text.empty()) fail("it has no address");
    if (text.front() == '[') {
        auto const inside = text.back() == ']' ? text.substr(1, text.size() - 2) : std::string_view();
        auto const address = address_text(AF_INET6, std::string(inside));
        if (!address) fail("what stands in brackets is not an IPv6 address");
        return *address;
    }
    if (auto const address = address_text(AF_INET, std::string(text))) return *address;
    auto name = lower(text);
    if (!is_host_name(name)) fail(fmt::format("'{}' is not an address", base::printable(text.substr(0, 80))));
    if (names == HostNames::refused) {
        fail(fmt::format("'{}' is a host name, and nodes take addresses only", name));
    }
    return name;
}

void read_query(std::string_view query, Enode& out) {
    bool discovery = false;
    for (auto const& part : base::split(query, '&')) {
        auto const equals = part.find('=');
        auto const name = part.substr(0, equals);
        auto const value = equals == std::string::npos ? std::string() : part.substr(equals + 1);
        if (name == "discport" && !discovery) {
            out.discovery_port = read_port(value, "discovery");
            discovery = true;
        } else if (name == "raftport" && !out.raft_port) {
            out.raft_port = read_port(value, "raft");
            if (*out.raft_port == 0) fail("its raft port is 0");
        } else {
            fail(fmt::format("'{}' is neither one discport nor one raftport",
                             base::printable(std::string_view(part).substr(0, 80))));
        }
    }
}

}  // namespace

std::string Enode::text() const {
    auto const place = host.find(':') == std::string::npos ? host : "[" + host + "]";
    auto out = fmt::format("{}{}@{}:{}", scheme, id, place, port);
    char separator = '?';
    if (discovery_port != port) {
        out += fmt::format("{}discport={}", separator, discovery_port);
        separator = '&';
    }
    if (raft_port) out += fmt::format("{}raftport={}", separator, *raft_port);
    return out;
}

Enode read_enode(std::string_view text, HostNames names) {
    if (text.empty()) fail("it is empty");
    if (text.size() > max_text) fail("it is too long");
    bool const visible =
        std::all_of(text.begin(), text.end(), [](char each) { return each > ' ' && each < 0x7f; });
    if (!visible) fail("it has blanks or characters that are not ASCII");
    if (lower(text.substr(0, scheme.size())) != scheme) fail("it does not begin with enode://");
    auto const rest = text.substr(scheme.size());
    auto const at = rest.find('@');
    if (at == std::string_view::npos) fail("it has no id, or no address");
    auto const place = rest.substr(at + 1, rest.find('?', at) - at - 1);
    auto const colon = place.rfind(':');
    if (colon == std::string_view::npos || place.find(']', colon) != std::string_view::npos) {
        fail("it has no listening port");
    }
    Enode out;
    out.id = read_id(rest.substr(0, at));
    out.host = read_host(place.substr(0, colon), names);
    out.port = read_port(place.substr(colon + 1), "listening");
    out.discovery_port = out.port;
    auto const query = rest.find('?', at);
    if (query != std::string_view::npos) read_query(rest.substr(query + 1), out);
    return out;
}

std::string address_of(Enode const& enode, port::Hash keccak256) {
    return "0x" + keccak256(base::from_hex(enode.id)).hex().substr(24);
}

bool is_same_peer(Enode const& left, Enode const& right) {
    return left.id == right.id && left.host == right.host && left.port == right.port;
}

}  // namespace consortium::driver::evm
