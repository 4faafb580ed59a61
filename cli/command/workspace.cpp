#include "cli/place.h"
#include "cli/session.h"
#include "cli/settings.h"
#include "cli/spec.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/crypto/keystore.h"
#include "core/flow/backup.h"
#include "core/store/journal.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Code;
using base::Error;
using base::Json;
using flow::Restored;

constexpr int lock_seconds = 30;

base::Path absolute(std::string const& path) {
    auto folder = std::filesystem::absolute(path).lexically_normal();
    return folder.has_filename() ? folder : folder.parent_path();
}

void refuse_saved_plan(Session& session) {
    if (!session.common().save_plan.empty())
        throw Error(Code::usage, "this has no plan to save: it only copies", "leave out --save-plan");
}

model::Outcome intended(std::string const& words) {
    model::Outcome outcome;
    outcome.schema = "consortium.plan/1";
    outcome.data = base::JsonValue(Json{{"dry_run", true}});
    outcome.text.emplace_back(words);
    return outcome;
}

model::Outcome backup(Session& session, model::Request const& request) {
    refuse_saved_plan(session);
    auto const to = absolute(request.arguments->at("operand").get<std::string>());
    if (session.common().dry_run) return intended("would copy this workspace to " + to.string());
    return flow::workspace_backup(session.services(), session.self(), to);
}

/// Looks at the copy while it is still beside its place; what may be behind is marked, so that nothing signs
/// with it unasked.
Restored examine(Session& session, model::Request const& request, base::Path const& stage,
                 flow::BackupManifest const& manifest) {
    session.enter(stage);
    auto& services = session.services();
    flow::check_copy(services.store, manifest, services);
    auto const [place, unread] = place_if_reached(session, request);
    auto found = flow::look_at_restored(services, session.self(), place.get(), unread);
    if (found.state != Restored::State::newest) store::mark_copy(stage / "journal.db", manifest.taken.text());
    return found;
}

model::Outcome describe(Restored const& found, flow::BackupManifest const& manifest, base::Path const& to) {
    constexpr char const* states[] = {"newest", "behind", "unknown"};
    model::Outcome outcome;
    outcome.schema = "consortium.restored/1";
    outcome.data = base::JsonValue(Json{{"workspace", to.string()},
                                        {"member", manifest.member},
                                        {"taken", manifest.taken.text()},
                                        {"state", states[static_cast<int>(found.state)]}});
    outcome.text.emplace_back("restored the workspace of '" + manifest.member + "' as it was at " +
                              manifest.taken.text() + " in " + to.string());
    outcome.text.emplace_back(found.words);
    if (found.state == Restored::State::newest) {
        outcome.next = {"consortium audit verify -C " + to.string()};
    } else {
        outcome.warnings.emplace_back("it is read-only, and its seat signs nothing, until a person decides");
        outcome.warnings.emplace_back(
            "who was erased after it was taken is not known here, and their words would be taken in again: "
            "run 'consortium privacy erase' for each before anything is imported");
        outcome.next = {"consortium audit recover -C " + to.string()};
    }
    return outcome;
}

/// A module that is loaded, a program that is run: what a backup names so is not trusted because it is there.
void warn_of_places(Session& session, base::Path const& to, model::Outcome& outcome) {
    auto const names = crypto::untrusted_places(to / "keys", session.key_means().trusted);
    if (names.empty()) return;
    outcome.warnings.push_back("the modules and programs that sign with the keys " + base::join(names, ", ") +
                               " are not used until you trust them on this machine");
    for (auto const& name : names)
        outcome.next.push_back("consortium key trust " + name + " -C " + to.string());
}

model::Outcome restore(Session& session, model::Request const& request) {
    refuse_saved_plan(session);
    auto const from = absolute(request.arguments->at("operand").get<std::string>());
    auto const to = absolute(request.arguments->at("to").get<std::string>());
    flow::require_new_folder(to);
    base::TemporaryFolder const stage(to.parent_path());
    std::filesystem::permissions(stage.path(), std::filesystem::perms{0700});
    auto const manifest = flow::unpack_backup(from, stage.path());
    // The backup keeps it as it was.
    auto const migrated = store::migrate_journal(stage.path() / "journal.db", lock_seconds);
    if (!migrated.kept.empty()) std::filesystem::remove(migrated.kept);
    auto const found = examine(session, request, stage.path(), manifest);
    if (session.common().dry_run)
        return intended("would restore '" + manifest.member + "' as it was at " + manifest.taken.text() +
                        "; " + found.words);
    std::filesystem::remove(stage.path() / "journal.db.lock");
    base::sync_folder(stage.path());
    std::filesystem::rename(stage.path(), to);
    base::sync_folder(to.parent_path());
    session.enter(to);
    auto outcome = describe(found, manifest, to);
    warn_of_places(session, to, outcome);
    return outcome;
}

std::string words_of(store::Migrated const& done) {
    return fmt::format(
        "wrote {} entries anew, from layout {} to layout {}; the root of the journal is as before: {}",
        done.size, done.from, store::layout_version, done.root.hex());
}

/// Done is done: why the journal could not be told, if so.
std::string note_migration(Session& session, base::JsonValue const& what) {
    try {
        auto& services = session.services();
        return flow::note_if_possible(services, {"workspace.migrate", services.clock.now(), what, {}});
    } catch (Error const& error) {
        return error.message();
    }
}

model::Outcome migrate(Session& session, model::Request const&) {
    refuse_saved_plan(session);
    auto const journal = session.workspace() / "journal.db";
    auto const layout = store::journal_layout(journal);
    if (session.common().dry_run && layout < store::layout_version)
        return intended(
            fmt::format("would write the journal anew, from layout {} to layout {}, and keep it as it is "
                        "beside that",
                        layout, store::layout_version));
    auto const done = store::migrate_journal(journal, lock_seconds);
    model::Outcome outcome;
    outcome.schema = "consortium.migrated/1";
    outcome.data = base::JsonValue(
        Json{{"from", done.from}, {"to", store::layout_version}, {"kept", done.kept.string()}});
    if (done.kept.empty()) {
        outcome.text.emplace_back(
            fmt::format("nothing to do: the journal has layout {}", store::layout_version));
        return outcome;
    }
    outcome.text.emplace_back(words_of(done));
    outcome.text.emplace_back("it is kept as it was in " + done.kept.string());
    if (auto const why_not = note_migration(session, outcome.data); !why_not.empty())
        outcome.warnings.push_back("the journal was migrated, but not told: " + why_not);
    outcome.next = {"consortium audit verify --projection -C " + session.workspace().string()};
    return outcome;
}

constexpr Flag restore_flags[] = {
    {"--to", Kind::output, "DIR", "the workspace to make; it must not exist", Need::required},
    {"--with", Kind::text, "DIR", "the shared folder; default: the setting 'exchange' of the backup"},
};

constexpr Example backup_examples[] = {
    {"consortium workspace backup /srv/backup/acme-2026-11-02",
     "a copy of journal, settings and keys, verified"},
};
constexpr Example restore_examples[] = {
    {"consortium workspace restore /srv/backup/acme-2026-11-02 --to acme", "make the workspace again"},
    {"consortium audit recover -C acme", "then, where something newer is known or nothing is"},
};

constexpr Example migrate_examples[] = {
    {"consortium workspace migrate", "after an upgrade of this program, when it asks for it"},
};

constexpr Code backup_codes[] = {Code::not_found, Code::verification_failed, Code::conflict, Code::storage};
constexpr Code restore_codes[] = {Code::not_found,           Code::malformed, Code::too_new,
                                  Code::verification_failed, Code::conflict,  Code::storage};

constexpr Code migrate_codes[] = {Code::not_found, Code::too_new, Code::verification_failed,
                                  Code::conflict,  Code::busy,    Code::storage};

constexpr Command commands[] = {
    {
        .noun = "workspace",
        .verb = "backup",
        .effect = Effect::write,
        .summary = "copy this workspace while others work in it",
        .operand = {"DIR", Kind::output, "the folder to make; it must not exist"},
        .flags = {},
        .description = "Makes a folder (mode 0700, files 0600) with journal.db as of one commit, "
                       "consortium.toml, keys/, and "
                       "backup.json, which has the SHA-256 of each and the journal's signed head. Others may "
                       "read and write "
                       "meanwhile: who writes waits while pages are copied. Then everything is read again: "
                       "each digest, and "
                       "each entry against the signed head. The folder is there whole or not at all; what is "
                       "killed half-way leaves a folder consortium-XXXXXX beside it, to be removed. The "
                       "journal notes the "
                       "backup before it is copied.\n\n"
                       "private/ is left out, so that what is erased there does not come back; out/ can be "
                       "made again. Keys are "
                       "copied as they are: those under a passphrase stay so, but seat, log and witness keys "
                       "work unattended "
                       "and are not encrypted. Keep the folder as you keep them.\n\n"
                       "Copies made by other means, a copied folder for one, are outside these promises.",
        .examples = backup_examples,
        .codes = backup_codes,
        .handler = backup,
        .planned = Planned::no,
    },
    {
        .noun = "workspace",
        .verb = "restore",
        .effect = Effect::write,
        .summary = "make a workspace again from a backup",
        .operand = {"BACKUP", Kind::input, "the folder that 'workspace backup' made"},
        .flags = restore_flags,
        .description =
            "Checks every digest and every entry, and makes a new workspace; nothing is overwritten. Then it "
            "compares the journal's head with the high-water mark of this host and with what the exchange "
            "shows. "
            "Where that proves that nothing newer was journaled, the workspace can be used at once. Else it "
            "is "
            "read-only, and its seat silent, until 'audit recover': a journal that lacks what others have "
            "seen must "
            "not go on as if nothing had happened, and a seat must not sign twice. A journal of an older "
            "layout "
            "is migrated on the way. Modules and programs that its keys name are not used until 'key trust' "
            "names them on this machine.",
        .examples = restore_examples,
        .codes = restore_codes,
        .handler = restore,
        .planned = Planned::no,
    },
    {
        .noun = "workspace",
        .verb = "migrate",
        .effect = Effect::write,
        .summary = "write a journal of an older version anew",
        .operand = {},
        .flags = {},
        .description = "A program that is newer than the journal's layout refuses to work with it, and names "
                       "this command. End "
                       "older programs that work in this workspace before. Entries are taken over as they "
                       "are stored, byte by "
                       "byte; what was derived from them is derived again. The root of the journal must come "
                       "out as its signed "
                       "head has it, and every act must be one that this version reads, else nothing is "
                       "changed. The journal as "
                       "it was is kept beside the new one, as journal.db.layout-N. Killed at any instant, "
                       "the one or the other "
                       "is there, and the command can be run again. It needs twice as much space on the disk "
                       "as the journal "
                       "has, and reads all of it.\n\n"
                       "Where the layout is the newest already there is nothing to do, and the exit status "
                       "is 0. A newer "
                       "layout than this program knows is refused.",
        .examples = migrate_examples,
        .codes = migrate_codes,
        .handler = migrate,
        .planned = Planned::no,
    },
};

}  // namespace

extern Noun const workspace_noun;
constexpr Noun workspace_noun{"EVIDENCE", "workspace", "copies of a workspace, and what becomes of them",
                              commands};

}  // namespace consortium::cli
