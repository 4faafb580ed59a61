#include "core/base/error.h"
#include "core/journal/checkpoint.h"
#include "core/journal/merkle.h"
#include "core/model/kind.h"
#include "core/store/journal.h"
#include "core/store/page.h"
#include "core/store/schema.h"
#include "core/store/writer.h"

#include <array>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>

namespace consortium::store {

using base::Code;
using base::Error;
using base::Path;

namespace {

constexpr char copy_mark[] = "restored";         // the note of store::mark_copy
constexpr char migrated_mark[] = "a migration";  // its text in a journal that was migrated
constexpr char left_as_it_is[] = "it was left as it is; restore a backup";

Path beside(Path path, std::string const& suffix) {
    return path += suffix;
}

std::uint32_t layout_of_file(Path const& path) {
    std::ifstream in(path, std::ios::binary);
    std::array<std::uint8_t, layout_header_size> header = {};
    in.read(reinterpret_cast<char*>(header.data()), header.size());
    return layout_in_header(header);
}

struct Table {
    char const* name;
    char const* columns;
    char const* places;
    int since;  // the first layout that has it
};

/// What no entry says.
constexpr Table tables[] = {
    {"file", "digest, content", "?, ?", 1},
    {"orphan", "serial, id, member, envelope, missing", "?, ?, ?, ?, ?", 1},
    {"rejected", "serial, digest, envelope, reason, received", "?, ?, ?, ?, ?", 1},
    {"note", "key, value", "?, ?", 1},
    {"sealed", "act, subject, content", "?, ?, ?", 2},
};

class Migration {
public:
    Migration(Database& from, int layout, Database& to)
        : m_from(from), m_layout(layout), m_to(to), m_rows(to) {}

    HeadRow run() {
        Scope const reading(m_from, Access::reading);
        Scope writing(m_to, Access::writing);
        auto head = load_head(m_from);
        copy_entries(head);
        for (auto const& table : tables)
            if (table.since <= m_layout) copy(table);
        Statement unmark(m_to, "DELETE FROM note WHERE key = ? AND value = ?");
        unmark.bind(copy_mark).bind(migrated_mark).run();  // of a migration that was stopped
        save_head(m_to, head);
        writing.commit();
        return head;
    }

private:
    void copy_entries(HeadRow const& head) {
        Tree tree(m_to, 0, {});
        ObjectTable objects(m_to, "object");
        Statement rows(m_from, "SELECT idx, kind, leaf, body, received FROM entry ORDER BY idx");
        while (rows.step()) {
            auto const entry = read_entry(rows);
            if (tree.append(journal::leaf_hash(entry.leaf)) != entry.index) refuse("an entry is missing");
            m_rows.add(entry.index, entry.kind, entry.leaf, entry.body, entry.received);
            if (entry.kind == model::EntryKind::act) index(entry);
            journal::fold(entry, objects);
        }
        tree.save();
        bool holds = tree.frontier().size() == head.size && tree.frontier().root() == head.root;
        if (!head.checkpoint.empty()) {
            auto const noted = journal::Checkpoint::parse(journal::Note::parse(head.checkpoint).body);
            holds = holds && noted.size == head.size && noted.root == head.root;
        }
        if (!holds) refuse("its entries do not give the root in its signed head");
    }

    void index(model::Entry const& entry) {
        auto const envelope = model::envelope_from_text(entry.leaf);
        auto const act = model::act_from_text(envelope.payload);
        check_body(act, entry.index);
        if (!m_rows.add(act, model::act_id(envelope), entry.index)) refuse("an act is there twice");
    }

    // What was written before the first release may say what no act says any more: a journal of such acts
    // could be opened, and not be worked with.
    void check_body(model::Act const& act, std::uint64_t index) const {
        auto const* kind = model::find_kind(act.kind);
        if (kind == nullptr) return;
        try {
            kind->check(*act.body);
        } catch (Error const& error) {
            throw Error(
                Code::unsupported,
                fmt::format("'{}' cannot be migrated: entry {} is an act of a form that this version does "
                            "not read ({})",
                            m_from.path().string(), index, error.message()),
                "it was left as it is; go on with the version that wrote it");
        }
    }

    void copy(Table const& table) {
        Statement rows(m_from, fmt::format("SELECT {} FROM {}", table.columns, table.name));
        Statement insert(
            m_to, fmt::format("INSERT INTO {}({}) VALUES({})", table.name, table.columns, table.places));
        while (rows.step()) {
            for (int column = 0; column < rows.columns(); ++column) insert.bind(rows, column);
            insert.run();
        }
    }

    [[noreturn]] void refuse(std::string const& why) const {
        throw Error(Code::verification_failed,
                    fmt::format("'{}' cannot be migrated: {}", m_from.path().string(), why));
    }

    Database& m_from;
    int m_layout;
    Database& m_to;
    Rows m_rows;
};

HeadRow write_new(Path const& path, int layout, Path const& made) {
    for (auto const* suffix : {"", "-journal"}) std::filesystem::remove(beside(made, suffix));
    Database from(path, Database::Opening::existing, layout);
    Database to(made, Database::Opening::create);
    create_tables(to);
    to.execute("PRAGMA cache_size = -65536");
    std::filesystem::permissions(made, std::filesystem::status(path).permissions());
    return Migration(from, layout, to).run();
}

bool is_journal_of(Path const& kept, int layout, HeadRow const& head) {
    try {
        Database database(kept, Database::Opening::existing, layout);
        return load_head(database).root == head.root;
    } catch (Error const&) {
        return false;
    }
}

/// A program that opened it before would else go on writing to what nobody reads any more.
void mark_migrated(Path const& path, int layout) {
    Database database(path, Database::Opening::existing, layout);
    Statement statement(database,
                        "INSERT INTO note(key, value) VALUES(?, ?)"
                        " ON CONFLICT(key) DO UPDATE SET value = excluded.value WHERE value = ''");
    statement.bind(copy_mark).bind(migrated_mark).run();
}

/// The journal as it was, before anything is marked in it. A copy: another name of the same file would be
/// written to by whoever has it open. There already where a migration was stopped behind it.
void keep(Path const& path, int layout, Path const& kept, HeadRow const& head) {
    if (base::exists(kept)) {
        if (is_journal_of(kept, layout, head)) return;
        throw Error(Code::conflict, "there is a file already: " + kept.string(),
                    "move it elsewhere: the journal as it was is to be kept there");
    }
    auto const staged = beside(kept, ".migrating");
    std::error_code failed;
    std::filesystem::copy_file(path, staged, std::filesystem::copy_options::overwrite_existing, failed);
    if (failed)
        throw Error(Code::storage, "cannot write " + staged.string() + ": " + failed.message(),
                    "free some space and run the command again");
    base::sync_file(staged);
    std::filesystem::rename(staged, kept);
    base::sync_folder(kept.parent_path());
}

Migrated migrate_older(Path const& path, int layout) {
    auto const made = beside(path, ".migrating");
    auto const head = write_new(path, layout, made);
    Migrated done;
    done.from = layout;
    done.size = head.size;
    done.root = head.root;
    done.kept = beside(path, ".layout-" + std::to_string(layout));
    keep(path, layout, done.kept, head);
    mark_migrated(path, layout);
    std::filesystem::rename(made, path);
    base::sync_folder(path.parent_path());
    return done;
}

/// In which layout to open a file: another than ours only where it says that it is of one that we know.
int layout_to_open(Path const& path) {
    auto const layout = layout_of_file(path);
    return layout >= 1 && layout < layout_version ? static_cast<int>(layout) : layout_version;
}

}  // namespace

std::int64_t journal_layout(Path const& path) {
    if (!base::exists(path))
        throw Error(Code::not_found, "no journal at " + path.string(),
                    "run 'consortium init' or 'consortium join'");
    Database database(path, Database::Opening::existing, layout_to_open(path));
    return layout_of(database);
}

Migrated migrate_journal(Path const& path, int lock_seconds) {
    refuse_network_file_system(path);
    base::FileLock const lock(beside(path, ".lock"), lock_seconds);
    Migrated done;
    done.from = journal_layout(path);
    if (done.from >= layout_version) {
        refuse_other_layout(done.from);
        return done;
    }
    try {
        return migrate_older(path, static_cast<int>(done.from));
    } catch (Error const& error) {
        if (error.code() != Code::verification_failed && error.code() != Code::malformed) throw;
        throw Error(Code::verification_failed, error.message(), left_as_it_is, error.details());
    }
}

}  // namespace consortium::store
