#include "core/flow/audit.h"

#include "core/base/error.h"
#include "core/flow/audit_cef.h"
#include "core/flow/audit_row.h"
#include "core/flow/private_part.h"
#include "core/flow/workspace.h"
#include "core/journal/entry.h"
#include "core/journal/merkle.h"
#include "core/model/proposal.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

constexpr std::uint64_t step = 512;
constexpr std::size_t least_digits = 6;

struct Filter {
    std::string kind, member;
    std::optional<base::Instant> since;
    std::size_t limit = 0;

    explicit Filter(Json const& arguments)
        : kind(arguments.value("kind", std::string())), member(arguments.value("member", std::string())) {
        if (arguments.contains("since"))
            since = base::Instant::from_typed(arguments["since"].get<std::string>());
        limit = arguments.value("limit", std::size_t(50));
    }
    bool takes(AuditRow const& row) const {
        return (kind.empty() || kind == row.kind || kind == row.type) &&
               (member.empty() || member == row.member);
    }
};

/// From an index on, oldest first: for readers that come again. Up to the size of which they are told to go
/// on.
std::vector<AuditRow> following(port::Store const& store, Filter const& filter, std::uint64_t from,
                                std::uint64_t size) {
    std::vector<AuditRow> rows;
    auto const enough = [&] { return filter.limit != 0 && rows.size() >= filter.limit; };
    for (auto begin = from; begin < size && !enough(); begin += step) {
        store.entries(begin, std::min(begin + step, size), [&](model::Entry const& entry) {
            if (enough() || (filter.since && entry.received < *filter.since)) return;
            auto row = audit_row(entry);
            if (filter.takes(row)) rows.push_back(std::move(row));
        });
    }
    return rows;
}

/// From the newest entry back, until there are enough.
std::vector<AuditRow> newest(port::Store const& store, Filter const& filter) {
    std::vector<AuditRow> rows;
    auto end = store.head().size;
    bool older = true;
    while (end > 0 && older && (filter.limit == 0 || rows.size() < filter.limit)) {
        auto const begin = end > step ? end - step : 0;
        std::vector<AuditRow> found;
        store.entries(begin, end, [&](model::Entry const& entry) {
            // Entries are received in order: the first of a stretch tells whether an earlier one can match.
            if (filter.since && entry.received < *filter.since) {
                older = false;
                return;
            }
            auto row = audit_row(entry);
            if (filter.takes(row)) found.push_back(std::move(row));
        });
        rows.insert(rows.end(), std::make_move_iterator(found.rbegin()),
                    std::make_move_iterator(found.rend()));
        end = begin;
    }
    if (filter.limit != 0 && rows.size() > filter.limit) rows.resize(filter.limit);
    std::ranges::reverse(rows);
    return rows;
}

bool is_number(std::string_view text) {
    return !text.empty() && text.size() < 18 &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_lower_hex(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string operand(model::Request const& request) {
    return request.arguments->at("operand").get<std::string>();
}

}  // namespace

journal::NoteKey own_log_key(Services const& services) {
    auto const checkpoint = services.store.head().checkpoint;
    if (checkpoint.empty())
        throw Error(Code::not_found, "this journal is empty and has no signed head", "run 'consortium init'");
    auto const origin = own_origin(services.store);
    return journal::NoteKey::from_spki(origin, journal::NoteKeyType::log,
                                       log_key_of(services.keys, origin).public_key);
}

std::uint64_t find_entry(port::Store const& store, std::string const& name) {
    auto const missing = [&](std::string const& words) {
        return Error(Code::not_found, words, "run 'consortium audit log' to see the entries");
    };
    if (is_number(name)) {
        auto const index = std::stoull(name);
        if (index >= store.head().size) throw missing("there is no entry " + name);
        return index;
    }
    auto const digits = name.starts_with("p-") ? name.substr(2) : name;
    if (digits.size() < least_digits || digits.size() > 64 || !is_lower_hex(digits))
        throw missing("'" + name +
                      "' is neither the number of an entry nor 'p-' with six or more digits of an id");
    auto const ids = store.act_ids(digits, 2);
    if (ids.empty()) throw missing("no act begins with '" + name + "'");
    if (ids.size() > 1)
        throw Error(Code::malformed, "more than one act begins with '" + name + "'", "give more digits");
    return store.act(ids.front())->index;
}

namespace {

model::Table table_of(std::vector<AuditRow> const& rows) {
    model::Table table{
        {"entry", "received", "type", "kind", "member", "officer", "id"}, {}, "no entry matches"};
    for (auto const& row : rows) {
        auto const id = row.id.empty() ? "" : model::short_name(base::Digest::from_hex(row.id));
        table.rows.push_back({std::to_string(row.index), row.received.text(), row.type, row.kind, row.member,
                              row.officer, id});
    }
    return table;
}

std::string cef_of(std::vector<AuditRow> const& rows, std::string const& origin) {
    std::string text;
    for (auto const& row : rows) text += cef_line(row, origin) + "\n";
    return text;
}

}  // namespace

model::Outcome audit_log(State const& state, model::Request const& request) {
    auto const& arguments = *request.arguments;
    Filter const filter(arguments);
    bool const resumed = arguments.contains("from");
    auto const head = state.store.head();
    auto const rows = resumed
                          ? following(state.store, filter, arguments["from"].get<std::uint64_t>(), head.size)
                          : newest(state.store, filter);
    Json items = Json::array();
    for (auto const& row : rows) items.push_back(to_json(row));
    bool const full = resumed && filter.limit != 0 && rows.size() >= filter.limit;
    auto const next = full ? rows.back().index + 1 : head.size;
    model::Outcome outcome;
    outcome.schema = "consortium.entries/1";
    outcome.data = JsonValue(Json{{"items", std::move(items)}, {"from", next}});
    bool const cef = arguments.value("cef", false);
    if (!cef) outcome.text.emplace_back(table_of(rows));
    if (cef && !rows.empty())
        outcome.text.emplace_back(cef_of(rows, head.checkpoint.substr(0, head.checkpoint.find('\n'))));
    if (resumed) outcome.next = {fmt::format("consortium audit log{} --from {}", cef ? " --cef" : "", next)};
    return outcome;
}

model::Outcome audit_show(State const& state, model::Request const& request) {
    auto const entry = state.store.entry(find_entry(state.store, operand(request)));
    auto data = to_json(audit_row(entry));
    Json content;
    PrivateView said;
    if (entry.kind == model::EntryKind::act) {
        auto const envelope = model::envelope_from_text(entry.leaf);
        content = base::parse_json(envelope.payload);
        if (auto const act = state.store.act(model::act_id(envelope))) said = view_part(state, *act);
    } else if (entry.kind == model::EntryKind::event) {
        auto const event = journal::open_event(entry.leaf, entry.body);
        Json writes = Json::array();
        for (auto const& object : event.writes) writes.push_back(model::to_json(object));
        content = {{"body", *event.body}, {"writes", std::move(writes)}};
    } else {
        content = journal::open_checkpoint_leaf(entry.leaf).note;
    }
    data["content"] = content;
    data["private"] = said.record();
    data["leaf"] = entry.leaf;
    data["leaf_hash"] = journal::leaf_hash(entry.leaf).hex();
    model::Outcome outcome;
    outcome.schema = "consortium.entry/1";
    outcome.is_private = said.state == "held";
    outcome.text.emplace_back(content.is_string() ? content.get<std::string>() : base::pretty(content));
    if (said.state != "none") outcome.text.emplace_back(in_private(said));
    outcome.data = JsonValue(std::move(data));
    outcome.next = {"consortium audit prove " + std::to_string(entry.index) + " -o FILE.tlog-proof"};
    return outcome;
}

model::Outcome audit_checkpoint(Services const& services, model::Request const&) {
    auto const key = own_log_key(services);
    auto const head = services.store.head();
    model::Outcome outcome;
    outcome.schema = "consortium.checkpoint/1";
    outcome.data = JsonValue(Json{{"origin", key.name},
                                  {"size", head.size},
                                  {"root", head.root.hex()},
                                  {"checkpoint", head.checkpoint},
                                  {"vkey", key.vkey()},
                                  {"timestamp", nullptr},
                                  {"file", nullptr}});
    outcome.text.emplace_back(head.checkpoint);
    outcome.next = {"consortium audit verify FILE --key " + key.vkey()};
    return outcome;
}

}  // namespace consortium::flow
