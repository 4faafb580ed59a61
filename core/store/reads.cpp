#include "core/base/error.h"
#include "core/store/journal_store.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sqlite3.h>

namespace consortium::store {

using base::Code;
using base::Error;

namespace {

constexpr std::uint64_t chunk = 256;
constexpr std::uint64_t leaf_chunk = 4096;
constexpr std::size_t max_document = 16u << 20;
constexpr base::JsonLimits object_limits{.bytes = 64u << 20, .depth = 64, .fractions = true};

model::StoredAct read_act(Statement const& row) {
    model::StoredAct stored;
    stored.index = row.count(0);
    stored.id = row.digest(1);
    stored.envelope = row.text(2);
    stored.received = base::Instant{row.integer(3)};
    auto const envelope = model::envelope_from_text(stored.envelope);
    stored.act = model::act_from_text(envelope.payload);
    return stored;
}

model::Object read_object(Statement const& row) {
    model::Object object;
    object.kind = row.text(0);
    object.name = row.text(1);
    object.state = row.text(2);
    object.member = row.text(3);
    if (!row.is_null(4)) object.due = base::Instant{row.integer(4)};
    object.data = base::JsonValue(base::parse_json(row.text(5), object_limits));
    object.version = row.count(6);
    return object;
}

constexpr char const* act_columns =
    "SELECT act.idx, act.id, entry.leaf, entry.received FROM act JOIN entry ON entry.idx = act.idx";
constexpr char const* object_columns = "SELECT kind, name, state, member, due, data, version FROM object";

/// The index that a query should walk is the one of its most selective field: the unary plus keeps the
/// planner from the others.
std::string act_conditions(port::ActQuery const& query) {
    std::string sql;
    auto const add = [&](char const* condition) {
        sql += (sql.empty() ? " WHERE " : " AND ") + std::string(condition);
    };
    if (query.subject) add("act.subject = ?");
    if (!query.kind.empty()) add("act.kind = ?");
    if (query.epoch) add(query.subject ? "+act.epoch = ?" : "act.epoch = ?");
    if (!query.member.empty()) add("act.member = ?");
    return sql;
}

void bind_act_query(Statement& statement, port::ActQuery const& query) {
    if (query.subject) statement.bind(*query.subject);
    if (!query.kind.empty()) statement.bind(query.kind);
    if (query.epoch) statement.bind(*query.epoch);
    if (!query.member.empty()) statement.bind(query.member);
}

std::string object_conditions(port::ObjectQuery const& query) {
    std::string sql = " WHERE kind = ?";
    if (!query.state.empty()) sql += " AND state = ?";
    if (!query.member.empty()) sql += " AND member = ?";
    if (query.due_before) sql += " AND due < ?";
    sql += query.due_before ? " ORDER BY due, name" : " ORDER BY name";
    if (query.limit != 0) sql += " LIMIT ?";
    return sql;
}

}  // namespace

std::optional<model::StoredAct> JournalStore::act(base::Digest const& id) const {
    Statement statement(m_database, std::string(act_columns) + " WHERE act.id = ?");
    statement.bind(id);
    if (!statement.step()) return std::nullopt;
    return read_act(statement);
}

bool JournalStore::has_act(base::Digest const& id) const {
    Statement statement(m_database, "SELECT 1 FROM act WHERE id = ?");
    statement.bind(id);
    return statement.step();
}

std::vector<base::Digest> JournalStore::act_ids(std::string_view digits, std::size_t limit) const {
    std::vector<base::Digest> found;
    if (digits.size() > 64) return found;
    auto const bound = [&](char fill) {
        auto text = std::string(digits);
        return base::Digest::from_hex(text.append(64 - text.size(), fill));
    };
    Statement statement(m_database, "SELECT id FROM act WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?");
    statement.bind(bound('0')).bind(bound('f')).bind(static_cast<std::int64_t>(limit));
    while (statement.step()) found.push_back(statement.digest(0));
    return found;
}

std::vector<model::StoredAct> JournalStore::acts(port::ActQuery const& query) const {
    Statement statement(m_database, act_columns + act_conditions(query) + " ORDER BY act.idx");
    bind_act_query(statement, query);
    std::vector<model::StoredAct> found;
    while (statement.step()) found.push_back(read_act(statement));
    return found;
}

std::size_t JournalStore::count(port::ActQuery const& query) const {
    Statement statement(m_database, "SELECT count(*) FROM act" + act_conditions(query));
    bind_act_query(statement, query);
    return statement.step() ? statement.count(0) : 0;
}

// The objects of open proposals and waiting changes lead to their acts: settled ones cost nothing. An act
// that arrived after the epoch that settled it still has its object.
std::vector<model::StoredAct> JournalStore::waiting(std::string const& kind) const {
    std::vector<base::Digest> ids;
    auto const take = [&](model::Object const& object) {
        if (kind == "proposal" || object.data->at("kind") == kind)
            ids.push_back(base::Digest::from_hex(object.name));
    };
    objects({.kind = kind == "proposal" ? "proposal" : "change", .state = "open"}, take);
    std::vector<model::StoredAct> found;
    for (auto const& id : ids) {
        if (settled(id)) continue;
        if (auto stored = act(id)) found.push_back(*std::move(stored));
    }
    std::sort(found.begin(), found.end(),
              [](auto const& left, auto const& right) { return left.index < right.index; });
    return found;
}

std::optional<std::uint64_t> JournalStore::settled(base::Digest const& id) const {
    auto const object = this->object("settled", id.hex());
    return object ? std::optional(object->data->at("epoch").get<std::uint64_t>()) : std::nullopt;
}

std::optional<std::string> JournalStore::file(base::Digest const& digest) const {
    Statement statement(m_database, "SELECT content FROM file WHERE digest = ?");
    statement.bind(digest);
    if (!statement.step()) return std::nullopt;
    return statement.text(0);
}

bool JournalStore::has_file(base::Digest const& digest) const {
    Statement statement(m_database, "SELECT 1 FROM file WHERE digest = ?");
    statement.bind(digest);
    return statement.step();
}

std::shared_ptr<model::Epoch const> JournalStore::epoch(std::uint64_t number) const {
    auto const final = object("epoch", std::to_string(number));
    if (!final || final->state != "final") return nullptr;
    auto const hash = base::Digest::from_hex(final->data->at("hash").get<std::string>());
    auto& known = m_epochs[hash];
    if (known) return known;
    auto const document = file(hash);
    if (!document)
        throw Error(Code::verification_failed,
                    "the document of epoch " + std::to_string(number) + " is not held",
                    "run 'consortium exchange sync'", {{"file", hash.hex()}});
    base::JsonLimits const limits{.bytes = max_document};
    known = std::make_shared<model::Epoch const>(model::epoch_from_json(base::parse_json(*document, limits)));
    return known;
}

std::shared_ptr<model::Epoch const> JournalStore::latest() const {
    auto const newest = latest_reference();
    return newest ? epoch(newest->number) : nullptr;
}

std::optional<model::EpochReference> JournalStore::latest_reference() const {
    // Names are numbers without leading zeros: the longest comes last.
    Statement statement(m_database,
                        "SELECT name, data FROM object WHERE kind = 'epoch' AND state = 'final'"
                        " ORDER BY length(name) DESC, name DESC LIMIT 1");
    if (!statement.step()) return std::nullopt;
    auto const data = base::parse_json(statement.text(1), object_limits);
    return model::EpochReference{std::stoull(statement.text(0)),
                                 base::Digest::from_hex(data.at("hash").get<std::string>())};
}

void JournalStore::read(std::function<void()> const& work) const {
    if (sqlite3_get_autocommit(m_database.handle()) == 0) return work();  // inside a transaction already
    Scope scope(m_database, Access::reading);
    work();
    // A damaged page ends the transaction, also where `work` goes on after it.
    if (sqlite3_get_autocommit(m_database.handle()) == 0) scope.commit();
}

port::Head JournalStore::head() const {
    auto row = load_head(m_database);
    return {row.size, row.root, std::move(row.checkpoint)};
}

model::Entry JournalStore::entry(std::uint64_t index) const {
    Statement statement(m_database, "SELECT idx, kind, leaf, body, received FROM entry WHERE idx = ?");
    statement.bind(index);
    if (!statement.step())
        throw Error(Code::not_found, "there is no entry " + std::to_string(index),
                    "run 'consortium audit log'");
    return read_entry(statement);
}

void JournalStore::entries(std::uint64_t begin, std::uint64_t end,
                           std::function<void(model::Entry const&)> const& each) const {
    // In chunks, so that a long reader does not keep writers waiting.
    std::vector<model::Entry> rows;
    while (begin < end) {
        auto const stop = std::min(end, begin + chunk);
        rows.clear();
        {
            Statement statement(m_database,
                                "SELECT idx, kind, leaf, body, received FROM entry WHERE idx >= ? AND idx < ?"
                                " ORDER BY idx");
            statement.bind(begin).bind(stop);
            while (statement.step()) rows.push_back(read_entry(statement));
        }
        for (auto const& row : rows) each(row);
        begin = stop;
    }
}

void JournalStore::leaves(std::uint64_t begin, std::uint64_t end,
                          std::function<void(std::string_view)> const& each) const {
    while (begin < end) {
        auto const stop = std::min(end, begin + leaf_chunk);
        // An aggregate has no order of its own. Rows come as they lie in the table, whose key is idx: there
        // is nothing else to read them from.
        Statement statement(m_database, "SELECT handed(leaf, ?3) FROM entry WHERE idx >= ?1 AND idx < ?2");
        statement.bind(begin).bind(stop);
        statement.hand_rows([&](base::BytesView leaf) { each(base::as_text(leaf)); });
        begin = stop;
    }
}

std::vector<base::Digest> JournalStore::tile(int level, std::uint64_t number) const {
    return load_tile(m_database, level, number);
}

std::optional<model::Object> JournalStore::object(std::string_view kind, std::string_view name) const {
    Statement statement(m_database, std::string(object_columns) + " WHERE kind = ? AND name = ?");
    statement.bind(kind).bind(name);
    if (!statement.step()) return std::nullopt;
    return read_object(statement);
}

void JournalStore::objects(port::ObjectQuery const& query,
                           std::function<void(model::Object const&)> const& each) const {
    std::vector<model::Object> rows;
    {
        Statement statement(m_database, object_columns + object_conditions(query));
        statement.bind(query.kind);
        if (!query.state.empty()) statement.bind(query.state);
        if (!query.member.empty()) statement.bind(query.member);
        if (query.due_before) statement.bind(query.due_before->seconds);
        if (query.limit != 0) statement.bind(static_cast<std::int64_t>(query.limit));
        while (statement.step()) rows.push_back(read_object(statement));
    }
    for (auto const& row : rows) each(row);
}

std::vector<port::Orphan> JournalStore::orphans() const {
    Statement statement(m_database, "SELECT id, member, envelope, missing FROM orphan ORDER BY serial");
    std::vector<port::Orphan> found;
    while (statement.step()) {
        port::Orphan orphan{statement.digest(0), statement.text(1), statement.text(2), {}};
        auto const missing = statement.blob(3);
        for (std::size_t at = 0; at + 32 <= missing.size(); at += 32)
            orphan.missing.push_back(base::Digest::from_bytes(missing.subspan(at, 32)));
        found.push_back(std::move(orphan));
    }
    return found;
}

std::optional<std::string> JournalStore::note(std::string const& key) const {
    Statement statement(m_database, "SELECT value FROM note WHERE key = ?");
    statement.bind(key);
    if (!statement.step()) return std::nullopt;
    return statement.text(0);
}

std::optional<port::SealedPart> JournalStore::sealed(base::Digest const& act) const {
    Statement statement(m_database, "SELECT subject, content FROM sealed WHERE act = ?");
    statement.bind(act);
    if (!statement.step()) return std::nullopt;
    port::SealedPart part;
    part.act = act;
    part.subject = statement.text(0);
    auto const content = statement.blob(1);
    part.sealed.assign(content.begin(), content.end());
    return part;
}

std::vector<base::Digest> JournalStore::sealed_acts(std::string const& subject) const {
    Statement statement(m_database, "SELECT act FROM sealed WHERE subject = ? ORDER BY act");
    statement.bind(subject);
    std::vector<base::Digest> found;
    while (statement.step()) found.push_back(statement.digest(0));
    return found;
}

std::vector<port::SealedCount> JournalStore::sealed_counts() const {
    Statement statement(m_database,
                        "SELECT subject, count(*) FILTER (WHERE length(content) > 0),"
                        " count(*) FILTER (WHERE length(content) = 0)"
                        " FROM sealed GROUP BY subject ORDER BY subject");
    std::vector<port::SealedCount> found;
    while (statement.step())
        found.push_back({statement.text(0), static_cast<std::size_t>(statement.count(1)),
                         static_cast<std::size_t>(statement.count(2))});
    return found;
}

}  // namespace consortium::store
