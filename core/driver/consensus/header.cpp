#include "core/driver/consensus/header.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace consortium::driver::consensus {

namespace {

// As GoQuorum and Besu have it: a seal of a stranger or a second one of a validator spoils the block.
std::optional<std::string> committers_fault(Header const& header) {
    auto const n = static_cast<int>(header.validators.size());
    auto const seals = count_seals(header);
    if (n == 0 || seals < rules_of(header.engine).quorum(n)) return "is not sealed by a quorum";
    if (static_cast<std::size_t>(seals) != header.sealers.size())
        return "carries a seal that is no validator's, or one twice";
    // QBFT's and IBFT 2.0's proposer is not signed for by itself, and may name a beneficiary instead.
    if (header.engine == Engine::ibft1 && !contains(header.validators, header.proposer))
        return "is proposed by none of its validators";
    return std::nullopt;
}

}  // namespace

bool contains(std::vector<std::string> const& list, std::string const& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

std::vector<std::string> difference(std::vector<std::string> const& left,
                                    std::vector<std::string> const& right) {
    std::set<std::string> const a(left.begin(), left.end());
    std::set<std::string> const b(right.begin(), right.end());
    std::vector<std::string> out;
    std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
    return out;
}

int count_seals(Header const& header) {
    std::set<std::string> const sealers(header.sealers.begin(), header.sealers.end());
    return static_cast<int>(std::count_if(sealers.begin(), sealers.end(), [&](auto const& address) {
        return contains(header.validators, address);
    }));
}

std::optional<std::string> seal_fault(Header const& header) {
    switch (rules_of(header.engine).voucher) {
        case Voucher::committers:
            return committers_fault(header);
        case Voucher::signer:
            if (contains(header.validators, header.proposer)) return std::nullopt;
            return "is signed by none of its signers";
        case Voucher::nobody:
            break;
    }
    return "carries no seals: nobody vouches for a block of Raft";
}

bool is_sealed(Header const& header) {
    return header.hash_holds && !seal_fault(header);
}

std::vector<std::string> active(std::span<Header const> headers) {
    std::vector<std::string> out;
    if (headers.empty()) return out;
    for (auto const& validator : headers.back().validators) {
        bool const seen = std::any_of(headers.begin(), headers.end(), [&](Header const& header) {
            return header.proposer == validator || contains(header.sealers, validator);
        });
        if (seen) out.push_back(validator);
    }
    return out;
}

std::string checked_address(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    bool const good = out.size() == 42 && out.starts_with("0x") &&
                      out.find_first_not_of("0123456789abcdef", 2) == std::string::npos;
    if (!good) {
        throw base::Error(base::Code::malformed, "not an address: '" + std::string(text) + "'",
                          "an address is 0x and 40 hexadecimal digits");
    }
    return out;
}

}  // namespace consortium::driver::consensus
