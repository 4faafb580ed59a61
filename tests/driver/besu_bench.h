#pragma once

#include "core/crypto/keccak.h"
#include "core/driver/evm/block.h"
#include "core/driver/evm/rlp.h"
#include "tests/driver/rehearsal_bench.h"
#include "tests/support/http_server.h"
#include "tests/support/secp256k1.h"

namespace consortium::test {

/// Five nodes behind an HTTP server that answers as Besu does on a chain of QBFT or IBFT 2.0, in particular
/// "true" to every proposal. The
/// arithmetic is the simulated network's; its blocks are told in Ethereum's form, sealed by secp256k1 keys.
class BesuBench : public Bench {
public:
    explicit BesuBench(driver::consensus::Engine engine = driver::consensus::Engine::qbft)
        : m_engine(engine) {
        learn();
    }

    port::NodeDriver& driver() override { return *m_driver; }
    model::Node node(int number) override {
        auto const name = "v" + std::to_string(number);
        auto const url = m_server.url() + "/" + name;
        return {name, "m" + std::to_string(number), "net", "besu", url, url, "", {}};
    }
    std::string address(int number) override { return translated(m_network.address(number)); }
    void pass(std::int64_t seconds) override { m_network.pass(seconds); }
    void stop(int number) override { m_network.stop(number); }
    void start(int number) override { m_network.start(number); }
    std::size_t proposals(int number) override { return m_network.proposals(number); }

    RehearsalBench& network() { return m_network; }
    std::vector<ServedRequest> requests() const { return m_server.seen(); }
    /// What the server does instead, by path; none: as Besu does.
    std::map<std::string, ServedAnswer> instead;

private:
    static std::string seed(std::string const& simulated) { return "besu " + simulated; }

    // Addresses of simulated validators and of their secp256k1 keys, both ways; others stay.
    std::string translated(std::string const& simulated) {
        auto const found = m_outside.find(simulated);
        return found == m_outside.end() ? simulated : found->second;
    }
    std::string simulated(std::string const& outside) {
        auto const found = m_inside.find(outside);
        return found == m_inside.end() ? outside : found->second;
    }
    void learn() {
        auto const network = m_network.network();
        for (auto const& [id, one] : network.nodes()) {
            auto const outside =
                driver::evm::address_of(SealKey(seed(one.address)).public_key(), &crypto::keccak256);
            m_outside[one.address] = outside;
            m_inside[outside] = one.address;
        }
    }

    ServedAnswer serve(ServedRequest const& request) {
        if (auto const found = instead.find(request.path); found != instead.end()) return found->second;
        ServedAnswer down;
        down.drop = true;
        auto const name = request.path.substr(1);
        {
            auto const network = m_network.network();
            auto const found = network.nodes().find(name);
            if (found == network.nodes().end() || !found->second.running) return down;
        }
        auto const body = base::Json::parse(request.body);
        if (body.is_object()) return {200, "application/json", reply(name, body).dump()};
        auto out = base::Json::array();
        for (auto const& item : body) out.push_back(reply(name, item));
        return {200, "application/json", out.dump()};
    }

    base::Json reply(std::string const& name, base::Json const& item) {
        base::Json out{{"jsonrpc", "2.0"}, {"id", item.at("id")}};
        auto const method = item.at("method").get<std::string>();
        auto const& params = item.at("params");
        if (method == "eth_getBlockByNumber")
            out["result"] = block(params.at(0));
        else if (method == "net_peerCount")
            out["result"] = driver::evm::quantity(peers(name));
        else if (method == "web3_clientVersion")
            out["result"] = "besu/v26.8.0/linux-x86_64/openjdk-java-21";
        else if (method == "eth_syncing")
            out["result"] = false;
        else if (method == "eth_coinbase")
            out["result"] = own_address(name);
        else if (method == "admin_peers")
            out["result"] = admin_peers(name);
        else if (method == group() + "getValidatorsByBlockNumber")
            out["result"] = validators();
        else if (method == group() + "getPendingVotes")
            out["result"] = pending(name);
        else if (method == group() + "proposeValidatorVote")
            out["result"] = propose(name, params);
        else if (method == group() + "discardValidatorVote")
            out["result"] = discard(name, params);
        else
            out["error"] = {{"code", -32601}, {"message", "Method not found"}};
        return out;
    }

    bool is_ibft2() const { return m_engine == driver::consensus::Engine::ibft2; }
    std::string group() const { return is_ibft2() ? "ibft_" : "qbft_"; }

    std::uint64_t peers(std::string const& name) {
        auto const network = m_network.network();
        std::uint64_t count = 0;
        for (auto const& [id, one] : network.nodes()) count += id != name && one.running ? 1 : 0;
        return count;
    }
    std::string own_address(std::string const& name) {
        return translated(m_network.network().nodes().at(name).address);
    }
    base::Json admin_peers(std::string const& name) {
        auto out = base::Json::array();
        auto const network = m_network.network();
        for (auto const& [id, one] : network.nodes()) {
            if (id == name || !one.running) continue;
            out.push_back({{"id", "0x" + base::to_hex(one.public_key)},
                           {"network", {{"remoteAddress", "127.0.0.1:30303"}, {"inbound", false}}}});
        }
        return out;
    }
    base::Json validators() {
        auto const list = m_network.network().head().validators;
        auto out = base::Json::array();
        for (auto const& one : list) out.push_back(translated(one));
        return out;
    }
    base::Json pending(std::string const& name) {
        auto const proposals = m_network.network().nodes().at(name).proposals;
        auto out = base::Json::object();
        for (auto const& [subject, add] : proposals) out[translated(subject)] = add;
        return out;
    }
    base::Json propose(std::string const& name, base::Json const& params) {
        auto const subject = simulated(params.at(0).get<std::string>());
        m_network.network().propose(name, {"", subject, params.at(1).get<bool>(), 0}, fresh());
        return true;
    }
    base::Json discard(std::string const& name, base::Json const& params) {
        auto const subject = simulated(params.at(0).get<std::string>());
        m_network.network().discard(name, subject, fresh());
        return true;
    }
    std::string fresh() { return std::to_string(++m_calls); }

    base::Json block(base::Json const& which) {
        auto const head = m_network.network().head().number;
        while (m_blocks.size() <= head) m_blocks.push_back(next_block());
        auto const number = which == "latest" ? head : driver::evm::read_quantity(which);
        return number <= head ? m_blocks[number] : base::Json();
    }

    base::Json next_block() {
        auto const headers = m_network.network().headers(m_blocks.size(), m_blocks.size());
        auto const& header = headers.at(0);
        auto const zeros = "0x" + std::string(64, '0');
        base::Json out{
            {"parentHash", m_blocks.empty() ? base::Json(zeros) : m_blocks.back().at("hash")},
            {"sha3Uncles", zeros},
            {"miner", header.number == 0 ? "0x" + std::string(40, '0') : translated(header.proposer)},
            {"stateRoot", zeros},
            {"transactionsRoot", zeros},
            {"receiptsRoot", zeros},
            {"logsBloom", "0x" + std::string(512, '0')},
            {"difficulty", "0x1"},
            {"number", driver::evm::quantity(header.number)},
            {"gasLimit", "0x1c9c380"},
            {"gasUsed", "0x0"},
            {"timestamp", driver::evm::quantity(static_cast<std::uint64_t>(header.time))},
            {"mixHash", zeros},
            {"nonce", "0x0000000000000000"},
            {"baseFeePerGas", "0x7"}};
        seal(out, header);
        return out;
    }

    // Seals sign the header with its round and without seals; the hash has neither. QBFT puts nothing in
    // their place, IBFT 2.0 leaves the places out (Besu's QbftExtraDataCodec, IbftExtraDataCodec).
    void seal(base::Json& out, driver::consensus::Header const& header) {
        namespace rlp = driver::evm::rlp;
        auto const round = static_cast<std::uint64_t>(header.round);
        auto const all = parts(header, round);
        auto const none = rlp::list({});
        auto const unsealed = is_ibft2() ? rlp::list({all[0], all[1], all[2], all[3]})
                                         : rlp::list({all[0], all[1], all[2], all[3], none});
        auto hashed = is_ibft2() ? rlp::list({all[0], all[1], all[2]})
                                 : rlp::list({all[0], all[1], all[2], rlp::number(0), none});
        auto const digest = hash_of(out, unsealed);
        std::vector<base::Bytes> seals;
        for (auto const& sealer : header.sealers)
            seals.push_back(rlp::string(SealKey(seed(sealer)).sign(digest)));
        auto const whole = rlp::list({all[0], all[1], all[2], all[3], rlp::list(seals)});
        if (header.number == 0) hashed = whole;
        out["hash"] = "0x" + hash_of(out, hashed).hex();
        out["extraData"] = "0x" + base::to_hex(whole);
    }

    // Vanity, validators, vote and round.
    std::vector<base::Bytes> parts(driver::consensus::Header const& header, std::uint64_t round) {
        namespace rlp = driver::evm::rlp;
        std::vector<base::Bytes> validators;
        for (auto const& one : header.validators) validators.push_back(encoded_address(one));
        auto vote = is_ibft2() ? rlp::string({}) : rlp::list({});
        if (header.vote) {
            auto const removal = is_ibft2() ? base::Bytes{0} : base::Bytes{};
            auto const direction = header.vote->add ? base::Bytes{0xff} : removal;
            vote = rlp::list({encoded_address(header.vote->subject), rlp::string(direction)});
        }
        base::Bytes const fixed{0, 0, 0, static_cast<std::uint8_t>(round)};
        return {rlp::string(base::Bytes(32)), rlp::list(validators), vote,
                is_ibft2() ? rlp::string(fixed) : rlp::number(round)};
    }
    base::Bytes encoded_address(std::string const& one) {
        return driver::evm::rlp::string(base::from_hex(translated(one).substr(2)));
    }

    static base::Digest hash_of(base::Json const& block, base::Bytes const& extra) {
        namespace rlp = driver::evm::rlp;
        std::vector<base::Bytes> fields;
        for (auto const* name : {"parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot",
                                 "receiptsRoot", "logsBloom"}) {
            fields.push_back(rlp::string(base::from_hex(block.at(name).get<std::string>().substr(2))));
        }
        for (auto const* name : {"difficulty", "number", "gasLimit", "gasUsed", "timestamp"}) {
            fields.push_back(rlp::number(driver::evm::read_quantity(block.at(name))));
        }
        fields.push_back(rlp::string(extra));
        for (auto const* name : {"mixHash", "nonce"}) {
            fields.push_back(rlp::string(base::from_hex(block.at(name).get<std::string>().substr(2))));
        }
        fields.push_back(rlp::number(driver::evm::read_quantity(block.at("baseFeePerGas"))));
        return crypto::keccak256(rlp::list(fields));
    }

    driver::consensus::Engine m_engine;
    RehearsalBench m_network;
    std::map<std::string, std::string> m_inside, m_outside;
    std::vector<base::Json> m_blocks;
    std::uint64_t m_calls = 0;
    std::unique_ptr<port::Transport> m_transport = driver::make_transport({10});
    SeededEntropy m_entropy{"besu"};
    std::unique_ptr<port::NodeDriver> m_driver =
        driver::make_driver("besu", {*m_transport, m_network.clock(), m_entropy, &crypto::keccak256});
    HttpServer m_server{[this](ServedRequest const& request) { return serve(request); }};
};

}  // namespace consortium::test
