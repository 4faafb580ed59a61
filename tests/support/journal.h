#pragma once

#include "core/base/file.h"
#include "core/store/journal.h"
#include "tests/support/fakes.h"
#include "tests/support/signer.h"

/// A journal in a folder that goes with it, and all that it needs; for tests of any layer above the store.
class TestJournal {
public:
    explicit TestJournal(std::string name = "acme") : m_name(std::move(name)), m_log("log of " + m_name) {
        consortium::store::create_journal(path());
        open();
    }

    consortium::base::Path path() const { return folder.path() / "journal.db"; }
    consortium::base::Path state() const { return folder.path() / "state"; }
    consortium::store::JournalOptions options() const {
        consortium::store::JournalOptions options;
        options.path = path();
        options.state_folder = state();
        options.origin = m_name + "/log";
        options.clock = &clock;
        options.entropy = &entropy;
        options.verifier = &verifier;
        options.log_key = [seed = "log of " + m_name] { return std::make_shared<TestSigner>(seed); };
        options.lock_seconds = 5;
        return options;
    }
    void open() { store = consortium::store::open_journal(options()); }
    void close() { store.reset(); }
    consortium::base::Bytes log_spki() const { return m_log.public_key(); }

    consortium::base::TemporaryFolder folder;
    mutable FixedClock clock;
    mutable SeededEntropy entropy{"seed"};
    TestVerifier verifier;
    std::unique_ptr<consortium::port::Store> store;

private:
    std::string m_name;
    TestSigner m_log;
};
