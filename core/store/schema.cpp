#include "core/store/schema.h"

#include "core/base/error.h"
#include "core/store/journal.h"

#include <fmt/format.h>
#include <sys/vfs.h>

namespace consortium::store {

using base::Code;
using base::Error;

namespace {

constexpr std::int64_t application_id = 0x434e534d;  // "CNSM"

constexpr char const* tables = R"(
PRAGMA application_id = 1129206605;
CREATE TABLE entry(
    idx INTEGER PRIMARY KEY, kind INTEGER NOT NULL, leaf BLOB NOT NULL, body BLOB NOT NULL,
    received INTEGER NOT NULL) STRICT;
CREATE TABLE tile(place INTEGER PRIMARY KEY, hashes BLOB NOT NULL) STRICT;
CREATE TABLE head(
    one INTEGER PRIMARY KEY CHECK(one = 1), size INTEGER NOT NULL, root BLOB NOT NULL,
    frontier BLOB NOT NULL, checkpoint TEXT NOT NULL) STRICT;
CREATE TABLE act(
    idx INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, kind TEXT NOT NULL, member TEXT NOT NULL,
    epoch INTEGER NOT NULL, subject BLOB NOT NULL) STRICT;
CREATE INDEX act_subject ON act(subject, kind);
CREATE INDEX act_kind ON act(kind, member);
CREATE INDEX act_epoch ON act(epoch, kind);
CREATE TABLE file(digest BLOB PRIMARY KEY, content BLOB NOT NULL) STRICT;
CREATE TABLE object(
    kind TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, member TEXT NOT NULL, due INTEGER,
    data TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY(kind, name)) STRICT;
CREATE INDEX object_due ON object(kind, due);
CREATE INDEX object_state ON object(kind, state, name);
CREATE INDEX object_member ON object(kind, member, name);
CREATE TABLE orphan(
    serial INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, member TEXT NOT NULL, envelope BLOB NOT NULL,
    missing BLOB NOT NULL) STRICT;
CREATE INDEX orphan_member ON orphan(member, serial);
CREATE TABLE rejected(
    serial INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, envelope BLOB NOT NULL, reason TEXT NOT NULL,
    received INTEGER NOT NULL) STRICT;
CREATE TABLE sealed(act BLOB PRIMARY KEY, subject TEXT NOT NULL, content BLOB NOT NULL) STRICT;
CREATE INDEX sealed_subject ON sealed(subject);
CREATE TABLE note(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
)";

}  // namespace

std::int64_t pragma(Database& database, char const* name) {
    Statement statement(database, std::string("PRAGMA ") + name);
    return statement.step() ? statement.integer(0) : 0;
}

void create_tables(Database& database) {
    Scope scope(database, Access::writing);
    database.execute(tables);
    database.execute(("PRAGMA user_version = " + std::to_string(layout_version)).c_str());
    Statement head(database, "INSERT INTO head VALUES(1, 0, ?, ?, '')");
    head.bind(base::sha256(std::string_view())).bind(base::BytesView()).run();
    scope.commit();
}

std::int64_t layout_of(Database& database) {
    Scope const scope(database, Access::reading);  // one lock for all that is read here
    auto const layout = pragma(database, "user_version");
    if (pragma(database, "application_id") != application_id || layout < 1)
        throw Error(Code::verification_failed, database.path().string() + " is not a journal",
                    "run 'consortium init' in a new folder, or restore a backup");
    return layout;
}

void check_layout(Database& database) {
    refuse_other_layout(layout_of(database));
}

void refuse_other_layout(std::int64_t version) {
    Error::Details details{{"layout", std::to_string(version)}, {"known", std::to_string(layout_version)}};
    if (version > layout_version)
        throw Error(Code::too_new, "this journal was written by a newer version of this program",
                    "install that version; the journal was not touched", std::move(details));
    if (version < layout_version)
        throw Error(
            Code::unsupported,
            fmt::format("this journal has layout {}, which an older version of this program wrote; this one "
                        "works with layout {}",
                        version, layout_version),
            "run 'consortium workspace migrate'", std::move(details));
}

void refuse_network_file_system(base::Path const& path) {
    constexpr std::uint32_t network[] = {0x6969, 0xff534d42, 0xfe534d42, 0x517b, 0x5346414f, 0x00c36400};
    struct statfs found {};
    auto const folder = path.has_parent_path() ? path.parent_path() : base::Path(".");
    if (::statfs(folder.c_str(), &found) != 0) return;
    for (auto const type : network) {
        if (static_cast<std::uint32_t>(found.f_type) == type)
            throw Error(Code::unsupported,
                        "a journal cannot live on a network file system: " + folder.string(),
                        "keep the workspace on a local disk; organizations exchange files, not databases");
    }
}

}  // namespace consortium::store
