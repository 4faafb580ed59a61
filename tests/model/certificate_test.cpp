#include "core/model/certificate.h"

#include "core/base/error.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using model::AlternativeNames;

TEST_CASE("a name is filed under what it looks like") {
    AlternativeNames names;
    for (char const* name : {"node1.acme.example", "node1", "10.0.0.1", "2001:db8::1", "ops@acme.example",
                             "spiffe://acme.example/node1", "node1"}) {
        names.add(name);
    }
    CHECK(names.dns == std::vector<std::string>{"node1.acme.example", "node1"});
    CHECK(names.ip == std::vector<std::string>{"10.0.0.1", "2001:db8::1"});
    CHECK(names.email == std::vector<std::string>{"ops@acme.example"});
    CHECK(names.uri == std::vector<std::string>{"spiffe://acme.example/node1"});
    CHECK(model::alternative_names_from_json(model::to_json(names)) == names);
    CHECK(names.texts().front() == "dns:node1.acme.example");
}

TEST_CASE("what is no name of any kind is malformed") {
    for (char const* name : {"", "Node1", "a..b", "-a", "*.acme.example", "10.0.0.300", "10.0.0",
                             "2001:db8:::1", "2001:DB8::1", "a@b@c", "@acme.example", "a b", "evil\x1b[2J",
                             "node,dns:other", "a@acme.example,b@x", "x\n.example"}) {
        CAPTURE(name);
        AlternativeNames names;
        CHECK_THROWS_AS(names.add(name), base::Error);
    }
    AlternativeNames names;
    CHECK_THROWS_AS(names.add(std::string(64, 'a')), base::Error);
    CHECK_THROWS_AS(names.add(std::string("a\0b", 3)), base::Error);
}

TEST_CASE("revocation reasons have the codes of RFC 5280 5.3.1") {
    CHECK(model::reason_code("unspecified") == 0);
    CHECK(model::reason_code("key-compromise") == 1);
    CHECK(model::reason_code("superseded") == 4);
    CHECK(model::reason_word(9) == "privilege-withdrawn");
    CHECK_THROWS_AS((void)model::reason_code("bored"), base::Error);
}
