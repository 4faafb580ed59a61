#include "core/store/writer.h"

#include "core/base/error.h"
#include "core/journal/entry.h"

#include <nlohmann/json.hpp>
#include <sqlite3.h>

namespace consortium::store {

using base::Code;
using base::Error;

namespace {

// PROTOCOL P3 and P13.
constexpr std::size_t max_file = 16u << 20;
constexpr int max_orphans = 1'000;
constexpr int max_rejected = 10'000;

base::Bytes joined(std::vector<base::Digest> const& digests) {
    base::Bytes out;
    for (auto const& digest : digests) out.insert(out.end(), digest.bytes.begin(), digest.bytes.end());
    return out;
}

}  // namespace

HeadRow load_head(Database& database) {
    Statement statement(database, "SELECT size, root, frontier, checkpoint FROM head WHERE one = 1");
    if (!statement.step())
        throw Error(Code::verification_failed, "the journal has no head", "restore a backup");
    HeadRow head;
    head.size = statement.count(0);
    head.root = statement.digest(1);
    auto const frontier = statement.blob(2);
    head.frontier.assign(frontier.begin(), frontier.end());
    head.checkpoint = statement.text(3);
    return head;
}

void save_head(Database& database, HeadRow const& head) {
    Statement statement(database,
                        "UPDATE head SET size = ?, root = ?, frontier = ?, checkpoint = ? WHERE one = 1");
    statement.bind(head.size)
        .bind(head.root)
        .bind(base::BytesView(head.frontier))
        .bind(head.checkpoint)
        .run();
}

model::Entry read_entry(Statement const& row) {
    model::Entry entry;
    entry.index = row.count(0);
    entry.kind = static_cast<model::EntryKind>(row.integer(1));
    entry.leaf = row.text(2);
    entry.body = row.text(3);
    entry.received = base::Instant{row.integer(4)};
    return entry;
}

void Rows::add(std::uint64_t index, model::EntryKind kind, std::string_view leaf, std::string_view body,
               base::Instant received) {
    if (!m_entry)
        m_entry.emplace(m_database,
                        "INSERT INTO entry(idx, kind, leaf, body, received) VALUES(?, ?, ?, ?, ?)");
    m_entry->bind(index).bind(static_cast<int>(kind)).bind_kept(base::as_bytes(leaf));
    m_entry->bind_kept(base::as_bytes(body)).bind(received.seconds).run();
}

bool Rows::add(model::Act const& act, base::Digest const& id, std::uint64_t index) {
    if (!m_act)
        m_act.emplace(m_database,
                      "INSERT INTO act(idx, id, kind, member, epoch, subject) VALUES(?, ?, ?, ?, ?, ?)"
                      " ON CONFLICT(id) DO NOTHING");
    auto const subject = model::subject_of(act);
    m_act->bind(index).bind_kept(id.view()).bind_kept(act.kind).bind_kept(act.member);
    m_act->bind(act.epoch.number).bind_kept(subject.view()).run();
    return m_database.changes() != 0;
}

void ObjectTable::put(model::Object const& object) {
    Statement statement(m_database,
                        "INSERT INTO " + m_table +
                            "(kind, name, state, member, due, data, version) VALUES(?, ?, ?, ?, ?, ?, ?)"
                            " ON CONFLICT(kind, name) DO UPDATE SET state = excluded.state,"
                            " member = excluded.member, due = excluded.due, data = excluded.data,"
                            " version = excluded.version");
    statement.bind(object.kind).bind(object.name).bind(object.state).bind(object.member);
    if (object.due)
        statement.bind(object.due->seconds);
    else
        statement.bind_null();
    statement.bind(base::canonical(*object.data)).bind(object.version).run();
}

void ObjectTable::erase(std::string const& kind, std::string const& name) {
    Statement statement(m_database, "DELETE FROM " + m_table + " WHERE kind = ? AND name = ?");
    statement.bind(kind).bind(name).run();
}

Writer::Writer(Database& database, HeadRow const& head, base::Instant now, port::Entropy& entropy)
    : m_database(database),
      m_tree(database, head.size, head.frontier),
      m_rows(database),
      m_objects(database, "object"),
      m_now(now),
      m_entropy(entropy) {}

std::uint64_t Writer::append(model::EntryKind kind, std::string const& leaf, std::string const& body) {
    return append(kind, leaf, body, journal::leaf_hash(leaf));
}

std::uint64_t Writer::append(model::EntryKind kind, std::string const& leaf, std::string const& body,
                             base::Digest const& hash) {
    if (leaf.size() > model::max_entry)
        throw Error(Code::malformed,
                    "an entry has at most 65,535 bytes, this one " + std::to_string(leaf.size()));
    auto const index = m_tree.append(hash);
    m_rows.add(index, kind, leaf, body, m_now);
    return index;
}

std::uint64_t Writer::append_act(model::SignedAct const& given) {
    auto const next = m_tree.frontier().size();
    if (!m_rows.add(given.act, given.id, next)) return index_of(given.id);
    append(model::EntryKind::act, given.text, {}, given.leaf);
    journal::fold_act(given.act, given.id, next, m_objects);
    return next;
}

std::uint64_t Writer::index_of(base::Digest const& id) {
    Statement held(m_database, "SELECT idx FROM act WHERE id = ?");
    held.bind(id);
    if (!held.step()) throw Error(Code::internal, "an act is neither held nor taken");
    return held.count(0);
}

std::uint64_t Writer::append_event(model::Event const& event) {
    auto const sealed = journal::seal_event(event, m_entropy.bytes(32));
    auto const index = append(model::EntryKind::event, sealed.leaf, sealed.body);
    journal::fold_event(event, index, m_objects);
    return index;
}

std::uint64_t Writer::append_checkpoint(std::string const& peer, std::string const& note) {
    return append(model::EntryKind::checkpoint, journal::checkpoint_leaf({peer, note}), {});
}

base::Digest Writer::put_file(std::string_view content) {
    if (content.size() > max_file)
        throw Error(Code::malformed,
                    "a file has at most 16 MiB, this one " + std::to_string(content.size()) + " bytes");
    auto const digest = base::sha256(content);
    Statement statement(m_database, "INSERT OR IGNORE INTO file(digest, content) VALUES(?, ?)");
    statement.bind(digest).bind(base::as_bytes(content)).run();
    return digest;
}

void Writer::put_orphan(port::Orphan const& orphan) {
    Statement insert(m_database,
                     "INSERT OR REPLACE INTO orphan(id, member, envelope, missing) VALUES(?, ?, ?, ?)");
    insert.bind(orphan.id).bind(orphan.member).bind(base::as_bytes(orphan.envelope));
    insert.bind(base::BytesView(joined(orphan.missing))).run();
    Statement trim(
        m_database,
        "DELETE FROM orphan WHERE member = ?1 AND serial <= (SELECT serial FROM orphan WHERE member = ?1"
        " ORDER BY serial DESC LIMIT 1 OFFSET ?2)");
    trim.bind(orphan.member).bind(max_orphans).run();
}

void Writer::drop_orphan(base::Digest const& id) {
    Statement statement(m_database, "DELETE FROM orphan WHERE id = ?");
    statement.bind(id).run();
}

void Writer::put_rejected(std::string const& envelope, std::string const& reason) {
    Statement insert(m_database,
                     "INSERT OR IGNORE INTO rejected(digest, envelope, reason, received) VALUES(?, ?, ?, ?)");
    insert.bind(base::sha256(envelope)).bind(base::as_bytes(envelope)).bind(reason).bind(m_now.seconds).run();
    Statement trim(m_database, "DELETE FROM rejected WHERE serial <= (SELECT max(serial) FROM rejected) - ?");
    trim.bind(max_rejected).run();
}

void Writer::put_note(std::string const& key, std::string const& value) {
    Statement statement(m_database,
                        "INSERT INTO note(key, value) VALUES(?, ?)"
                        " ON CONFLICT(key) DO UPDATE SET value = excluded.value");
    statement.bind(key).bind(value).run();
}

void Writer::put_sealed(port::SealedPart const& part) {
    Statement statement(m_database,
                        "INSERT INTO sealed(act, subject, content) VALUES(?, ?, ?)"
                        " ON CONFLICT(act) DO UPDATE SET subject = excluded.subject, content = "
                        "excluded.content");
    statement.bind(part.act).bind(part.subject).bind(base::BytesView(part.sealed)).run();
}

// The row stays without its content: so it is known that there was something, and what. secure_delete zeroes
// the bytes that were there; no VACUUM, whose time grows with the journal.
std::size_t Writer::erase_sealed(std::string const& subject) {
    Statement statement(m_database,
                        "UPDATE sealed SET content = x'' WHERE subject = ? AND length(content) > 0");
    statement.bind(subject).run();
    return static_cast<std::size_t>(sqlite3_changes(m_database.handle()));
}

}  // namespace consortium::store
