#pragma once

#include "core/flow/allowance.h"
#include "core/flow/peer_known.h"
#include "core/model/epoch.h"
#include "core/port/exchange.h"

#include <functional>

namespace consortium::flow {

/// What a member has published since this workspace last looked: verified against its signed checkpoint, and
/// against the checkpoint seen before (nothing was taken back or changed).
class PeerTree {
public:
    struct Look;
    /// No tree if the member has published nothing, or nothing new. Throws Error(verification_failed) naming
    /// the peer and what does not hold: signature, root, a smaller tree. Where there is more than the
    /// allowance lets be read, a first part of it, which is proved to belong to the tree that was signed.
    static Look open(port::Verifier const& verifier, port::Exchange& exchange, model::Epoch const& epoch,
                     model::Member const& member, Known const& known, Allowance& allowance);

    std::string const& note() const { return m_note; }
    std::uint64_t size() const { return m_checkpoint.size; }
    std::uint64_t seen() const { return m_seen; }
    /// The last head seen of the origin that this one follows; empty where it is the same.
    std::string const& ended() const { return m_ended; }
    /// As far as it was seen before.
    journal::Checkpoint part() const { return {m_checkpoint.origin, m_seen, m_seen_root}; }
    /// Calls `each` with the new leaves of each entry bundle and the tree up to its end, in order, as far as
    /// they were checked and the time lasts.
    using EachBundle = std::function<void(std::vector<std::string> const&, journal::Checkpoint const&)>;
    void leaves(EachBundle const& each) const;

private:
    PeerTree(port::Exchange& exchange, std::string member, Allowance& allowance);
    std::vector<std::string> bundle(std::uint64_t number) const;
    std::string first_present(std::vector<std::string> const& paths, std::size_t max) const;
    std::string misfit() const;
    std::vector<journal::Digest> old_tile(int level, std::uint64_t number) const;
    std::vector<journal::Digest> tile_now(int level, std::uint64_t number) const;
    std::uint64_t first_bundle() const { return m_seen / 256; }
    std::size_t first_fresh(std::uint64_t number) const {
        return number == first_bundle() ? m_seen % 256 : 0;
    }
    /// Nothing where the tree continues what was seen of it.
    std::optional<Fork> check_history(Known const& known);
    std::optional<Fork> fork_from(std::string const& seen) const;
    std::optional<Fork> fork_if_shown(std::string const& seen) const;
    std::optional<Fork> check_leaves(std::string const& seen);
    std::optional<Fork> check_part(journal::Frontier const& part, std::string const& seen) const;

    port::Exchange* m_exchange;
    Allowance* m_allowance;
    std::string m_member;
    std::string m_note;
    journal::Checkpoint m_checkpoint;
    std::uint64_t m_seen = 0;
    std::string m_ended;
    journal::Digest m_seen_root;
    bool m_is_part_known = false;
    struct Bundle {
        base::Digest content;  // it must not change under us
        journal::Digest root;  // of the tree up to its end
    };
    std::vector<Bundle> m_bundles;  // from m_seen on, as far as they were read
};

/// What a look has found: nothing new, new entries, or a fork.
struct PeerTree::Look {
    std::optional<PeerTree> tree = {};
    std::optional<Fork> fork = {};
};

/// The keys under which a member's log and witness sign notes.
journal::NoteKey log_key(model::Epoch const& epoch, model::Member const& member);
journal::NoteKey witness_key(model::Epoch const& epoch, model::Member const& member);

}  // namespace consortium::flow
