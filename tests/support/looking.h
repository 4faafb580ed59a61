#pragma once

#include "core/flow/peer.h"
#include "core/journal/entry.h"
#include "core/journal/tile.h"
#include "tests/support/organization.h"

#include <algorithm>

/// acme looks at what globex publishes.
struct Looking : Founders {
    consortium::flow::Allowance allowance{acme.clock};
    consortium::flow::Allowance::Turn turn{allowance};
    std::optional<consortium::journal::Checkpoint> part;
    std::optional<std::string> head;
    bool is_forgotten = false;  // what was seen before

    std::optional<consortium::flow::PeerTree> look() { return look(allowance); }
    std::optional<consortium::flow::PeerTree> look(consortium::flow::Allowance& allowed) {
        auto const epoch = acme.store().latest();
        auto& services = acme.services();
        consortium::flow::Known known;
        if (!is_forgotten) known.seen = services.store.note(consortium::flow::seen_note("globex"));
        known.part = part;
        known.head = head;
        auto look = consortium::flow::PeerTree::open(services.verifier, exchange, *epoch,
                                                     *epoch->member("globex"), known, allowed);
        if (look.fork) throw consortium::flow::record_fork(services, "globex", *look.fork);
        return std::move(look.tree);
    }
    std::vector<std::string> forks() {
        std::vector<std::string> out;
        auto const& store = acme.store();
        store.entries(0, store.head().size, [&](consortium::model::Entry const& entry) {
            if (entry.leaf.find("\"fork.found\"") != std::string::npos)
                out.push_back(consortium::base::canonical(
                    *consortium::journal::open_event(entry.leaf, entry.body).body));
        });
        return out;
    }
    std::string complaint() {
        try {
            look();
        } catch (consortium::base::Error const& error) {
            CHECK(error.code() == consortium::base::Code::verification_failed);
            CHECK(error.message().find("'globex'") != std::string::npos);
            CHECK_FALSE(error.hint().empty());
            return error.message();
        }
        return {};
    }
    /// What acme's sync says of globex.
    std::optional<consortium::base::Error> problem_of_sync() {
        auto const report = acme.sync(exchange);
        auto const found =
            std::find_if(report.peers.begin(), report.peers.end(),
                         [](consortium::flow::PeerReport const& peer) { return peer.member == "globex"; });
        REQUIRE(found != report.peers.end());
        return found->problem;
    }
    std::uint64_t publish() {
        return *consortium::flow::publish(globex.services(), globex.self, exchange).size;
    }
    void grow(int entries, std::string const& kind = "test.put") {
        globex.store().write([&](consortium::port::Transaction& transaction) {
            for (int i = 0; i < entries; ++i)
                transaction.append_event({kind,
                                          globex.clock.now(),
                                          consortium::base::JsonValue(consortium::base::Json::object()),
                                          {}});
        });
    }
    /// globex, restored from a backup that lacks what acme has seen of it.
    void step_back() {
        Backup backup(globex);
        globex.propose("one");
        publish();
        acme.sync(exchange);
        backup.restore();
    }
    /// As it publishes where nothing of it was published before.
    std::map<std::string, std::string> published_apart() {
        MemoryExchange apart;
        consortium::flow::publish(globex.services(), globex.self, apart);
        return apart.below("globex");
    }
    /// What there is to read of a tree, and up to where.
    struct Read {
        std::vector<std::string> leaves;
        consortium::journal::Checkpoint part;
    };
    static Read read(consortium::flow::PeerTree const& tree) {
        Read out{{}, tree.part()};
        tree.leaves(
            [&](std::vector<std::string> const& more, consortium::journal::Checkpoint const& reached) {
                out.leaves.insert(out.leaves.end(), more.begin(), more.end());
                out.part = reached;
            });
        return out;
    }
    void publish_instead() { exchange.replace("globex", published_apart()); }
    std::string& blob(std::string const& path) { return exchange.blobs.at("globex/" + path); }
};

inline bool says(std::string const& text, std::string const& part) {
    return text.find(part) != std::string::npos;
}
