#include "core/store/journal_store.h"

#include "core/base/error.h"
#include "core/store/schema.h"

#include <nlohmann/json.hpp>

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

void JournalStore::raise_high_water(std::string const& checkpoint) {
    auto const lock = m_high_water.lock(m_options.lock_seconds);
    m_high_water.raise(checkpoint);
}

void JournalStore::write(std::function<void(port::Transaction&)> const& work) {
    Writing const writing(m_writing);
    auto& signer = log_key();
    auto const key =
        journal::NoteKey::from_spki(m_options.origin, journal::NoteKeyType::log, signer.public_key());
    auto lock_path = m_options.path;
    base::FileLock const lock(lock_path += ".lock", m_options.lock_seconds);
    auto const mark_lock = m_high_water.lock(m_options.lock_seconds);
    // A rollback journal that is truncated: one sync less than deleting it, and none of WAL's, which a
    // process that lives for one append would pay at its end.
    m_database.execute("PRAGMA journal_mode = TRUNCATE");
    Scope scope(m_database, Access::writing);
    auto head = load_head(m_database);
    if (!head.checkpoint.empty() && !head.checkpoint.starts_with(m_options.origin + "\n"))
        throw Error(Code::configuration, "this journal is not of the origin '" + m_options.origin + "'",
                    "correct 'origin' in consortium.toml");
    auto const read = journal::subtrees_of(
        [this](int level, std::uint64_t number) { return load_tile(m_database, level, number); });
    m_high_water.check(head.size, read, key, *m_options.verifier);
    Writer writer(m_database, head, m_options.clock->now(), *m_options.entropy);
    work(writer);
    bool const grown = writer.tree().frontier().size() != head.size;
    if (grown) sign_head(writer, signer, head);
    scope.commit();
    if (grown) m_high_water.raise(head.checkpoint);
}

}  // namespace consortium::store
