#include "core/flow/exchange.h"

#include "core/base/error.h"
#include "core/flow/application.h"
#include "core/flow/exchange_read.h"
#include "core/flow/exchange_watch.h"
#include "core/flow/exchange_witness.h"
#include "core/flow/genesis.h"
#include "core/flow/join.h"
#include "core/flow/peer.h"
#include "core/flow/workspace.h"
#include "core/journal/entry.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;

namespace {

constexpr std::size_t max_request = 4096;
constexpr char nobody[] = "";  // no member: files that anybody may have

void store_missing_files(Services& services, port::Exchange& exchange, Allowance& allowance) {
    std::vector<std::string> waiting;
    for (auto const& orphan : services.store.orphans()) waiting.push_back(orphan.envelope);
    if (waiting.empty()) return;
    Allowance::Turn const turn(allowance);
    Patience const patient(exchange, allowance);
    take_in(services, {}, FileFetcher(services, patient).fetch(files_wanted(services, waiting)));
}

/// With the witness key of the newest epoch known; nothing where it is not in this workspace.
std::string cosign(Services& services, Identity const& self, std::string const& note) {
    auto const epoch = known_epoch(services.store);
    auto const* member = epoch ? epoch->member(self.member) : nullptr;
    if (member == nullptr || !services.keys.has(member->witness)) return {};
    auto parsed = journal::Note::parse(note);
    auto const key = services.keys.open(member->witness);
    parsed.signatures.push_back(journal::cosign_note("consortium/" + self.member + "/witness", parsed.body,
                                                     services.clock.now(), *key));
    return parsed.text();
}

/// Remembers the peer's head; journals it when it says something new. Only the workspace whose witness key
/// the others know cosigns it.
void note_peer(Services& services, Identity const& self, PeerTree const& tree, std::string const& member,
               bool substance) {
    auto const cosigned = own_log_key(services, self) ? cosign(services, self, tree.note()) : "";
    bool const had_part = known_of(services.store, member).part.has_value();
    services.store.write([&](port::Transaction& transaction) {
        // Once: the last that was seen of an origin which the member has left is evidence of what it had.
        if (!tree.ended().empty()) transaction.append_checkpoint(member, tree.ended());
        if (substance) transaction.append_checkpoint(member, tree.note());
        transaction.put_note(seen_note(member), tree.note());
        if (had_part) forget_part(transaction, member);
        if (!cosigned.empty()) transaction.put_note("cosigned/" + member, cosigned);
    });
}

/// Takes in the new entries of a tree that was found to hold, as far as that is allowed. What was taken in
/// when something stops it is in `taken`: how far, and whether one of them is no checkpoint.
void take_leaves(Services& services, FileFetcher& fetcher, PeerTree const& tree, Known& taken,
                 Intake& intake) {
    auto index = tree.seen();
    tree.leaves([&](std::vector<std::string> const& leaves, journal::Checkpoint const& reached) {
        std::vector<std::string> acts;
        std::vector<std::uint64_t> places;
        bool substance = false;
        for (auto const& leaf : leaves) {
            auto const kind = journal::leaf_kind(leaf);
            if (kind != model::EntryKind::checkpoint) substance = true;
            if (kind == model::EntryKind::act) {
                acts.push_back(leaf);
                places.push_back(index);
            }
            ++index;
        }
        auto now = take_in(services, acts, fetcher.fetch(files_wanted(services, acts)));
        now.locate(places);
        intake.add(now);
        taken.part = reached;
        taken.substance = taken.substance || substance;
    });
}

/// A tree that is not read to its end: the next pull goes on.
Error unfinished(std::string const& member, std::uint64_t taken, std::uint64_t size) {
    return {
        Code::unavailable,
        fmt::format("what '{}' publishes is more than one pull takes, or its place is slow: {} of {} entries "
                    "were taken in so far",
                    member, taken, size),
        "run the command again: it goes on from there",
        {{"member", member}}};
}

/// Whatever a tree is refused for, the message names whose it is.
Error about_peer(Error const& error, std::string const& member) {
    for (auto const& [key, value] : error.details())
        if (key == "member" && value == member) return error;
    return Error(error.code(),
                 "the journal that '" + member + "' publishes cannot be read: " + error.message(),
                 error.hint().empty() ? "ask '" + member + "'; nothing that does not hold was taken in"
                                      : error.hint());
}

PeerReport report_singles(std::string const& member, Intake intake) {
    PeerReport report;
    report.member = member;
    report.intake = std::move(intake);
    report.fresh = report.intake.accepted.size() + report.intake.refused.size();
    return report;
}

/// One at a time, and no more of each in one pull than it is allowed.
struct Reading {
    Services& services;
    Identity const& self;
    port::Exchange& exchange;
    std::map<std::string, Allowance, std::less<>> allowances = {};

    Allowance& of(std::string const& member) {
        return allowances.try_emplace(member, services.clock).first->second;
    }
};

void take_tree(Reading& reading, model::Epoch const& epoch, model::Member const& member, PeerReport& report) {
    auto& services = reading.services;
    auto& allowance = reading.of(member.id);
    Patience patient(reading.exchange, allowance);
    if (auto direct = take_direct(services, patient, member.id))
        report = report_singles(member.id, *std::move(direct));
    auto const known = known_of(services.store, member.id);
    auto const [tree, fork] =
        PeerTree::open(services.verifier, reading.exchange, epoch, member, known, allowance);
    if (fork) throw record_fork(services, member.id, *fork);
    if (!tree) return;
    report.size = tree->size();
    Known taken{.part = tree->part(), .head = tree->note(), .substance = known.substance};
    std::optional<Error> stopped;
    try {
        FileFetcher fetcher(services, patient, member.id);
        take_leaves(services, fetcher, *tree, taken, report.intake);
    } catch (Error const& error) {
        stopped = error;
    }
    report.fresh += taken.part->size - tree->seen();
    report.substance = taken.substance;
    if (taken.part->size == tree->size())
        return note_peer(services, reading.self, *tree, member.id, report.substance);
    // Before some of it was read, its head is not known to continue what was seen.
    if (taken.part->size > tree->seen()) keep_part(services, member.id, taken);
    if (stopped) throw Error(*stopped);
    report.problem = unfinished(member.id, taken.part->size, tree->size());
}

PeerReport pull_member(Reading& reading, model::Epoch const& epoch, model::Member const& member) {
    PeerReport report;
    report.member = member.id;
    report.is_left_out = reading.of(member.id).is_used_up();
    if (report.is_left_out) return report;
    Allowance::Turn const turn(reading.of(member.id));
    try {
        take_tree(reading, epoch, member, report);
    } catch (Error const& error) {
        auto const code = error.code();
        bool const of_peer =
            code == Code::verification_failed || code == Code::malformed || code == Code::unavailable;
        bool const of_place = !port::place_of(error).empty();
        if (!of_peer && !of_place) throw;
        report.problem = of_place ? error : about_peer(error, member.id);
    }
    return report;
}

/// Those whose trees are read: the members of the newest epoch known, again when an epoch brings new ones. A
/// workspace that does not publish the member's tree reads it like those of the others.
std::vector<model::Member> others(Services const& services, Identity const& self) {
    std::vector<model::Member> out;
    auto const epoch = known_epoch(services.store);
    if (!epoch) return out;
    bool const publishes = own_log_key(services, self).has_value();
    for (auto const& member : epoch->members) {
        if (member.id != self.member || !publishes) out.push_back(member);
    }
    return out;
}

void merge(std::vector<PeerReport>& reports, PeerReport const& fresh) {
    for (auto& report : reports) {
        if (report.member != fresh.member) continue;
        if (fresh.size != 0) report.size = fresh.size;
        report.fresh += fresh.fresh;
        report.substance = report.substance || fresh.substance;
        report.intake.add(fresh.intake);
        if (!fresh.is_left_out) report.problem = fresh.problem;
        return;
    }
    reports.push_back(fresh);
}

void merge(SeatReport& into, SeatReport&& fresh) {
    into.signatures.insert(into.signatures.end(), fresh.signatures.begin(), fresh.signatures.end());
    into.finals.insert(into.finals.end(), fresh.finals.begin(), fresh.finals.end());
    into.waits = std::move(fresh.waits);
    into.missing = std::move(fresh.missing);
    into.until = fresh.until;
    into.then = std::move(fresh.then);
    into.needs_person = fresh.needs_person;
}

/// A newcomer's nonce, in its folder; answered once a requester and epoch.
void answer_request(Services& services, Identity const& self, port::Exchange& exchange,
                    std::string const& who) {
    auto const epoch = services.store.latest();
    auto const text = read_if_sound(exchange, who + "/request", max_request);
    auto const key = "welcomed/" + who;
    if (!epoch || !text) return;
    auto const mark = std::to_string(epoch->number);
    if (services.store.note(key) == mark) return;
    try {
        auto const value = base::parse_json(*text);
        base::JsonReader in(value);
        in.name("member");
        auto const genesis = in.digest("genesis");
        auto const nonce = in.text("nonce", 32);
        in.done();
        if (genesis != ground(services).genesis || !welcome(services, self, nonce)) return;
    } catch (Error const& error) {
        if (error.code() != Code::malformed) throw;
        return;  // not a request: nothing to answer
    }
    services.store.write([&](port::Transaction& transaction) { transaction.put_note(key, mark); });
}

void answer_requests(Services& services, Identity const& self, port::Exchange& exchange) {
    for (auto const& member : others(services, self)) answer_request(services, self, exchange, member.id);
    for (auto const& applicant : invited(services)) answer_request(services, self, exchange, applicant);
}

}  // namespace

namespace {

SyncReport pull_all(Services& services, Identity const& self, port::Exchange& exchange) {
    refuse_restored(services, self, exchange);
    SyncReport report;
    Reading reading{services, self, exchange};
    for (;;) {
        auto const before = services.store.head().size;
        for (auto const& member : others(services, self)) {
            auto const epoch = known_epoch(services.store);
            merge(report.peers, pull_member(reading, *epoch, member));
        }
        for (auto const& member : invited(services)) {
            if (member != self.member)
                merge(report.peers, report_singles(member, take_applications(services, exchange, member)));
        }
        if (auto own = take_handed_over(services, self, exchange))
            merge(report.peers, report_singles(self.member, *std::move(own)));
        store_missing_files(services, exchange, reading.of(nobody));
        take_in_orphans(services);
        Identity follower = self;
        follower.seat = false;
        merge(report.seat, seat_step(services, follower));
        if (services.store.head().size == before) break;
    }
    report.witnessed = count_witnesses(services, self, exchange);
    return report;
}

SyncReport pull_and_act(Services& services, Identity const& self, port::Exchange& exchange) {
    auto report = pull_all(services, self, exchange);
    for (;;) {
        auto const before = services.store.head().size;
        merge(report.seat, seat_step(services, self));
        take_in_orphans(services);
        if (services.store.head().size == before) break;
    }
    answer_requests(services, self, exchange);
    return report;
}

/// Whether a machine can sign without asking a person for a passphrase.
bool signs_unasked(Services const& services, Identity const& self) {
    auto const epoch = known_epoch(services.store);
    auto const* member = epoch ? epoch->member(self.member) : nullptr;
    auto const seat = member != nullptr ? member->seat : base::Digest{};
    auto const witness = member != nullptr ? member->witness : base::Digest{};
    auto const keys = services.keys.list();
    auto const log = log_key_of(services.keys, own_origin(services.store)).id;
    return std::ranges::none_of(keys, [&](port::KeyInfo const& key) {
        return key.encrypted && (key.id == log || key.id == witness || key.id == seat);
    });
}

/// What is taken in and signed before anybody is shown it becomes durable at once, where that keeps the lock
/// for no person and no network.
void durable_together(Services& services, Identity const& self, port::Exchange& exchange,
                      std::function<void()> const& work) {
    if (exchange.is_near() && signs_unasked(services, self)) return services.store.together(work);
    work();
}

void publish_if_possible(Services& services, Identity const& self, port::Exchange& exchange,
                         SyncReport& report) {
    try {
        if (exchange.is_read_only()) {
            report.read_only = why_read_only(exchange);
        } else {
            report.published = publish(services, self, exchange);
        }
    } catch (Error const& error) {
        if (port::place_of(error).empty()) throw;
        report.unpublished = error;
    }
}

}  // namespace

SyncReport pull(Services& services, Identity const& self, port::Exchange& exchange, Over over) {
    auto report = pull_all(services, self, exchange);
    note_exchange(services, self, report, over);
    return report;
}

SyncReport sync(Services& services, Identity const& given, port::Exchange& exchange, Over over) {
    Identity self = given;
    if (is_joining(services.store))
        self.seat = false;  // what a newcomer has not been welcomed to it cannot judge
    SyncReport report;
    durable_together(services, self, exchange, [&] { report = pull_and_act(services, self, exchange); });
    publish_if_possible(services, self, exchange, report);
    note_exchange(services, self, report, over);
    return report;
}

}  // namespace consortium::flow
