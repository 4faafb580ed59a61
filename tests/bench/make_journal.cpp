/// Fills the journal of a workspace for benches, and appends to it one act at a time:
///   make_journal fill WORKSPACE COUNT        until it has COUNT entries
///   make_journal append WORKSPACE NUMBER     one act that differs by NUMBER
/// The high-water mark is where the program keeps it, below XDG_STATE_HOME.

#include "core/base/error.h"
#include "tests/bench/workspace.h"

#include <cstdio>
#include <nlohmann/json.hpp>

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

}  // namespace

int main(int count, char** texts) {
    std::vector<std::string> const words(texts + 1, texts + count);
    if (words.size() != 3 || (words[0] != "fill" && words[0] != "append")) {
        std::fputs("usage: make_journal fill WORKSPACE COUNT | append WORKSPACE NUMBER\n", stderr);
        return 2;
    }
    try {
        Workspace workspace(std::filesystem::absolute(words[1]));
        if (words[0] == "fill")
            fill(workspace, std::stoull(words[2]));
        else
            append(workspace, words[2]);
    } catch (base::Error const& error) {
        std::fprintf(stderr, "make_journal: %s\n", error.message().c_str());
        return 1;
    }
    return 0;
}
