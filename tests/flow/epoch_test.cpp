#include "core/flow/epoch.h"

#include "core/flow/epoch_words.h"
#include "core/flow/proposal.h"
#include "core/flow/vote.h"
#include "tests/support/code_of.h"
#include "tests/support/town.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Code;
using base::Json;

namespace {

/// Four members have founded and have decided one thing since, with one vote against it.
struct Decided : Town {
    Decided() {
        found();
        Json const detail{"id=drill", "kind=rehearsal", "identity=n-2"};
        auto const record = apply(
            acme(),
            flow::plan_proposal_open(
                state(acme()), request("proposal open", {{"operand", "network.add"}, {"set", detail}})));
        proposal = record["results"][0]["name"];
        sync(1);
        for (auto const& one : all) {
            auto const choice = one->self.member == "umbrella" ? "no" : "yes";
            apply(*one, flow::plan_vote_cast(
                            state(*one), request("vote cast", {{"operand", proposal}, {"choice", choice}})));
        }
        sync(1);
        pass("P1D");
        pass("PT2H");
        decide();
    }
    Json show(Json arguments = Json::object()) {
        return *flow::epoch_show(state(acme()), request("epoch show", std::move(arguments))).data;
    }
    model::Outcome verify(port::Verifier const& verifier = crypto::verifier(),
                          Json arguments = Json::object()) {
        return flow::epoch_verify(state(acme()), request("epoch verify", std::move(arguments)), verifier);
    }
    std::string failure(port::Verifier const& verifier) {
        try {
            verify(verifier);
        } catch (base::Error const& error) {
            CHECK(error.code() == Code::verification_failed);
            return error.message();
        }
        return "it holds";
    }
    /// An epoch that the journal says is final, whatever the seats have signed.
    void claim(model::Epoch const& epoch) {
        model::Object object{"epoch", std::to_string(epoch.number), "final", "", {}, {}, 0};
        object.data = base::JsonValue(Json{{"hash", model::reference(epoch).hash.hex()},
                                           {"attempt", 0},
                                           {"received", acme().clock.now().text()},
                                           {"commits", Json::array()}});
        acme().store().write([&](port::Transaction& transaction) {
            transaction.put_file(model::document(epoch));
            transaction.append_event({"epoch.final", acme().clock.now(), object.data, {object}});
        });
    }

    std::string proposal;
};

/// Accepts no signature over bytes that say this of their author.
struct Doubting : port::Verifier {
    std::string kind, member;
    Doubting(std::string of_kind, std::string of_member)
        : kind(std::move(of_kind)), member(std::move(of_member)) {}
    bool verify(std::string_view scheme, base::BytesView key, base::BytesView message,
                base::BytesView signature) const override {
        auto const text = base::as_text(message);
        bool const doubted = text.find("\"kind\":\"" + kind + "\"") != std::string_view::npos &&
                             text.find("\"member\":\"" + member + "\"") != std::string_view::npos;
        return !doubted && crypto::verifier().verify(scheme, key, message, signature);
    }
};

}  // namespace

TEST_CASE("epoch list and show: what was decided, one hash at all; only epochs that exist") {
    Decided decided;
    for (auto const& one : decided.all) {
        REQUIRE(one->store().latest()->number == 1);
        CHECK(model::reference(*one->store().latest()) == model::reference(*decided.acme().store().latest()));
    }
    auto const list =
        flow::epoch_list(Town::state(decided.acme()), Town::request("epoch list", Json::object()));
    REQUIRE(list.data->at("items").size() == 2);
    auto const show = decided.show();
    CHECK(show["number"] == 1);
    CHECK(show["hash"] == model::reference(*decided.acme().store().latest()).hash.hex());
    CHECK(show["words"] == base::spoken(model::reference(*decided.acme().store().latest()).hash));
    CHECK(show["quorum"] == Json{{"n", 4}, {"f", 1}, {"q", 3}});
    CHECK(show["commits"].size() >= 3);
    CHECK(show["results"].at(0)["outcome"] == "passed");
    CHECK(show["results"].at(0)["words"].get<std::string>().starts_with(decided.proposal + " passed"));
    CHECK(decided.show({{"operand", "0"}})["results"].empty());

    for (auto const* word : {"", "x", "1x", "-1", "0x1", "99999999999999999999"})
        CHECK_MESSAGE(code_of([&] { decided.show({{"operand", word}}); }) == Code::usage, word);
    CHECK(code_of([&] { decided.show({{"operand", "2"}}); }) == Code::not_found);
    auto const stranger = Town::settle("hooli");
    CHECK(code_of([&] {
              (void)flow::epoch_list(Town::state(*stranger), Town::request("epoch list", Json::object()));
          }) == Code::refused);
}

TEST_CASE("epoch verify: the whole chain, from the genesis that was named") {
    Decided decided;
    auto const whole = decided.verify();
    CHECK(whole.data->at("holds") == true);
    CHECK(whole.data->at("epochs") == 2);
    auto const genesis = model::reference(*decided.acme().store().epoch(0)).hash;
    CHECK_NOTHROW(decided.verify(crypto::verifier(), {{"genesis", genesis.hex()}}));
    CHECK(code_of([&] {
              decided.verify(crypto::verifier(), {{"genesis", base::sha256("other").hex()}});
          }) == Code::verification_failed);

    // A founder's signature, or a quorum of commits, that does not hold is named.
    CHECK(decided.failure(Doubting("found", "globex")) ==
          "epoch 0 does not hold: 'globex' has not signed it");
    auto const commits = decided.acme().store().acts({.kind = "commit"});
    REQUIRE(commits.size() >= 3);
    struct NoCommits : Doubting {
        NoCommits() : Doubting("commit", "") {}
        bool verify(std::string_view scheme, base::BytesView key, base::BytesView message,
                    base::BytesView signature) const override {
            return base::as_text(message).find("\"kind\":\"commit\"") == std::string_view::npos &&
                   crypto::verifier().verify(scheme, key, message, signature);
        }
    };
    CHECK(decided.failure(NoCommits()) == "epoch 1 does not hold: 0 of 3 commits hold");
    auto const told = commits.size() == 4 ? "it holds" : "epoch 1 does not hold: 2 of 3 commits hold";
    CHECK(decided.failure(Doubting("commit", commits[0].act.member)) == told);
}

TEST_CASE("epoch verify: an epoch that only the journal claims is named") {
    Decided decided;
    auto next = *decided.acme().store().latest();
    next.number = 2;
    next.previous = base::sha256("another");
    decided.claim(next);
    CHECK(decided.failure(crypto::verifier()) == "epoch 2 does not hold: it does not follow the one before");
    next.previous = model::reference(*decided.acme().store().epoch(1)).hash;
    decided.claim(next);
    CHECK(decided.failure(crypto::verifier()) == "epoch 2 does not hold: 0 of 3 commits hold");
}

TEST_CASE("in words: outcome, action, its object and the reason, without what a terminal would obey") {
    model::Result result;
    result.proposal = base::sha256("p");
    result.action = "member.remove";
    result.outcome = "void";
    result.reason = "too few\x1b[2J";
    result.detail = base::JsonValue(Json{{"member", "globex"}});
    auto const words = flow::in_words(result);
    CHECK(words.starts_with(model::short_name(result.proposal) + " void: "));
    CHECK(words.find("globex (too few") != std::string::npos);
    CHECK(words.find('\x1b') == std::string::npos);
}
