#include "core/driver/evm/extra.h"

namespace consortium::driver::evm {

namespace {

constexpr std::size_t address_size = 20;
constexpr std::size_t least = extra::vanity_size + extra::seal_size;

// EIP-225's DIFF_NOTURN and DIFF_INTURN; a genesis may have any.
bool has_turn(RawBlock const& block) {
    return block.number == 0 || block.difficulty == 1 || block.difficulty == 2;
}

}  // namespace

bool fits_clique(RawBlock const& block) {
    auto const size = block.extra.size();
    return has_turn(block) && size >= least && (size - least) % address_size == 0 &&
           (size - least) / address_size <= extra::max_validators;
}

void read_clique(RawBlock const& block, consensus::Header& header) {
    auto const whole = base::BytesView(block.extra);
    auto const signers = whole.subspan(extra::vanity_size, whole.size() - least);
    header.listed = !signers.empty();
    for (std::size_t i = 0; i < signers.size(); i += address_size)
        header.validators.push_back(address_text(signers.subspan(i, address_size)));
    header.hash = hash_text(block.hash_with(whole));
    if (block.number == 0) return;
    auto const unsealed = block.hash_with(whole.first(whole.size() - extra::seal_size));
    header.proposer = block.signer(unsealed, whole.last(extra::seal_size));
    header.sealers = {header.proposer};
    header.vote = extra::read_miner_vote(block, header.proposer);
    if (header.listed && header.vote) fail_block("a vote in an epoch block");
}

}  // namespace consortium::driver::evm
