#include "core/flow/join.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/exchange_read.h"
#include "core/flow/genesis.h"
#include "core/flow/steps.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

constexpr std::size_t max_document = 16u << 20;
std::string const kind = "join";  // object join/join

model::Object join_object(std::string state, Json data) {
    model::Object object;
    object.kind = object.name = kind;
    object.state = std::move(state);
    object.data = JsonValue(std::move(data));
    return object;
}

void journal_join(Services& services, std::string event, model::Object object) {
    model::Event const entry{std::move(event), services.clock.now(), object.data, {object}};
    services.store.write([&](port::Transaction& transaction) { transaction.append_event(entry); });
}

/// The epoch that has this hash. A chain that does not contain it is another one, or is older than was said.
std::uint64_t epoch_with(port::Store const& store, base::Digest const& hash) {
    auto const latest = store.latest();
    for (std::uint64_t number = 0; latest && number <= latest->number; ++number) {
        if (model::reference(*store.epoch(number)).hash == hash) return number;
    }
    throw Error(Code::verification_failed,
                "what was published here does not lead to the epoch that you named",
                "compare both hashes with f+1 members by telephone, and run 'consortium join' again",
                {{"wanted", hash.hex()},
                 {"latest here", latest ? model::reference(*latest).hash.hex() : "none is final"}});
}

/// One nonce a join: what is welcomed is this request, not an older one.
model::Object with_nonce(Services& services, model::Object object) {
    if (object.data->contains("nonce")) return object;
    Json data = *object.data;
    data["nonce"] = base::to_hex(services.entropy.bytes(16));
    object.data = JsonValue(std::move(data));
    journal_join(services, "join.asked", object);
    return object;
}

std::set<std::string> welcomed_by(port::Store const& store, std::string const& nonce, std::uint64_t from,
                                  std::string const& self) {
    std::set<std::string> members;
    auto const latest = store.latest();
    for (auto const& held : store.acts({.kind = "welcome"})) {
        auto const* member = latest->member(held.act.member);
        bool const counts = member != nullptr && member->votes && held.act.member != self &&
                            held.act.epoch.number >= from && held.act.body->at("nonce") == nonce;
        if (counts) members.insert(held.act.member);
    }
    return members;
}

std::vector<std::string> silent(model::Epoch const& epoch, std::set<std::string> const& welcomed,
                                std::string const& self) {
    std::vector<std::string> out;
    for (auto const* member : epoch.voting()) {
        if (member->id != self && !welcomed.contains(member->id)) out.push_back(member->id);
    }
    return out;
}

model::Outcome report(model::Epoch const& epoch, std::set<std::string> const& welcomed, std::size_t needed,
                      std::vector<std::string> const& missing) {
    bool const joined = welcomed.size() >= needed;
    model::Outcome outcome;
    outcome.schema = "consortium.join/1";
    outcome.data =
        JsonValue(Json{{"consortium", epoch.charter.name},
                       {"epoch", {{"number", epoch.number}, {"hash", model::reference(epoch).hash.hex()}}},
                       {"welcomed", welcomed},
                       {"needed", needed},
                       {"missing", joined ? Json::array() : Json(missing)},
                       {"joined", joined}});
    model::Fields fields;
    fields.rows = {{"consortium", epoch.charter.name},
                   {"epoch", fmt::format("{}, every one verified from the genesis", epoch.number)},
                   {"welcomed", fmt::format("by {} of {} needed", welcomed.size(), needed)}};
    if (!joined)
        fields.rows.emplace_back(
            "missing", fmt::format("any {} of {}", needed - welcomed.size(), fmt::join(missing, ", ")));
    outcome.text.emplace_back(std::move(fields));
    outcome.next = {joined ? "consortium status" : "consortium join"};
    if (!joined) outcome.status = Code::pending;
    return outcome;
}

}  // namespace

bool is_joining(port::Store const& store) {
    auto const object = store.object(kind, kind);
    return object && object->state != "joined";
}

std::string find_genesis(port::Exchange& exchange, base::Digest const& genesis,
                         std::vector<std::string> const& known) {
    std::vector<std::string> failed;  // what could not be read does not keep the others from being read
    auto const unless_it_fails = [&](auto const& ask) -> decltype(ask()) {
        try {
            return ask();
        } catch (Error const& error) {
            auto const place = port::place_of(error);
            bool const goes_on =
                !place.empty() || error.code() == Code::malformed || error.code() == Code::unavailable;
            if (!goes_on) throw;
            auto const words = base::printable(place.empty() ? error.message() : place);
            if (std::ranges::find(failed, words) == failed.end()) failed.push_back(words);
            return std::nullopt;
        }
    };
    auto const members = unless_it_fails([&] { return exchange.list(""); });
    if (!members && failed.empty()) {
        throw Error(Code::unsupported, "'" + exchange.location() + "' cannot say which members publish there",
                    "name one of them in consortium.toml: peer.MEMBER = \"" + exchange.location() + "\"");
    }
    std::set<std::string> folders(known.begin(), known.end());
    if (members) folders.insert(members->begin(), members->end());
    for (auto const& member : folders) {
        if (!base::is_name(member)) continue;
        auto const content =
            unless_it_fails([&] { return exchange.read(member + "/files/" + genesis.hex(), max_document); });
        if (content && base::sha256(*content) == genesis) return *content;
    }
    if (!failed.empty())
        throw Error(
            Code::unavailable,
            "no genesis with this hash was found, and this could not be read: " + base::join(failed, "; "),
            "run 'consortium doctor' to see why, and 'consortium join' again", {{"genesis", genesis.hex()}});
    auto const where = exchange.location().empty() ? "" : " in '" + exchange.location() + "'";
    throw Error(Code::not_found, "nobody publishes a genesis with this hash" + where,
                "compare the hash with a member, and name the right folder with --with",
                {{"genesis", genesis.hex()}});
}

model::Plan plan_join(State const& state, model::Request const& request, std::string const& document) {
    refuse_second_genesis(state);
    auto const epoch = parse_genesis(document);
    check_mode(epoch, *request.arguments);
    model::Plan plan;
    plan.request = request;
    plan.pins["genesis/genesis"] = 0;
    auto step = accept_genesis_step(base::sha256(document));
    step.summary = fmt::format("take '{}', founded by {} members, for the consortium of this workspace",
                               epoch.charter.name, epoch.members.size());
    Json detail = *step.detail;
    detail["files"] = Json::array({document});
    detail["writes"].push_back(
        to_json(join_object("waiting", Json{{"epoch", request.arguments->at("epoch")}})));
    step.detail = JsonValue(std::move(detail));
    plan.steps.push_back(std::move(step));
    return plan;
}

model::Outcome continue_join(Services& services, Identity const& self, port::Exchange& exchange) {
    auto object = services.store.object(kind, kind);
    if (!object) {
        throw Error(Code::usage, "this workspace was not asked to join anything yet",
                    "give --genesis HASH and --epoch HASH, obtained from f+1 members");
    }
    auto const from =
        epoch_with(services.store, base::Digest::from_hex(object->data->at("epoch").get<std::string>()));
    object = with_nonce(services, *object);
    auto const nonce = object->data->at("nonce").get<std::string>();
    auto const epoch = services.store.latest();
    Json const ask{{"genesis", model::reference(*services.store.epoch(0)).hash.hex()},
                   {"member", self.member},
                   {"nonce", nonce}};
    auto const path = self.member + "/request";
    if (exchange.is_read_only()) {
        throw Error(Code::unsupported,
                    why_read_only(exchange) + ": nobody would see that this workspace asks to be welcomed",
                    "set 'exchange' to a place that you can write to and the members read");
    }
    if (exchange.read(path, 4096) != base::canonical(ask)) exchange.write(path, base::canonical(ask));
    exchange.settle();

    auto const welcomed = welcomed_by(services.store, nonce, from, self.member);
    auto const needed = static_cast<std::size_t>(model::sizes(*epoch).f) + 1;
    if (welcomed.size() >= needed && object->state != "joined") {
        object->state = "joined";
        journal_join(services, "join.welcomed", *object);
    }
    return report(*epoch, welcomed, needed, silent(*epoch, welcomed, self.member));
}

}  // namespace consortium::flow
