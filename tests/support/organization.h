#pragma once

#include "core/crypto/certifier.h"
#include "core/crypto/keystore.h"
#include "core/crypto/verifier.h"
#include "core/flow/exchange.h"
#include "core/flow/genesis.h"
#include "core/flow/sign.h"
#include "core/flow/workspace.h"
#include "core/model/proposal.h"
#include "core/store/journal.h"
#include "tests/support/acts.h"
#include "tests/support/fakes.h"
#include "tests/support/members.h"
#include "tests/support/memory_exchange.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

/// One organization's workspace with a journal and keys of its own: several of them exchange in process.
class Organization {
public:
    explicit Organization(std::string const& id, std::string const& seed = "seed")
        : entropy(seed + id),
          m_keys(consortium::crypto::open_keyring(m_folder.path() / "keys", ask())),
          m_certifier(consortium::crypto::make_certifier(entropy)) {
        using namespace consortium;
        flow::NewWorkspace wanted;
        wanted.member = wanted.name = wanted.control_group = id;
        wanted.tier = "validator";
        wanted.officer = wanted.person = test::officer_of(id);
        wanted.roles = {"governance", "security"};
        wanted.algorithm = "ed25519";
        founder = flow::create_keys(wanted, *m_keys, base::Secret());
        self = {id, wanted.officer, m_folder.path(), true};
        store::create_journal(path());
        open();
    }

    consortium::base::Path path() const { return m_folder.path() / "journal.db"; }
    consortium::base::Path marks() const { return m_folder.path() / "state"; }
    void close() {
        m_services.reset();
        m_store.reset();
    }
    /// The journal as another process has it.
    std::unique_ptr<consortium::port::Store> open_beside() {
        using namespace consortium;
        store::JournalOptions options;
        options.path = path();
        options.state_folder = marks();
        options.origin = flow::journal_origin(founder.member);
        options.clock = &clock;
        options.entropy = &entropy;
        options.verifier = &crypto::verifier();
        options.log_key = [this] {
            return m_keys->open(flow::log_key_of(*m_keys, flow::own_origin(*m_store)).id);
        };
        options.lock_seconds = 5;
        return store::open_journal(options);
    }
    void open() {
        using namespace consortium;
        m_store = open_beside();
        m_services.reset(new flow::Services{
            .clock = clock,
            .entropy = entropy,
            .verifier = crypto::verifier(),
            .keys = *m_keys,
            .store = *m_store,
            .certifier = *m_certifier,
            .progress = m_progress,
            .driver = {},
            .exchange = {},
            .renderer = {},
            .report_template = {},
        });
    }

    consortium::flow::Services& services() { return *m_services; }
    consortium::port::Store& store() { return *m_store; }

    /// Takes the genesis for its own; as a founder, signs it.
    void accept(consortium::model::Epoch const& genesis, bool founds) {
        using namespace consortium;
        auto const hash = model::reference(genesis).hash;
        model::Object accepted{"genesis", "genesis", "accepted", "", {}, {}, 0};
        accepted.data = base::JsonValue(base::Json{{"hash", hash.hex()}});
        store().write([&](port::Transaction& transaction) {
            transaction.put_file(model::document(genesis));
            transaction.append_event({"genesis.accepted", clock.now(), accepted.data, {accepted}});
        });
        if (founds) say("found", base::Json{{"document", hash.hex()}});
    }
    /// Takes `next` for the epoch that follows its latest, whoever may have agreed to it, with what else is
    /// written then.
    void enact(consortium::model::Epoch next, std::vector<consortium::model::Object> const& also = {}) {
        using namespace consortium;
        auto const latest = model::reference(*store().latest());
        next.number = latest.number + 1;
        next.previous = latest.hash;
        model::Object epoch{"epoch", std::to_string(next.number), "final", "", {}, {}, 0};
        epoch.data = base::JsonValue(base::Json{{"hash", model::reference(next).hash.hex()},
                                                {"attempt", 0},
                                                {"received", clock.now().text()},
                                                {"commits", base::Json::array()}});
        std::vector<model::Object> writes{epoch};
        writes.insert(writes.end(), also.begin(), also.end());
        store().write([&](port::Transaction& transaction) {
            transaction.put_file(model::document(next));
            transaction.append_event({"epoch.final", clock.now(), epoch.data, writes});
        });
    }
    /// Its officer signs, and appends.
    consortium::base::Digest say(std::string const& kind, consortium::base::Json body,
                                 std::vector<consortium::base::Digest> refs = {}) {
        using namespace consortium;
        auto const act = flow::sign({kind, std::move(refs), base::JsonValue(std::move(body)), false},
                                    *flow::known_epoch(store()), services(), self);
        store().write(
            [&](port::Transaction& transaction) { flow::append_own(services(), transaction, act.envelope); });
        return act.id;
    }
    consortium::base::Digest propose(std::string const& network, std::string const& open_for = "PT1H",
                                     std::string const& timelock = "PT0S") {
        using namespace consortium;
        model::Proposal body;
        body.title = "a network";
        body.action = {"network.add", base::JsonValue(base::Json{
                                          {"id", network}, {"kind", "rehearsal"}, {"identity", "n-2"}})};
        body.closes = clock.now() + base::Duration::from_text(open_for);
        body.lapses = body.closes + base::Duration::from_text("P30D");
        body.timelock = base::Duration::from_text(timelock);
        return say("proposal", model::to_json(body));
    }
    consortium::flow::SyncReport sync(MemoryExchange& exchange) {
        return consortium::flow::sync(services(), self, exchange);
    }

    FixedClock clock{"2026-10-01T09:00:00Z"};
    SeededEntropy entropy;
    consortium::model::Founder founder;
    consortium::flow::Identity self;

private:
    static consortium::port::Keyring::Passphrase ask() {
        return [](std::string_view) { return consortium::base::Secret(); };
    }

    consortium::base::TemporaryFolder m_folder;
    std::unique_ptr<consortium::port::Keyring> m_keys;
    std::unique_ptr<consortium::port::Certifier> m_certifier;
    std::unique_ptr<consortium::port::Store> m_store;
    NoProgress m_progress;
    std::unique_ptr<consortium::flow::Services> m_services;
};

/// The journal and the mark beside it as they are now, put back later.
class Backup {
public:
    explicit Backup(Organization& one) : m_one(one) {
        one.close();
        std::filesystem::copy(one.path(), m_folder.path() / "journal.db");
        std::filesystem::copy(one.marks(), m_folder.path() / "state",
                              std::filesystem::copy_options::recursive);
        one.open();
    }
    void restore() {
        using std::filesystem::copy_options;
        m_one.close();
        std::filesystem::remove_all(m_one.marks());
        std::filesystem::copy_file(m_folder.path() / "journal.db", m_one.path(),
                                   copy_options::overwrite_existing);
        std::filesystem::copy(m_folder.path() / "state", m_one.marks(), copy_options::recursive);
        m_one.open();
    }

private:
    Organization& m_one;
    consortium::base::TemporaryFolder m_folder;
};

/// Three that have founded a consortium, and the exchange that they share.
struct Founders {
    Founders() {
        using namespace consortium;
        genesis.rehearsal = true;
        genesis.founded = acme.clock.now();
        genesis.charter = test::small_charter();
        for (auto* one : all()) model::enroll(genesis, one->founder, model::Seat::voting, genesis.founded);
        for (auto* one : all()) one->accept(genesis, true);
        for (int round = 0; round < 3; ++round)
            for (auto* one : all()) one->sync(exchange);
        REQUIRE(acme.store().latest() != nullptr);
    }
    std::vector<Organization*> all() { return {&acme, &globex, &initech}; }

    Organization acme{"acme"}, globex{"globex"}, initech{"initech"};
    consortium::model::Epoch genesis;
    MemoryExchange exchange;
};
