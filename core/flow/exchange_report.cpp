#include "core/base/text.h"
#include "core/flow/bundle.h"
#include "core/flow/exchange_watch.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

Json peer_json(PeerReport const& peer) {
    auto data = to_json(peer.intake);
    data["member"] = peer.member;
    data["size"] = peer.size;
    data["new"] = peer.fresh;
    data["problem"] = peer.problem ? Json(base::printable(peer.problem->message())) : Json();
    return data;
}

Json seat_json(SeatReport const& seat) {
    return {{"signed", seat.signatures},
            {"final", seat.finals},
            {"waits", seat.waits},
            {"missing", seat.missing},
            {"until", seat.until ? Json(seat.until->text()) : Json()},
            {"then", seat.then.empty() ? Json() : Json(seat.then)},
            {"needs_person", seat.needs_person}};
}

void add_problem(base::Error const& problem, model::Outcome& outcome) {
    outcome.warnings.push_back(problem.message());
    if (!problem.hint().empty()) outcome.warnings.push_back(problem.hint());
    bool const lies = outcome.status == base::Code::verification_failed;
    if (!lies)
        outcome.status =
            problem.code() == base::Code::unavailable ? problem.code() : base::Code::verification_failed;
}

/// What is wrong with a place is said once, whoever was to be read there.
void add_places(SyncReport const& report, model::Outcome& outcome) {
    auto const places = unreached_in(report, {});
    auto const status = [&](base::Error const& error) {
        bool const lies = outcome.status == base::Code::verification_failed;
        if (!port::place_of(error).empty() && !lies) outcome.status = error.code();
    };
    for (auto const& peer : report.peers)
        if (peer.problem) status(*peer.problem);
    if (report.unpublished) status(*report.unpublished);
    std::set<std::string> hints;
    for (auto const& one : places) {
        outcome.warnings.push_back(base::printable(one.why));
        for (auto const& peer : report.peers)
            if (peer.problem && port::place_of(*peer.problem) == one.place)
                hints.insert(peer.problem->hint());
    }
    if (report.unpublished) hints.insert(report.unpublished->hint());
    for (auto const& hint : hints)
        if (!hint.empty()) outcome.warnings.push_back(hint);
}

Json places_json(SyncReport const& report) {
    Json out = Json::array();
    for (auto const& one : unreached_in(report, {}))
        out.push_back({{"place", one.place}, {"members", one.members}, {"reason", base::printable(one.why)}});
    return out;
}

void add_unreached(SyncReport const& report, model::Outcome& outcome) {
    if (!report.read_only.empty()) outcome.text.emplace_back("nothing was published: " + report.read_only);
    if (report.unpublished)
        outcome.text.emplace_back("nothing was published: " + base::printable(report.unpublished->message()));
    std::vector<std::string> words;
    for (auto const& one : unreached_in(report, {})) {
        auto const members = one.members.empty() ? "" : " (" + base::join(one.members, ", ") + ")";
        words.push_back(base::printable(one.place) + members);
    }
    if (!words.empty()) outcome.text.emplace_back("not reached: " + base::join(words, "; "));
}

void add_peers(SyncReport const& report, model::Outcome& outcome) {
    model::Table table;
    table.columns = {"member", "new", "taken in"};
    table.when_empty = "nobody else has published anything new";
    for (auto const& peer : report.peers) {
        if (peer.problem && port::place_of(*peer.problem).empty()) add_problem(*peer.problem, outcome);
        if (peer.fresh == 0) continue;
        table.rows.push_back({peer.member, std::to_string(peer.fresh), in_words(peer.intake)});
        for (auto const& refused : peer.intake.refused) {
            outcome.warnings.push_back(fmt::format("refused {} in what '{}' publishes: {}",
                                                   in_words(refused, "entry"), peer.member,
                                                   base::printable(refused.reason)));
        }
    }
    outcome.text.emplace_back(std::move(table));
}

void add_seat(SeatReport const& seat, model::Outcome& outcome) {
    for (auto const& words : seat.signatures) outcome.text.emplace_back("signed: " + words);
    for (auto const number : seat.finals) {
        outcome.text.emplace_back("epoch " + std::to_string(number) + " is final");
    }
    if (seat.waits.empty()) return;
    auto line = "waits: " + seat.waits;
    if (!seat.missing.empty()) line += "; missing: " + base::join(seat.missing, ", ");
    if (seat.until) line += "; until " + seat.until->text();
    if (!seat.then.empty()) line += ", then " + seat.then;
    outcome.text.emplace_back(std::move(line));
    if (!seat.needs_person) return;
    outcome.warnings.push_back("this seat stopped, and a person must decide: " + seat.waits);
    if (!outcome.status) outcome.status = base::Code::refused;
}

}  // namespace

model::Outcome to_outcome(SyncReport const& report) {
    model::Outcome outcome;
    outcome.schema = "consortium.exchange/1";
    Json peers = Json::array();
    for (auto const& peer : report.peers) peers.push_back(peer_json(peer));
    auto const published = report.published.value_or(PublishReport{});
    outcome.data = JsonValue(Json{{"peers", peers},
                                  {"seat", seat_json(report.seat)},
                                  {"published", published.size ? Json(*published.size) : Json()},
                                  {"handed_over", published.handed_over},
                                  {"unreached", places_json(report)},
                                  {"witnessed", report.witnessed}});
    add_peers(report, outcome);
    add_places(report, outcome);
    add_seat(report.seat, outcome);
    for (auto const& words : published.warnings) outcome.warnings.push_back(base::printable(words));
    if (published.size) {
        outcome.text.emplace_back(fmt::format("published: head {}, {} files written, witnessed by {} of {}",
                                              *published.size, published.written, report.witnessed,
                                              report.peers.size()));
    } else if (report.published) {
        outcome.text.emplace_back(
            fmt::format("published: {} acts, for the member's seat to take over", published.handed_over));
    }
    add_unreached(report, outcome);
    return outcome;
}

}  // namespace consortium::flow
