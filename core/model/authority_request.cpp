#include "core/model/authority_request.h"

#include "core/base/error.h"
#include "core/model/name_space.h"

#include <charconv>

namespace consortium::model {

namespace {

constexpr std::string_view path_length_word = "basicConstraints: pathLen ";
constexpr std::string_view permitted_word = "nameConstraints: permitted ";

std::optional<int> whole_number(std::string_view text) {
    int out = 0;
    auto const* end = text.data() + text.size();
    auto const result = std::from_chars(text.data(), end, out);
    return result.ec == std::errc() && result.ptr == end ? std::optional(out) : std::nullopt;
}

/// False for a name space that people do not write: it is for nobody to grant.
bool take_permitted(std::string_view text, AlternativeNames& permitted) {
    try {
        add_name_space(permitted, text);
    } catch (base::Error const&) {
        return false;
    }
    return true;
}

}  // namespace

std::vector<std::string> to_words(AuthorityConstraints const& constraints) {
    std::vector<std::string> out;
    if (constraints.path_length)
        out.push_back(std::string(path_length_word) + std::to_string(*constraints.path_length));
    for (auto const& text : constraints.permitted.texts()) out.push_back(std::string(permitted_word) + text);
    return out;
}

AuthorityConstraints constraints_from_words(std::vector<std::string> const& words,
                                            std::vector<std::string>& rest) {
    AuthorityConstraints out;
    for (std::string_view const word : words) {
        bool taken = false;
        if (word.starts_with(permitted_word))
            taken = take_permitted(word.substr(permitted_word.size()), out.permitted);
        if (word.starts_with(path_length_word) && !out.path_length) {
            out.path_length = whole_number(word.substr(path_length_word.size()));
            taken = out.path_length.has_value();
        }
        if (!taken) rest.emplace_back(word);
    }
    return out;
}

}  // namespace consortium::model
