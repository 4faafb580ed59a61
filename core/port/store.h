#pragma once

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/model/entry.h"
#include "core/port/evidence.h"
#include "core/port/signer.h"

#include <functional>
#include <memory>

namespace consortium::port {

/// A signed head of this journal, or of a peer's.
struct Head {
    std::uint64_t size = 0;
    base::Digest root;
    std::string checkpoint;  // the signed note; empty only for the empty journal of a new workspace
};

struct ObjectQuery {
    std::string kind = {};
    std::string state = {};                        // empty: all
    std::string member = {};                       // empty: all
    std::optional<base::Instant> due_before = {};  // only with due, soonest first; else ordered by name
    std::size_t limit = 0;                         // 0: all
};

/// An act that waits for what it refers to (PROTOCOL P2, P13).
struct Orphan {
    base::Digest id;
    std::string member;
    std::string envelope;
    std::vector<base::Digest> missing;
};

/// The private part of an act as it is kept: under the key of the person whom it is about.
struct SealedPart {
    base::Digest act;
    std::string subject;  // pseudonym
    base::Bytes sealed;   // empty: it was erased
};

/// How many private parts about a person are kept, and were.
struct SealedCount {
    std::string subject;
    std::size_t held = 0;
    std::size_t erased = 0;
};

/// Something stored that does not hold.
struct Damage {
    std::string where;  // "entry 17", "tile/0/003", "head", "page 12 of journal.db"
    std::string what;
};

/// All that can be written, inside one durable transaction. Every append is folded into the projection at
/// once.
class Transaction {
public:
    virtual ~Transaction() = default;
    /// Appends a validated act; an act already held keeps its index. Returns the index.
    virtual std::uint64_t append_act(model::SignedAct const& act) = 0;
    std::uint64_t append_act(std::string const& envelope) {
        return append_act(model::signed_act_from_text(envelope));
    }
    virtual std::uint64_t append_event(model::Event const& event) = 0;
    /// Appends a peer's signed checkpoint as evidence.
    virtual std::uint64_t append_checkpoint(std::string const& peer, std::string const& note) = 0;
    /// Content-addressed; returns its SHA-256. At most 16 MiB.
    virtual base::Digest put_file(std::string_view content) = 0;
    virtual void put_orphan(Orphan const& orphan) = 0;  // bounded a member; the oldest go
    virtual void drop_orphan(base::Digest const& id) = 0;
    virtual void put_rejected(std::string const& envelope,
                              std::string const& reason) = 0;  // a ring of 10,000, each once
    /// Small mutable values outside the journal: watermarks, last seen sizes, nonces. Not evidence.
    virtual void put_note(std::string const& key, std::string const& value) = 0;
    /// Replaces what is kept for the act. Outside the journal and its projection, since it can be erased.
    virtual void put_sealed(SealedPart const& part) = 0;
    /// Leaves of the parts about this person only that they were there; returns how many.
    virtual std::size_t erase_sealed(std::string const& subject) = 0;
};

/// The journal and its projection. Reads see the last commit.
class Store : public Evidence {
public:
    /// Runs `work`, whose reads then show one commit, and take the database's lock once instead of each time.
    virtual void read(std::function<void()> const& work) const { work(); }
    /// Number and hash of latest(), without reading its document.
    virtual std::optional<model::EpochReference> latest_reference() const {
        auto const epoch = latest();
        return epoch ? std::optional(model::reference(*epoch)) : std::nullopt;
    }

    virtual Head head() const = 0;
    virtual model::Entry entry(std::uint64_t index) const = 0;  // throws not_found
    virtual void entries(std::uint64_t begin, std::uint64_t end,
                         std::function<void(model::Entry const&)> const& each) const = 0;
    /// Up to 256 hashes of tile/<level>/<number>; fewer at the right edge (C2SP tlog-tiles).
    virtual std::vector<base::Digest> tile(int level, std::uint64_t number) const = 0;

    virtual std::optional<model::Object> object(std::string_view kind, std::string_view name) const = 0;
    virtual void objects(ObjectQuery const& query,
                         std::function<void(model::Object const&)> const& each) const = 0;
    virtual std::vector<Orphan> orphans() const = 0;
    virtual std::optional<std::string> note(std::string const& key) const = 0;

    /// Ids of acts that begin with these lower-case hexadecimal digits, in order, at most `limit`.
    virtual std::vector<base::Digest> act_ids(std::string_view digits, std::size_t limit) const {
        std::vector<base::Digest> found;
        for (auto const& stored : acts({}))
            if (found.size() < limit && stored.id.hex().starts_with(digits)) found.push_back(stored.id);
        return found;
    }
    /// The signed head that is kept outside the workspace (G24); none where none is kept yet.
    virtual std::optional<std::string> high_water() const { return std::nullopt; }
    /// Keeps a head there that others have shown, signed by this journal's log key and not contained in it:
    /// every write is refused from now on. A smaller head than the one kept changes nothing, and a store that
    /// keeps none does nothing.
    virtual void raise_high_water(std::string const& /*checkpoint*/) {}
    /// The origin under which this log went on, where it has ended on this host; empty otherwise.
    virtual std::string successor() const { return {}; }
    /// Another connection, for one other thread that only reads; null where the store has only one.
    virtual std::unique_ptr<Store> reader() const { return nullptr; }
    /// The hashed bytes of entries [begin, end) alone, in order; fewer than end - begin where one is missing.
    /// A view lives as long as the call.
    virtual void leaves(std::uint64_t begin, std::uint64_t end,
                        std::function<void(std::string_view leaf)> const& each) const {
        entries(begin, end, [&](model::Entry const& entry) { each(entry.leaf); });
    }
    /// A signed note, kept outside the workspace like the high-water mark: up to where everything was
    /// verified. None where nothing was.
    virtual std::optional<std::string> verified() const { return std::nullopt; }
    virtual void keep_verified(std::string const& /*note*/) {}
    /// From the next write on, heads are signed under this origin by this key: a new log that begins with the
    /// entries of this one. It is there once that write is committed; the marks of the old origin stand, so
    /// that no copy of it goes on.
    virtual void begin_origin(std::string const& /*origin*/, std::shared_ptr<Signer> const& /*log_key*/) {
        throw base::Error(base::Code::unsupported, "this store has one origin only");
    }
    /// The next write may append to a copy that was restored from a backup (note "restored"): a person has
    /// said that it is the newest there is.
    virtual void trust_copy() {}
    /// Writes all of it, as of one commit, into a new database file. Others may read meanwhile; who writes
    /// waits.
    virtual void copy_to(base::Path const& /*file*/) const {
        throw base::Error(base::Code::unsupported, "this store cannot be copied");
    }
    /// Checks what lies below entries and tiles: every page of the storage, its structure, the index of acts,
    /// files against their digests. A store without such parts has nothing to check.
    virtual std::vector<Damage> inspect() const { return {}; }
    /// Folds the whole journal anew and compares the result with the projection.
    virtual std::vector<Damage> compare_projection() const { return {}; }

    /// Takes the workspace lock (Error(busy) after 30 s), refuses a head below the high-water mark (G24),
    /// runs `work`, signs the new head inside the transaction, commits, raises the high-water mark. An
    /// exception rolls everything back. The log key is opened before the lock is taken.
    virtual void write(std::function<void(Transaction&)> const& work) = 0;
    /// Runs `work`, whose write()s then become durable together, before this returns: each still succeeds or
    /// fails as a whole and is seen by later reads here, but other processes see all or none. If `work`
    /// throws, what its finished writes did is kept. From the first write on the workspace lock is held:
    /// nothing in `work` may wait for a person or the network.
    virtual void together(std::function<void()> const& work) { work(); }

    /// The private part of an act; none where none was ever kept.
    virtual std::optional<SealedPart> sealed(base::Digest const& /*act*/) const { return std::nullopt; }
    /// The acts of which private parts about this person are kept, or were, in the order of their ids.
    virtual std::vector<base::Digest> sealed_acts(std::string const& /*subject*/) const { return {}; }
    /// By subject.
    virtual std::vector<SealedCount> sealed_counts() const { return {}; }
};

}  // namespace consortium::port
