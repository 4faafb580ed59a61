#include "core/crypto/pkcs11/uri.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace consortium::crypto::pkcs11 {

namespace {

constexpr std::string_view scheme = "pkcs11:";
constexpr std::size_t max_uri = 4096, max_value = 1024;
// RFC 7512 2.3: pk11-path-res-avail and pk11-query-res-avail.
constexpr std::string_view path_marks = ":[]@!$'()*+,=&", query_marks = ":[]@!$'()*+,=/?|";

[[noreturn]] void refuse(std::string const& why, std::string hint = {}) {
    if (hint.empty()) hint = "write pkcs11:token=LABEL?module-path=/usr/lib/…/module.so (RFC 7512)";
    throw base::Error(base::Code::usage, "not a URI of a PKCS#11 token: " + why, std::move(hint));
}

/// RFC 3986 2.3.
bool is_unreserved(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') ||
           std::string_view("-._~").find(letter) != std::string_view::npos;
}

bool is_hex(char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f') ||
           (letter >= 'A' && letter <= 'F');
}

base::Bytes decode(std::string_view text, std::string_view marks, std::string_view name) {
    base::Bytes out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        char const letter = text[at];
        if (letter == '%') {
            if (at + 2 >= text.size() || !is_hex(text[at + 1]) || !is_hex(text[at + 2]))
                refuse(fmt::format("'{}' has a '%' without two hexadecimal digits", name));
            out.push_back(base::from_hex(text.substr(at + 1, 2)).front());
            at += 2;
        } else if (is_unreserved(letter) || marks.find(letter) != std::string_view::npos) {
            out.push_back(static_cast<std::uint8_t>(letter));
        } else {
            refuse(fmt::format("'{}' has a character that must be written as %XX", name));
        }
    }
    if (out.empty() || out.size() > max_value)
        refuse(fmt::format("'{}' does not have 1 to {} bytes", name, max_value));
    return out;
}

std::string decode_text(std::string_view text, std::string_view marks, std::string_view name) {
    auto const bytes = decode(text, marks, name);
    std::string out(base::as_text(bytes));
    if (!base::is_utf8(out) || base::printable(out) != out)
        refuse(fmt::format("'{}' is not printable UTF-8", name));
    return out;
}

void read_path(Uri& uri, std::string_view name, std::string_view text) {
    if (name == "id") {
        uri.id = decode(text, path_marks, name);
        return;
    }
    auto value = decode_text(text, path_marks, name);
    if (name == "token")
        uri.token = std::move(value);
    else if (name == "manufacturer")
        uri.manufacturer = std::move(value);
    else if (name == "model")
        uri.model = std::move(value);
    else if (name == "serial")
        uri.serial = std::move(value);
    else if (name == "object")
        uri.object = std::move(value);
    else if (name != "type" || value != "private")
        refuse(fmt::format("'{}={}' is not understood here", base::printable(name), value));
}

void read_query(Uri& uri, std::string_view name, std::string_view text) {
    if (name == "pin-value" || name == "pin-source")
        refuse(fmt::format("'{}' does not belong in it", name),
               "give the PIN at the terminal, or name the file that holds it with --pin-file");
    if (name != "module-path") refuse(fmt::format("'{}' is not understood here", base::printable(name)));
    uri.module_path = decode_text(text, query_marks, name);
}

using ReadOne = void (*)(Uri&, std::string_view, std::string_view);

void read_all(Uri& uri, std::string_view text, char separator, ReadOne read) {
    std::set<std::string_view> seen;
    while (!text.empty()) {
        auto const end = std::min(text.find(separator), text.size());
        auto const one = text.substr(0, end);
        auto const equals = one.find('=');
        if (equals == std::string_view::npos || equals == 0 || end + 1 == text.size())
            refuse("an attribute is not NAME=VALUE");
        auto const name = one.substr(0, equals);
        // RFC 7512 2.3 forbids it in the path; we do in the query too.
        if (!seen.insert(name).second) refuse(fmt::format("'{}' stands twice", base::printable(name)));
        read(uri, name, one.substr(equals + 1));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

void append(std::string& out, std::string_view name, base::BytesView value, std::string_view marks) {
    if (value.empty()) return;
    if (out.back() != ':' && out.back() != '?') out += ';';
    out += name;
    out += '=';
    for (auto const byte : value) {
        auto const letter = static_cast<char>(byte);
        if (is_unreserved(letter) || marks.find(letter) != std::string_view::npos)
            out += letter;
        else
            out += fmt::format("%{:02X}", byte);
    }
}

}  // namespace

Uri parse_uri(std::string_view text) {
    if (text.size() > max_uri) refuse(fmt::format("it has more than {} characters", max_uri));
    if (!text.starts_with(scheme)) refuse("it does not begin with 'pkcs11:'");
    text.remove_prefix(scheme.size());
    auto const question = std::min(text.find('?'), text.size());
    Uri uri;
    read_all(uri, text.substr(0, question), ';', read_path);
    if (question < text.size()) read_all(uri, text.substr(question + 1), '&', read_query);
    // What is loaded is code: never one that some search path happens to find.
    if (!uri.module_path.is_absolute()) refuse("it names no module by an absolute path");
    if (!uri.names_token()) refuse("it names no token by 'token' or 'serial'");
    return uri;
}

std::string to_text(Uri const& uri) {
    // A colon or an ampersand may stand as it is; they are written as %XX, which every reader understands.
    constexpr std::string_view plain, plain_path = "/";
    std::string out(scheme);
    append(out, "token", base::as_bytes(uri.token), plain);
    append(out, "manufacturer", base::as_bytes(uri.manufacturer), plain);
    append(out, "model", base::as_bytes(uri.model), plain);
    append(out, "serial", base::as_bytes(uri.serial), plain);
    append(out, "id", uri.id, plain);
    append(out, "object", base::as_bytes(uri.object), plain);
    if (!uri.module_path.empty()) {
        out += '?';
        append(out, "module-path", base::as_bytes(uri.module_path.native()), plain_path);
    }
    return out;
}

}  // namespace consortium::crypto::pkcs11
