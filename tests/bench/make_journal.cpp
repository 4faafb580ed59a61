/// Fills the journal of a workspace for benches, and appends to it one act at a time:
///   make_journal fill WORKSPACE COUNT        until it has COUNT entries
///   make_journal append WORKSPACE NUMBER     one act that differs by NUMBER
///   make_journal write WORKSPACE NAME COUNT  COUNT acts (0: for ever) that differ by NAME, each its own
///   commit; prints
///                                            the journal's size once each is durable
///   make_journal verify WORKSPACE            storage, tree and projection; prints the size and the number of
///   acts
///   make_journal execute WORKSPACE SQL       spoils the database as one who can write it can: its pages hold
/// The high-water mark is where the program keeps it, below XDG_STATE_HOME.

#include "core/base/error.h"
#include "core/journal/checkpoint.h"
#include "core/store/sqlite.h"
#include "tests/bench/workspace.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

namespace {

using namespace consortium;
using bench::Workspace;

constexpr std::uint64_t batch = 100'000;
constexpr std::uint64_t objects_kept = 100'000;

/// What a workspace gathers most: heads of others, acts, and records that replace one another.
void add_entry(port::Transaction& transaction, std::uint64_t number, base::Instant now) {
    if (number % 100 != 0) {
        transaction.append_checkpoint("globex", std::string(220, 'c') + std::to_string(number));
        return;
    }
    model::Object object;
    object.kind = number % 200 == 0 ? "certificate" : "operation";
    object.name = "x" + std::to_string(number % objects_kept);
    object.state = number % 200 == 0 ? "valid" : "done";
    object.member = "acme";
    object.due = now + base::Duration{static_cast<std::int64_t>(86'400 * (60 + number % 300))};
    object.data = base::JsonValue(base::Json{{"number", number}, {"text", std::string(150, 'd')}});
    transaction.append_event({"bench.filled", now, base::JsonValue(), {object}});
}

void fill(Workspace& workspace, std::uint64_t count) {
    auto number = workspace.store->head().size;
    while (number < count) {
        workspace.store->write([&](port::Transaction& transaction) {
            for (auto const end = std::min(count, number + batch); number < end; ++number)
                add_entry(transaction, number, workspace.clock.now());
        });
    }
}

void append(Workspace& workspace, std::string const& number) {
    auto const log = workspace.keys->open("log");
    auto const text = bench::ballot(number, workspace.clock.now(), *log);
    workspace.store->write([&](port::Transaction& transaction) { transaction.append_act(text); });
}

void write(Workspace& workspace, std::string const& name, std::uint64_t count) {
    for (std::uint64_t number = 0; count == 0 || number < count; ++number) {
        append(workspace, name + "-" + std::to_string(number));
        std::printf("%llu\n", static_cast<unsigned long long>(workspace.store->head().size));
        std::fflush(stdout);
    }
}

/// Throws for the first thing that does not hold.
void verify(Workspace& workspace) {
    auto const fail = [](std::string const& what) {
        throw base::Error(base::Code::verification_failed, what);
    };
    auto const& store = *workspace.store;
    for (auto const& damage : store.inspect()) fail(damage.where + ": " + damage.what);
    for (auto const& damage : store.compare_projection()) fail(damage.where + ": " + damage.what);
    auto const head = store.head();
    journal::Frontier frontier;
    store.entries(0, head.size, [&](model::Entry const& entry) {
        if (entry.index != frontier.size()) fail("entry " + std::to_string(frontier.size()) + " is missing");
        frontier.append(journal::leaf_hash(entry.leaf));
    });
    auto const origin = head.checkpoint.substr(0, head.checkpoint.find('\n'));
    auto const key = journal::NoteKey::from_spki(origin, journal::NoteKeyType::log,
                                                 workspace.keys->info("log").public_key);
    auto const is_signed = journal::open_checkpoint(head.checkpoint, {key}, crypto::verifier()).checkpoint;
    if (is_signed.size != frontier.size() || is_signed.root != frontier.root())
        fail("the head is not the one of the entries");
    std::set<base::Digest> acts;
    for (auto const& act : store.acts({}))
        if (!acts.insert(act.id).second) fail("act " + act.id.brief() + " is there twice");
    std::printf("%llu %zu\n", static_cast<unsigned long long>(head.size), acts.size());
}

int run(std::vector<std::string> const& words) {
    auto const is = [&](char const* verb, std::size_t count) {
        return words.size() == count && words[0] == verb;
    };
    if (!is("fill", 3) && !is("append", 3) && !is("write", 4) && !is("verify", 2) && !is("execute", 3)) {
        std::fputs(
            "usage: make_journal fill WORKSPACE COUNT | append WORKSPACE NUMBER | write WORKSPACE NAME COUNT "
            "|"
            " verify WORKSPACE | execute WORKSPACE SQL\n",
            stderr);
        return 2;
    }
    if (words[0] == "execute") {
        store::Database(base::Path(words[1]) / "journal.db", store::Database::Opening::existing)
            .execute(words[2].c_str());
        return 0;
    }
    Workspace workspace(std::filesystem::absolute(words[1]));
    if (words[0] == "fill") fill(workspace, std::stoull(words[2]));
    if (words[0] == "append") append(workspace, words[2]);
    if (words[0] == "write") write(workspace, words[2], std::stoull(words[3]));
    if (words[0] == "verify") verify(workspace);
    return 0;
}

}  // namespace

int main(int count, char** texts) {
    try {
        return run({texts + 1, texts + count});
    } catch (base::Error const& error) {
        std::fprintf(stderr, "make_journal: %s\n", error.message().c_str());
        return 1;
    }
}
