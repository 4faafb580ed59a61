#include "core/flow/exchange_watch.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/genesis.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Instant;
using base::Json;

namespace {

constexpr char unreached_note[] = "exchange/unreached";
constexpr char heads_note[] = "exchange/heads";

void add(std::vector<Unreached>& out, base::Error const& error, std::string const& member, Instant now) {
    auto const place = port::place_of(error);
    if (place.empty()) return;
    auto found = std::ranges::find(out, place, &Unreached::place);
    if (found == out.end()) {
        out.push_back({place, {}, now, error.message()});
        found = out.end() - 1;
    }
    if (!member.empty()) found->members.push_back(member);
}

Json read_note(port::Store const& store, char const* name) {
    auto const text = store.note(name);
    return text ? base::parse_json(*text, base::relaxed_limits(1u << 20)) : Json::object();
}

void put_note(Services& services, char const* name, Json const& value) {
    auto const text = base::canonical(value);
    if (services.store.note(name).value_or("{}") == text) return;
    services.store.write([&](port::Transaction& transaction) { transaction.put_note(name, text); });
}

Json unreached_now(Services const& services, SyncReport const& report) {
    auto const before = read_note(services.store, unreached_note);
    Json out = Json::object();
    for (auto const& one : unreached_in(report, services.clock.now())) {
        auto const since =
            before.contains(one.place) ? before.at(one.place).at("since") : Json(one.since.text());
        out[one.place] = {{"members", one.members}, {"since", since}, {"why", base::printable(one.why)}};
    }
    return out;
}

/// Who has something to journal: everybody but who said it.
Json heads_now(Services const& services, SyncReport const& report) {
    auto const now = services.clock.now().text();
    auto heads = read_note(services.store, heads_note);
    std::vector<std::string> said;
    for (auto const& peer : report.peers) {
        if (peer.size == 0 || peer.fresh == 0) continue;
        heads[peer.member] = {{"renewed", now}, {"expected", nullptr}};
        if (peer.substance) said.push_back(peer.member);
    }
    if (report.published && report.published->substance) said.emplace_back();
    auto const epoch = known_epoch(services.store);
    for (auto const& peer : report.peers) {
        // Who is only invited has no journal that anybody waits for.
        if (epoch->member(peer.member) == nullptr) {
            heads.erase(peer.member);
            continue;
        }
        auto& head = heads[peer.member];
        if (head.is_null()) head = {{"renewed", now}, {"expected", nullptr}};
        bool const by_others =
            std::ranges::any_of(said, [&](std::string const& one) { return one != peer.member; });
        bool const was_renewed = head.at("renewed") == now;
        if (by_others && !was_renewed && head.at("expected").is_null()) head["expected"] = now;
    }
    return heads;
}

}  // namespace

std::vector<Unreached> unreached_in(SyncReport const& report, Instant now) {
    std::vector<Unreached> out;
    for (auto const& peer : report.peers)
        if (peer.problem) add(out, *peer.problem, peer.member, now);
    if (report.unpublished) add(out, *report.unpublished, {}, now);
    return out;
}

void note_exchange(Services& services, Identity const& self, SyncReport const& report, Over over) {
    if (!known_epoch(services.store) || self.member.empty()) return;
    if (over == Over::places_set) put_note(services, unreached_note, unreached_now(services, report));
    put_note(services, heads_note, heads_now(services, report));
}

std::vector<Unreached> unreached(port::Store const& store) {
    std::vector<Unreached> out;
    auto const note = read_note(store, unreached_note);
    for (auto const& [place, one] : note.items()) {
        Unreached place_now;
        place_now.place = place;
        place_now.members = one.at("members").get<std::vector<std::string>>();
        place_now.since = Instant::from_text(one.at("since").get<std::string>());
        place_now.why = one.at("why").get<std::string>();
        out.push_back(std::move(place_now));
    }
    return out;
}

std::vector<Silent> silent_peers(port::Store const& store, Identity const& self, Instant now,
                                 base::Duration alarm) {
    std::vector<Silent> out;
    auto const heads = read_note(store, heads_note);
    if (alarm.seconds == 0 || heads.empty()) return out;
    auto const epoch = known_epoch(store);
    for (auto const& [member, head] : heads.items()) {
        bool const counts = member != self.member && epoch && epoch->member(member) != nullptr;
        if (!counts || head.at("expected").is_null()) continue;
        Silent silent;
        silent.member = member;
        silent.renewed = Instant::from_text(head.at("renewed").get<std::string>());
        silent.expected = Instant::from_text(head.at("expected").get<std::string>());
        if (silent.expected + alarm < now) out.push_back(std::move(silent));
    }
    return out;
}

}  // namespace consortium::flow
