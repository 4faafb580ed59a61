#include "core/base/error.h"
#include "tests/driver/chains.h"

#include <doctest/doctest.h>
#include <random>

namespace base = consortium::base;
namespace consensus = consortium::driver::consensus;
using base::Json;
using consensus::Header;
using consortium::test::Chain;
using consortium::test::chains;
using consortium::test::read;
using consortium::test::Recording;
using consortium::test::stretch_of;

namespace {

constexpr char const* fields[] = {"parentHash",   "sha3Uncles", "miner",      "stateRoot", "transactionsRoot",
                                  "receiptsRoot", "logsBloom",  "difficulty", "number",    "gasLimit",
                                  "gasUsed",      "timestamp",  "extraData",  "mixHash",   "nonce"};
constexpr int flips_of_extra = 3;

/// Numbers that are the same in every run.
class Dice {
public:
    std::size_t below(std::size_t end) { return m_engine() % end; }

private:
    std::minstd_rand m_engine{7};
};

void flip(Json& block, std::string const& field, Dice& dice) {
    auto text = block[field].get<std::string>();
    auto const digit = 2 + dice.below(text.size() - 2);
    auto const value = static_cast<unsigned>(std::stoi(text.substr(digit, 1), nullptr, 16));
    text[digit] = "0123456789abcdef"[value ^ (1u << dice.below(4))];
    block[field] = text;
}

/// Whether the block is seen not to be the one at `index` of a chain that was right: by itself, or beside its
/// neighbours.
bool is_caught(std::vector<Header> const& headers, std::size_t index, Json const& block) {
    consensus::Stretch around;
    auto const first = index > 0 ? index - 1 : 0;
    around.headers.assign(headers.begin() + static_cast<std::ptrdiff_t>(first),
                          headers.begin() + static_cast<std::ptrdiff_t>(std::min(index + 2, headers.size())));
    consensus::Start const start{around.headers.front().validators, {}};
    auto& place = around.headers[index - first];
    auto const set = place.validators;
    try {
        place = read(block);
    } catch (base::Error const& error) {
        CHECK(error.code() == base::Code::malformed);
        return true;
    }
    if (!place.listed) place.validators = set;
    return consensus::check_chain(around.headers, start).has_value();
}

/// The block with the hash that it now has: what a liar who knows the rules would answer.
void hash_again(Json& block) {
    try {
        block["hash"] = read(block).hash;
    } catch (base::Error const&) {  // not a block any more
    }
}

struct Missed {
    int flips = 0;
    std::string missed;  // one a line
};

enum class Fields { all, some };  // some: extraData, and about one more

template <typename Change>
void each_flip(Chain const& chain, Fields which, Change const& change, Missed& out) {
    Recording const recording(chain.file);
    auto const headers = stretch_of(recording).headers;
    Dice dice;
    for (std::size_t index = 0; index < headers.size(); ++index) {
        auto const& block = recording.blocks().at(consortium::driver::evm::quantity(index));
        for (std::string const field : fields) {
            if (which == Fields::some && field != "extraData" && dice.below(std::size(fields)) > 1) continue;
            for (int i = 0; i < (field == "extraData" ? flips_of_extra : 1); ++i) {
                auto changed = block;
                flip(changed, field, dice);
                change(changed);
                ++out.flips;
                if (!is_caught(headers, index, changed))
                    out.missed +=
                        std::to_string(index) + " " + field + " " + changed[field].get<std::string>() + "\n";
            }
        }
    }
}

}  // namespace

TEST_CASE("a flipped bit in any header field of any recorded block is caught") {
    for (auto const& chain : chains) {
        Missed out;
        each_flip(
            chain, Fields::all, [](Json&) {}, out);
        CAPTURE(chain.file);
        INFO(out.missed);
        CHECK(out.flips > 50);
        CHECK(out.missed.empty());
    }
}

// Seals, signatures and the next block's link catch it. Raft is left out: its minter signs, yet no header
// says who may mint, so that a last block with another hash is as good as any.
TEST_CASE("a flipped bit is caught where the hash was made anew to fit") {
    for (auto const& chain : chains) {
        if (chain.engine == consensus::Engine::raft) continue;
        Missed out;
        each_flip(chain, Fields::some, hash_again, out);
        CAPTURE(chain.file);
        INFO(out.missed);
        CHECK(out.missed.empty());
    }
}

TEST_CASE(
    "Raft: a changed block with a hash to fit breaks the link of the next, and the last shows nothing") {
    Recording const recording("raft.jsonl");
    auto const headers = stretch_of(recording).headers;
    Dice dice;
    for (std::size_t index = 1; index < headers.size(); ++index) {
        auto changed = recording.blocks().at(consortium::driver::evm::quantity(index));
        flip(changed, "stateRoot", dice);
        hash_again(changed);
        CHECK(is_caught(headers, index, changed) == (index + 1 < headers.size()));
    }
}

TEST_CASE("what is not a block of any engine is malformed, never a crash") {
    for (auto const& chain : chains) {
        Recording const recording(chain.file);
        auto const block = recording.blocks().at("0x2");
        for (auto const& [field, unused] : block.items()) {
            for (auto const& value : {Json(), Json(5), Json("0x"), Json("zz"), Json("0xzz"), Json::array(),
                                      Json::object(), Json("0x" + std::string(2000, 'f'))}) {
                auto changed = block;
                changed[field] = value;
                CAPTURE(field);
                try {
                    bool const hashed = std::ranges::find(fields, field) != std::end(fields);
                    bool const good = consensus::is_sealed(read(changed));
                    if (hashed) CHECK_FALSE(good);
                } catch (base::Error const& error) {
                    CHECK(error.code() == base::Code::malformed);
                }
            }
        }
    }
    CHECK_THROWS_AS(static_cast<void>(read(Json())), base::Error);
}

TEST_CASE("extraData that is cut off or of no form belongs to no engine") {
    for (auto const& chain : chains) {
        Recording const recording(chain.file);
        auto const block = recording.blocks().at("0x2");
        auto const whole = block["extraData"].get<std::string>();
        for (std::size_t size = 2; size < whole.size(); size += 2) {
            auto changed = block;
            changed["extraData"] = whole.substr(0, size);
            CAPTURE(size);
            try {
                bool const good = read(changed).hash_holds;
                CHECK_FALSE(good);
            } catch (base::Error const& error) {
                CHECK(error.code() == base::Code::malformed);
            }
        }
        for (std::string const extra :
             {"0x", "0xc0", "0x80", "0xf8", "0xc5c0c0c0c0c0", "0xc58080808080", "0xc6a0c0c0c0c0c0"}) {
            auto changed = block;
            changed["extraData"] = extra;
            try {
                static_cast<void>(read(changed));
                FAIL("it was read");
            } catch (base::Error const& error) {
                CHECK(error.message() == "a block of no engine that is known");
            }
        }
    }
}
