#include "core/driver/guide.h"

#include <doctest/doctest.h>
#include <string>

using namespace consortium;

namespace {

constexpr port::TrustChange adds{.adds = true, .removes = false, .presents = false, .version = 2};
constexpr port::TrustChange presents{.adds = false, .removes = false, .presents = true, .version = 3};
constexpr port::TrustChange removes{.adds = false, .removes = true, .presents = false, .version = 4};

std::string all_of(port::NodeWork const& work) {
    std::string out = work.restart;
    for (auto const& each : work.files) out += "\n" + each;
    for (auto const& each : work.steps) out += "\n" + each;
    return out;
}

bool has(std::string const& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("for every kind of node it is said what is placed, what is restarted and how it is kept out") {
    auto const& guide = driver::node_guide();
    for (char const* kind : {"rehearsal", "besu", "quorum", "clique", "fabric", "ccf", "another"}) {
        CAPTURE(kind);
        for (auto const& change : {adds, presents, removes}) {
            auto const work = guide.follow(kind, change);
            CHECK_FALSE(work.steps.empty());
            CHECK_FALSE(work.restart.empty());
            for (auto const& file : work.files) CHECK(file.starts_with("consortium "));
        }
        model::Node node;
        node.id = "n1";
        node.kind = kind;
        CHECK_FALSE(guide.keep_out(node).empty());
    }
}

TEST_CASE("each kind gets the form that it reads") {
    auto const& guide = driver::node_guide();
    CHECK(has(all_of(guide.follow("besu", adds)), "--type besu --password-file FILE -o besu-2"));
    CHECK(has(all_of(guide.follow("besu", presents)), "--form pkcs12"));
    CHECK_FALSE(has(all_of(guide.follow("besu", presents)), "truststore"));
    CHECK(has(all_of(guide.follow("quorum", adds)), "root export -o roots.pem"));
    CHECK_FALSE(guide.follow("quorum", adds).stops);
    CHECK(guide.follow("quorum", presents).stops);
    CHECK(has(all_of(guide.follow("fabric", adds)), "FabricNodeOUs"));
    CHECK_FALSE(has(all_of(guide.follow("fabric", removes)), "FabricNodeOUs"));
    CHECK(has(all_of(guide.follow("fabric", removes)), "msp/crls"));
    CHECK(has(all_of(guide.follow("ccf", adds)), "set_ca_cert_bundle"));
    CHECK_FALSE(guide.follow("ccf", adds).stops);
    CHECK(has(guide.follow("ccf", presents).restart, "never restart"));
}

// QBFT: facts of Besu's documentation, 4 validators are the least that stand one fault. EIP-225. Raft: a
// majority of 3 is 2.
TEST_CASE("how many voters may be down") {
    auto const& guide = driver::node_guide();
    CHECK(guide.may_be_down("besu", 3) == 0);
    CHECK(guide.may_be_down("besu", 4) == 1);
    CHECK(guide.may_be_down("quorum", 6) == 1);
    CHECK(guide.may_be_down("quorum", 7) == 2);
    CHECK(guide.may_be_down("fabric", 3) == 1);
    CHECK(guide.may_be_down("fabric", 4) == 1);
    CHECK(guide.may_be_down("ccf", 5) == 2);
    CHECK(guide.may_be_down("clique", 2) == 0);
    CHECK(guide.may_be_down("besu", 0) == std::nullopt);
    CHECK(guide.may_be_down("another", 4) == std::nullopt);
}

TEST_CASE("a validator is voted out by its address") {
    model::Node node;
    node.id = "n1";
    node.kind = "besu";
    node.member = "globex";
    node.network = "payments";
    node.address = "0xaa";
    CHECK(driver::node_guide().keep_out(node).front() ==
          "consortium proposal open validator.remove --set network=payments --set address=0xaa --set "
          "member=globex, if it is a validator");
}
