#include "core/agreement/reference.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/audit_row.h"
#include "core/flow/evidence.h"
#include "core/flow/execution.h"
#include "core/flow/proposal.h"
#include "core/journal/entry.h"
#include "core/model/candidate.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

constexpr std::uint64_t step = 512;
constexpr std::uint64_t most_entries = 200'000;
constexpr std::string_view scopes =
    "entries:100-250, time:FROM..TO, member:NAME, kind:KIND, proposal:PROPOSAL or operation:ID";

using Indexes = std::set<std::uint64_t>;

/// Reads in bounded steps, so that no lock is held for long.
void each_entry(port::Store const& store, std::uint64_t begin, std::uint64_t end,
                std::function<void(model::Entry const&)> const& each) {
    for (; begin < end; begin += step) store.entries(begin, std::min(begin + step, end), each);
}

EvidenceScope made(Json stated, Indexes const& indexes) {
    if (indexes.empty())
        throw Error(Code::not_found, "no entry is in that scope", "run 'consortium audit log'");
    if (indexes.size() > most_entries)
        throw Error(Code::refused, "this scope holds more than 200,000 entries", "take parts of it");
    EvidenceScope scope;
    scope.stated = JsonValue(std::move(stated));
    scope.indexes.assign(indexes.begin(), indexes.end());
    return scope;
}

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    bool const whole = error == std::errc() && end == text.data() + text.size() && !text.empty();
    return whole ? std::optional(value) : std::nullopt;
}

Indexes range(std::uint64_t from, std::uint64_t to) {
    if (to - from >= most_entries)
        throw Error(Code::refused, "these are more than 200,000 entries", "take parts of them");
    Indexes out;
    for (auto index = from; index <= to; ++index) out.insert(out.end(), index);
    return out;
}

EvidenceScope entries_scope(port::Store const& store, std::string_view text) {
    auto const dash = text.find('-');
    auto const from = number(text.substr(0, dash));
    auto const to = dash == std::string_view::npos ? from : number(text.substr(dash + 1));
    if (!from || !to || *from > *to)
        throw Error(Code::usage, "'" + base::printable(text) + "' is not a range of entries",
                    "write it as 100-250; both ends are included");
    if (*to >= store.head().size)
        throw Error(Code::not_found, "there is no entry " + std::to_string(*to),
                    "run 'consortium audit log' to see the entries");
    return made({{"kind", "entries"}, {"from", *from}, {"to", *to}}, range(*from, *to));
}

/// The first entry received at or after an instant; entries are received in order.
std::uint64_t first_at(port::Store const& store, base::Instant instant) {
    std::uint64_t low = 0, high = store.head().size;
    while (low < high) {
        auto const middle = low + (high - low) / 2;
        if (store.entry(middle).received < instant) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

EvidenceScope time_scope(port::Store const& store, std::string_view text) {
    auto const dots = text.find("..");
    if (dots == std::string_view::npos)
        throw Error(Code::usage, "'" + base::printable(text) + "' is not a range of time",
                    "write it as 2026-10-01..2026-11-01; the end is excluded");
    auto const since = base::Instant::from_typed(text.substr(0, dots));
    auto const until = base::Instant::from_typed(text.substr(dots + 2));
    auto const from = first_at(store, since), end = first_at(store, until);
    if (from >= end)
        throw Error(Code::not_found, "nothing was received in that time", "run 'consortium audit log'");
    return made({{"kind", "entries"},
                 {"from", from},
                 {"to", end - 1},
                 {"since", since.text()},
                 {"until", until.text()}},
                range(from, end - 1));
}

template <typename Fits>
EvidenceScope filtered(port::Store const& store, Json stated, Fits const& fits) {
    auto const size = store.head().size;
    stated["before"] = size;
    Indexes found;
    each_entry(store, 0, size, [&](model::Entry const& entry) {
        if (fits(audit_row(entry))) found.insert(found.end(), entry.index);
    });
    return made(std::move(stated), found);
}

void add_acts(port::Store const& store, port::ActQuery const& query, Indexes& into) {
    for (auto const& held : store.acts(query)) into.insert(held.index);
}

void add_ids(port::Store const& store, std::vector<base::Digest> const& ids, Indexes& into) {
    for (auto const& id : ids)
        if (auto const held = store.act(id)) into.insert(held->index);
}

/// How the epoch came about that decided it.
void add_agreement(port::Store const& store, std::uint64_t number, Indexes& into) {
    auto const hash = model::reference(*store.epoch(number)).hash;
    for (auto const* kind : {"candidate", "prepare", "commit"}) {
        for (auto const& held : store.acts({.kind = kind, .subject = {}, .epoch = number - 1})) {
            auto const& body = *held.act.body;
            if (body.value("document", std::string()) == hash.hex()) into.insert(held.index);
        }
    }
}

/// Events whose content names one of these.
void add_events(port::Store const& store, std::uint64_t begin, std::set<std::string> const& names,
                Indexes& into) {
    each_entry(store, begin, store.head().size, [&](model::Entry const& entry) {
        if (entry.kind != model::EntryKind::event) return;
        bool const named = std::ranges::any_of(
            names, [&](std::string const& name) { return entry.body.find(name) != std::string::npos; });
        if (named) into.insert(entry.index);
    });
}

/// The intents that the results of an operation name, wherever they stand there.
void add_intents(Json const& results, std::set<std::string>& names) {
    for (auto const& item : results) {
        if (!item.is_structured()) continue;
        if (item.is_object() && item.contains("intent") && item["intent"].is_string())
            names.insert(item["intent"].get<std::string>());
        add_intents(item, names);
    }
}

/// Whether it holds what a node's administrator reaches it by. core/model/node.h: "`admin_url` and
/// credentials never leave the workspace".
bool is_private(Json const& value) {
    if (!value.is_structured()) return false;
    if (value.is_object()) {
        for (auto const* name : {"admin_url", "credentials"}) {
            auto const found = value.find(name);
            bool const given = found != value.end() && !found->empty() && *found != Json("");
            if (given) return true;
        }
    }
    return std::ranges::any_of(value, is_private);
}

/// An event is opened whole or not at all: the tree commits to all of it.
void refuse_private(port::Store const& store, std::vector<std::uint64_t> const& indexes) {
    std::vector<std::string> found;
    for (auto const index : indexes) {
        auto const body = store.entry(index).body;
        if (is_private(base::parse_json(body, base::relaxed_limits(body.size()))))
            found.push_back(std::to_string(index));
    }
    if (found.empty()) return;
    throw Error(Code::refused,
                "what the administrator of a node reaches it by, which never leaves the workspace, is in the "
                "events " +
                    base::join(found, ", ") + " of this operation",
                "give --scope entries:" + found.front() + "-" + found.back() + ": there they stay closed");
}

std::set<std::string> intents_of(port::Store const& store, std::string const& proposal) {
    std::set<std::string> out;
    store.objects({.kind = "intent"}, [&](model::Object const& object) {
        if (object.data->value("proposal", std::string()) == proposal) out.insert(object.name);
    });
    return out;
}

}  // namespace

EvidenceScope proposal_scope(State const& state, std::string const& name) {
    auto const& store = state.store;
    auto const proposal = find_proposal(state, name);
    auto const first = store.act(proposal.id)->index;
    Indexes found{first};
    add_acts(store, {.kind = {}, .subject = proposal.id}, found);
    add_acts(store, {.kind = "approval", .subject = model::digest(proposal.body.action)}, found);
    if (auto const done = decided(state, proposal)) {
        add_ids(store, done->result.statements, found);
        add_ids(store, done->result.counted, found);
        for (auto const& [id, reason] : done->result.excluded) add_ids(store, {id}, found);
        add_agreement(store, done->epoch, found);
    }
    auto names = intents_of(store, proposal.id.hex());
    names.insert(proposal.id.hex());
    add_events(store, first, names, found);
    auto scope = made({{"kind", "proposal"}, {"proposal", proposal.id.hex()}}, found);
    scope.files = true;
    return scope;
}

EvidenceScope operation_scope(State const& state, std::string const& operation) {
    auto const& store = state.store;
    auto const object = store.object("operation", operation);
    if (!object)
        throw Error(Code::not_found, "no operation '" + base::printable(operation) + "' here",
                    "run 'consortium operation list --all'");
    // As the event's own text has it: an operation's id may be any word.
    std::set<std::string> names{"\"operation\":" + base::canonical(Json(operation))};
    add_intents(object->data->value("results", Json::array()), names);
    for (auto const& planned : open_steps(*object))
        if (planned.action == "node")
            for (auto const& task : tasks_of(planned)) names.insert(intent_id(task).hex());
    Indexes found;
    add_events(store, 0, names, found);
    auto scope =
        made({{"kind", "operation"}, {"operation", operation}, {"before", store.head().size}}, found);
    scope.opens = true;
    refuse_private(store, scope.indexes);
    return scope;
}

EvidenceScope find_scope(State const& state, std::string const& text) {
    auto const colon = text.find(':');
    auto const word = text.substr(0, colon);
    auto const rest = colon == std::string::npos ? std::string() : text.substr(colon + 1);
    if (word == "entries") return entries_scope(state.store, rest);
    if (word == "time") return time_scope(state.store, rest);
    if (word == "proposal") return proposal_scope(state, rest);
    if (word == "operation") return operation_scope(state, rest);
    if (word == "member") {
        base::check_name(rest, "member");
        return filtered(state.store, {{"kind", "member"}, {"member", rest}},
                        [&](AuditRow const& row) { return row.type == "act" && row.member == rest; });
    }
    if (word == "kind")
        return filtered(state.store, {{"kind", "kind"}, {"of", rest}},
                        [&](AuditRow const& row) { return row.kind == rest; });
    throw Error(Code::usage, "'" + base::printable(text) + "' is not a scope",
                "write " + std::string(scopes));
}

}  // namespace consortium::flow
