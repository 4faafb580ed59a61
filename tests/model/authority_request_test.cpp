#include "core/model/authority_request.h"

#include <doctest/doctest.h>

using namespace consortium;
using Words = std::vector<std::string>;

TEST_CASE("what an authority asks for is said in words and read back") {
    model::AuthorityConstraints const all{
        0, {{"acme.example"}, {"10.0.0.0/8"}, {".acme.example"}, {"acme.example"}}};
    auto const words = model::to_words(all);
    CHECK(words == Words{"basicConstraints: pathLen 0", "nameConstraints: permitted dns:acme.example",
                         "nameConstraints: permitted ip:10.0.0.0/8",
                         "nameConstraints: permitted email:.acme.example",
                         "nameConstraints: permitted uri:acme.example"});
    Words rest;
    CHECK(model::constraints_from_words(words, rest) == all);
    CHECK(rest.empty());
    CHECK(model::to_words({}).empty());
}

TEST_CASE("what is no such word is left over, to be granted by nobody") {
    Words const odd{"1.2.3.4",
                    "nameConstraints: excludedSubtrees",
                    "nameConstraints: permitted dns:",
                    "nameConstraints: permitted dns:*.acme.example",
                    "nameConstraints: permitted ip:10.0.0.0/255.0.255.0",
                    "basicConstraints: pathLen",
                    "basicConstraints: pathLen 1x",
                    "basicConstraints: pathLen 99999999999"};
    Words rest;
    CHECK(model::constraints_from_words(odd, rest) == model::AuthorityConstraints{});
    CHECK(rest == odd);
    // Only one can be meant.
    rest.clear();
    auto const twice =
        model::constraints_from_words({"basicConstraints: pathLen 0", "basicConstraints: pathLen 7"}, rest);
    CHECK(twice.path_length == 0);
    CHECK(rest == Words{"basicConstraints: pathLen 7"});
}
