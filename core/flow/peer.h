#pragma once

#include "core/journal/checkpoint.h"
#include "core/model/epoch.h"
#include "core/port/exchange.h"

#include <functional>

namespace consortium::flow {

/// What a member has published since this workspace last looked: verified against its signed checkpoint, and
/// against the checkpoint seen before (nothing was taken back or changed).
class PeerTree {
public:
    /// None if the member has published nothing, or nothing new. Throws Error(verification_failed) naming the
    /// peer and what does not hold: signature, root, a smaller tree, a fork.
    /// `seen` is the checkpoint that was seen of it last.
    static std::optional<PeerTree> open(port::Verifier const& verifier, port::Exchange& exchange,
                                        model::Epoch const& epoch, model::Member const& member,
                                        std::optional<std::string> const& seen);

    std::string const& note() const { return m_note; }
    std::uint64_t size() const { return m_checkpoint.size; }
    std::uint64_t seen() const { return m_seen; }
    /// The last head seen of the origin that this one follows; empty where it is the same.
    std::string const& ended() const { return m_ended; }
    /// Calls `each` with the new leaves of each entry bundle, in order.
    void leaves(std::function<void(std::vector<std::string> const&)> const& each) const;

private:
    PeerTree(port::Exchange& exchange, std::string member);
    std::vector<std::string> bundle(std::uint64_t number) const;
    std::string first_present(std::vector<std::string> const& paths, std::size_t max) const;
    std::string misfit() const;
    std::vector<journal::Digest> old_tile(int level, std::uint64_t number) const;
    std::uint64_t first_bundle() const { return m_seen / 256; }
    std::size_t first_fresh(std::uint64_t number) const {
        return number == first_bundle() ? m_seen % 256 : 0;
    }
    void check_history(std::optional<std::string> const& seen_note);
    void check_leaves(journal::Digest const& seen_root);

    port::Exchange* m_exchange;
    std::string m_member;
    std::string m_note;
    journal::Checkpoint m_checkpoint;
    std::uint64_t m_seen = 0;
    std::string m_ended;
    std::vector<base::Digest>
        m_bundles;  // of the entry bundles from m_seen on: they must not change under us
};

/// The keys under which a member's log and witness sign notes.
journal::NoteKey log_key(model::Epoch const& epoch, model::Member const& member);
journal::NoteKey witness_key(model::Epoch const& epoch, model::Member const& member);

/// Store::note under which the newest checkpoint seen of a peer is kept.
std::string seen_note(std::string_view member);

}  // namespace consortium::flow
