#include "core/store/journal_store.h"

#include "core/base/error.h"
#include "core/store/schema.h"

#include <algorithm>
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
/// that lives for one append would pay at its end. Up to 16 MiB of pages are held, as far as they are used: a
/// large batch would else write pages of its indexes, read them and write them again.
Database& in_place(Database& database) {
    database.execute("PRAGMA journal_mode = TRUNCATE; PRAGMA cache_size = -16384");
    return database;
}

/// The first line of a checkpoint; empty for none.
std::string origin_of(std::string const& checkpoint) {
    return checkpoint.substr(0, checkpoint.find('\n'));
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

void mark_copy(base::Path const& path, std::string const& taken) {
    Database database(checked(path), Database::Opening::existing);
    check_layout(database);
    Statement statement(database, "INSERT OR REPLACE INTO note(key, value) VALUES('restored', ?)");
    statement.bind(taken).run();
}

std::unique_ptr<port::Store> open_journal(JournalOptions options) {
    return std::make_unique<JournalStore>(std::move(options));
}

JournalStore::JournalStore(JournalOptions options)
    : m_options(std::move(options)),
      m_high_water(m_options.state_folder, m_options.origin),
      m_database(checked(m_options.path), Database::Opening::existing) {
    check_layout(m_database);
    adopt_origin();
}

/// A crash after a new origin was begun, and before the settings named it, leaves the old name in them: the
/// journal itself says what it continues.
void JournalStore::adopt_origin() {
    try {
        auto const current = origin_of(load_head(m_database).checkpoint);
        if (current.empty() || current == m_options.origin) return;
        auto const known = object("origin", current);
        if (!known) return;
        auto const earlier = known->data->at("earlier").get<std::vector<std::string>>();
        if (std::find(earlier.begin(), earlier.end(), m_options.origin) == earlier.end()) return;
        m_high_water = HighWater(m_options.state_folder, current);
        m_options.origin = current;
    } catch (Error const&) {
        return;  // damage; found where it is read
    }
}

void JournalStore::check_origin(HeadRow const& head) const {
    if (head.checkpoint.empty()) return;
    auto const is = origin_of(head.checkpoint);
    if (is == (m_old_origin.empty() ? m_options.origin : m_old_origin)) return;
    if (!m_old_origin.empty())
        throw Error(Code::conflict, "another process has begun a new origin of this journal",
                    "run 'consortium audit recover'");
    throw Error(Code::configuration, "this journal is not of the origin '" + m_options.origin + "'",
                "correct 'origin' in consortium.toml");
}

/// What was appended after the backup may be in others' hands: going on unasked would fork the journal (G24).
void JournalStore::refuse_copy() const {
    auto const copy = note("restored");
    if (m_trusts_copy || !m_old_origin.empty() || !copy || copy->empty()) return;
    throw Error(Code::refused,
                "this workspace was restored from a backup that was taken at " + *copy +
                    ", and may lack what was journaled since",
                "run 'consortium audit recover'");
}

void JournalStore::begin_origin(std::string const& origin, std::shared_ptr<port::Signer> const& log_key) {
    HighWater mark(m_options.state_folder, origin);
    m_old_origin = m_options.origin;
    m_options.origin = origin;
    m_high_water = std::move(mark);
    m_signer = log_key;
}

void JournalStore::copy_to(base::Path const& file) const {
    if (base::exists(file)) throw Error(Code::conflict, "there is a file already: " + file.string());
    refuse_network_file_system(file);
    Database copy(file, Database::Opening::create);
    copy_pages(m_database, copy);
}

std::unique_ptr<port::Store> JournalStore::reader() const {
    auto options = m_options;
    options.log_key = nullptr;
    return std::make_unique<JournalStore>(std::move(options));
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
    check_origin(head);
    refuse_copy();
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

/// Before the new origin is committed: a crash between the two leaves a journal that must be recovered once
/// more, and never one that two go on with.
void JournalStore::end_old_origin() {
    if (m_old_origin.empty()) return;
    HighWater const old(m_options.state_folder, m_old_origin);
    auto const lock = old.lock(m_options.lock_seconds);
    old.end(m_options.origin);
}

void JournalStore::commit(Pending& pending) {
    end_old_origin();
    pending.scope.commit();
    m_old_origin.clear();
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
