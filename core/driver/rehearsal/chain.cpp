#include "core/base/text.h"
#include "core/driver/rehearsal/format.h"
#include "core/driver/rehearsal/seal.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::driver::rehearsal {

using base::Json;

namespace {

constexpr std::size_t max_segment = 16u << 20;
constexpr int slowest = 4;  // periods that a block with failed rounds takes at most

base::Path segment(base::Path const& folder, std::uint64_t first) {
    return folder / "blocks" / fmt::format("{:012}.jsonl", first);
}

int quorum_of(std::size_t validators) {
    return consensus::rules_of(consensus::Engine::qbft).quorum(static_cast<int>(validators));
}

std::vector<base::Path> segments(base::Path const& folder) {
    std::vector<base::Path> files;
    for (auto const& file : std::filesystem::directory_iterator(folder / "blocks")) {
        if (file.path().extension() == ".jsonl") files.push_back(file.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

// The chain begins when its founders are all there.
void Network::found() {
    if (m_nodes.size() < static_cast<std::size_t>(m_genesis.validators)) return;
    consensus::Header header;
    header.parent = identity();
    header.time = m_clock.now().seconds;
    for (auto const& [id, node] : m_nodes) header.validators.push_back(node.address);
    std::sort(header.validators.begin(), header.validators.end());
    header.hash = base::digest_of(hashed_part(header)).hex();
    m_head.founded = true;
    m_head.hash = header.hash;
    m_head.time = header.time;
    m_head.seen = header.time;
    m_head.validators = header.validators;
    base::write_file(segment(m_folder, 0), seal(header) + "\n");
    save_head();
}

std::vector<Node const*> Network::live() const {
    std::vector<Node const*> out;
    for (auto const& [id, node] : m_nodes) {
        if (node.running && consensus::contains(m_head.validators, node.address)) out.push_back(&node);
    }
    return out;
}

void Network::advance() {
    if (!m_head.founded) found();
    if (!m_head.founded) return;
    auto const now = m_clock.now().seconds;
    auto const quorum = quorum_of(m_head.validators.size());
    bool const halted = static_cast<int>(live().size()) < quorum;
    if (!halted) {
        // No block is dated into a halt, nor further back than one look may make blocks.
        auto const begin = m_head.halted ? std::max(m_head.time, m_head.seen) : m_head.time;
        make_blocks(std::max(begin, now - std::int64_t{blocks_a_look} * m_genesis.period), now);
    }
    if (!halted && !m_head.halted) return;
    m_head.halted = halted;
    m_head.seen = now;
    save_head();
}

void Network::make_blocks(std::int64_t after, std::int64_t now) {
    auto const first = m_head.number + 1;
    std::string lines;
    for (int made = 0; made < blocks_a_look; ++made) {
        auto const header = next_header(after, now);
        if (!header) break;
        lines += seal(*header) + "\n";
        count(*header);
        after = header->time;
    }
    if (lines.empty()) return;
    // Blocks first: a crash before the head is saved leaves blocks that the next look overwrites.
    base::write_file(segment(m_folder, first), lines);
    m_head.seen = now;
    save_head();
}

std::optional<consensus::Header> Network::next_header(std::int64_t after, std::int64_t now) const {
    auto const alive = live();
    auto const n = m_head.validators.size();
    if (static_cast<int>(alive.size()) < quorum_of(n)) return std::nullopt;
    consensus::Header header;
    header.number = m_head.number + 1;
    Node const* proposer = nullptr;
    while (proposer == nullptr) {
        auto const& turn = m_head.validators[(header.number + static_cast<std::uint64_t>(header.round)) % n];
        auto const found =
            std::find_if(alive.begin(), alive.end(), [&](Node const* node) { return node->address == turn; });
        if (found != alive.end())
            proposer = *found;
        else
            ++header.round;
    }
    int const periods = header.round >= 2 ? slowest : 1 << header.round;
    header.time = after + std::int64_t{periods} * m_genesis.period;
    if (header.time > now) return std::nullopt;
    header.parent = m_head.hash;
    header.proposer = proposer->address;
    header.validators = m_head.validators;
    header.vote = choose_vote(*proposer, header.number);
    header.hash = base::digest_of(hashed_part(header)).hex();
    return header;
}

// A proposal that cannot count is never cast; an undecided one is cast again and again.
std::optional<consensus::Vote> Network::choose_vote(Node const& proposer, std::uint64_t number) const {
    std::vector<consensus::Vote> sensible;
    for (auto const& [subject, add] : proposer.proposals) {
        if (consensus::contains(m_head.validators, subject) != add) {
            sensible.push_back({proposer.address, subject, add, number});
        }
    }
    if (sensible.empty()) return std::nullopt;
    return sensible[number % sensible.size()];
}

std::string Network::seal(consensus::Header const& header) const {
    Json seals = Json::array();
    auto const message = seal_message(header.hash);
    for (auto const* node : live()) {
        if (header.number == 0) break;  // the genesis needs none
        auto text = base::read_text(m_folder / "nodes" / (node->id + ".seed"), 64);
        base::Secret const seed(base::from_hex(text));
        seals.push_back({{"key", base::to_hex(node->public_key)},
                         {"signature", base::to_hex(sign(seed, base::as_bytes(message)))}});
    }
    return base::canonical({{"header", hashed_part(header)}, {"hash", header.hash}, {"seals", seals}});
}

// The tally of QBFT: one vote a voter and subject; more than half decide, and clear what concerned it.
void Network::count(consensus::Header const& header) {
    m_head.number = header.number;
    m_head.hash = header.hash;
    m_head.time = header.time;
    if (!header.vote) return;
    auto const vote = *header.vote;
    auto& votes = m_head.votes;
    std::erase_if(votes, [&](auto const& v) { return v.voter == vote.voter && v.subject == vote.subject; });
    votes.push_back(vote);
    auto const agreed = std::count_if(votes.begin(), votes.end(), [&](auto const& v) {
        return v.subject == vote.subject && v.add == vote.add;
    });
    if (agreed < consensus::vote_threshold(static_cast<int>(m_head.validators.size()))) return;
    if (vote.add)
        m_head.validators.push_back(vote.subject);
    else
        std::erase(m_head.validators, vote.subject);
    std::sort(m_head.validators.begin(), m_head.validators.end());
    std::erase_if(votes, [&](auto const& v) {
        return v.subject == vote.subject || (!vote.add && v.voter == vote.subject);
    });
}

std::vector<consensus::Header> Network::headers(std::uint64_t first, std::uint64_t last) const {
    std::vector<consensus::Header> out;
    if (!m_head.founded) return out;
    last = std::min(last, m_head.number);
    auto const files = segments(m_folder);
    // The segment that holds `first` is the last one that begins at or before it.
    auto file = std::upper_bound(files.begin(), files.end(), segment(m_folder, first));
    if (file != files.begin()) --file;
    for (; file != files.end() && out.size() < last - first + 1; ++file) {
        for (auto const& line : base::split(base::read_text(*file, max_segment), '\n')) {
            if (line.empty()) continue;
            auto const block = base::parse_json(line, base::relaxed_limits(max_segment));
            auto const number = block.at("header").at("number").get<std::uint64_t>();
            if (number < first || number > last) continue;
            out.push_back(header_from_json(block));
        }
    }
    return out;
}

}  // namespace consortium::driver::rehearsal
