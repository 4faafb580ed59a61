#include "core/store/journal_store.h"

#include "core/base/error.h"
#include "core/store/page.h"
#include "core/store/schema.h"

#include <nlohmann/json.hpp>
#include <sqlite3.h>

namespace consortium::store {

using base::Code;
using base::Error;

namespace {

base::Path const& checked(base::Path const& path) {
    if (!base::exists(path))
        throw Error(Code::not_found, "no journal at " + path.string(),
                    "run 'consortium init' or 'consortium join'");
    refuse_network_file_system(path);
    return path;
}

/// Marks the store as writing while it lives.
class Writing {
public:
    explicit Writing(bool& flag) : m_flag(flag) {
        if (m_flag) throw Error(Code::internal, "a transaction was begun inside another one");
        m_flag = true;
    }
    ~Writing() { m_flag = false; }
    Writing(Writing const&) = delete;
    Writing& operator=(Writing const&) = delete;

private:
    bool& m_flag;
};

/// A rollback journal that is truncated: one sync less than deleting it, and none of WAL's, which a process
/// that lives for one append would pay at its end.
Database& in_place(Database& database) {
    database.execute("PRAGMA journal_mode = TRUNCATE");
    return database;
}

/// The entries that a signed head covers; none where the text is no checkpoint.
std::optional<std::uint64_t> covered(std::string const& note) {
    try {
        return journal::Checkpoint::parse(journal::Note::parse(note).body).size;
    } catch (Error const&) {
        return std::nullopt;
    }
}

}  // namespace

void create_journal(base::Path const& path) {
    if (base::exists(path)) throw Error(Code::conflict, "there is a journal already: " + path.string());
    refuse_network_file_system(path);
    Database database(path, Database::Opening::create);
    create_tables(database);
}

std::unique_ptr<port::Store> open_journal(JournalOptions options) {
    return std::make_unique<JournalStore>(std::move(options));
}

JournalStore::JournalStore(JournalOptions options)
    : m_options(std::move(options)),
      m_high_water(m_options.state_folder, m_options.origin),
      m_database(checked(m_options.path), Database::Opening::existing) {
    check_layout(m_database);
}

std::unique_ptr<port::Store> JournalStore::reader() const {
    auto options = m_options;
    options.log_key = nullptr;
    auto store = std::make_unique<JournalStore>(std::move(options));
    sqlite3_file_control(store->m_database.handle(), "main", read_ahead_control, nullptr);
    return store;
}

port::Signer& JournalStore::log_key() {
    if (!m_signer && m_options.log_key) m_signer = m_options.log_key();
    if (!m_signer)
        throw Error(Code::not_authorized, "the log key of this workspace cannot be opened",
                    "run 'consortium key list'");
    return *m_signer;
}

void JournalStore::sign_head(Writer& writer, port::Signer& signer, HeadRow& head) {
    writer.tree().save();
    auto const& frontier = writer.tree().frontier();
    head.size = frontier.size();
    head.root = frontier.root();
    head.frontier = frontier.bytes();
    head.checkpoint = journal::sign_checkpoint({m_options.origin, head.size, head.root}, signer);
    save_head(m_database, head);
}

struct JournalStore::Pending {
    Pending(JournalStore& store, port::Signer& log_key)
        : signer(log_key),
          lock(store.lock_path(), store.m_options.lock_seconds),
          mark_lock(store.m_high_water.lock(store.m_options.lock_seconds)),
          scope(in_place(store.m_database), Access::writing),
          head(load_head(store.m_database)) {}

    port::Signer& signer;
    base::FileLock lock;
    std::unique_ptr<base::FileLock> mark_lock;
    Scope scope;
    HeadRow head;
    bool grown = false;
};

JournalStore::~JournalStore() = default;

void JournalStore::raise_high_water(std::string const& checkpoint) {
    // Compared under the lock: of two processes that raise it at once, the larger head stays.
    auto const lock = m_pending ? nullptr : m_high_water.lock(m_options.lock_seconds);
    auto const mark = m_high_water.text();
    auto const known = mark ? covered(*mark) : std::nullopt;
    if (!known || *known <= covered(checkpoint).value_or(0)) m_high_water.raise(checkpoint);
}

base::Path JournalStore::lock_path() const {
    auto path = m_options.path;
    return path += ".lock";
}

std::unique_ptr<JournalStore::Pending> JournalStore::begin() {
    auto& signer = log_key();
    auto const key =
        journal::NoteKey::from_spki(m_options.origin, journal::NoteKeyType::log, signer.public_key());
    auto pending = std::make_unique<Pending>(*this, signer);
    auto const& head = pending->head;
    if (!head.checkpoint.empty() && !head.checkpoint.starts_with(m_options.origin + "\n"))
        throw Error(Code::configuration, "this journal is not of the origin '" + m_options.origin + "'",
                    "correct 'origin' in consortium.toml");
    auto const read = journal::subtrees_of(
        [this](int level, std::uint64_t number) { return load_tile(m_database, level, number); });
    m_high_water.check(head.size, read, key, *m_options.verifier);
    return pending;
}

void JournalStore::add(Pending& pending, std::function<void(port::Transaction&)> const& work) {
    Scope step(m_database, Access::step);
    auto head = pending.head;
    Writer writer(m_database, head, m_options.clock->now(), *m_options.entropy);
    work(writer);
    bool const grown = writer.tree().frontier().size() != head.size;
    if (grown) sign_head(writer, pending.signer, head);
    step.commit();
    pending.head = std::move(head);
    pending.grown |= grown;
}

void JournalStore::add_together(std::function<void(port::Transaction&)> const& work) {
    try {
        add(*m_pending, work);
    } catch (...) {
        // A full disk or a failed write has rolled everything back: there is nothing left to commit.
        if (sqlite3_get_autocommit(m_database.handle()) != 0) m_pending.reset();
        throw;
    }
}

void JournalStore::commit(Pending& pending) {
    pending.scope.commit();
    if (pending.grown) m_high_water.raise(pending.head.checkpoint);
}

void JournalStore::write(std::function<void(port::Transaction&)> const& work) {
    Writing const writing(m_writing);
    if (m_together) {
        if (!m_pending) m_pending = begin();
        return add_together(work);
    }
    auto const pending = begin();
    add(*pending, work);
    commit(*pending);
}

void JournalStore::together(std::function<void()> const& work) {
    if (m_together) return work();
    auto const finish = [this] {
        m_together = false;
        if (auto const pending = std::move(m_pending)) commit(*pending);
    };
    m_together = true;
    try {
        work();
    } catch (...) {
        finish();
        throw;
    }
    finish();
}

}  // namespace consortium::store
