#include "core/flow/recover.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/own_change.h"
#include "core/flow/seat.h"
#include "core/flow/workspace.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

std::string const kind = "origin";
constexpr std::size_t max_settings = 64u << 10;

std::optional<ShownHead> mark_not_contained(Services const& services) {
    auto const text = services.store.high_water();
    if (!text) return std::nullopt;
    try {
        auto const known = journal::Checkpoint::parse(journal::Note::parse(*text).body);
        if (contains(services.store, known)) return std::nullopt;
        return ShownHead{"the high-water mark of this host", *text, known};
    } catch (Error const&) {
        return std::nullopt;  // a damaged mark proves nothing; every write names it
    }
}

/// Always a new one, under a passphrase where the old one was: a key that lies here unused may be in a copy
/// of this workspace too, which would begin the same origin with other entries.
port::KeyInfo new_log_key(Services& services) {
    auto const all = services.keys.list();
    auto const is_taken = [&](std::string const& name) {
        return std::any_of(all.begin(), all.end(),
                           [&](port::KeyInfo const& key) { return key.name == name; });
    };
    int number = 2;
    while (is_taken("log-" + std::to_string(number))) ++number;
    auto const name = "log-" + std::to_string(number);
    bool const asks =
        log_key_of(services.keys, own_origin(services.store)).encrypted && services.new_passphrase;
    return services.keys.create(name, "ed25519",
                                asks ? services.new_passphrase("key '" + name + "'") : base::Secret());
}

/// The log key is made here: what it is called cannot be part of a plan.
JsonValue prepare_origin(model::Step const& step, Services& services, Identity const&) {
    auto const key = new_log_key(services);
    auto const origin = journal_origin(step.detail->at("member").get<std::string>(), key.id);
    services.store.begin_origin(origin, services.keys.open(key.id));
    return JsonValue(Json{{"origin", origin}, {"key", key.id.hex()}, {"name", key.name}});
}

JsonValue append_origin(model::Step const& step, JsonValue const& prepared, Services& services,
                        port::Transaction& transaction) {
    auto data = *step.detail;
    data["key"] = prepared->at("key");
    data["name"] = prepared->at("name");
    model::Object object;
    object.kind = kind;
    object.name = prepared->at("origin").get<std::string>();
    object.state = "begun";
    object.member = data.at("member").get<std::string>();
    object.data = JsonValue(data);
    if (auto const& known = data.at("known").get_ref<std::string const&>(); !known.empty())
        transaction.append_checkpoint(object.member, known);
    transaction.append_event({"journal.origin", services.clock.now(), object.data, {object}});
    transaction.put_note("restored", "");
    return prepared;
}

JsonValue prepare_newest(model::Step const&, Services& services, Identity const&) {
    services.store.trust_copy();
    return {};
}

JsonValue append_newest(model::Step const& step, JsonValue const&, Services& services,
                        port::Transaction& transaction) {
    transaction.put_note("restored", "");
    auto const index =
        transaction.append_event({"journal.newest", services.clock.now(), JsonValue(*step.detail), {}});
    return JsonValue(Json{{"index", index}});
}

/// The line of the setting, wherever people have moved it; settings have no tables.
std::string with_origin(std::string const& settings, std::string const& origin) {
    auto lines = base::split(settings, '\n');
    auto const line = "origin = " + Json(origin).dump();
    for (auto& text : lines) {
        auto const words = base::trimmed(text);
        auto const rest = words.starts_with("origin") ? base::trimmed(words.substr(6)) : std::string_view();
        if (!rest.starts_with("=")) continue;
        text = line;
        return base::join(lines, "\n");
    }
    return line + "\n" + settings;
}

JsonValue write_origin(model::Step const&, Services& services, Identity const& self) {
    auto const file = self.workspace / "consortium.toml";
    auto const origin = own_origin(services.store);
    base::write_file(file, with_origin(base::read_text(file, max_settings), origin));
    return JsonValue(Json{{"origin", origin}});
}

std::string lost_words(State const& state, Loss const& loss) {
    auto const size = std::to_string(state.store.head().size);
    if (loss.head)
        return fmt::format("this journal has {} entries, but {} shows {}", size, loss.head->path,
                           loss.head->checkpoint.size);
    if (!loss.successor.empty())
        return "this journal has " + size + " entries, and went on as '" + loss.successor + "'";
    return "this journal has " + size + " entries, and may lack what was journaled since " + loss.copy;
}

Json origin_detail(State const& state, Loss const& loss, std::string const& cause) {
    auto const previous = own_origin(state.store);
    auto const before = state.store.object(kind, previous);
    auto earlier = before ? before->data->at("earlier") : Json::array();
    earlier.push_back(previous);
    return {{"member", state.self.member},
            {"previous", previous},
            {"earlier", std::move(earlier)},
            {"entries", state.store.head().size},
            {"known", loss.head ? loss.head->note : state.store.head().checkpoint},
            {"shown", loss.head ? Json(loss.head->path) : Json()},
            {"cause", cause}};
}

void require_reason(model::Plan& plan, Loss const& loss, std::string const& cause, bool newest) {
    auto& verdict = plan.verdict;
    if (newest) {
        verdict.require("copy", !loss.copy.empty(), "this workspace was not restored by 'workspace restore'");
        verdict.require(
            "newest", !loss.head,
            loss.head ? loss.head->path + " shows that this is not the newest" : "nothing newer is known");
        verdict.require(
            "ended", loss.successor.empty(),
            loss.successor.empty() ? "its log has not ended" : "its log went on as '" + loss.successor + "'");
        return;
    }
    bool const known = loss.head.has_value() || !cause.empty() || !loss.successor.empty();
    verdict.require("loss", known || !loss.copy.empty(),
                    "this journal contains every head that is known of it: there is nothing to recover");
    verdict.require(
        "stated", known || loss.copy.empty(),
        "nothing here shows whether anything was journaled after the backup: say --newest if nothing "
        "was, else --cause restored");
}

bool is_enacted(State const& state) {
    auto const* member = state.joined().member(state.self.member);
    return member != nullptr && journal_origin(*member) == own_origin(state.store);
}

/// Whether this journal was the member's before: only then is the new one to be told to the others.
bool was_published(State const& state, model::Object const& origin) {
    auto const* member = state.joined().member(state.self.member);
    auto const earlier = origin.data->at("earlier").get<std::vector<std::string>>();
    return member != nullptr &&
           std::find(earlier.begin(), earlier.end(), journal_origin(*member)) != earlier.end();
}

/// Whether a change waits that replaces this key of the member; with this one, if it is given.
bool is_signed(State const& state, std::string const& subject, std::string const& key = {}) {
    auto const waiting = waiting_own(state);
    return std::any_of(waiting.begin(), waiting.end(), [&](model::StoredAct const& act) {
        if (act.act.kind != "own") return false;
        auto const change = model::own_change_from_json(*act.act.body);
        bool const fits = change.kind == "key.replace" && change.subject == subject;
        return fits && (key.empty() || change.key->id().hex() == key);
    });
}

struct Remaining {
    model::Fields fields;
    std::vector<std::string> next;
    Json data = Json::object();

    void add(char const* what, std::string state, std::string words,
             std::vector<std::string> const& commands) {
        data[what] = std::move(state);
        fields.rows.emplace_back(what, std::move(words));
        next.insert(next.end(), commands.begin(), commands.end());
    }
};

void look_at_log(State const& state, model::Object const& origin, Remaining& remaining) {
    if (!was_published(state, origin)) return;
    if (is_signed(state, "log", origin.data->at("key").get<std::string>()))
        return remaining.add("log", "waits", "its replacement is signed, and waits for the next epoch",
                             {"consortium exchange sync"});
    remaining.add("log", "open", "the others know the old key only: they read nothing new of this journal",
                  {"consortium exchange sync", "consortium key replace log"});
}

void look_at_seat(State const& state, Remaining& remaining) {
    auto const* member = state.joined().member(state.self.member);
    auto const seat = member ? state.store.object("seat", member->seat.hex()) : std::nullopt;
    if (!seat || seat->state != "silent") return;
    if (is_signed(state, "seat"))
        return remaining.add("seat", "waits", "its replacement is signed, and waits for the next epoch",
                             {"consortium exchange sync"});
    auto const sizes = model::sizes(state.joined());
    if (sizes.q == sizes.n)
        return remaining.add("seat", "silent", "the others cannot decide without it",
                             {"consortium epoch resume --confirm " + state.self.member});
    remaining.add("seat", "silent", "it signs nothing with the key that it had",
                  {"consortium key create seat-2", "consortium key replace seat --with keys/seat-2.pub.pem"});
}

}  // namespace

Applier const journal_origin_applier{.prepare = prepare_origin, .append = append_origin};
Applier const journal_newest_applier{.prepare = prepare_newest, .append = append_newest};
Applier const workspace_origin_applier{.remote = write_origin};

Loss look_for_loss(Services const& services, Identity const& self, port::Exchange const* exchange,
                   std::string unread) {
    Loss loss;
    loss.head = mark_not_contained(services);
    loss.copy = services.store.note("restored").value_or("");
    loss.successor = services.store.successor();
    loss.unread = std::move(unread);
    if (exchange == nullptr) return loss;
    auto shown = shown_head(services, self, *exchange);
    bool const larger = shown && (!loss.head || loss.head->checkpoint.size < shown->checkpoint.size);
    if (larger) loss.head = std::move(shown);
    if (loss.unread.empty()) loss.unread = unread_heads(services, self, *exchange);
    return loss;
}

model::Plan plan_recover(State const& state, model::Request const& request, Loss const& loss) {
    auto const& arguments = *request.arguments;
    auto cause = arguments.value("cause", std::string());
    bool const newest = arguments.value("newest", false);
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    plan.danger = state.self.member;
    if (newest && !cause.empty())
        throw Error(Code::usage, "--newest and --cause are two answers", "give one of them");
    require_reason(plan, loss, cause, newest);
    if (!plan.verdict.allowed()) return plan;
    if (!loss.unread.empty())
        plan.warnings.push_back("the exchange could not be asked what the others have seen: " + loss.unread);
    if (newest) {
        plan.warnings.push_back("only where nothing was journaled after " + loss.copy +
                                ", here or in another copy: else this journal forks");
        plan.steps.push_back({"journal.newest", own_origin(state.store), "go on with this copy as the newest",
                              JsonValue(Json{{"taken", loss.copy}})});
        return plan;
    }
    if (cause.empty()) cause = "restored";
    if (loss.head || !loss.copy.empty() || !loss.successor.empty())
        plan.warnings.push_back(lost_words(state, loss));
    auto const previous = own_origin(state.store);
    plan.steps.push_back({"journal.origin", previous,
                          "begin a new origin of this journal, with a log key of its own, after " +
                              std::to_string(state.store.head().size) + " entries of '" + previous + "'",
                          JsonValue(origin_detail(state, loss, cause))});
    if (cause == "restored") {
        if (auto step = silence_step(state)) plan.steps.push_back(*std::move(step));
    }
    plan.steps.push_back({"workspace.origin", "consortium.toml", "write its name into the settings", {}});
    plan.verdict.next = "consortium exchange sync";
    return plan;
}

std::optional<BegunOrigin> begun_origin(State const& state) {
    auto const origin = state.store.object(kind, own_origin(state.store));
    if (!origin || is_enacted(state) || !was_published(state, *origin)) return std::nullopt;
    auto const file = origin->data->at("name").get<std::string>() + ".pub.pem";
    return BegunOrigin{(state.self.workspace / "keys" / file).string(),
                       origin->data->at("cause").get<std::string>()};
}

std::optional<model::Outcome> recovery_progress(State const& state) {
    auto const origin = state.store.object(kind, own_origin(state.store));
    if (!origin || !state.epoch) return std::nullopt;
    Remaining remaining;
    if (!is_enacted(state)) look_at_log(state, *origin, remaining);
    look_at_seat(state, remaining);
    if (remaining.fields.rows.empty()) return std::nullopt;
    auto const& data = *origin->data;
    model::Outcome outcome;
    outcome.schema = "consortium.recovery/1";
    remaining.fields.rows.insert(
        remaining.fields.rows.begin(),
        {{"origin", origin->name},
         {"follows", fmt::format("{}, of which {} entries are here", data.at("previous").get<std::string>(),
                                 data.at("entries").get<std::uint64_t>())}});
    remaining.data["origin"] = origin->name;
    remaining.data["previous"] = data.at("previous");
    remaining.data["entries"] = data.at("entries");
    remaining.data["cause"] = data.at("cause");
    outcome.data = JsonValue(remaining.data);
    outcome.text.emplace_back(remaining.fields);
    for (auto const& command : remaining.next)
        if (std::find(outcome.next.begin(), outcome.next.end(), command) == outcome.next.end())
            outcome.next.push_back(command);
    return outcome;
}

}  // namespace consortium::flow
