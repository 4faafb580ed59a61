#include "tests/driver/chains.h"

#include <doctest/doctest.h>
#include <set>

namespace base = consortium::base;
namespace consensus = consortium::driver::consensus;
using base::Json;
using consensus::Engine;
using consensus::Header;
using consortium::test::chains;
using consortium::test::name_of;
using consortium::test::names_of;
using consortium::test::read;
using consortium::test::Recording;
using consortium::test::stretch_of;
using consortium::test::texts;
using consortium::test::votes_of;

namespace {

std::vector<Header> headers_of(std::string const& file) {
    return stretch_of(Recording(file)).headers;
}

/// The set and the votes after block `number`, counted from the genesis.
consensus::Start after(consensus::Stretch const& stretch, std::size_t number) {
    consensus::Stretch const part{stretch.start,
                                  {stretch.headers.begin(), stretch.headers.begin() + number + 1}};
    return consensus::start_at(part, number + 1);
}

std::vector<std::string> keys(Json const& object) {
    std::vector<std::string> out;
    for (auto const& [key, value] : object.items()) out.push_back(key);
    return out;
}

std::string vote_text(std::string const& voter, std::string const& subject, bool add, std::uint64_t block) {
    return std::to_string(block) + ":" + name_of(voter) + (add ? "+" : "-") + name_of(subject);
}

Json read_vectors() {
    return Json::parse(
        base::read_text(base::Path(consortium::test::data_folder()) / "evm" / "extra.json", 1u << 20));
}

}  // namespace

TEST_CASE("each recorded block is of its engine, and every hash and link holds") {
    for (auto const& chain : chains) {
        auto const headers = headers_of(chain.file);
        CAPTURE(chain.file);
        REQUIRE(headers.size() >= 3);
        for (auto const& header : headers) CHECK(header.engine == chain.engine);
        CHECK_FALSE(consensus::check_chain(headers, {headers.front().validators, {}}).has_value());
        CHECK_FALSE(consensus::check_chain(headers, {}).has_value());
    }
}

TEST_CASE("hashes, sealers and proposers of every recorded block are what the node says") {
    for (std::string const name : {"qbft-votes.jsonl", "qbft-halt.jsonl", "ibft-votes.jsonl"}) {
        Recording const recording(name);
        auto const headers = stretch_of(recording).headers;
        std::size_t compared = 0;
        for (auto const& line : recording.lines()) {
            if (line["method"] != "istanbul_getSignersFromBlock") continue;
            ++compared;
            // GoQuorum 21.1 answers an error for the genesis, which nobody sealed.
            if (!line["response"].contains("result")) {
                CHECK(line["params"][0] == "0x0");
                continue;
            }
            auto const& result = line["response"]["result"];
            auto const& header = headers.at(result["Number"].get<std::size_t>());
            CHECK(header.hash == result["Hash"].get<std::string>());
            CHECK(names_of(header.sealers) == names_of(result["Committers"].is_null()
                                                           ? std::vector<std::string>{}
                                                           : texts(result["Committers"])));
            if (header.number > 0) CHECK(header.proposer == result["Author"].get<std::string>());
        }
        CHECK(compared == headers.size());
    }
}

TEST_CASE("votes of the recorded chains are those that were cast") {
    CHECK(votes_of(headers_of("qbft-votes.jsonl")) ==
          "29:v1+v5 33:v1+v5 35:v2+v5 37:v1+v5 39:v2+v5 40:v3+v5 59:v2-v5 64:v2-v5 65:v3-v5 68:v4-v5 "
          "71:v1+v5");
    CHECK(votes_of(headers_of("qbft-halt.jsonl")) == "36:v2-v4");
    CHECK(votes_of(headers_of("ibft-votes.jsonl")) ==
          "33:v1+v5 37:v1+v5 39:v2+v5 41:v1+v5 43:v2+v5 44:v3+v5 56:v1-v5 61:v1-v5 63:v2-v5 66:v1-v5 "
          "68:v2-v5 69:v3-v5");
    CHECK(votes_of(headers_of("clique-votes.jsonl")) ==
          "7:v1+v4 10:v1+v4 11:v2+v4 23:v2-v4 27:v2-v4 28:v3-v4 30:v4-v4 31:v1+v4");
    CHECK(votes_of(headers_of("raft.jsonl")).empty());
}

TEST_CASE("sets, seals and rounds of the recorded chains are those that were observed") {
    struct Span {
        std::string file;
        std::uint64_t first, last;  // with the fifth validator
    };
    for (auto const& span : {Span{"qbft-votes.jsonl", 41, 68}, Span{"ibft-votes.jsonl", 45, 69}}) {
        for (auto const& header : headers_of(span.file)) {
            bool const five = header.number >= span.first && header.number <= span.last;
            CAPTURE(header.number);
            CHECK(names_of(header.validators) == (five ? "v1 v2 v3 v4 v5" : "v1 v2 v3 v4"));
            CHECK(consensus::count_seals(header) == (header.number == 0 ? 0 : five ? 4 : 3));
            CHECK(consensus::is_sealed(header) == (header.number > 0));
        }
    }
    auto const rounds = [](std::string const& file) {
        std::string out;
        for (auto const& header : headers_of(file)) {
            if (header.round != 0)
                out += std::to_string(header.number) + ":" + std::to_string(header.round) + " ";
        }
        return out;
    };
    CHECK(rounds("qbft-votes.jsonl") == "1:1 ");
    CHECK(rounds("qbft-halt.jsonl") == "1:1 30:1 33:1 36:1 ");
    auto const votes = headers_of("qbft-votes.jsonl");
    CHECK(names_of(votes[40].sealers) == "v2 v3 v4");
    CHECK(names_of(votes[41].sealers) == "v1 v2 v3 v4");
    CHECK(name_of(votes[41].proposer) == "v5");
    CHECK(names_of(votes[68].sealers) == "v1 v2 v3 v4");
    CHECK(names_of(votes[69].sealers) == "v1 v2 v3");
    CHECK(names_of(votes[71].sealers) == "v2 v3 v4");
    // Committed 26 s after it was proposed, and dated before the halt.
    auto const halt = headers_of("qbft-halt.jsonl");
    CHECK(halt[34].time - halt[33].time == 26);
    for (auto const& header : halt) CHECK(header.sealers.size() == (header.number == 0 ? 0 : 3));
}

TEST_CASE("the set after every recorded block, counted from the votes, is the one that the node has") {
    struct Asked {
        std::string file, method;
    };
    for (auto const& asked : {Asked{"qbft-votes.jsonl", "istanbul_getValidators"},
                              Asked{"ibft-votes.jsonl", "istanbul_getValidators"},
                              Asked{"clique-votes.jsonl", "clique_getSigners"}}) {
        Recording const recording(asked.file);
        auto const stretch = stretch_of(recording);
        std::set<std::size_t> compared;
        for (auto const& line : recording.lines()) {
            if (line["method"] != asked.method || line["params"].empty()) continue;
            auto const number = consortium::driver::evm::read_quantity(line["params"][0]);
            CAPTURE(number);
            CHECK(names_of(after(stretch, number).validators) == names_of(texts(line["response"]["result"])));
            compared.insert(number);
        }
        CHECK(compared.size() == stretch.headers.size());
    }
}

TEST_CASE("the tally counted from headers is that of every recorded snapshot") {
    std::map<std::string, int> compared;
    for (std::string const file : {"qbft-votes.jsonl", "ibft-votes.jsonl", "clique-votes.jsonl"}) {
        Recording const recording(file);
        auto const stretch = stretch_of(recording);
        for (auto const& line : recording.lines()) {
            bool const asked =
                line["method"] == "istanbul_getSnapshot" || line["method"] == "clique_getSnapshot";
            if (!asked || !line["response"].contains("result")) continue;
            auto const& snapshot = line["response"]["result"];
            auto const ours = after(stretch, snapshot["number"].get<std::size_t>());
            std::set<std::string> counted, told;
            for (auto const& vote : ours.votes)
                counted.insert(vote_text(vote.voter, vote.subject, vote.add, vote.block));
            for (auto const& vote : snapshot["votes"]) {
                auto const* const who = vote.contains("signer") ? "signer" : "validator";
                told.insert(vote_text(vote[who].get<std::string>(), vote["address"].get<std::string>(),
                                      vote["authorize"].get<bool>(), vote["block"].get<std::uint64_t>()));
            }
            CAPTURE(file);
            CAPTURE(snapshot["number"].get<int>());
            CHECK(counted == told);
            CHECK(names_of(ours.validators) == names_of(snapshot.contains("signers")
                                                            ? keys(snapshot["signers"])
                                                            : texts(snapshot["validators"])));
            ++compared[file];
        }
    }
    CHECK(compared["qbft-votes.jsonl"] == 58);  // one of 59 asks for a block that is not there
    CHECK(compared["ibft-votes.jsonl"] == 41);  // one of 42
    CHECK(compared["clique-votes.jsonl"] == 36);
}

TEST_CASE("signers of the recorded Clique chain, and what its node counted") {
    auto const headers = headers_of("clique-votes.jsonl");
    std::map<std::string, int> signed_by, without_head;
    for (auto const& header : headers) {
        if (header.number == 0) continue;
        CHECK(consensus::is_sealed(header));
        CHECK(header.listed == false);
        ++signed_by[name_of(header.proposer)];
        if (header.number < 37) ++without_head[header.proposer];
    }
    CHECK(signed_by == std::map<std::string, int>{{"v1", 12}, {"v2", 10}, {"v3", 10}, {"v4", 5}});
    Recording const recording("clique-votes.jsonl");
    auto const& status = recording.lines().at(202)["response"]["result"];
    CHECK(status["sealerActivity"].get<std::map<std::string, int>>() == without_head);
}

TEST_CASE("Raft: hashes and links hold, times are in nanoseconds, and nobody vouches") {
    auto const headers = headers_of("raft.jsonl");
    for (auto const& header : headers) {
        CHECK(header.hash_holds);
        CHECK(header.validators.empty());
        CHECK(consensus::seal_fault(header).has_value());
        CHECK_FALSE(consensus::is_sealed(header));
        if (header.number == 0) continue;
        CHECK(name_of(header.proposer) == (header.number == 3 ? "v3" : "v1"));  // the minters
        CHECK(std::abs(header.time - 1795192057) < 60);
    }
    CHECK_FALSE(consensus::settle(headers).is_final);
}

TEST_CASE("Besu's published extraData of QBFT and IBFT 2.0") {
    auto const vectors = read_vectors();
    auto block = Recording("qbft-votes.jsonl").blocks().at("0x32");
    for (std::string const id : {"qbft", "ibft2"}) {
        auto const& vector = vectors[id];
        block["extraData"] = vector["extra"];
        auto const header = read(block);
        CAPTURE(id);
        CHECK(consensus::rules_of(header.engine).id == id);
        CHECK(header.validators == texts(vector["validators"]));
        REQUIRE(header.vote.has_value());
        CHECK(header.vote->subject == vector["vote"]["subject"].get<std::string>());
        CHECK(header.vote->add == vector["vote"]["add"].get<bool>());
        CHECK(header.round == vector["round"].get<int>());
        CHECK(header.sealers.size() == vector["seals"].size());
        CHECK_FALSE(header.hash_holds);
    }
}

TEST_CASE("Block 30000 of Rinkeby, an epoch block of Clique") {
    auto const vector = read_vectors()["clique"];
    auto const header = read(vector["block"]);
    CHECK(header.engine == Engine::clique);
    CHECK(header.hash_holds);
    CHECK(header.listed);
    CHECK(header.validators == texts(vector["signers"]));
    CHECK(consensus::is_sealed(header));
    CHECK_FALSE(consensus::check_chain({&header, 1}, {texts(vector["signers"]), {}}).has_value());
    auto voting = vector["block"];
    voting["miner"] = header.validators[0];
    CHECK_THROWS_AS(static_cast<void>(read(voting)), base::Error);
}
