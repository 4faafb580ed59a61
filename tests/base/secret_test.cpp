#include "core/base/secret.h"

#include <doctest/doctest.h>

using namespace consortium::base;

TEST_CASE("a secret wipes its source and moves without copies") {
    std::string source = "correct horse battery staple, long enough for the heap";
    char const* const place = source.data();
    Secret first = Secret::from_text(std::move(source));
    CHECK(place[0] == '\0');  // the source's buffer is still owned by `source`, and zero
    CHECK(first.text() == "correct horse battery staple, long enough for the heap");
    auto const* const bytes = first.view().data();
    Secret second = std::move(first);
    CHECK(first.empty());  // NOLINT: what is moved from is defined to be empty
    CHECK(second.view().data() == bytes);
    Secret const third = second.clone();
    CHECK(third.view().data() != bytes);
    CHECK(third.text() == second.text());
}

TEST_CASE("wipe overwrites") {
    Bytes bytes{1, 2, 3};
    wipe(std::span(bytes));
    CHECK(bytes == Bytes{0, 0, 0});
}
