#include "core/driver/consensus/witness.h"

#include "core/driver/consensus/preflight.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::driver::consensus {

using model::Confirmation;

namespace {

constexpr std::uint64_t max_walk = 1024;

/// Where a walk over headers starts, and what held before that block.
struct Pin {
    std::uint64_t block = 0;
    std::string hash;              // "": any
    std::optional<Engine> engine;  // none: any
    Start start;
};

Vote read_vote(base::JsonReader& in) {
    Vote vote;
    vote.voter = checked_address(in.text("voter"));
    vote.subject = checked_address(in.text("subject"));
    vote.add = in.boolean("add");
    vote.block = static_cast<std::uint64_t>(in.integer("block", 0, std::int64_t{1} << 52));
    in.done();
    return vote;
}

std::optional<Pin> read_pin(model::NodeChange const& change) {
    if (!change.detail->is_object() || !change.detail->contains("pin")) return std::nullopt;
    if (change.detail->at("pin").is_null()) return std::nullopt;
    base::JsonReader in(change.detail->at("pin"), "/pin");
    Pin pin;
    pin.block = static_cast<std::uint64_t>(in.integer("block", 0, std::int64_t{1} << 52));
    pin.start.validators = in.texts("validators");
    pin.hash = in.optional_text("hash").value_or("");
    if (auto const engine = in.optional_text("engine")) pin.engine = engine_of(*engine);
    if (in.has("votes"))
        in.objects("votes", [&](base::JsonReader& vote) { pin.start.votes.push_back(read_vote(vote)); });
    return pin;
}

// A chain that is another one from the start needs no walk.
std::optional<std::string> check_pin(Header const& first, Pin const& pin) {
    if (!pin.hash.empty() && first.hash != pin.hash)
        return fmt::format("block {} is another than was pinned", pin.block);
    if (pin.engine && first.engine != *pin.engine)
        return fmt::format("block {} is of another engine than was pinned", pin.block);
    return std::nullopt;
}

std::optional<std::string> check_walk(Stretch const& stretch, Pin const* pin) {
    if (pin == nullptr) return check_chain(stretch.headers, {});
    if (auto wrong = check_pin(stretch.headers.front(), *pin)) return wrong;
    return check_chain(stretch.headers, pin->start);
}

enum class Sight { holds, not_yet, wrong };

struct Shown {
    Sight sight = Sight::not_yet;
    std::string words;
};

// Walks from the pinned block where it is near enough, else over the last headers, which then only show
// that their own validators sealed them.
Shown see_set(Client& client, model::Node const& node, model::NodeChange const& change,
              std::optional<Pin> const& pin) {
    auto result = client.look({&node, 1}).front();
    if (result.error) throw result.error->hinting({});
    require_votes(result.look->latest.engine);
    auto const head = result.look->latest.number;
    if (pin && head < pin->block) return {Sight::not_yet, fmt::format("is at block {} only", head)};
    bool const reaches = pin && head - pin->block < max_walk;
    auto const first = reaches ? pin->block : (head >= window ? head - window + 1 : 0);
    auto const stretch = client.headers(node, first, head);
    auto const wrong = check_walk(stretch, reaches ? &*pin : nullptr);
    if (wrong) return {Sight::wrong, *wrong};
    auto const settled = settle(stretch.headers);
    auto const& last = stretch.headers[settled.index];
    bool const there = contains(last.validators, checked_address(change.subject));
    bool const holds = settled.is_final && there == (change.kind == "validator.add");
    return {holds ? Sight::holds : Sight::not_yet,
            fmt::format("block {}, sealed by {} of {}, {} it{}", last.number, settled.vouchers,
                        last.validators.size(), there ? "lists" : "does not list",
                        reaches ? fmt::format(" (checked from block {})", first) : "")};
}

void add(Confirmation& out, model::Node const& node, Shown const& shown) {
    ++out.answered;
    out.witnesses.push_back({node.id, shown.sight == Sight::holds, shown.words});
}

void add_silent(Confirmation& out, model::Node const& node, base::Error const& error) {
    out.witnesses.push_back({node.id, false, "cannot be asked: " + error.message()});
}

Confirmation::State state_of(std::vector<Sight> const& sights) {
    auto state = Confirmation::State::holds;
    for (auto const sight : sights) {
        if (sight == Sight::wrong) return Confirmation::State::contradicted;
        if (sight == Sight::not_yet) state = Confirmation::State::waiting;
    }
    return state;
}

}  // namespace

base::Json make_pin(Stretch const& stretch) {
    auto const& headers = stretch.headers;
    auto const index = settle(headers).index;
    auto const start = start_at(stretch, index);
    auto votes = base::Json::array();
    for (auto const& vote : start.votes) {
        votes.push_back(
            {{"voter", vote.voter}, {"subject", vote.subject}, {"add", vote.add}, {"block", vote.block}});
    }
    return {{"block", headers[index].number},
            {"hash", headers[index].hash},
            {"engine", rules_of(headers[index].engine).id},
            {"validators", start.validators},
            {"votes", std::move(votes)}};
}

Confirmation confirm_set(Client& client, model::Node const& node, model::NodeChange const& change,
                         std::vector<model::Node> const& witnesses) {
    auto const pin = read_pin(change);
    Confirmation out;
    out.asked = 1 + static_cast<int>(witnesses.size());
    std::vector<Sight> sights;
    auto const own = see_set(client, node, change, pin);  // our own node must answer
    add(out, node, own);
    sights.push_back(own.sight);
    for (auto const& witness : witnesses) {
        try {
            auto const shown = see_set(client, witness, change, pin);
            add(out, witness, shown);
            sights.push_back(shown.sight);
        } catch (base::Error const& error) {
            add_silent(out, witness, error);
        }
    }
    out.state = state_of(sights);
    return out;
}

Confirmation confirm_discard(Client& client, model::Node const& node, model::NodeChange const& change,
                             std::vector<model::Node> const& witnesses) {
    auto const subject = checked_address(change.subject);
    auto const see = [&](model::Node const& one) {
        bool const left = client.pending(one).contains(subject);
        return Shown{left ? Sight::not_yet : Sight::holds,
                     left ? "still proposes a vote on it: its owner must discard it" : "proposes nothing"};
    };
    Confirmation out;
    out.asked = 1 + static_cast<int>(witnesses.size());
    auto const own = see(node);
    add(out, node, own);
    for (auto const& witness : witnesses) {
        try {
            add(out, witness, see(witness));
        } catch (base::Error const& error) {
            add_silent(out, witness, error);
        }
    }
    out.state = state_of({own.sight});
    return out;
}

Confirmation confirm_version(Client& client, model::Node const& node, model::NodeChange const& change) {
    auto const wanted = base::JsonReader(*change.detail).text("version");
    auto result = client.look({&node, 1}).front();
    if (result.error) throw result.error->hinting({});
    bool const holds = result.look->version == wanted;
    Confirmation out;
    out.asked = 1;
    add(out, node,
        {holds ? Sight::holds : Sight::not_yet, fmt::format("runs version {}", result.look->version)});
    out.state = holds ? Confirmation::State::holds : Confirmation::State::waiting;
    return out;
}

Confirmation confirm_member(Client& client, model::Node const& node) {
    Confirmation out;
    out.asked = 1;
    add(out, node, {Sight::holds, "is there, with address " + client.address(node)});
    out.state = Confirmation::State::holds;
    return out;
}

}  // namespace consortium::driver::consensus
