#include "core/driver/evm/client.h"

#include "core/driver/consensus/preflight.h"
#include "core/driver/evm/block.h"
#include "core/driver/evm/login.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::driver::evm {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;
using consensus::Engine;

namespace {

constexpr std::uint64_t blocks_a_batch = 128;
constexpr std::size_t max_words = 200;
constexpr std::size_t max_addresses = 1000;
constexpr std::size_t id_digits = 128;  // of a public key

jsonrpc::Call call(std::string_view method, Json params = Json::array()) {
    return {std::string(method), JsonValue(std::move(params))};
}

jsonrpc::Call block_call(std::string const& number) {
    return call("eth_getBlockByNumber", Json::array({number, false}));
}

// What a node shows is not trusted to be of any form.
template <typename Read>
auto sensible(model::Node const& node, Read const& read) {
    std::string what;
    try {
        return read();
    } catch (Json::exception const& error) {
        what = error.what();
    } catch (Error const& error) {
        what = error.message();
    }
    throw Error(Code::unavailable,
                fmt::format("node '{}' answers what makes no sense: {}", node.id, what.substr(0, max_words)),
                "see that its URL is that of a node of such a network, and 'consortium node list' its kind",
                {{"node", node.id}, {"url", node.read_url}});
}

std::vector<std::string> read_addresses(Json const& list) {
    if (list.size() > max_addresses) throw Error(Code::malformed, "too many validators");
    std::vector<std::string> out;
    for (auto const& item : list) out.push_back(consensus::checked_address(item.get<std::string>()));
    return out;
}

// clique_getSnapshot: {"signers":{address:{}},"votes":[{"signer","block","address","authorize"}], …}; of
// clique_getSigners the addresses alone.
consensus::Start read_start(Json const& answer) {
    consensus::Start out;
    if (answer.is_array()) {
        out.validators = read_addresses(answer);
        return out;
    }
    for (auto const& [signer, unused] : answer.at("signers").items())
        out.validators.push_back(consensus::checked_address(signer));
    if (!answer.at("votes").is_array()) return out;  // null where there are none
    for (auto const& vote : answer.at("votes")) {
        out.votes.push_back({consensus::checked_address(vote.at("signer").get<std::string>()),
                             consensus::checked_address(vote.at("address").get<std::string>()),
                             vote.at("authorize").get<bool>(), vote.at("block").get<std::uint64_t>()});
    }
    return out;
}

// The node's public key in "enode://KEY@HOST…".
std::string enode_id(Json const& info) {
    constexpr std::string_view scheme = "enode://";
    auto const text = info.at("enode").get<std::string>();
    if (!text.starts_with(scheme) || text.find('@') != scheme.size() + id_digits)
        throw Error(Code::malformed, "an enode without its key");
    return text.substr(scheme.size(), id_digits);
}

class Client : public consensus::Client {
public:
    Client(Dialect const& dialect, port::Transport& transport, port::Hash keccak256)
        : m_dialect(dialect), m_transport(transport), m_login(transport), m_keccak256(keccak256) {}

    std::string genesis(model::Node const& node) override {
        auto const block = ask(node, Side::read, block_call("0x0"));
        return sensible(node, [&] { return block->at("hash").get<std::string>(); });
    }

    std::vector<consensus::LookResult> look(std::span<model::Node const> nodes) override;
    consensus::Stretch headers(model::Node const& node, std::uint64_t first, std::uint64_t last) override;

    std::vector<std::string> validators(model::Node const& node) override {
        if (engine_of(node) == Engine::raft) return members(node, Members::all);
        auto const answer = ask(node, Side::read, call(names(node).validators, Json::array({"latest"})));
        return sensible(node, [&] { return read_addresses(*answer); });
    }

    std::optional<std::vector<std::string>> live(model::Node const& node) override {
        if (engine_of(node) != Engine::raft) return std::nullopt;
        return members(node, Members::active);
    }

    std::vector<model::Peer> peers(model::Node const& node) override;

    std::string address(model::Node const& node) override {
        auto const answer = ask(node, Side::read, call(names(node).address));
        return sensible(node, [&] {
            if (answer->is_object()) return address_of_id(enode_id(*answer));
            return consensus::checked_address(answer->get<std::string>());
        });
    }

    std::map<std::string, bool> pending(model::Node const& node) override {
        auto const answer = ask(node, own_side(node), call(voting_names(node).pending));
        return sensible(node, [&] {
            std::map<std::string, bool> out;
            for (auto const& [subject, add] : answer->items()) {
                out[consensus::checked_address(subject)] = add.get<bool>();
            }
            return out;
        });
    }

    // Both are harmless when repeated: the node keeps one proposal an address.
    void propose(model::Node const& node, consensus::Vote const& vote, base::Digest const&) override {
        ask(node, Side::admin, call(voting_names(node).propose, Json::array({vote.subject, vote.add})));
    }
    void discard(model::Node const& node, std::string const& subject, base::Digest const&) override {
        ask(node, Side::admin, call(voting_names(node).discard, Json::array({subject})));
    }

    void upgrade(model::Node const& node, std::string const&, base::Digest const&) override { cannot(node); }
    void join(model::Node const& node) override { cannot(node); }

    std::vector<std::string> install_certificate(model::NewCertificate const& certificate) const override {
        std::vector<std::string> out;
        if (!certificate.new_issuer.empty()) {
            out.push_back(
                fmt::format("whoever connects to it must know '{}' first, which signs it: "
                            "'consortium ca publish' has what they need",
                            certificate.new_issuer));
        }
        // Besu's knownClients, and pinning clients: a line is "NAME SHA-256 of the certificate".
        out.push_back(
            fmt::format("where somebody lets '{}' in by its fingerprint, add the new one's now, and "
                        "take the old one's out at the end",
                        certificate.common_name));
        out.emplace_back(m_dialect.install);
        out.emplace_back(m_dialect.restart);
        return out;
    }

private:
    [[noreturn]] static void cannot(model::Node const& node) {
        throw Error(Code::unsupported,
                    fmt::format("a {} node cannot be changed so over JSON-RPC", node.kind));
    }

    static Side own_side(model::Node const& node) {
        return node.admin_url.empty() ? Side::read : Side::admin;
    }

    JsonValue ask(model::Node const& node, Side side, jsonrpc::Call const& one) {
        try {
            return jsonrpc::request(m_transport, m_login.endpoint(node, side), one);
        } catch (Error const& error) {
            throw error.with("node", node.id);
        }
    }

    // What its latest block shows, once a process and node.
    Engine engine_of(model::Node const& node) {
        auto const known = m_engines.find(node.read_url);
        if (known != m_engines.end()) return known->second;
        auto const block = ask(node, Side::read, block_call("latest"));
        auto const engine = sensible(node, [&] { return read_block(*block, m_keccak256).engine; });
        return m_engines[node.read_url] = engine;
    }

    Names const& names(model::Node const& node) { return names_of(m_dialect, engine_of(node)); }
    Names const& voting_names(model::Node const& node) {
        consensus::require_votes(engine_of(node));
        return names(node);
    }

    enum class Members { all, active };
    std::vector<std::string> members(model::Node const& node, Members which);
    std::string address_of_id(std::string const& id) const {
        return address_of(base::from_hex(id), m_keccak256);
    }
    std::string leader(model::Node const& node);
    consensus::Start start_before(model::Node const& node, std::uint64_t first);

    consensus::Look read_look(model::Node const& node, std::vector<JsonValue> const& answers) const {
        return sensible(node, [&] {
            consensus::Look out;
            out.latest = read_block(*answers[0], m_keccak256);
            out.peers = static_cast<int>(read_quantity(*answers[1]));
            out.version = answers[2]->get<std::string>().substr(0, max_words);
            out.syncing = !answers[3]->is_boolean() || answers[3]->get<bool>();
            return out;
        });
    }

    Dialect const& m_dialect;
    port::Transport& m_transport;
    Login m_login;
    port::Hash m_keccak256;
    std::map<std::string, Engine> m_engines;  // by read URL
};

// One round trip for all nodes: each is sent one batch, all batches at once.
std::vector<consensus::LookResult> Client::look(std::span<model::Node const> nodes) {
    std::vector<jsonrpc::Call> const calls{block_call("latest"), call("net_peerCount"),
                                           call("web3_clientVersion"), call("eth_syncing")};
    std::vector<consensus::LookResult> out(nodes.size());
    std::vector<port::HttpRequest> requests(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        try {
            requests[i] = jsonrpc::make_request(m_login.endpoint(nodes[i], Side::read), calls);
        } catch (Error const& error) {
            out[i].error = error.with("node", nodes[i].id);
        }
    }
    auto const answers = m_transport.send_all(requests);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (out[i].error) continue;
        try {
            auto const replies = jsonrpc::read_answer(requests[i], answers[i], calls);
            std::vector<JsonValue> results;
            for (std::size_t j = 0; j < calls.size(); ++j) {
                results.push_back(jsonrpc::expect(replies[j], calls[j], requests[i].url));
            }
            out[i].look = read_look(nodes[i], results);
            auto const engine = out[i].look->latest.engine;
            m_engines[nodes[i].read_url] = engine;
            if (engine == Engine::raft) out[i].look->leader = leader(nodes[i]);
        } catch (Error const& error) {
            out[i].error = error.with("node", nodes[i].id);
        }
    }
    return out;
}

// What held before the block, by the node's word.
consensus::Start Client::start_before(model::Node const& node, std::uint64_t first) {
    auto const answer = ask(node, Side::read, call(names(node).start, Json::array({quantity(first - 1)})));
    return sensible(node, [&] { return read_start(*answer); });
}

consensus::Stretch Client::headers(model::Node const& node, std::uint64_t first, std::uint64_t last) {
    auto const endpoint = m_login.endpoint(node, Side::read);
    consensus::Stretch out;
    auto& headers = out.headers;
    for (auto begin = first; begin <= last; begin += blocks_a_batch) {
        std::vector<jsonrpc::Call> calls;
        for (auto n = begin; n <= last && n < begin + blocks_a_batch; ++n)
            calls.push_back(block_call(quantity(n)));
        for (auto const& answer : jsonrpc::batch(m_transport, endpoint, calls)) {
            sensible(node, [&] {
                headers.push_back(read_block(*answer, m_keccak256));
                if (headers.back().number != begin + (headers.size() - 1) % blocks_a_batch) {
                    throw Error(Code::malformed, "another block than was asked for");
                }
                return true;
            });
        }
    }
    if (headers.empty() || headers.front().engine != Engine::clique) return out;
    m_engines[node.read_url] = Engine::clique;
    if (first > 0 && !headers.front().listed) out.start = start_before(node, first);
    consensus::fold(out);
    return out;
}

// Raft's members as the node lists them; learners have no say.
std::vector<std::string> Client::members(model::Node const& node, Members which) {
    auto const answer = ask(node, Side::read, call(names(node).validators));
    return sensible(node, [&] {
        if (answer->size() > max_addresses) throw Error(Code::malformed, "too many members");
        std::vector<std::string> out;
        for (auto const& item : *answer) {
            bool const votes = item.at("role").get<std::string>() != "learner";
            bool const counts = which == Members::all || item.at("nodeActive").get<bool>();
            auto const id = item.at("nodeId").get<std::string>();
            if (id.size() != id_digits) throw Error(Code::malformed, "a member without its key");
            if (votes && counts) out.push_back(address_of_id(id));
        }
        return out;
    });
}

// A node that was removed has no role, though it may go on naming a leader; without a quorum the call is
// refused.
std::string Client::leader(model::Node const& node) {
    auto const role = ask(node, Side::read, call("raft_role"));
    if (sensible(node, [&] { return role->get<std::string>().empty(); })) return {};
    try {
        auto const answer = ask(node, Side::read, call("raft_leader"));
        return sensible(node, [&] { return answer->get<std::string>().substr(0, id_digits); });
    } catch (Error const& error) {
        bool const refused = std::ranges::any_of(
            error.details(), [](auto const& detail) { return detail.first == "rpc_code"; });
        if (refused && error.code() == Code::unavailable) return {};
        throw;
    }
}

std::vector<model::Peer> Client::peers(model::Node const& node) {
    auto const answer = ask(node, own_side(node), call("admin_peers"));
    return sensible(node, [&] {
        std::vector<model::Peer> out;
        for (auto const& item : *answer) {
            auto const& network = item.at("network");
            auto const inbound = network.find("inbound");
            out.push_back({item.at("id").get<std::string>().substr(0, max_words),
                           network.at("remoteAddress").get<std::string>().substr(0, max_words),
                           inbound != network.end() && inbound->is_boolean() && !inbound->get<bool>()});
        }
        return out;
    });
}

}  // namespace

std::unique_ptr<consensus::Client> make_client(Dialect const& dialect, port::Transport& transport,
                                               port::Hash keccak256) {
    return std::make_unique<Client>(dialect, transport, keccak256);
}

}  // namespace consortium::driver::evm
