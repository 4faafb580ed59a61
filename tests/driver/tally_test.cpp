#include "core/base/error.h"
#include "tests/driver/chains.h"

#include <doctest/doctest.h>

namespace consensus = consortium::driver::consensus;
using consensus::Engine;
using consensus::Header;
using consortium::test::Recording;
using consortium::test::stretch_of;

namespace {

std::string const a = "0x" + std::string(40, 'a');
std::string const b = "0x" + std::string(40, 'b');
std::string const c = "0x" + std::string(40, 'c');
std::string const d = "0x" + std::string(40, 'd');

Header at(Engine engine, std::uint64_t number) {
    Header header;
    header.engine = engine;
    header.number = number;
    header.listed = engine != Engine::clique;
    return header;
}

Header with_vote(Header header, std::string const& voter, std::string const& subject, bool add) {
    header.vote = consensus::Vote{voter, subject, add, header.number};
    return header;
}

/// What is wrong with the recorded chain of Clique once one header was changed.
std::string wrong_after(std::size_t index, void (*change)(Header&, Header const& before)) {
    auto headers = stretch_of(Recording("clique-votes.jsonl")).headers;
    consensus::Start const start{headers.front().validators, {}};
    change(headers.at(index), headers.at(index - 1));
    return consensus::check_chain(headers, start).value_or("");
}

}  // namespace

TEST_CASE("votes are dropped at an epoch block; where Clique lists its signers, whatever the number") {
    consensus::Start const start{{a, b, c}, {{a, d, true, 1}}, 10};
    for (auto const engine : {Engine::qbft, Engine::ibft1, Engine::ibft2}) {
        consensus::Tally tally(start);
        tally.count(at(engine, 9));
        CHECK(tally.votes().size() == 1);
        tally.count(at(engine, 10));
        CHECK(tally.votes().empty());
    }
    consensus::Tally clique(start);
    clique.count(at(Engine::clique, 10));
    CHECK(clique.votes().size() == 1);
    auto epoch = at(Engine::clique, 11);
    epoch.listed = true;
    epoch.validators = {a, b, c};
    clique.count(epoch);
    CHECK(clique.votes().empty());
    CHECK(consensus::Start{}.epoch == 30'000);
}

TEST_CASE("one vote a voter and subject; the newest counts, and one of a stranger does not") {
    consensus::Tally tally({{a, b, c}, {}});
    tally.count(with_vote(at(Engine::clique, 1), a, d, true));
    tally.count(with_vote(at(Engine::clique, 2), a, d, true));
    tally.count(with_vote(at(Engine::clique, 3), d, d, true));
    REQUIRE(tally.votes().size() == 1);
    CHECK(tally.votes()[0].block == 2);
    tally.count(with_vote(at(Engine::clique, 4), a, d, false));  // takes its own vote back
    CHECK(tally.votes().empty());
    tally.count(with_vote(at(Engine::clique, 5), b, d, true));
    tally.count(with_vote(at(Engine::clique, 6), b, c, false));
    tally.count(with_vote(at(Engine::clique, 7), c, d, true));
    CHECK(tally.validators() == std::vector{a, b, c, d});
    CHECK(tally.votes().size() == 1);  // on another subject
    tally.count(with_vote(at(Engine::clique, 8), a, b, false));
    tally.count(with_vote(at(Engine::clique, 9), c, b, false));
    tally.count(with_vote(at(Engine::clique, 10), d, b, false));
    CHECK(tally.validators() == std::vector{a, c, d});
    CHECK(tally.votes().empty());  // the one that is out has no vote any more
}

TEST_CASE("Clique: turns, difficulty, signers and the set are checked") {
    CHECK(wrong_after(9, [](Header&, Header const&) {}).empty());
    CHECK(wrong_after(9, [](Header& header, Header const&) {
              header.difficulty = 3 - header.difficulty;
          }).find("turn") != std::string::npos);
    CHECK(wrong_after(9, [](Header& header, Header const& before) {
              header.proposer = before.proposer;
              header.difficulty = 1;
          }) == "block 9 is signed by one who signed too short a time before");
    CHECK(wrong_after(9, [](Header& header, Header const&) { header.proposer = a; }) ==
          "block 9 is signed by none of its signers");
    CHECK(wrong_after(20, [](Header& header, Header const&) {
              header.validators.push_back(b);
          }).starts_with("block 20 "));
    CHECK(wrong_after(11, [](Header& header, Header const&) {
              header.vote.reset();
          }).find("other signers than the votes before it make") != std::string::npos);
}

TEST_CASE("a chain does not change its engine, by which one signer could stand for a quorum") {
    auto headers = stretch_of(Recording("qbft-votes.jsonl")).headers;
    auto& forged = headers[20];
    forged.engine = Engine::clique;
    auto const n = forged.validators.size();
    auto signers = forged.validators;
    std::ranges::sort(signers);
    forged.proposer = signers[forged.number % n];
    forged.sealers = {forged.proposer};
    forged.difficulty = 2;
    CHECK(consensus::check_chain(headers, {}) == "block 20 is of another engine than the one before");
    headers[20].engine = Engine::raft;
    CHECK(consensus::check_chain(headers, {}).has_value());
}

TEST_CASE("a seal of a stranger or a second one of a validator spoils a block") {
    auto const headers = stretch_of(Recording("qbft-votes.jsonl")).headers;
    auto header = headers[50];
    CHECK(consensus::is_sealed(header));
    auto const sealers = header.sealers;
    for (auto const& extra : {a, std::string(), sealers[0]}) {
        header.sealers = sealers;
        header.sealers.push_back(extra);
        CHECK_FALSE(consensus::is_sealed(header));
    }
}
