#include "core/driver/consensus/witness.h"

#include "core/driver/consensus/preflight.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::driver::consensus {

using model::Confirmation;

namespace {

constexpr std::uint64_t max_walk = 1024;

/// Where a walk over headers starts, and with which validators.
struct Pin {
    std::uint64_t block = 0;
    std::vector<std::string> validators;
};

std::optional<Pin> read_pin(model::NodeChange const& change) {
    if (!change.detail->is_object() || !change.detail->contains("pin")) return std::nullopt;
    if (change.detail->at("pin").is_null()) return std::nullopt;
    base::JsonReader in(change.detail->at("pin"), "/pin");
    Pin pin;
    pin.block = static_cast<std::uint64_t>(in.integer("block", 0, std::int64_t{1} << 52));
    pin.validators = in.texts("validators");
    return pin;
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
    auto const head = result.look->latest.number;
    if (pin && head < pin->block) return {Sight::not_yet, fmt::format("is at block {} only", head)};
    bool const reaches = pin && head - pin->block < max_walk;
    auto const first = reaches ? pin->block : (head >= window ? head - window + 1 : 0);
    auto const headers = client.headers(node, first, head);
    auto const wrong = check_chain(headers, reaches ? pin->validators : std::vector<std::string>{});
    if (wrong) return {Sight::wrong, *wrong};
    auto const& last = headers.back();
    bool const there = contains(last.validators, checked_address(change.subject));
    bool const holds = there == (change.kind == "validator.add");
    return {holds ? Sight::holds : Sight::not_yet,
            fmt::format("block {}, sealed by {} of {}, {} it{}", last.number, count_seals(last),
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
