#include "core/driver/consensus/header.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace consortium::driver::consensus {

namespace {

bool holds(std::vector<std::string> const& list, std::string const& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

// A vote to add a validator that is there, or to remove one that is not, never counts (G1).
bool counts(Vote const& vote, std::vector<std::string> const& validators) {
    return holds(validators, vote.voter) && holds(validators, vote.subject) != vote.add;
}

std::vector<std::string> difference(std::vector<std::string> const& left,
                                    std::vector<std::string> const& right) {
    std::set<std::string> const a(left.begin(), left.end());
    std::set<std::string> const b(right.begin(), right.end());
    std::vector<std::string> out;
    std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
    return out;
}

void drop(std::vector<Vote>& votes, std::string const& address) {
    std::erase_if(votes, [&](Vote const& vote) { return vote.subject == address || vote.voter == address; });
}

std::optional<std::string> check_step(Header const& before, Header const& header) {
    if (header.number != before.number + 1 || header.parent != before.hash)
        return "is not linked to the one before";
    auto const changed = difference(before.validators, header.validators);
    if (changed.empty()) return std::nullopt;
    bool const explained = changed.size() == 1 && before.vote && before.vote->subject == changed.front() &&
                           counts(*before.vote, before.validators);
    if (!explained) return "changes the validators without a vote";
    return std::nullopt;
}

}  // namespace

int quorum(int validators) {
    return (2 * validators + 2) / 3;
}

int vote_threshold(int validators) {
    return validators / 2 + 1;
}

int tolerated(int validators) {
    return validators > 0 ? (validators - 1) / 3 : 0;
}

int count_seals(Header const& header) {
    std::set<std::string> const sealers(header.sealers.begin(), header.sealers.end());
    return static_cast<int>(std::count_if(sealers.begin(), sealers.end(), [&](auto const& address) {
        return holds(header.validators, address);
    }));
}

bool is_sealed(Header const& header) {
    auto const n = static_cast<int>(header.validators.size());
    return header.hash_holds && n > 0 && count_seals(header) >= quorum(n);
}

std::vector<Vote> open_votes(std::span<Header const> headers) {
    std::vector<Vote> votes;
    std::vector<std::string> const* before = nullptr;
    for (auto const& header : headers) {
        if (before != nullptr) {
            for (auto const& address : difference(*before, header.validators)) drop(votes, address);
        }
        before = &header.validators;
        if (!header.vote || !counts(*header.vote, header.validators)) continue;
        std::erase_if(votes, [&](Vote const& vote) {
            return vote.voter == header.vote->voter && vote.subject == header.vote->subject;
        });
        votes.push_back(*header.vote);
    }
    return votes;
}

std::vector<std::string> active(std::span<Header const> headers) {
    std::vector<std::string> out;
    if (headers.empty()) return out;
    for (auto const& validator : headers.back().validators) {
        bool const seen = std::any_of(headers.begin(), headers.end(), [&](Header const& header) {
            return header.proposer == validator || holds(header.sealers, validator);
        });
        if (seen) out.push_back(validator);
    }
    return out;
}

std::optional<std::string> check_chain(std::span<Header const> headers,
                                       std::vector<std::string> const& pinned) {
    Header const* before = nullptr;
    for (auto const& header : headers) {
        auto const where = "block " + std::to_string(header.number) + " ";
        if (!header.hash_holds) return where + "has another hash than the node says";
        if (header.number > 0 && !is_sealed(header)) return where + "is not sealed by a quorum";
        if (before == nullptr && !pinned.empty() && !difference(pinned, header.validators).empty()) {
            return where + "has other validators than were pinned";
        }
        if (before != nullptr) {
            if (auto const wrong = check_step(*before, header)) return where + *wrong;
        }
        before = &header;
    }
    return std::nullopt;
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
