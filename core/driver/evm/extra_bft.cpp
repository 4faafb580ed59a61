#include "core/driver/evm/extra.h"

namespace consortium::driver::evm {

using base::Bytes;

namespace {

/// [vanity, [validators], vote, round, [seals]], what QBFT and IBFT 2.0 have in common.
using Parts = std::vector<rlp::Item>;

std::optional<Parts> read_parts(RawBlock const& block) {
    auto parts = extra::list_of(block.extra, 5);
    if (!parts) return std::nullopt;
    auto const& all = *parts;
    bool const fits = !all[0].is_list && all[0].content.size() == extra::vanity_size && all[1].is_list &&
                      !all[3].is_list && all[4].is_list;
    return fits ? parts : std::nullopt;
}

// 0xff adds. QBFT removes with nothing, IBFT 2.0 with a zero byte, which Besu reads in QBFT too.
std::optional<consensus::Vote> read_vote(RawBlock const& block, rlp::Item const& item) {
    if (item.content.empty()) return std::nullopt;
    auto const parts = rlp::items(item, 2);
    if (parts.size() != 2 || parts[0].is_list || parts[1].is_list)
        fail_block("a vote without address and direction");
    auto const direction = parts[1].content;
    bool const add = direction.size() == 1 && direction[0] == 0xff;
    bool const remove = direction.empty() || (direction.size() == 1 && direction[0] == 0);
    if (!add && !remove) fail_block("a vote that neither adds nor removes");
    return consensus::Vote{block.miner, address_text(parts[0].content), add, block.number};
}

void read_common(RawBlock const& block, Parts const& parts, Bytes const& hashed, Bytes const& sealed,
                 consensus::Header& header) {
    header.proposer = block.miner;
    header.validators = extra::read_addresses(parts[1]);
    header.vote = read_vote(block, parts[2]);
    for (auto const byte : parts[3].content) header.round = header.round << 8 | byte;
    // Besu's BftBlockHashing: a genesis is hashed as it stands.
    header.hash = hash_text(block.hash_with(block.number == 0 ? block.extra : hashed));
    header.sealers = extra::read_sealers(block, parts[4], block.hash_with(sealed));
}

}  // namespace

bool fits_qbft(RawBlock const& block) {
    auto const parts = read_parts(block);
    if (!parts) return false;
    auto const round = (*parts)[3].content;
    // Rounds double their time-out: none needs four bytes, which are IBFT 2.0's form.
    return (*parts)[2].is_list && round.size() <= 3 && (round.empty() || round[0] != 0);
}

void read_qbft(RawBlock const& block, consensus::Header& header) {
    auto const parts = read_parts(block).value();
    auto const vanity = extra::copy(parts[0].whole), validators = extra::copy(parts[1].whole),
               vote = extra::copy(parts[2].whole), round = extra::copy(parts[3].whole);
    auto const none = rlp::list({});
    read_common(block, parts, rlp::list({vanity, validators, vote, rlp::number(0), none}),
                rlp::list({vanity, validators, vote, round, none}), header);
}

bool fits_ibft2(RawBlock const& block) {
    auto const parts = read_parts(block);
    if (!parts) return false;
    auto const& vote = (*parts)[2];
    return (*parts)[3].content.size() == 4 && (*parts)[3].content[0] < 0x80 &&
           vote.is_list != vote.content.empty();
}

// Besu's IbftExtraDataCodec leaves out what is not hashed, where QBFT's puts nothing in its place.
void read_ibft2(RawBlock const& block, consensus::Header& header) {
    auto const parts = read_parts(block).value();
    auto const vanity = extra::copy(parts[0].whole), validators = extra::copy(parts[1].whole),
               vote = extra::copy(parts[2].whole), round = extra::copy(parts[3].whole);
    read_common(block, parts, rlp::list({vanity, validators, vote}),
                rlp::list({vanity, validators, vote, round}), header);
}

}  // namespace consortium::driver::evm
