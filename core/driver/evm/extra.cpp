#include "core/driver/evm/extra.h"

#include <algorithm>

namespace consortium::driver::evm::extra {

std::optional<std::vector<rlp::Item>> list_of(base::BytesView bytes, std::size_t count) {
    try {
        auto items = rlp::items(rlp::read(bytes), count);
        if (items.size() == count) return items;
    } catch (base::Error const&) {  // another form, then
    }
    return std::nullopt;
}

base::BytesView after_vanity(RawBlock const& block) {
    if (block.extra.size() < vanity_size) return {};
    return base::BytesView(block.extra).subspan(vanity_size);
}

std::vector<std::string> read_addresses(rlp::Item const& list) {
    std::vector<std::string> out;
    auto const items = rlp::items(list, max_validators);
    out.reserve(items.size());
    for (auto const& item : items) {
        if (item.is_list) fail_block("a list where an address should be");
        out.push_back(address_text(item.content));
    }
    return out;
}

base::Bytes copy(base::BytesView bytes) {
    return {bytes.begin(), bytes.end()};
}

std::vector<std::string> read_sealers(RawBlock const& block, rlp::Item const& list,
                                      base::Digest const& digest) {
    std::vector<std::string> out;
    auto const items = rlp::items(list, max_validators);
    out.reserve(items.size());
    for (auto const& item : items) {
        if (item.is_list || item.content.size() != seal_size) fail_block("a seal that is not of 65 bytes");
        out.push_back(block.signer(digest, item.content));
    }
    return out;
}

std::optional<consensus::Vote> read_miner_vote(RawBlock const& block, std::string const& proposer) {
    base::Bytes const add(8, 0xff);
    base::Bytes const remove(8, 0);
    if (block.nonce != add && block.nonce != remove) fail_block("a nonce that neither adds nor removes");
    bool const nobody = block.miner.find_first_not_of('0', 2) == std::string::npos;
    if (block.number == 0 || (nobody && block.nonce == remove)) return std::nullopt;
    return consensus::Vote{proposer, block.miner, block.nonce == add, block.number};
}

}  // namespace consortium::driver::evm::extra
