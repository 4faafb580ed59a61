#include "core/driver/rehearsal/format.h"

#include "core/driver/rehearsal/seal.h"

#include <nlohmann/json.hpp>

namespace consortium::driver::rehearsal {

using base::Json;
using base::JsonReader;

namespace {

constexpr std::int64_t max_number = std::int64_t{1} << 52;

std::uint64_t number(JsonReader& in, char const* key) {
    return static_cast<std::uint64_t>(in.integer(key, 0, max_number));
}

Json vote_json(consensus::Vote const& vote) {
    return {{"voter", vote.voter}, {"subject", vote.subject}, {"add", vote.add}, {"block", vote.block}};
}

consensus::Vote read_vote(JsonReader in) {
    consensus::Vote vote;
    vote.voter = consensus::checked_address(in.text("voter"));
    vote.subject = consensus::checked_address(in.text("subject"));
    vote.add = in.boolean("add");
    vote.block = number(in, "block");
    in.done();
    return vote;
}

std::vector<std::string> addresses(JsonReader& in, char const* key) {
    auto out = in.texts(key);
    for (auto& address : out) address = consensus::checked_address(address);
    return out;
}

}  // namespace

Json to_json(Genesis const& genesis) {
    return {{"schema", "consortium.rehearsal/1"},
            {"validators", genesis.validators},
            {"period", genesis.period},
            {"created", genesis.created.text()},
            {"nonce", genesis.nonce}};
}

Genesis genesis_from_json(Json const& value) {
    JsonReader in(value);
    if (in.text("schema") != "consortium.rehearsal/1") in.fail("schema", "not a rehearsal network");
    Genesis out;
    out.validators = static_cast<int>(in.integer("validators", 1, 100));
    out.period = static_cast<int>(in.integer("period", 1, 5));
    out.created = in.instant("created");
    out.nonce = in.text("nonce");
    in.done();
    return out;
}

Json to_json(Node const& node) {
    Json proposals = Json::object();
    for (auto const& [address, add] : node.proposals) proposals[address] = add;
    return {{"id", node.id},
            {"member", node.member},
            {"address", node.address},
            {"version", node.version},
            {"public_key", base::to_hex(node.public_key)},
            {"running", node.running},
            {"proposals", proposals},
            {"effects", node.effects}};
}

Node node_from_json(Json const& value) {
    JsonReader in(value);
    Node node;
    node.id = in.name("id");
    node.member = in.name("member");
    node.address = consensus::checked_address(in.text("address"));
    node.version = in.text("version");
    node.public_key = base::from_hex(in.text("public_key"));
    node.running = in.boolean("running");
    for (auto const& [address, add] : in.value("proposals").items()) {
        if (!add.is_boolean()) in.fail("proposals", "a proposal is true or false");
        node.proposals[consensus::checked_address(address)] = add.get<bool>();
    }
    node.effects = in.texts("effects");
    in.done();
    return node;
}

Json to_json(Head const& head) {
    Json votes = Json::array();
    for (auto const& vote : head.votes) votes.push_back(vote_json(vote));
    return {
        {"number", head.number},         {"hash", head.hash},     {"time", head.time}, {"seen", head.seen},
        {"validators", head.validators}, {"halted", head.halted}, {"votes", votes}};
}

Head head_from_json(Json const& value) {
    JsonReader in(value);
    Head head;
    head.founded = true;
    head.number = number(in, "number");
    head.hash = in.text("hash");
    head.time = in.integer("time");
    head.seen = in.integer("seen");
    head.halted = in.boolean("halted");
    head.validators = addresses(in, "validators");
    in.objects("votes", [&](JsonReader& vote) { head.votes.push_back(read_vote(vote)); });
    in.done();
    return head;
}

Json hashed_part(consensus::Header const& header) {
    return {{"number", header.number},
            {"parent", header.parent},
            {"time", header.time},
            {"proposer", header.proposer},
            {"round", header.round},
            {"validators", header.validators},
            {"vote", header.vote ? vote_json(*header.vote) : Json()}};
}

std::string seal_message(std::string const& hash) {
    return "consortium rehearsal seal\n" + hash + "\n";
}

std::string address_of(base::BytesView public_key) {
    return "0x" + base::sha256(public_key).hex().substr(0, 40);
}

consensus::Header header_from_json(Json const& block) {
    JsonReader in(block);
    consensus::Header header;
    auto part = in.object("header");
    header.number = number(part, "number");
    header.parent = part.text("parent");
    header.time = part.integer("time");
    header.proposer = part.text("proposer");
    header.round = static_cast<int>(part.integer("round", 0, 64));
    header.validators = addresses(part, "validators");
    if (!part.is_null("vote")) header.vote = read_vote(part.object("vote"));
    static_cast<void>(part.has("vote"));
    header.hash = in.text("hash");
    header.hash_holds = header.hash == base::digest_of(hashed_part(header)).hex();
    auto const message = seal_message(header.hash);
    in.objects("seals", [&](JsonReader& seal) {
        auto const key = base::from_hex(seal.text("key"));
        auto const signature = base::from_hex(seal.text("signature"));
        if (verify(key, base::as_bytes(message), signature)) header.sealers.push_back(address_of(key));
    });
    return header;
}

}  // namespace consortium::driver::rehearsal
