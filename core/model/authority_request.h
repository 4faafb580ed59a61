#pragma once

#include "core/model/certificate.h"

namespace consortium::model {

/// What an authority's signing request asks for beyond its name and its key.
struct AuthorityConstraints {
    std::optional<int> path_length;
    AlternativeNames permitted;
    bool operator==(AuthorityConstraints const&) const = default;
};

/// In the words in which SigningRequest::other has them: "basicConstraints: pathLen 0", "nameConstraints:
/// permitted dns:acme.example".
std::vector<std::string> to_words(AuthorityConstraints const& constraints);
/// The same back. What is neither goes to `rest`.
AuthorityConstraints constraints_from_words(std::vector<std::string> const& words,
                                            std::vector<std::string>& rest);

}  // namespace consortium::model
