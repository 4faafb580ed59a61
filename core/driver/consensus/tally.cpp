#include "core/driver/consensus/tally.h"

#include <algorithm>
#include <set>

namespace consortium::driver::consensus {

namespace {

// A vote to add a validator that is there, or to remove one that is not, never counts (G1).
bool counts(Vote const& vote, std::vector<std::string> const& validators) {
    return contains(validators, vote.voter) && contains(validators, vote.subject) != vote.add;
}

std::vector<std::string> sorted(std::vector<std::string> list) {
    std::sort(list.begin(), list.end());
    return list;
}

// GoQuorum's ways from IBFT to QBFT are the one change of engine that a chain survives.
bool follows(Engine before, Engine after) {
    return before == after || (before == Engine::ibft1 && after == Engine::qbft);
}

std::optional<std::string> check_step(Header const& before, Header const& header) {
    if (header.number != before.number + 1 || header.parent != before.hash)
        return "is not linked to the one before";
    if (!follows(before.engine, header.engine)) return "is of another engine than the one before";
    auto const changed = difference(before.validators, header.validators);
    if (changed.empty()) return std::nullopt;
    bool const explained = changed.size() == 1 && before.vote && before.vote->subject == changed.front() &&
                           counts(*before.vote, before.validators);
    if (!explained) return "changes the validators without a vote";
    return std::nullopt;
}

// EIP-225: signers take turns in the order of their addresses; who is not in turn signs with difficulty 1,
// and none of the last floor(n/2) signers may sign.
std::optional<std::string> check_turn(std::span<Header const> before, Header const& header) {
    auto const signers = sorted(header.validators);
    auto const n = signers.size();
    bool const in_turn = signers[header.number % n] == header.proposer;
    if (header.difficulty != (in_turn ? 2 : 1))
        return in_turn ? "is in turn, and not of difficulty 2" : "is out of turn, and not of difficulty 1";
    for (auto const& recent : before.last(std::min(before.size(), n / 2))) {
        if (recent.number > 0 && recent.proposer == header.proposer)
            return "is signed by one who signed too short a time before";
    }
    return std::nullopt;
}

std::optional<std::string> check_voucher(std::span<Header const> before, Header const& header) {
    auto const voucher = rules_of(header.engine).voucher;
    if (header.number == 0 || voucher == Voucher::nobody) return std::nullopt;
    if (auto wrong = seal_fault(header)) return wrong;
    return voucher == Voucher::signer ? check_turn(before, header) : std::nullopt;
}

std::optional<std::string> check_one(std::span<Header const> before, Header const& header,
                                     Start const& pinned, Tally& tally) {
    if (!header.hash_holds) return "has another hash than the node says";
    if (auto wrong = check_voucher(before, header)) return wrong;
    if (!pinned.validators.empty()) {
        bool const same = difference(tally.validators(), header.validators).empty();
        if (before.empty() && !same) return "has other validators than were pinned";
        if (!same && rules_of(header.engine).voucher == Voucher::signer)
            return "has other signers than the votes before it make";
        tally.count(header);
    }
    return before.empty() ? std::nullopt : check_step(before.back(), header);
}

}  // namespace

void Tally::drop(std::string const& address) {
    std::erase_if(m_start.votes,
                  [&](Vote const& vote) { return vote.subject == address || vote.voter == address; });
}

void Tally::count(Header const& header) {
    if (!header.validators.empty()) {
        if (!m_start.validators.empty()) {
            for (auto const& address : difference(m_start.validators, header.validators)) drop(address);
        }
        m_start.validators = header.validators;
    }
    // Of clique the form tells: a header lists its signers in epoch blocks, and in no other.
    bool const by_form = rules_of(header.engine).voucher == Voucher::signer;
    if (by_form ? header.listed : header.number % m_start.epoch == 0) m_start.votes.clear();
    if (header.vote && contains(m_start.validators, header.vote->voter)) cast(*header.vote);
}

void Tally::cast(Vote const& vote) {
    auto& votes = m_start.votes;
    auto& validators = m_start.validators;
    std::erase_if(votes, [&](auto const& v) { return v.voter == vote.voter && v.subject == vote.subject; });
    if (!counts(vote, validators)) return;
    votes.push_back(vote);
    auto const agreed = std::count_if(votes.begin(), votes.end(), [&](auto const& v) {
        return v.subject == vote.subject && v.add == vote.add;
    });
    if (agreed < vote_threshold(static_cast<int>(validators.size()))) return;
    if (vote.add)
        validators.push_back(vote.subject);
    else
        std::erase(validators, vote.subject);
    validators = sorted(std::move(validators));
    drop(vote.subject);
}

Start start_at(Stretch const& stretch, std::size_t index) {
    Tally tally(stretch.start);
    for (std::size_t i = 0; i < index; ++i) tally.count(stretch.headers[i]);
    auto validators = index < stretch.headers.size() ? stretch.headers[index].validators : tally.validators();
    return {std::move(validators), tally.votes(), stretch.start.epoch};
}

std::vector<Vote> open_votes(Stretch const& stretch) {
    return start_at(stretch, stretch.headers.size()).votes;
}

void fold(Stretch& stretch) {
    Tally tally(stretch.start);
    for (auto& header : stretch.headers) {
        if (!header.listed) header.validators = tally.validators();
        tally.count(header);
    }
}

Settled settle(std::span<Header const> headers) {
    auto const last = headers.size() - 1;
    auto const& rules = rules_of(headers[last].engine);
    if (rules.voucher != Voucher::signer) return {last, count_seals(headers[last]), is_sealed(headers[last])};
    std::set<std::string> builders;
    for (auto i = last;; --i) {
        auto const vouchers = static_cast<int>(builders.size());
        bool const is_final = vouchers >= rules.quorum(static_cast<int>(headers[i].validators.size()));
        if (is_final || i == 0) return {i, vouchers, is_final};
        builders.insert(headers[i].proposer);
    }
}

std::optional<std::string> check_chain(std::span<Header const> headers, Start const& pinned) {
    Tally tally(pinned);
    for (std::size_t i = 0; i < headers.size(); ++i) {
        if (auto const wrong = check_one(headers.first(i), headers[i], pinned, tally))
            return "block " + std::to_string(headers[i].number) + " " + *wrong;
    }
    return std::nullopt;
}

}  // namespace consortium::driver::consensus
