#include "core/driver/consensus/engine.h"

#include "core/base/error.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::driver::consensus {

namespace {

// ceil(2n/3), and floor((n-1)/3) may fail.
int two_thirds(int validators) {
    return (2 * validators + 2) / 3;
}
int a_third(int validators) {
    return validators > 0 ? (validators - 1) / 3 : 0;
}

// EIP-225: a signer may sign one of floor(n/2) + 1 consecutive blocks, so as many must take turns.
int majority(int validators) {
    return validators / 2 + 1;
}
int minority(int validators) {
    return validators > 0 ? validators - majority(validators) : 0;
}

constexpr Rules table[]{
    {Engine::qbft, "qbft", "QBFT", Voucher::committers, two_thirds, a_third},
    {Engine::ibft1, "ibft1", "IBFT", Voucher::committers, two_thirds, a_third},
    {Engine::ibft2, "ibft2", "IBFT 2.0", Voucher::committers, two_thirds, a_third},
    {Engine::clique, "clique", "Clique", Voucher::signer, majority, minority},
    {Engine::raft, "raft", "Raft", Voucher::nobody, majority, minority},
};

}  // namespace

Rules const& rules_of(Engine engine) {
    return *std::ranges::find(table, engine, &Rules::engine);
}

Engine engine_of(std::string_view id) {
    auto const* const found = std::ranges::find(table, id, &Rules::id);
    if (found == std::end(table))
        throw base::Error(base::Code::malformed, fmt::format("no engine '{}' is known", id));
    return found->engine;
}

int vote_threshold(int validators) {
    return majority(validators);
}

std::string describe_finality(Engine engine, int validators) {
    auto const& rules = rules_of(engine);
    auto const quorum = validators > 0 ? fmt::format("{} of {}", rules.quorum(validators), validators)
                                       : std::string("enough");
    switch (rules.voucher) {
        case Voucher::committers:
            return fmt::format("{}: a block is final at once, sealed by {} validators", rules.name, quorum);
        case Voucher::signer:
            return fmt::format("{}: one signer seals a block; it is final when {} signers have built on it",
                               rules.name, quorum);
        case Voucher::nobody:
            break;
    }
    return fmt::format("{}: headers carry no quorum, so none can show that a block is final", rules.name);
}

}  // namespace consortium::driver::consensus
