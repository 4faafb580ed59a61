#pragma once

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/secret.h"
#include "core/driver/consensus/header.h"
#include "core/port/clock.h"
#include "core/port/entropy.h"

namespace consortium::driver::rehearsal {

/// "rehearsal:PATH[?validators=N&period=SECONDS&version=V]#NODE"
struct Location {
    base::Path folder;
    std::string node;
    int validators = 4;             // nodes that found the chain
    int period = 5;                 // seconds between blocks, 1 to 5
    std::string version = "1.0.0";  // of the software of a node that joins
};
/// Throws Error(malformed) naming what is wrong.
Location read_location(std::string_view url);

/// What never changes of a simulated network; its digest is the network's identity.
struct Genesis {
    int validators = 4;
    int period = 5;
    base::Instant created;
    std::string nonce;
};

/// A simulated node, as nodes/<id>.json holds it. A person stops it by setting "running" to false there.
struct Node {
    std::string id, member, address, version;
    base::Bytes public_key;
    bool running = true;
    std::map<std::string, bool> proposals;  // by address: whether to add
    std::vector<std::string> effects;       // intents that were obeyed, each once
};

/// The chain's last block and the tally after it.
struct Head {
    std::uint64_t number = 0;
    std::string hash;
    std::int64_t time = 0;
    std::int64_t seen = 0;  // when somebody last looked
    bool halted = false;    // at that look
    bool founded = false;   // block 0 exists
    std::vector<std::string> validators;
    std::vector<consensus::Vote> votes;
};

/// A simulated QBFT network in a folder that several workspaces share:
///   network.json  its genesis      state.json  the head      lock  held while somebody looks
///   nodes/<id>.json, nodes/<id>.seed                          blocks/<first>.jsonl
/// Nothing runs in the background: opening it makes the blocks that are due, at most `blocks_a_look`, as if
/// the network had slept before them. Votes are cast only by a validator that proposes, decide at
/// floor(n/2)+1, and proposals survive their passing until they are discarded, as on real nodes.
class Network {
public:
    static constexpr int blocks_a_look = 64;

    /// Locks and opens the network; makes the blocks that are due. Throws Error(unavailable) if there is
    /// none.
    Network(base::Path const& folder, port::Clock const& clock);

    /// Makes the folder unless it is there. Safe against others who do the same.
    static void create(Location const& location, port::Clock const& clock, port::Entropy& entropy);
    /// Adds the node unless it is there; the first `validators` nodes found the chain. Throws
    /// Error(conflict) if it is another member's.
    Node const& join(Location const& location, std::string const& member, port::Entropy& entropy);

    std::string identity() const;
    Head const& head() const { return m_head; }
    std::map<std::string, Node> const& nodes() const { return m_nodes; }
    /// A running node. Throws Error(unavailable) for one that is stopped, not_found for one that is not
    /// there.
    Node const& running(std::string const& id) const;
    /// Headers with their seals verified.
    std::vector<consensus::Header> headers(std::uint64_t first, std::uint64_t last) const;

    /// What a node is told. The same intent obeyed twice has one effect.
    void propose(std::string const& id, consensus::Vote const& vote, std::string const& intent);
    void discard(std::string const& id, std::string const& subject, std::string const& intent);
    void upgrade(std::string const& id, std::string const& version, std::string const& intent);

private:
    void load();
    void save_head() const;
    void save(Node const& node) const;
    Node& told(std::string const& id);
    bool obey(Node& node, std::string const& what, std::string const& intent);
    void found();
    void advance();
    std::vector<Node const*> live() const;
    std::optional<consensus::Header> next_header(std::int64_t after, std::int64_t now) const;
    std::optional<consensus::Vote> choose_vote(Node const& proposer, std::uint64_t number) const;
    std::string seal(consensus::Header const& header) const;
    void count(consensus::Header const& header);
    void make_blocks(std::int64_t after, std::int64_t now);

    base::Path m_folder;
    base::FileLock m_lock;
    port::Clock const& m_clock;
    Genesis m_genesis;
    std::map<std::string, Node> m_nodes;
    Head m_head;
};

}  // namespace consortium::driver::rehearsal
