#pragma once

#include "core/base/digest.h"
#include "core/base/file.h"
#include "core/store/layout.h"

#include <functional>
#include <map>

struct sqlite3;
struct sqlite3_stmt;

namespace consortium::store {

class Database;
/// Prepared statements by their text; one that is in use is taken out.
using Pool = std::multimap<std::string, sqlite3_stmt*, std::less<>>;
using Pooled = Pool::node_type;

/// One use of a prepared statement, which goes back to its database's pool afterwards. Parameters are bound
/// in order, from 1.
class Statement {
public:
    Statement(Database& database, std::string_view sql);
    ~Statement();
    Statement(Statement const&) = delete;
    Statement& operator=(Statement const&) = delete;

    Statement& bind(std::int64_t value);
    Statement& bind(std::uint64_t value) { return bind(static_cast<std::int64_t>(value)); }
    Statement& bind(int value) { return bind(static_cast<std::int64_t>(value)); }
    Statement& bind(std::string_view text);
    Statement& bind(std::string const& text) { return bind(std::string_view(text)); }
    Statement& bind(char const* text) { return bind(std::string_view(text)); }
    Statement& bind(base::BytesView blob);
    Statement& bind(base::Digest const& digest) { return bind(digest.view()); }
    /// Without a copy: the caller keeps these until run() has ended.
    Statement& bind_kept(base::BytesView blob);
    Statement& bind_kept(std::string_view text);
    Statement& bind_null();
    /// A column of another statement's row, whatever it is.
    Statement& bind(Statement const& row, int column);

    /// True while there is a row.
    bool step();
    /// For statements without rows; ready to be bound again.
    void run();
    /// For "SELECT handed(BLOB, ?) FROM ...", whose last parameter is not bound: calls `each` with the blob
    /// of every row from within SQLite, which costs less than to come back for each. What `each` throws
    /// leaves here, and no row follows.
    void hand_rows(std::function<void(base::BytesView)> const& each);

    std::int64_t integer(int column) const;
    std::uint64_t count(int column) const { return static_cast<std::uint64_t>(integer(column)); }
    std::string text(int column) const;  // of text and of blobs
    base::BytesView blob(int column) const;
    base::Digest digest(int column) const;
    bool is_null(int column) const;
    int columns() const;

private:
    Database& m_database;
    Pooled m_pooled;
    sqlite3_stmt* m_statement;
    int m_bound = 0;
};

/// One connection. Every failure becomes an Error: storage (full, read-only, I/O), busy, or
/// verification_failed (damaged), with a hint.
class Database {
public:
    enum class Opening { existing, create };

    /// Of an older layout too, which only a migration looks into.
    Database(base::Path path, Opening opening, int layout = layout_version);
    ~Database();
    Database(Database const&) = delete;
    Database& operator=(Database const&) = delete;

    void execute(char const* sql);
    sqlite3* handle() const { return m_handle; }
    base::Path const& path() const { return m_path; }
    [[noreturn]] void fail(int code) const;
    /// Rows that the last statement inserted, changed or deleted.
    std::int64_t changes() const;

    Pooled take(std::string_view sql);
    void give_back(Pooled statement);

private:
    void configure();

    base::Path m_path;
    int m_layout;
    sqlite3* m_handle = nullptr;
    Pool m_pool;
};

/// Copies the whole of one database, as of one commit, over a new one. Takes one read lock for all of it:
/// page by page it would begin anew with every write of others.
void copy_pages(Database& from, Database& to);

/// What a SQL transaction was begun for.
enum class Access { reading, writing, step };  // a step of a transaction that is open already

/// A SQL transaction, or a step inside one, that is rolled back unless committed.
class Scope {
public:
    Scope(Database& database, Access access);
    ~Scope();
    Scope(Scope const&) = delete;
    Scope& operator=(Scope const&) = delete;
    void commit();

private:
    Database& m_database;
    Access m_access;
    bool m_open = true;
};

}  // namespace consortium::store
