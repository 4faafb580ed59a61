#include "core/driver/evm/dialect.h"

#include "core/base/error.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::driver::evm {

using consensus::Engine;

namespace {

constexpr Dialect dialects[]{
    {"besu",
     "put it into the keystore that --rpc-http-tls-keystore-file names: 'consortium cert export "
     "SERIAL --form pkcs12 --password-file FILE -o KEYSTORE'",
     "restart Besu, which reads its keystore only when it starts"},
    {"quorum",
     "put it, followed by the intermediate, where its security plugin's TLS settings say "
     "(certFile, keyFile): 'consortium cert export SERIAL --chain'",
     "restart GoQuorum; its votes that have not passed are lost by that, and are cast again "
     "with 'consortium operation resume'"},
    {"clique",
     "put it, followed by the intermediate, where the proxy before it reads what it presents (geth has no "
     "TLS of its own): 'consortium cert export SERIAL --chain'",
     "have the proxy read it again"},
};

constexpr Names qbft{"qbft_proposeValidatorVote",
                     "qbft_discardValidatorVote",
                     "qbft_getPendingVotes",
                     "qbft_getValidatorsByBlockNumber",
                     "",
                     "eth_coinbase"};
constexpr Names ibft{"ibft_proposeValidatorVote",
                     "ibft_discardValidatorVote",
                     "ibft_getPendingVotes",
                     "ibft_getValidatorsByBlockNumber",
                     "",
                     "eth_coinbase"};
constexpr Names istanbul{
    "istanbul_propose",    "istanbul_discard", "istanbul_candidates", "istanbul_getValidators", "",
    "istanbul_nodeAddress"};
// Besu (to 26.3) has no clique_getSnapshot: what held before a block is then its signers alone.
constexpr Names clique{"clique_propose",    "clique_discard",     "clique_proposals",
                       "clique_getSigners", "clique_getSnapshot", "eth_coinbase"};
constexpr Names besu_clique{"clique_propose",    "clique_discard",    "clique_proposals",
                            "clique_getSigners", "clique_getSigners", "eth_coinbase"};
constexpr Names raft{"", "", "", "raft_cluster", "", "admin_nodeInfo"};

struct Row {
    std::string_view kind;
    Engine engine;
    Names const& names;
};
constexpr Row table[]{
    {"besu", Engine::qbft, qbft},          {"besu", Engine::ibft2, ibft},
    {"besu", Engine::clique, besu_clique}, {"quorum", Engine::qbft, istanbul},
    {"quorum", Engine::ibft1, istanbul},   {"quorum", Engine::clique, clique},
    {"quorum", Engine::raft, raft},        {"clique", Engine::clique, clique},
};

}  // namespace

Dialect const* find_dialect(std::string_view kind) {
    auto const* const found = std::ranges::find(dialects, kind, &Dialect::kind);
    return found == std::end(dialects) ? nullptr : found;
}

Names const& names_of(Dialect const& dialect, Engine engine) {
    auto const* const found = std::ranges::find_if(
        table, [&](Row const& row) { return row.kind == dialect.kind && row.engine == engine; });
    if (found != std::end(table)) return found->names;
    throw base::Error(base::Code::unsupported,
                      fmt::format("a {} chain is not one of nodes of kind '{}'",
                                  consensus::rules_of(engine).name, dialect.kind),
                      "see with 'consortium node list' that its kind is right: besu, quorum (GoQuorum) or "
                      "clique (geth)");
}

}  // namespace consortium::driver::evm
