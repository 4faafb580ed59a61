#include "core/store/sqlite.h"

#include "core/base/error.h"
#include "core/store/journal.h"
#include "core/store/page.h"
#include "core/store/schema.h"

#include <sqlite3.h>

namespace consortium::store {

using base::Code;
using base::Error;

namespace {

constexpr int busy_milliseconds = 30'000;

[[noreturn]] void fail_damaged(base::Path const& path, std::uint64_t page) {
    auto const where = page != 0 ? "page " + std::to_string(page) + " of " + path.filename().string()
                                 : path.filename().string();
    throw Error(Code::verification_failed, where + " is damaged",
                "run 'consortium audit verify' to see what is affected, then restore a backup",
                {{"file", path.string()}, {"page", std::to_string(page)}});
}

[[noreturn]] void fail_storage(base::Path const& path, std::string const& what, std::string const& hint) {
    throw Error(Code::storage, what + ": " + path.string(), hint, {{"file", path.string()}});
}

constexpr char const* receiver_type = "receiver";

struct Receiver {
    std::function<void(base::BytesView)> const& each;
    std::exception_ptr thrown;
};

/// The step of the aggregate function handed(BLOB, POINTER). No exception may pass through SQLite.
void hand_row(sqlite3_context* context, int /*count*/, sqlite3_value** values) {
    auto* const receiver = static_cast<Receiver*>(sqlite3_value_pointer(values[1], receiver_type));
    if (receiver == nullptr) return sqlite3_result_error(context, "handed() without a receiver", -1);
    auto const* data = static_cast<std::uint8_t const*>(sqlite3_value_blob(values[0]));
    try {
        receiver->each({data, static_cast<std::size_t>(sqlite3_value_bytes(values[0]))});
    } catch (...) {
        receiver->thrown = std::current_exception();
        sqlite3_result_error(context, "", 0);
    }
}

void end_of_rows(sqlite3_context* context) {
    sqlite3_result_null(context);
}

}  // namespace

Statement::Statement(Database& database, std::string_view sql)
    : m_database(database), m_pooled(database.take(sql)), m_statement(m_pooled.mapped()) {}

Statement::~Statement() {
    m_database.give_back(std::move(m_pooled));
}

Statement& Statement::bind(std::int64_t value) {
    sqlite3_bind_int64(m_statement, ++m_bound, value);
    return *this;
}

Statement& Statement::bind(std::string_view text) {
    // A null pointer would bind NULL, not the empty text.
    auto const* data = text.empty() ? "" : text.data();
    sqlite3_bind_text(m_statement, ++m_bound, data, static_cast<int>(text.size()), SQLITE_TRANSIENT);
    return *this;
}

Statement& Statement::bind(base::BytesView blob) {
    if (blob.empty())
        sqlite3_bind_zeroblob(m_statement, ++m_bound, 0);
    else
        sqlite3_bind_blob(m_statement, ++m_bound, blob.data(), static_cast<int>(blob.size()),
                          SQLITE_TRANSIENT);
    return *this;
}

Statement& Statement::bind_kept(base::BytesView blob) {
    if (blob.empty()) return bind(blob);
    sqlite3_bind_blob(m_statement, ++m_bound, blob.data(), static_cast<int>(blob.size()), SQLITE_STATIC);
    return *this;
}

Statement& Statement::bind_kept(std::string_view text) {
    if (text.empty()) return bind(text);
    sqlite3_bind_text(m_statement, ++m_bound, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
    return *this;
}

Statement& Statement::bind_null() {
    sqlite3_bind_null(m_statement, ++m_bound);
    return *this;
}

Statement& Statement::bind(Statement const& row, int column) {
    sqlite3_bind_value(m_statement, ++m_bound, sqlite3_column_value(row.m_statement, column));
    return *this;
}

bool Statement::step() {
    int const code = sqlite3_step(m_statement);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) m_database.fail(code);
    return false;
}

void Statement::run() {
    while (step()) continue;
    sqlite3_reset(m_statement);
    m_bound = 0;
}

void Statement::hand_rows(std::function<void(base::BytesView)> const& each) {
    Receiver receiver{each, nullptr};
    sqlite3_bind_pointer(m_statement, ++m_bound, &receiver, receiver_type, nullptr);
    int const code = sqlite3_step(m_statement);
    if (receiver.thrown) std::rethrow_exception(receiver.thrown);
    if (code != SQLITE_ROW) m_database.fail(code);
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(m_statement, column);
}

std::string Statement::text(int column) const {
    return std::string(base::as_text(blob(column)));
}

base::BytesView Statement::blob(int column) const {
    auto const* data = static_cast<std::uint8_t const*>(sqlite3_column_blob(m_statement, column));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column))};
}

base::Digest Statement::digest(int column) const {
    return base::Digest::from_bytes(blob(column));
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(m_statement, column) == SQLITE_NULL;
}

int Statement::columns() const {
    return sqlite3_column_count(m_statement);
}

Database::Database(base::Path path, Opening opening, int layout) : m_path(std::move(path)), m_layout(layout) {
    int const flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                      (opening == Opening::create ? SQLITE_OPEN_CREATE : 0);
    int const code = sqlite3_open_v2(m_path.c_str(), &m_handle, flags, page_file_layer(layout).c_str());
    try {
        if (code != SQLITE_OK) fail(code);
        configure();
    } catch (...) {
        sqlite3_close_v2(m_handle);
        throw;
    }
}

Database::~Database() {
    for (auto const& [sql, statement] : m_pool) sqlite3_finalize(statement);
    sqlite3_close_v2(m_handle);
}

void Database::configure() {
    sqlite3_busy_timeout(m_handle, busy_milliseconds);
    sqlite3_db_config(m_handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(m_handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(m_handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    sqlite3_db_config(m_handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
    sqlite3_create_function_v2(m_handle, "handed", 2, SQLITE_UTF8 | SQLITE_DIRECTONLY, nullptr, nullptr,
                               hand_row, end_of_rows, nullptr);
    // Takes effect in a new database only.
    int reserve = page_reserve;
    sqlite3_file_control(m_handle, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserve);
    execute(("PRAGMA page_size=" + std::to_string(page_form(m_layout).size)).c_str());
    execute(
        "PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY; PRAGMA synchronous=FULL;"
        "PRAGMA secure_delete=ON;");
}

void Database::execute(char const* sql) {
    int const code = sqlite3_exec(m_handle, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail(code);
}

std::int64_t Database::changes() const {
    return sqlite3_changes64(m_handle);
}

void Database::fail(int code) const {
    auto const page = take_damaged_page();
    // Pages of another layout may be of another form: it is not damage.
    auto const layout = take_damaged_layout();
    if (page != 0 && layout != 0 && m_layout == layout_version) refuse_other_layout(layout);
    if (page != 0 || code == SQLITE_IOERR_DATA) fail_damaged(m_path, page);
    switch (code & 0xff) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            fail_damaged(m_path, 0);
        case SQLITE_FULL:
            fail_storage(m_path, "the disk is full", "free some space and run the command again");
        case SQLITE_READONLY:
            fail_storage(m_path, "cannot write, the file or its folder is read-only",
                         "make it writable and run the command again");
        case SQLITE_CANTOPEN:
            fail_storage(m_path, "cannot open the journal", "check the path and its permissions");
        case SQLITE_IOERR:
            fail_storage(m_path, "cannot read or write the journal",
                         "check the disk and its free space, then run the command again");
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            throw Error(Code::busy, "another process holds " + m_path.string(),
                        "wait for it and run the command again");
        default:
            break;
    }
    throw Error(Code::internal, std::string("database: ") + sqlite3_errmsg(m_handle));
}

Pooled Database::take(std::string_view sql) {
    if (auto const found = m_pool.find(sql); found != m_pool.end()) return m_pool.extract(found);
    sqlite3_stmt* statement = nullptr;
    int const code = sqlite3_prepare_v3(m_handle, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) fail(code);
    return m_pool.extract(m_pool.emplace(sql, statement));
}

void Database::give_back(Pooled statement) {
    sqlite3_reset(statement.mapped());
    sqlite3_clear_bindings(statement.mapped());
    m_pool.insert(std::move(statement));
}

void copy_pages(Database& from, Database& to) {
    auto* const copying = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
    if (copying == nullptr) to.fail(sqlite3_errcode(to.handle()));
    int const code = sqlite3_backup_step(copying, -1);  // waits for a lock as long as any other statement
    int const end = sqlite3_backup_finish(copying);
    if (code != SQLITE_DONE) to.fail(code);
    if (end != SQLITE_OK) to.fail(end);
}

Scope::Scope(Database& database, Access access) : m_database(database), m_access(access) {
    m_database.execute(access == Access::step      ? "SAVEPOINT step"
                       : access == Access::writing ? "BEGIN IMMEDIATE"
                                                   : "BEGIN");
}

Scope::~Scope() {
    // A failed statement may have rolled back already; a second rollback then does nothing.
    auto const* const undo = m_access == Access::step ? "ROLLBACK TO step; RELEASE step" : "ROLLBACK";
    if (m_open) sqlite3_exec(m_database.handle(), undo, nullptr, nullptr, nullptr);
}

void Scope::commit() {
    m_database.execute(m_access == Access::step ? "RELEASE step" : "COMMIT");
    m_open = false;
}

}  // namespace consortium::store
