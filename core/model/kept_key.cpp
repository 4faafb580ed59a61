#include "core/model/kept_key.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::model {

using base::Json;
using base::JsonReader;

namespace {

constexpr std::string_view scheme = "pkcs11:";
constexpr std::size_t max_uri = 4096;
constexpr std::string_view kinds[]{"file", "token", "elsewhere"};

int digit_of(char letter) {
    if (letter >= '0' && letter <= '9') return letter - '0';
    if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
    if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
    return -1;
}

bool is_sound(std::string const& words) {
    return words.size() <= max_token_words && base::is_utf8(words) && base::printable(words) == words;
}

/// RFC 3986 2.1: '%' and two hexadecimal digits stand for one byte.
std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        char letter = text.front();
        text.remove_prefix(1);
        if (letter == '%') {
            if (text.size() < 2 || digit_of(text[0]) < 0 || digit_of(text[1]) < 0) return std::nullopt;
            letter = static_cast<char>(digit_of(text[0]) * 16 + digit_of(text[1]));
            text.remove_prefix(2);
        }
        out += letter;
    }
    if (out.empty() || !is_sound(out)) return std::nullopt;
    return out;
}

std::string* field_of(TokenWords& words, std::string_view name) {
    if (name == "manufacturer") return &words.manufacturer;
    if (name == "model") return &words.model;
    if (name == "serial") return &words.serial;
    if (name == "token") return &words.label;
    return nullptr;
}

/// One "name=value" of the URI's path; what says nothing of the token is passed over.
bool read_attribute(std::string_view one, TokenWords& words) {
    auto const equals = one.find('=');
    if (equals == std::string_view::npos) return false;
    auto* const field = field_of(words, one.substr(0, equals));
    if (field == nullptr) return true;
    auto value = decoded(one.substr(equals + 1));
    if (!value || !field->empty()) return false;
    *field = *std::move(value);
    return true;
}

std::string read_words(JsonReader& in, std::string const& key) {
    auto out = in.text(key, max_token_words);
    if (!is_sound(out)) in.fail(key, "has a character that cannot be printed");
    return out;
}

}  // namespace

std::optional<TokenWords> token_words(std::string_view uri) {
    if (uri.size() > max_uri || !uri.starts_with(scheme)) return std::nullopt;
    auto path = uri.substr(scheme.size(), uri.find('?') - scheme.size());
    TokenWords out;
    while (!path.empty()) {
        auto const end = std::min(path.find(';'), path.size());
        if (!read_attribute(path.substr(0, end), out)) return std::nullopt;
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    if (out.label.empty() && out.serial.empty()) return std::nullopt;
    return out;
}

std::string KeptKey::words() const {
    if (kept == "file") return "in a file of the keeper's workspace";
    if (kept != "token") return "behind a command or an agent of the keeper";
    std::vector<std::string> says;
    for (auto const* each : {&token.manufacturer, &token.model}) {
        if (!each->empty()) says.push_back(*each);
    }
    if (!token.serial.empty()) says.push_back("serial " + token.serial);
    return fmt::format("on {}{}, which says that it gives the key to nobody",
                       token.label.empty() ? "a token" : "the token '" + token.label + "'",
                       says.empty() ? "" : " (" + base::join(says, ", ") + ")");
}

KeptKey kept_at(std::string_view place, std::string authority, base::Digest const& key,
                std::string algorithm) {
    KeptKey out{std::move(authority), key, std::move(algorithm), "file", {}};
    if (place.empty()) return out;
    out.kept = place.starts_with(scheme) ? "token" : "elsewhere";
    if (auto words = token_words(place)) out.token = *std::move(words);
    return out;
}

Json to_json(KeptKey const& key) {
    Json token;
    if (key.kept == "token")
        token = {{"manufacturer", key.token.manufacturer},
                 {"model", key.token.model},
                 {"serial", key.token.serial},
                 {"label", key.token.label}};
    return {{"authority", key.authority},
            {"key", key.key.hex()},
            {"algorithm", key.algorithm},
            {"kept", key.kept},
            {"token", token}};
}

KeptKey kept_key_from_json(JsonReader& in) {
    KeptKey out;
    out.authority = in.name("authority");
    out.key = in.digest("key");
    out.algorithm = in.name("algorithm");
    out.kept = in.text("kept", 16);
    if (std::ranges::find(kinds, out.kept) == std::end(kinds)) in.fail("kept", "is not known");
    bool const on_token = out.kept == "token";
    if (on_token == in.is_null("token")) in.fail("token", "goes with what is kept on one, and nothing else");
    if (on_token) {
        auto part = in.object("token");
        out.token.manufacturer = read_words(part, "manufacturer");
        out.token.model = read_words(part, "model");
        out.token.serial = read_words(part, "serial");
        out.token.label = read_words(part, "label");
        part.done();
    } else {
        (void)in.value("token");
    }
    in.done();
    return out;
}

}  // namespace consortium::model
