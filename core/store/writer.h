#pragma once

#include "core/journal/replay.h"
#include "core/port/entropy.h"
#include "core/port/store.h"
#include "core/store/tree.h"

namespace consortium::store {

/// The head row.
struct HeadRow {
    std::uint64_t size = 0;
    base::Digest root;
    base::Bytes frontier;
    std::string checkpoint;
};

HeadRow load_head(Database& database);
void save_head(Database& database, HeadRow const& head);

/// Columns idx, kind, leaf, body, received.
model::Entry read_entry(Statement const& row);
/// Adds rows for entries, by statements that stay prepared from one to the next.
class Rows {
public:
    explicit Rows(Database& database) : m_database(database) {}
    void add(std::uint64_t index, model::EntryKind kind, std::string_view leaf, std::string_view body,
             base::Instant received);
    /// Adds an act to the index of acts; false where it is there already.
    bool add(model::Act const& act, base::Digest const& id, std::uint64_t index);

private:
    Database& m_database;
    std::optional<Statement> m_entry, m_act;
};

/// Writes objects into a table of the layout of "object".
class ObjectTable : public journal::Projection {
public:
    ObjectTable(Database& database, std::string table) : m_database(database), m_table(std::move(table)) {}
    void put(model::Object const& object) override;
    void erase(std::string const& kind, std::string const& name) override;

private:
    Database& m_database;
    std::string m_table;
};

/// Appends inside an open SQL transaction. The head is the caller's to sign and save.
class Writer : public port::Transaction {
public:
    Writer(Database& database, HeadRow const& head, base::Instant now, port::Entropy& entropy);

    using Transaction::append_act;
    std::uint64_t append_act(model::SignedAct const& given) override;
    std::uint64_t append_event(model::Event const& event) override;
    std::uint64_t append_checkpoint(std::string const& peer, std::string const& note) override;
    base::Digest put_file(std::string_view content) override;
    void put_orphan(port::Orphan const& orphan) override;
    void drop_orphan(base::Digest const& id) override;
    void put_rejected(std::string const& envelope, std::string const& reason) override;
    void put_note(std::string const& key, std::string const& value) override;
    void put_sealed(port::SealedPart const& part) override;
    std::size_t erase_sealed(std::string const& subject) override;

    Tree& tree() { return m_tree; }

private:
    std::uint64_t index_of(base::Digest const& id);
    std::uint64_t append(model::EntryKind kind, std::string const& leaf, std::string const& body);
    std::uint64_t append(model::EntryKind kind, std::string const& leaf, std::string const& body,
                         base::Digest const& hash);

    Database& m_database;
    Tree m_tree;
    Rows m_rows;
    ObjectTable m_objects;
    base::Instant m_now;
    port::Entropy& m_entropy;
};

}  // namespace consortium::store
