#pragma once

#include "core/crypto/keccak.h"
#include "core/driver/consensus/tally.h"
#include "core/driver/evm/block.h"
#include "tests/driver/recording.h"

#include <algorithm>
#include <array>

/// The recorded chains as headers.
namespace consortium::test {

/// A file of recordings and the engine of its chain.
struct Chain {
    std::string file;
    driver::consensus::Engine engine;
};
inline std::array<Chain, 5> const chains{{{"qbft-votes.jsonl", driver::consensus::Engine::qbft},
                                          {"qbft-halt.jsonl", driver::consensus::Engine::qbft},
                                          {"ibft-votes.jsonl", driver::consensus::Engine::ibft1},
                                          {"clique-votes.jsonl", driver::consensus::Engine::clique},
                                          {"raft.jsonl", driver::consensus::Engine::raft}}};

inline std::string name_of(std::string const& address) {
    static std::map<std::string, std::string> const names{
        {"0x50deb75513987f6a4f79e9f2b59fff1a2291330b", "v1"},
        {"0x9d1df7c9def5b49fbcca04b30c7ab97635c43123", "v2"},
        {"0x30b5e5e5fad6a96dab330821956f0cb826545706", "v3"},
        {"0x8ed273442a8fdfebde1a76a52634f0da7670b721", "v4"},
        {"0x36036377a520403a50addbe5d86c2212bc3af9bc", "v5"}};
    auto const found = names.find(address);
    return found == names.end() ? address : found->second;
}

/// The addresses as names, in order: "v1 v2 v3".
inline std::string names_of(std::vector<std::string> const& addresses) {
    std::vector<std::string> names;
    for (auto const& address : addresses) names.push_back(name_of(address));
    std::sort(names.begin(), names.end());
    std::string out;
    for (auto const& name : names) out += (out.empty() ? "" : " ") + name;
    return out;
}

/// All votes: "29:v1+v5 33:v1+v5".
inline std::string votes_of(std::vector<driver::consensus::Header> const& headers) {
    std::string out;
    for (auto const& header : headers) {
        if (!header.vote) continue;
        out += (out.empty() ? "" : " ") + std::to_string(header.number) + ":" + name_of(header.vote->voter) +
               (header.vote->add ? "+" : "-") + name_of(header.vote->subject);
    }
    return out;
}

inline driver::consensus::Header read(base::Json const& block) {
    return driver::evm::read_block(block, &crypto::keccak256);
}

/// Every recorded block, from the genesis on.
inline driver::consensus::Stretch stretch_of(Recording const& recording) {
    driver::consensus::Stretch out;
    for (auto const& [number, block] : recording.blocks()) out.headers.push_back(read(block));
    std::ranges::sort(out.headers, {}, &driver::consensus::Header::number);
    driver::consensus::fold(out);
    return out;
}

inline std::vector<std::string> texts(base::Json const& list) {
    std::vector<std::string> out;
    for (auto const& item : list) out.push_back(item.get<std::string>());
    return out;
}

}  // namespace consortium::test
