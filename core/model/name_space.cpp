#include "core/model/name_space.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>

namespace consortium::model {

namespace {

struct Address {
    std::array<unsigned char, 16> octets{};
    std::size_t size = 0;  // 0: it is none
};

Address read_address(std::string const& text) {
    Address out;
    bool const wide = text.find(':') != std::string::npos;
    if (inet_pton(wide ? AF_INET6 : AF_INET, text.c_str(), out.octets.data()) == 1) out.size = wide ? 16 : 4;
    return out;
}

bool in_range(std::string const& name, std::string const& range) {
    auto const slash = range.find('/');
    auto const digits = slash == std::string::npos ? std::string() : range.substr(slash + 1);
    auto const base = read_address(range.substr(0, slash));
    auto const address = read_address(name);
    if (address.size == 0 || base.size != address.size || digits.empty() || digits.size() > 3 ||
        digits.find_first_not_of("0123456789") != std::string::npos) {
        return false;
    }
    std::size_t const ones = std::stoul(digits);
    if (ones > base.size * 8) return false;
    for (std::size_t bit = 0; bit < ones; ++bit) {
        auto const mask = 0x80U >> (bit % 8);
        if (((base.octets.at(bit / 8) ^ address.octets.at(bit / 8)) & mask) != 0) return false;
    }
    return true;
}

bool is_host_below(std::string const& name, std::string const& base) {
    return base.empty() || name == base || name.ends_with("." + base);
}

// Of email addresses and URIs "acme.example" is that host alone, ".acme.example" each below it.
bool is_host_of(std::string const& host, std::string const& base) {
    return base.starts_with('.') ? host.ends_with(base) : host == base;
}

bool is_mailbox_of(std::string const& name, std::string const& base) {
    if (base.find('@') != std::string::npos) return name == base;
    return is_host_of(name.substr(name.find('@') + 1), base);
}

bool is_place_of(std::string const& name, std::string const& base) {
    auto const start = name.find("://") + 3;
    auto authority = name.substr(start, name.find_first_of("/?#", start) - start);
    if (auto const at = authority.rfind('@'); at != std::string::npos) authority.erase(0, at + 1);
    return is_host_of(authority.substr(0, authority.find(':')), base);
}

std::string outside(char const* kind, std::vector<std::string> const& names,
                    std::vector<std::string> const& bases,
                    bool (*within)(std::string const&, std::string const&)) {
    if (bases.empty()) return {};
    for (auto const& name : names) {
        auto const good = [&](std::string const& base) { return within(name, base); };
        if (std::none_of(bases.begin(), bases.end(), good)) return std::string(kind) + ":" + name;
    }
    return {};
}

}  // namespace

std::string first_outside(AlternativeNames const& names, AlternativeNames const& permitted) {
    for (auto const& found : {outside("dns", names.dns, permitted.dns, is_host_below),
                              outside("ip", names.ip, permitted.ip, in_range),
                              outside("email", names.email, permitted.email, is_mailbox_of),
                              outside("uri", names.uri, permitted.uri, is_place_of)}) {
        if (!found.empty()) return found;
    }
    return {};
}

}  // namespace consortium::model
