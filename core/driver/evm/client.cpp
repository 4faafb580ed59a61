#include "core/driver/evm/client.h"

#include "core/driver/evm/block.h"
#include "core/driver/evm/login.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::driver::evm {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

Dialect const besu{
    "qbft_proposeValidatorVote",
    "qbft_discardValidatorVote",
    "qbft_getPendingVotes",
    "qbft_getValidatorsByBlockNumber",
    "eth_coinbase",
    "put it into the keystore that --rpc-http-tls-keystore-file names: 'consortium cert export "
    "SERIAL --form pkcs12 --password-file FILE -o KEYSTORE'",
    "restart Besu, which reads its keystore only when it starts"};
Dialect const quorum{"istanbul_propose",
                     "istanbul_discard",
                     "istanbul_candidates",
                     "istanbul_getValidators",
                     "istanbul_nodeAddress",
                     "put it, followed by the intermediate, where its security plugin's TLS settings say "
                     "(certFile, keyFile): 'consortium cert export SERIAL --chain'",
                     "restart GoQuorum; its votes that have not passed are lost by that, and are cast again "
                     "with 'consortium operation resume'"};

namespace {

constexpr std::uint64_t blocks_a_batch = 128;
constexpr std::size_t max_words = 200;

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
                "see that its URL is that of a QBFT node", {{"node", node.id}, {"url", node.read_url}});
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
    std::vector<consensus::Header> headers(model::Node const& node, std::uint64_t first,
                                           std::uint64_t last) override;

    std::vector<std::string> validators(model::Node const& node) override {
        auto const answer = ask(node, Side::read, call(m_dialect.validators, Json::array({"latest"})));
        return sensible(node, [&] {
            std::vector<std::string> out;
            for (auto const& item : *answer)
                out.push_back(consensus::checked_address(item.get<std::string>()));
            return out;
        });
    }

    std::vector<model::Peer> peers(model::Node const& node) override;

    std::string address(model::Node const& node) override {
        auto const answer = ask(node, Side::read, call(m_dialect.address));
        return sensible(node, [&] { return consensus::checked_address(answer->get<std::string>()); });
    }

    std::map<std::string, bool> pending(model::Node const& node) override {
        auto const answer = ask(node, own_side(node), call(m_dialect.pending));
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
        ask(node, Side::admin, call(m_dialect.propose, Json::array({vote.subject, vote.add})));
    }
    void discard(model::Node const& node, std::string const& subject, base::Digest const&) override {
        ask(node, Side::admin, call(m_dialect.discard, Json::array({subject})));
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
        } catch (Error const& error) {
            out[i].error = error.with("node", nodes[i].id);
        }
    }
    return out;
}

std::vector<consensus::Header> Client::headers(model::Node const& node, std::uint64_t first,
                                               std::uint64_t last) {
    auto const endpoint = m_login.endpoint(node, Side::read);
    std::vector<consensus::Header> out;
    for (auto begin = first; begin <= last; begin += blocks_a_batch) {
        std::vector<jsonrpc::Call> calls;
        for (auto n = begin; n <= last && n < begin + blocks_a_batch; ++n)
            calls.push_back(block_call(quantity(n)));
        for (auto const& answer : jsonrpc::batch(m_transport, endpoint, calls)) {
            sensible(node, [&] {
                out.push_back(read_block(*answer, m_keccak256));
                if (out.back().number != begin + (out.size() - 1) % blocks_a_batch) {
                    throw Error(Code::malformed, "another block than was asked for");
                }
                return true;
            });
        }
    }
    return out;
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
