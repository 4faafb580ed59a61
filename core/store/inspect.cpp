#include "core/base/error.h"
#include "core/store/journal_store.h"
#include "core/store/page.h"
#include "core/store/schema.h"

#include <nlohmann/json.hpp>
#include <sqlite3.h>

namespace consortium::store {

using base::Error;
using port::Damage;

namespace {

constexpr std::size_t most_named = 20;

std::string page_name(Database const& database, std::uint64_t number) {
    return "page " + std::to_string(number) + " of " + database.path().filename().string();
}

/// Reads every page through SQLite's own file: a second descriptor of ours would drop its locks when closed.
std::vector<Damage> damaged_pages(Database& database) {
    std::vector<Damage> found;
    sqlite3_file* file = nullptr;
    sqlite3_file_control(database.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
    auto const pages = pragma(database, "page_count");  // takes the lock, so that nobody makes the file grow
    sqlite3_int64 size = 0;
    file->pMethods->xFileSize(file, &size);
    if (size != pages * page_size)
        found.push_back(
            {database.path().filename().string(),
             "has " + std::to_string(size) + " bytes instead of " + std::to_string(pages * page_size)});
    base::Bytes page(page_size);
    for (std::int64_t at = 0; at < size / page_size; ++at) {
        int const code = file->pMethods->xRead(file, page.data(), page_size, at * page_size);
        auto const number = static_cast<std::uint64_t>(at) + 1;
        if (code == SQLITE_OK) continue;
        take_damaged_page();
        take_damaged_layout();
        found.push_back({page_name(database, number), "its checksum does not hold"});
    }
    return found;
}

/// The errors of SQLite's own check of its structure, which only makes sense while all pages hold.
void check_structure(Database& database, std::vector<Damage>& found) {
    Statement statement(database, "PRAGMA integrity_check(20)");
    while (statement.step()) {
        auto const words = statement.text(0);
        if (words != "ok") found.push_back({database.path().filename().string(), words});
    }
}

/// Runs one read; what cannot be read is named.
void probe(std::string const& where, std::vector<Damage>& found, std::function<void()> const& read) {
    try {
        read();
    } catch (Error const& error) {
        if (found.size() < most_named) found.push_back({where, "cannot be read: " + error.message()});
    }
}

void read_all(Statement& statement, int columns) {
    while (statement.step())
        for (int column = 0; column < columns; ++column) static_cast<void>(statement.blob(column));
}

/// Which entries, tiles and tables lie on damaged pages.
void name_contents(Database& database, std::vector<Damage>& found) {
    std::uint64_t size = 0;
    probe("head", found, [&] { size = load_head(database).size; });
    for (std::uint64_t index = 0; index < size && found.size() < most_named; ++index) {
        probe("entry " + std::to_string(index), found, [&] {
            Statement statement(database, "SELECT leaf, body FROM entry WHERE idx = ?");
            statement.bind(index);
            read_all(statement, 2);
        });
    }
    for (int level = 0; level < journal::tile_levels(size); ++level) {
        for (std::uint64_t number = 0; found.size() < most_named; ++number) {
            auto const width = journal::tile_hashes(size, level, number);
            if (width == 0) break;
            probe(journal::tile_path(level, number, width), found,
                  [&] { static_cast<void>(load_tile(database, level, number)); });
        }
    }
    for (auto const* table : {"act", "file", "object", "orphan", "rejected", "sealed", "note"}) {
        probe("table '" + std::string(table) + "'", found, [&] {
            Statement statement(database, "SELECT * FROM " + std::string(table) + " NOT INDEXED");
            read_all(statement, 1);
        });
    }
}

void check_files(Database& database, std::vector<Damage>& found) {
    Statement statement(database, "SELECT digest, content FROM file");
    while (statement.step()) {
        auto const digest = statement.digest(0);
        if (base::sha256(statement.blob(1)) != digest)
            found.push_back({"file " + digest.hex(), "is not of its digest"});
    }
}

/// The index of acts must say of each act what its entry says.
void check_acts(Database& database, std::vector<Damage>& found) {
    Statement statement(
        database,
        "SELECT entry.idx, entry.leaf, act.id, act.kind, act.member, act.epoch, act.subject"
        " FROM entry LEFT JOIN act ON act.idx = entry.idx WHERE entry.kind = 0 ORDER BY entry.idx");
    while (statement.step()) {
        auto const where = "entry " + std::to_string(statement.count(0));
        probe(where, found, [&] {
            auto const envelope = model::envelope_from_text(statement.text(1));
            auto const act = model::act_from_text(envelope.payload);
            bool const same = !statement.is_null(2) && statement.digest(2) == model::act_id(envelope) &&
                              statement.text(3) == act.kind && statement.text(4) == act.member &&
                              statement.count(5) == act.epoch.number &&
                              statement.digest(6) == model::subject_of(act);
            if (!same) found.push_back({where, "the index of acts says something else of it"});
        });
    }
    Statement count(database,
                    "SELECT (SELECT count(*) FROM act) - (SELECT count(*) FROM entry WHERE kind = 0)");
    if (count.step() && count.integer(0) != 0)
        found.push_back({"table 'act'", "lists acts that are not in the journal"});
}

}  // namespace

std::vector<Damage> JournalStore::inspect() const {
    // One snapshot: no writer may change pages between two reads of them.
    Scope const scope(m_database, Access::reading);
    auto found = damaged_pages(m_database);
    if (!found.empty()) {
        name_contents(m_database, found);
        return found;
    }
    check_structure(m_database, found);
    check_acts(m_database, found);
    check_files(m_database, found);
    return found;
}

std::vector<Damage> JournalStore::compare_projection() const {
    m_database.execute(
        "CREATE TEMP TABLE rebuilt(kind TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL,"
        " member TEXT NOT NULL, due INTEGER, data TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY(kind, "
        "name))");
    std::vector<Damage> found;
    try {
        ObjectTable rebuilt(m_database, "temp.rebuilt");
        entries(0, head().size, [&](model::Entry const& entry) { journal::fold(entry, rebuilt); });
        Statement statement(
            m_database,
            "SELECT kind, name FROM (SELECT * FROM object EXCEPT SELECT * FROM temp.rebuilt)"
            " UNION SELECT kind, name FROM (SELECT * FROM temp.rebuilt EXCEPT SELECT * FROM object)"
            " ORDER BY kind, name LIMIT 20");
        while (statement.step())
            found.push_back(
                {statement.text(0) + "/" + statement.text(1), "is not what the journal folds into"});
    } catch (...) {
        m_database.execute("DROP TABLE temp.rebuilt");
        throw;
    }
    m_database.execute("DROP TABLE temp.rebuilt");
    return found;
}

}  // namespace consortium::store
