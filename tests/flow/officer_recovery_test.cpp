#include "core/flow/officer_recovery.h"

#include "tests/support/founded.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace consortium;

namespace {

/// A second officer of acme with these roles, until `end` where one is given.
auto fellow_with(std::vector<std::string> roles, std::optional<base::Instant> end = {}) {
    return [=](model::Epoch& epoch) {
        auto fellow = epoch.officers[0];
        fellow.id = "acme-bob";
        fellow.person = "bob";
        fellow.roles = roles;
        if (end)
            for (auto const& role : roles) fellow.ends[role] = *end;
        epoch.officers.insert(epoch.officers.begin() + 1, fellow);
    };
}

flow::KeyRecovery recovery(std::function<void(model::Epoch&)> const& change,
                           std::string const& officer = "acme-ada") {
    Founded const founded(change);
    auto const state = founded.state("globex");
    return flow::key_recovery(state, *state.epoch->officer(officer));
}

}  // namespace

TEST_CASE("a lost key: a fellow officer who may change officers gives a new one, without a vote") {
    auto const found = recovery(fellow_with({"security"}));
    CHECK(found.by == "fellow");
    CHECK(found.fellows == std::vector<std::string>{"acme-bob"});
    CHECK(found.steps ==
          std::vector<std::string>{
              "consortium officer suspend acme-ada --as acme-bob",
              "consortium officer rotate acme-ada --key FILE --cause compromise --as acme-bob"});
    // One who is suspended already is not suspended again.
    auto const suspended = recovery([](model::Epoch& epoch) {
        fellow_with({"governance"})(epoch);
        epoch.officers[0].status = "suspended";
    });
    CHECK(suspended.by == "fellow");
    CHECK(suspended.steps.size() == 1);
}

TEST_CASE("a lost key: where no fellow can sign, the members decide") {
    std::vector<std::string> const steps{"consortium officer recover acme-ada --key FILE --evidence FILE"};
    for (auto const& change : std::vector<std::function<void(model::Epoch&)>>{
             {},
             fellow_with({"legal"}),
             fellow_with({"security"}, test::at("2026-10-02T09:00:00Z")),  // ended at this very second
             [](model::Epoch& epoch) {
                 fellow_with({"security"})(epoch);
                 epoch.officers[1].status = "suspended";
             },
         }) {
        auto const found = recovery(change);
        CHECK(found.by == "decision");
        CHECK(found.fellows.empty());
        CHECK(found.steps == steps);
    }
    CHECK(recovery(fellow_with({"security"}, test::at("2026-10-02T09:00:01Z"))).by == "fellow");
}

TEST_CASE("a lost key: where nobody can help, that is said") {
    auto const undecided = recovery(
        [](model::Epoch& epoch) { std::erase(epoch.charter.decisions[0].actions, "officer.recover"); });
    CHECK(undecided.by == "nobody");
    CHECK(undecided.words.find("no decision of the charter covers 'officer.recover'") != std::string::npos);
    CHECK(undecided.steps.empty());
    auto const alone = recovery([](model::Epoch& epoch) {
        for (auto& member : epoch.members)
            if (member.id != "acme") member.votes = false;
    });
    CHECK(alone.by == "nobody");
    CHECK(alone.words.find("nobody but 'acme' votes") != std::string::npos);
    auto const removed = recovery([](model::Epoch& epoch) { epoch.officers[0].status = "removed"; });
    CHECK(removed.by == "nobody");
    CHECK(removed.steps.empty());
}

TEST_CASE("a lost key: where the charter lets the members decide, a fellow officer suspends and asks them") {
    auto const decides = [](auto const& change) {
        return [=](model::Epoch& epoch) {
            epoch.charter.rekey = "decision";
            change(epoch);
        };
    };
    auto const found = recovery(decides(fellow_with({"governance"})));
    CHECK(found.by == "decision");
    CHECK(found.fellows == std::vector<std::string>{"acme-bob"});
    CHECK(found.steps == std::vector<std::string>{
                             "consortium officer suspend acme-ada --as acme-bob",
                             "consortium officer recover acme-ada --key FILE --evidence FILE --as acme-bob"});
    // Who may not propose it cannot ask, and is not waited for.
    CHECK(recovery(decides(fellow_with({"security"}))).fellows.empty());
    auto const alone = recovery(decides([](model::Epoch&) {}));
    CHECK(alone.by == "decision");
    CHECK(alone.steps.size() == 1);
    auto const undecided = recovery(decides([](model::Epoch& epoch) {
        fellow_with({"governance"})(epoch);
        std::erase(epoch.charter.decisions[0].actions, "officer.recover");
    }));
    CHECK(undecided.by == "nobody");
    CHECK(undecided.words.find("the members have to decide") != std::string::npos);
}
