#include "core/model/certificate.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <nlohmann/json.hpp>

namespace consortium::model {

using base::Json;

namespace {

constexpr std::size_t max_name = 253;

constexpr RevocationReason all_reasons[] = {
    {"unspecified", 0}, {"key-compromise", 1},         {"ca-compromise", 2},       {"affiliation-changed", 3},
    {"superseded", 4},  {"cessation-of-operation", 5}, {"privilege-withdrawn", 9},
};

bool is_label(std::string_view label) {
    auto const plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), plain);
}

bool is_host(std::string_view name) {
    if (name.empty() || name.size() > max_name) return false;
    auto const labels = base::split(name, '.');
    return std::all_of(labels.begin(), labels.end(), is_label);
}

bool is_visible(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

bool is_address(std::string const& text) {
    std::array<unsigned char, 16> bytes{};
    std::array<char, INET6_ADDRSTRLEN> again{};
    int const family = text.find(':') == std::string::npos ? AF_INET : AF_INET6;
    return inet_pton(family, text.c_str(), bytes.data()) == 1 &&
           inet_ntop(family, bytes.data(), again.data(), again.size()) != nullptr && text == again.data();
}

// "10.0.0.300" must not become a host name: the last label of a DNS name is never a number.
bool ends_in_number(std::string_view name) {
    auto const last = name.substr(name.rfind('.') + 1);
    return !last.empty() &&
           std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_email(std::string_view name) {
    auto const at = name.find('@');
    return at != std::string_view::npos && at > 0 && at <= 64 && is_visible(name) &&
           is_host(name.substr(at + 1)) && name.find_first_of("<>()[],;:\\\"") == std::string_view::npos;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> DistinguishedName::parts() const {
    std::vector<std::pair<std::string, std::string>> out{
        {"O", organization}, {"OU", unit}, {"CN", common_name}};
    std::erase_if(out, [](auto const& part) { return part.second.empty(); });
    return out;
}

bool is_host_name(std::string_view name) {
    return is_host(name) && !ends_in_number(name);
}

bool is_ip_address(std::string_view text) {
    return is_address(std::string(text));
}

bool AlternativeNames::empty() const {
    return dns.empty() && ip.empty() && email.empty() && uri.empty();
}

std::vector<std::string> AlternativeNames::texts() const {
    std::vector<std::string> out;
    auto const append = [&out](char const* kind, std::vector<std::string> const& names) {
        for (auto const& name : names) out.push_back(std::string(kind) + ":" + name);
    };
    append("dns", dns);
    append("ip", ip);
    append("email", email);
    append("uri", uri);
    return out;
}

void AlternativeNames::add(std::string_view name) {
    std::string const text(name);
    auto const file = [&text](std::vector<std::string>& names, bool valid) {
        if (!valid || text.size() > max_name) {
            throw base::Error(
                base::Code::malformed,
                "'" + base::printable(text) + "' is no host name, address, email address or URI",
                "host names are lower-case, without wildcards");
        }
        if (std::find(names.begin(), names.end(), text) == names.end()) names.push_back(text);
    };
    if (text.find("://") != std::string::npos) return file(uri, is_visible(text) && text.front() != ':');
    if (text.find('@') != std::string::npos) return file(email, is_email(text));
    if (text.find(':') != std::string::npos || ends_in_number(text)) return file(ip, is_address(text));
    file(dns, is_host(text));
}

Json to_json(AlternativeNames const& names) {
    return {{"dns", names.dns}, {"ip", names.ip}, {"email", names.email}, {"uri", names.uri}};
}

AlternativeNames alternative_names_from_json(Json const& value) {
    base::JsonReader in(value, "/names");
    AlternativeNames names{in.texts("dns"), in.texts("ip"), in.texts("email"), in.texts("uri")};
    in.done();
    return names;
}

std::span<RevocationReason const> revocation_reasons() {
    return all_reasons;
}

int reason_code(std::string_view word) {
    std::vector<std::string> known;
    for (auto const& reason : all_reasons) {
        if (reason.word == word) return reason.code;
        known.emplace_back(reason.word);
    }
    throw base::Error(base::Code::malformed, "no revocation reason '" + base::printable(word) + "'",
                      "there are " + base::join(known, ", "));
}

std::string_view reason_word(int code) {
    for (auto const& reason : all_reasons) {
        if (reason.code == code) return reason.word;
    }
    return all_reasons[0].word;
}

}  // namespace consortium::model
