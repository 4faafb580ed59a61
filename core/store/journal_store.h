#pragma once

#include "core/store/high_water.h"
#include "core/store/journal.h"
#include "core/store/writer.h"

#include <map>

namespace consortium::store {

/// The journal and its projection in one SQLite file. Inside write(), reads show what the transaction has
/// written so far.
class JournalStore : public port::Store {
public:
    explicit JournalStore(JournalOptions options);
    ~JournalStore() override;

    std::optional<model::StoredAct> act(base::Digest const& id) const override;
    bool has_act(base::Digest const& id) const override;
    std::vector<model::StoredAct> acts(port::ActQuery const& query) const override;
    std::size_t count(port::ActQuery const& query) const override;
    std::vector<model::StoredAct> waiting(std::string const& kind) const override;
    std::optional<std::uint64_t> settled(base::Digest const& id) const override;
    std::optional<std::string> file(base::Digest const& digest) const override;
    bool has_file(base::Digest const& digest) const override;
    std::shared_ptr<model::Epoch const> epoch(std::uint64_t number) const override;
    std::shared_ptr<model::Epoch const> latest() const override;

    void read(std::function<void()> const& work) const override;
    std::optional<model::EpochReference> latest_reference() const override;

    port::Head head() const override;
    model::Entry entry(std::uint64_t index) const override;
    void entries(std::uint64_t begin, std::uint64_t end,
                 std::function<void(model::Entry const&)> const& each) const override;
    std::vector<base::Digest> tile(int level, std::uint64_t number) const override;
    std::optional<model::Object> object(std::string_view kind, std::string_view name) const override;
    void objects(port::ObjectQuery const& query,
                 std::function<void(model::Object const&)> const& each) const override;
    std::vector<port::Orphan> orphans() const override;
    std::optional<std::string> note(std::string const& key) const override;
    std::optional<port::SealedPart> sealed(base::Digest const& act) const override;
    std::vector<base::Digest> sealed_acts(std::string const& subject) const override;
    std::vector<port::SealedCount> sealed_counts() const override;

    std::vector<base::Digest> act_ids(std::string_view digits, std::size_t limit) const override;
    std::optional<std::string> high_water() const override { return m_high_water.text(); }
    void raise_high_water(std::string const& checkpoint) override;
    std::string successor() const override { return m_high_water.successor(); }
    std::unique_ptr<port::Store> reader() const override;
    void leaves(std::uint64_t begin, std::uint64_t end,
                std::function<void(std::string_view)> const& each) const override;
    std::optional<std::string> verified() const override { return m_high_water.verified(); }
    void keep_verified(std::string const& note) override { m_high_water.keep_verified(note); }
    void begin_origin(std::string const& origin, std::shared_ptr<port::Signer> const& log_key) override;
    void trust_copy() override { m_trusts_copy = true; }
    void copy_to(base::Path const& file) const override;
    std::vector<port::Damage> inspect() const override;
    std::vector<port::Damage> compare_projection() const override;
    void write(std::function<void(port::Transaction&)> const& work) override;
    void together(std::function<void()> const& work) override;

private:
    /// An open transaction: the locks, the head as signed so far.
    struct Pending;

    base::Path lock_path() const;
    port::Signer& log_key();
    void adopt_origin();
    void check_origin(HeadRow const& head) const;
    void refuse_copy() const;
    std::unique_ptr<Pending> begin();
    void add(Pending& pending, std::function<void(port::Transaction&)> const& work);
    void end_old_origin();
    void add_together(std::function<void(port::Transaction&)> const& work);
    void commit(Pending& pending);
    void sign_head(Writer& writer, port::Signer& signer, HeadRow& head);

    JournalOptions m_options;
    HighWater m_high_water;
    // Statements of a connection change it, even those that only read.
    mutable Database m_database;
    std::shared_ptr<port::Signer> m_signer;
    bool m_writing = false;
    bool m_together = false;
    bool m_trusts_copy = false;
    std::string m_old_origin;  // while a new one is begun: what the head must be of until that is committed
    std::unique_ptr<Pending> m_pending;  // of together(), since its first write
    mutable std::map<base::Digest, std::shared_ptr<model::Epoch const>> m_epochs;
};

}  // namespace consortium::store
