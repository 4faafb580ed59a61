#include "core/driver/evm/extra.h"

namespace consortium::driver::evm {

using base::Bytes;

namespace {

// 32 bytes ‖ RLP([[validators], seal, []])
Bytes with_seal(RawBlock const& block, Bytes const& validators, Bytes const& seal) {
    Bytes out(block.extra.begin(), block.extra.begin() + extra::vanity_size);
    auto const rest = rlp::list({validators, seal, rlp::list({})});
    out.insert(out.end(), rest.begin(), rest.end());
    return out;
}

std::optional<std::vector<rlp::Item>> read_parts(RawBlock const& block) {
    return extra::list_of(extra::after_vanity(block), 3);
}

// GoQuorum's istanbul messages: what a commit signs is the proposal's hash and the message's code.
constexpr std::uint8_t commit_code = 2;

}  // namespace

bool fits_ibft1(RawBlock const& block) {
    auto const parts = read_parts(block);
    return parts && (*parts)[0].is_list && !(*parts)[1].is_list && (*parts)[2].is_list;
}

void read_ibft1(RawBlock const& block, consensus::Header& header) {
    auto const parts = read_parts(block).value();
    auto const validators = extra::copy(parts[0].whole);
    header.validators = extra::read_addresses(parts[0]);
    auto const hash = block.hash_with(with_seal(block, validators, extra::copy(parts[1].whole)));
    header.hash = hash_text(hash);
    if (block.number == 0) return;
    auto const unsealed = block.hash_with(with_seal(block, validators, rlp::string({})));
    header.proposer = block.signer(block.hash_of(unsealed.view()), parts[1].content);
    auto committed = extra::copy(hash.view());
    committed.push_back(commit_code);
    header.sealers = extra::read_sealers(block, parts[2], block.hash_of(committed));
    header.vote = extra::read_miner_vote(block, header.proposer);
}

}  // namespace consortium::driver::evm
