#pragma once

#include "core/crypto/certifier.h"
#include "core/crypto/keystore.h"
#include "core/flow/services.h"
#include "tests/support/fakes.h"
#include "tests/support/journal.h"

/// Services over a real journal and real keys in a temporary folder, with a clock that stands.
class FlowFixture {
public:
    explicit FlowFixture(std::string member = "acme")
        : m_member(member),
          m_journal(member),
          m_keys(consortium::crypto::open_keyring(folder() / "keys", ask())),
          m_certifier(consortium::crypto::make_certifier(m_journal.entropy)) {
        using namespace consortium;
        m_services.reset(new flow::Services{
            .clock = m_journal.clock,
            .entropy = m_journal.entropy,
            .verifier = m_journal.verifier,
            .keys = *m_keys,
            .store = *m_journal.store,
            .certifier = *m_certifier,
            .progress = m_progress,
            .driver = {},
            .exchange = {},
            .renderer = {},
            .report_template = {},
            .new_passphrase = ask(),
        });
    }

    consortium::flow::Services& services() { return *m_services; }
    FixedClock& clock() { return m_journal.clock; }
    consortium::port::Store& store() { return *m_journal.store; }
    consortium::flow::Identity self() const { return {m_member, m_member + "-gov", folder(), true}; }
    consortium::base::Path const& folder() const { return m_journal.folder.path(); }

private:
    static consortium::port::Keyring::Passphrase ask() {
        return [](std::string_view) { return consortium::base::Secret(); };
    }

    std::string m_member;
    TestJournal m_journal;
    std::unique_ptr<consortium::port::Keyring> m_keys;
    std::unique_ptr<consortium::port::Certifier> m_certifier;
    NoProgress m_progress;
    std::unique_ptr<consortium::flow::Services> m_services;
};
