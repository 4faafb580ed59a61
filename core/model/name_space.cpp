#include "core/model/name_space.h"

#include "core/base/error.h"
#include "core/base/text.h"

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

struct Range {
    Address base;  // size 0: it is none
    std::size_t ones = 0;
};

Range read_range(std::string const& text) {
    auto const slash = text.find('/');
    auto const digits = slash == std::string::npos ? std::string() : text.substr(slash + 1);
    Range out;
    if (digits.empty() || digits.size() > 3 || digits.find_first_not_of("0123456789") != std::string::npos)
        return out;
    auto const base = read_address(text.substr(0, slash));
    out.ones = std::stoul(digits);
    if (out.ones <= base.size * 8) out.base = base;
    return out;
}

bool in_range(std::string const& name, std::string const& text) {
    auto const range = read_range(text);
    auto const address = read_address(name);
    if (address.size == 0 || range.base.size != address.size) return false;
    for (std::size_t bit = 0; bit < range.ones; ++bit) {
        auto const mask = 0x80U >> (bit % 8);
        if (((range.base.octets.at(bit / 8) ^ address.octets.at(bit / 8)) & mask) != 0) return false;
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

// "acme.example", or ".acme.example" for the hosts below it.
bool is_host_or_below(std::string const& text) {
    return is_host_name(text.starts_with('.') ? text.substr(1) : text);
}

bool is_mailbox(std::string const& text) {
    AlternativeNames names;
    try {
        names.add(text);
    } catch (base::Error const&) {
        return false;
    }
    return !names.email.empty();
}

}  // namespace

void add_name_space(AlternativeNames& permitted, std::string_view text) {
    auto const colon = text.find(':');
    auto const kind = text.substr(0, colon);
    std::string const space(colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1));
    // ".acme.example" is no DNS subtree, "acme.example" holds what is below it (RFC 5280 4.2.1.10).
    AlternativeNames host;
    if (kind == "dns" && !space.empty()) host.add(space);
    if (!host.dns.empty()) return permitted.dns.push_back(space);
    if (kind == "ip" && read_range(space).base.size != 0) return permitted.ip.push_back(space);
    bool const address = space.find('@') != std::string::npos;
    if (kind == "email" && (address ? is_mailbox(space) : is_host_or_below(space)))
        return permitted.email.push_back(space);
    if (kind == "uri" && is_host_or_below(space)) return permitted.uri.push_back(space);
    throw base::Error(base::Code::malformed,
                      "'" + base::printable(text.substr(0, 300)) + "' is no name space",
                      "write dns:acme.example, ip:10.0.0.0/8, email:acme.example or uri:acme.example");
}

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
