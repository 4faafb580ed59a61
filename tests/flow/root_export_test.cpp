#include "core/flow/root_export.h"

#include "tests/support/rotation.h"

#include <doctest/doctest.h>

using namespace consortium;

TEST_CASE("of authorities elsewhere no list is held, and that is said") {
    PkiFixture here, elsewhere("globex");
    here.init_ca();
    elsewhere.init_ca();
    auto const own = flow::compose_bundle(flow::authorities(here.store()), 1, "");
    auto const foreign = flow::compose_bundle(flow::authorities(elsewhere.store()), 1, "");
    auto const& certifier = here.services().certifier;
    CHECK(flow::crl_warnings(elsewhere.state(), certifier, foreign).empty());
    auto const warnings = flow::crl_warnings(here.state(), certifier, foreign);
    REQUIRE(warnings.size() == 2);
    CHECK(warnings[0].starts_with("no revocation list of CN=payments Issuing CA 1"));
    CHECK(warnings[1].starts_with("no revocation list of CN=payments Root G1"));
    CHECK(flow::crls_pem(here.state(), certifier, foreign).empty());
    CHECK_FALSE(flow::crls_pem(here.state(), certifier, own).empty());
}

TEST_CASE("roots of one name are two entries, or a truststore would keep one of them") {
    model::TrustBundle bundle;
    bundle.roots = {{"root-g1", {1}}, {"root-g2", {2}}, {"root-g1", {3}}};
    CHECK(flow::anchors(bundle) == std::vector<std::pair<std::string, base::Bytes>>{
                                       {"root-g1", {1}}, {"root-g2", {2}}, {"root-g1.2", {3}}});
}

TEST_CASE("an MSP has one certificate of each intermediate, and none of a root that is trusted no more") {
    RotationFixture fixture;
    fixture.agree_on_plan();
    fixture.prepare();
    fixture.sign();
    auto bundle = flow::compose_bundle(flow::authorities(fixture.store()), 2, "");
    REQUIRE(bundle.roots.size() == 2);
    REQUIRE(bundle.intermediates.size() == 2);
    auto const& certifier = fixture.services().certifier;
    auto const intermediates = [&] {
        std::vector<std::string> out;
        for (auto const& [path, content] : flow::msp_parts(fixture.state(), certifier, bundle))
            if (path.starts_with("intermediatecerts/")) out.push_back(path);
        return out;
    };
    CHECK(intermediates() == std::vector<std::string>{"intermediatecerts/1-issuing-1-by-root-g2.pem"});
    std::swap(bundle.roots[0], bundle.roots[1]);
    CHECK(intermediates() == std::vector<std::string>{"intermediatecerts/1-issuing-1-by-root-g1.pem"});
    bundle.roots.pop_back();
    CHECK(intermediates() == std::vector<std::string>{"intermediatecerts/1-issuing-1-by-root-g2.pem"});
}
