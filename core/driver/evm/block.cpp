#include "core/driver/evm/block.h"

#include "core/driver/evm/extra.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::driver::evm {

namespace {

using consensus::Engine;
using consensus::Header;

struct Form {
    Engine engine;
    bool (*fits)(RawBlock const&);
    void (*read)(RawBlock const&, Header&);
};
// The most particular forms first: of clique's only the length tells.
constexpr Form forms[]{
    {Engine::qbft, fits_qbft, read_qbft},       {Engine::ibft2, fits_ibft2, read_ibft2},
    {Engine::ibft1, fits_ibft1, read_ibft1},    {Engine::raft, fits_raft, read_raft},
    {Engine::clique, fits_clique, read_clique},
};

Form const& form_of(RawBlock const& block) {
    auto const* const found = std::ranges::find_if(forms, [&](Form const& form) { return form.fits(block); });
    if (found == std::end(forms))
        throw base::Error(base::Code::malformed, "a block of no engine that is known",
                          "engines that are known: QBFT, IBFT 2.0, IBFT, Clique, Raft");
    return *found;
}

Header read_fields(RawBlock const& block) {
    auto const& form = form_of(block);
    Header header;
    header.engine = form.engine;
    header.number = block.number;
    header.parent = block.parent;
    header.difficulty = block.difficulty;
    header.time = static_cast<std::int64_t>(block.timestamp);
    form.read(block, header);
    header.hash_holds = header.hash == block.hash;
    return header;
}

}  // namespace

Header read_block(base::Json const& block, port::Hash keccak256) {
    try {
        return read_fields(RawBlock(block, keccak256));
    } catch (base::Json::exception const&) {
        fail_block("a field is missing or of another type");
    }
}

}  // namespace consortium::driver::evm
