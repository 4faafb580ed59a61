#include "core/driver/evm/extra.h"

namespace consortium::driver::evm {

namespace {

constexpr std::int64_t nanoseconds = 1'000'000'000;

}  // namespace

bool fits_raft(RawBlock const& block) {
    if (block.number == 0) return block.extra.size() == extra::vanity_size;
    auto const parts = extra::list_of(extra::after_vanity(block), 2);
    return parts && !(*parts)[0].is_list && !(*parts)[1].is_list &&
           (*parts)[1].content.size() == extra::seal_size;
}

// GoQuorum's minter signs its header before it puts the block together. Nobody else signs, and no header says
// who may mint.
void read_raft(RawBlock const& block, consensus::Header& header) {
    header.listed = false;
    header.hash = hash_text(block.hash_with(block.extra));
    if (block.number == 0) return;
    header.time = static_cast<std::int64_t>(block.timestamp) / nanoseconds;
    auto const parts = extra::list_of(extra::after_vanity(block), 2).value();
    header.proposer = block.signer(block.early_hash(), parts[1].content);
}

}  // namespace consortium::driver::evm
