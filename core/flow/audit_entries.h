#pragma once

#include "core/port/signer.h"
#include "core/port/store.h"

#include <map>

namespace consortium::flow {

/// What was found while a journal was verified.
struct Found {
    std::vector<port::Damage> damages;  // the first hundred
    std::uint64_t acts = 0, events = 0, checkpoints = 0;

    void add(std::string where, std::string what);
    void add(Found const& other);
    /// Runs a check; what it throws is a finding.
    void probe(std::string const& where, std::function<void()> const& check);
};

/// Checks entries one by one: kind, what events commit to, and that acts, and orders in events, were signed
/// by whom their epoch lets sign them.
class EntryChecker {
public:
    EntryChecker(port::Store const& store, port::Verifier const& verifier)
        : m_store(store), m_verifier(verifier) {}

    /// Throws Error(verification_failed or malformed) saying what does not hold.
    void check(model::Entry const& entry, Found& found);

private:
    void check_act(model::Entry const& entry);
    void check_event(model::Entry const& entry);
    model::Epoch const& epoch(model::EpochReference const& reference);

    port::Store const& m_store;
    port::Verifier const& m_verifier;
    std::map<base::Digest, std::shared_ptr<model::Epoch const>> m_epochs;
};

}  // namespace consortium::flow
