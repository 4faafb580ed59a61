#include "core/flow/exchange.h"

#include "core/base/error.h"
#include "core/flow/application.h"
#include "core/flow/genesis.h"
#include "core/flow/join.h"
#include "core/flow/peer.h"
#include "core/journal/entry.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;

namespace {

constexpr std::size_t max_note = 16u << 10;
constexpr std::size_t max_file = 16u << 20;
constexpr std::size_t max_request = 4096;

std::vector<std::string> members_with_folders(port::Exchange& exchange) {
    return exchange.list("");
}

/// A file from whichever member has it: its name is its digest, so it does not matter who.
std::optional<std::string> fetch_file(port::Exchange& exchange, base::Digest const& digest) {
    for (auto const& member : members_with_folders(exchange)) {
        auto content = exchange.read(member + "/files/" + digest.hex(), max_file);
        if (content && base::sha256(*content) == digest) return content;
    }
    return std::nullopt;
}

std::vector<std::string> fetch_files(port::Exchange& exchange, std::vector<base::Digest> const& wanted) {
    std::vector<std::string> files;
    for (auto const& digest : wanted) {
        if (auto content = fetch_file(exchange, digest)) files.push_back(*std::move(content));
    }
    return files;
}

void store_missing_files(Services& services, port::Exchange& exchange) {
    std::vector<base::Digest> wanted;
    for (auto const& orphan : services.store.orphans()) {
        for (auto const& missing : orphan.missing) {
            if (!services.store.has_file(missing) && !services.store.has_act(missing))
                wanted.push_back(missing);
        }
    }
    take_in(services, {}, fetch_files(exchange, wanted));
}

std::string cosign(Services& services, Identity const& self, std::string const& note) {
    auto parsed = journal::Note::parse(note);
    auto const key = services.keys.open("witness");
    parsed.signatures.push_back(journal::cosign_note("consortium/" + self.member + "/witness", parsed.body,
                                                     services.clock.now(), *key));
    return parsed.text();
}

/// Remembers the peer's head; journals it when it says something new.
void note_peer(Services& services, Identity const& self, PeerTree const& tree, std::string const& member,
               bool substance) {
    auto const cosigned = cosign(services, self, tree.note());
    services.store.write([&](port::Transaction& transaction) {
        if (substance) transaction.append_checkpoint(member, tree.note());
        transaction.put_note(seen_note(member), tree.note());
        transaction.put_note("cosigned/" + member, cosigned);
    });
}

PeerReport pull_member(Services& services, Identity const& self, port::Exchange& exchange,
                       model::Epoch const& epoch, model::Member const& member) {
    PeerReport report;
    report.member = member.id;
    try {
        auto const tree = PeerTree::open(services, exchange, epoch, member);
        if (!tree) return report;
        report.size = tree->size();
        report.fresh = tree->size() - tree->seen();
        bool substance = false;
        tree->leaves([&](std::vector<std::string> const& leaves) {
            std::vector<std::string> acts;
            for (auto const& leaf : leaves) {
                auto const kind = journal::leaf_kind(leaf);
                if (kind != model::EntryKind::checkpoint) substance = true;
                if (kind == model::EntryKind::act) acts.push_back(leaf);
            }
            auto const files = fetch_files(exchange, files_wanted(services, acts));
            report.intake.add(take_in(services, acts, files));
        });
        note_peer(services, self, *tree, member.id, substance);
    } catch (Error const& error) {
        if (error.code() != Code::verification_failed && error.code() != Code::malformed) throw;
        report.problem = error.message();
    }
    return report;
}

PeerReport pull_applications(Services& services, port::Exchange& exchange, std::string const& member) {
    PeerReport report;
    report.member = member;
    report.intake = take_applications(services, exchange, member);
    report.fresh = report.intake.accepted.size() + report.intake.refused.size();
    return report;
}

/// Those whose trees are read: the members of the newest epoch known, again when an epoch brings new ones.
std::vector<model::Member> others(Services const& services, Identity const& self) {
    std::vector<model::Member> out;
    auto const epoch = known_epoch(services.store);
    if (!epoch) return out;
    for (auto const& member : epoch->members) {
        if (member.id != self.member) out.push_back(member);
    }
    return out;
}

void merge(std::vector<PeerReport>& reports, PeerReport const& fresh) {
    for (auto& report : reports) {
        if (report.member != fresh.member) continue;
        if (fresh.size != 0) report.size = fresh.size;
        report.fresh += fresh.fresh;
        report.intake.add(fresh.intake);
        report.problem = fresh.problem;
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
}

int count_witnesses(Services const& services, Identity const& self, port::Exchange& exchange) {
    auto const epoch = known_epoch(services.store);
    auto const published = exchange.read(self.member + "/checkpoint", max_note);
    if (!epoch || !published) return 0;
    auto const body = journal::Note::parse(*published).body;
    int count = 0;
    for (auto const& member : others(services, self)) {
        auto const note = exchange.read(member.id + "/cosig/" + self.member, max_note);
        if (!note) continue;
        try {
            auto const parsed = journal::Note::parse(*note);
            auto const signers = verified_signers(parsed, {witness_key(*epoch, member)}, services.verifier);
            if (parsed.body == body && !signers.empty()) ++count;
        } catch (Error const&) {
            continue;  // a cosignature that does not hold counts for nothing
        }
    }
    return count;
}

/// A newcomer's nonce, in its folder; answered once a requester and epoch.
void answer_request(Services& services, Identity const& self, port::Exchange& exchange,
                    std::string const& who) {
    auto const epoch = services.store.latest();
    auto const text = exchange.read(who + "/request", max_request);
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

SyncReport pull(Services& services, Identity const& self, port::Exchange& exchange) {
    SyncReport report;
    for (;;) {
        auto const before = services.store.head().size;
        for (auto const& member : others(services, self)) {
            auto const epoch = known_epoch(services.store);
            merge(report.peers, pull_member(services, self, exchange, *epoch, member));
        }
        for (auto const& member : invited(services)) {
            if (member != self.member) merge(report.peers, pull_applications(services, exchange, member));
        }
        store_missing_files(services, exchange);
        take_in_orphans(services);
        Identity follower = self;
        follower.seat = false;
        merge(report.seat, seat_step(services, follower));
        if (services.store.head().size == before) break;
    }
    report.witnessed = count_witnesses(services, self, exchange);
    return report;
}

SyncReport sync(Services& services, Identity const& given, port::Exchange& exchange) {
    Identity self = given;
    if (is_joining(services.store))
        self.seat = false;  // what a newcomer has not been welcomed to it cannot judge
    auto report = pull(services, self, exchange);
    for (;;) {
        auto const before = services.store.head().size;
        merge(report.seat, seat_step(services, self));
        take_in_orphans(services);
        if (services.store.head().size == before) break;
    }
    answer_requests(services, self, exchange);
    report.published = publish(services, self, exchange);
    return report;
}

}  // namespace consortium::flow
