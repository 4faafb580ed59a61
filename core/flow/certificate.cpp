#include "core/flow/certificate.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/authority_revoke.h"
#include "core/flow/certificate_key.h"
#include "core/flow/certificate_pending.h"
#include "core/flow/certificate_renew.h"
#include "core/flow/crl.h"
#include "core/flow/expiring.h"
#include "core/flow/issuer_chain.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Bytes;
using base::Json;
using base::JsonValue;

namespace {

std::string const kind = "certificate";

std::string state_of(model::Object const& object, base::Instant now) {
    return is_unrevoked(object) && object.due && *object.due < now ? "expired" : object.state;
}

/// One line of `cert list`, whatever it is that ends.
struct Row {
    std::string what, name, subject, state, member;
    base::Instant due;
    std::string next;  // what replaces it
};

void add_leaves(State const& state, Json const& arguments, std::optional<base::Instant> const& before,
                std::vector<Row>& rows) {
    auto const wanted = arguments.value("state", std::string());
    port::ObjectQuery query{.kind = kind};
    if (wanted != "expired") query.state = wanted;
    // What was renewed is taken care of.
    if (wanted.empty() && before) query.state = "valid";
    query.member = arguments.value("member", std::string());
    query.due_before = wanted == "expired" ? std::min(before.value_or(state.now), state.now) : before;
    state.store.objects(query, [&](model::Object const& object) {
        auto const now = state_of(object, state.now);
        if (!wanted.empty() && now != wanted) return;
        rows.push_back({kind, object.name, object.data->at("subject").get<std::string>(), now, object.member,
                        object.due.value_or(base::Instant{}), renewal_command(object)});
    });
}

/// Those that wait for approval; with a time, those that lapse before.
void add_pending(State const& state, Json const& arguments, std::optional<base::Instant> const& before,
                 std::vector<Row>& rows) {
    auto const wanted = arguments.value("state", std::string());
    if (!wanted.empty() && wanted != "pending") return;
    port::ObjectQuery query{.kind = "certificate-request", .state = "pending"};
    query.member = arguments.value("member", std::string());
    query.due_before = before;
    state.store.objects(query, [&](model::Object const& object) {
        auto const pending = pending_from_object(object);
        rows.push_back({kind, pending.serial, pending.subject, state_of(pending, state.now), pending.member,
                        pending.lapses, "consortium cert show " + pending.serial});
    });
}

void add_ours(State const& state, char const* what, std::optional<base::Instant> const& before,
              std::vector<Row>& rows) {
    port::ObjectQuery query{.kind = what};
    query.due_before = before;
    state.store.objects(query, [&](model::Object const& object) {
        // What was revoked, retired or ended is replaced by nobody, and would alarm a monitor for ever.
        if (before && renewal_command(object).empty()) return;
        auto const due = object.due.value_or(base::Instant{});
        rows.push_back({what,
                        object.name,
                        {},
                        due < state.now ? "expired" : object.state,
                        {},
                        due,
                        renewal_command(object)});
    });
}

bool is_named(Json const& arguments, std::string_view what) {
    auto const named = arguments.value("what", Json::array());
    return std::ranges::find(named, Json(what)) != named.end();
}

/// --what may be said several times; left out, everything is listed.
bool is_wanted(Json const& arguments, std::string_view what) {
    return !arguments.contains("what") || is_named(arguments, what);
}

}  // namespace

std::string hexadecimal_digits(std::string_view text) {
    std::string out;
    for (char const c : text) {
        if (c == ':') continue;
        out += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

std::string normal_serial(std::string_view text) {
    auto out = hexadecimal_digits(text);
    bool const hex =
        !out.empty() && out.size() <= 40 && out.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!hex) {
        throw base::Error(base::Code::usage, fmt::format("'{}' is no serial", base::printable(text)),
                          "a serial is hexadecimal, see 'consortium cert list'");
    }
    if (out.size() < 32) out.insert(0, 32 - out.size(), '0');
    return out;
}

namespace {

/// Serials are not abbreviated, but who gives the beginning of one is told the whole.
std::string hint_about(port::Store const& store, std::string_view serial) {
    constexpr std::size_t whole = 32, enough = 4;
    auto const digits = hexadecimal_digits(serial);
    std::vector<std::string> found;
    if (digits.size() >= enough && digits.size() < whole) {
        store.objects({.kind = kind}, [&](model::Object const& object) {
            if (object.name.starts_with(digits)) found.push_back(object.name);
        });
    }
    return found.size() == 1 ? fmt::format("did you mean '{}'?", found.front())
                             : "run 'consortium cert list'";
}

}  // namespace

model::Object certificate_object(port::Store const& store, std::string_view serial) {
    auto object = store.object(kind, normal_serial(serial));
    if (!object) {
        throw base::Error(base::Code::not_found,
                          fmt::format("no certificate with serial {} was issued here", normal_serial(serial)),
                          hint_about(store, serial));
    }
    return *std::move(object);
}

Bytes der_of(model::Object const& certificate) {
    return base::from_base64(certificate.data->at("der").get<std::string>());
}

std::vector<Bytes> chain_of(port::Store const& store, model::Object const& certificate) {
    auto const issuer = authority(store, certificate.data->at("issuer").get<std::string>());
    std::vector<Bytes> out{der_of(certificate)};
    for (auto& each : issuer_chain(store, issuer)) out.push_back(std::move(each));
    return out;
}

model::Outcome certificate_list(State const& state, model::Request const& request) {
    auto const& arguments = *request.arguments;
    std::optional<base::Instant> before;
    if (arguments.contains("expiring")) {
        before = state.now + base::Duration::from_text(arguments.at("expiring").get<std::string>());
    }
    std::vector<Row> rows;
    bool const ours = !arguments.contains("state") && !arguments.contains("member");
    if (!ours && (is_named(arguments, "authority") || is_named(arguments, "crl"))) {
        throw base::Error(base::Code::usage,
                          "--state and --member are of certificates, and --what names something else",
                          "leave one of them out");
    }
    for (auto const* what : {"authority", "crl"})
        if (ours && is_wanted(arguments, what)) add_ours(state, what, before, rows);
    if (is_wanted(arguments, kind)) {
        add_leaves(state, arguments, before, rows);
        add_pending(state, arguments, before, rows);
    }
    if (before) {
        std::stable_sort(rows.begin(), rows.end(),
                         [](auto const& a, auto const& b) { return a.due < b.due; });
    }
    model::Outcome outcome;
    outcome.schema = "consortium.certificate-list/1";
    Json items = Json::array();
    model::Table table;
    table.columns = {"what", "name", "state", "member", "not after", "subject"};
    if (before) table.columns.emplace_back("next");
    table.when_empty = before ? "nothing expires by " + before->text() : "no certificate was issued here";
    for (auto const& row : rows) {
        items.push_back({{"what", row.what},
                         {"name", row.name},
                         {"subject", row.subject},
                         {"state", row.state},
                         {"member", row.member},
                         {"not_after", row.due.text()},
                         {"next", row.next.empty() ? Json() : Json(row.next)}});
        table.rows.push_back({row.what, row.name, row.state, row.member, row.due.text(), row.subject});
        if (before) table.rows.back().push_back(row.next);
    }
    outcome.data = JsonValue(Json{{"items", items}});
    outcome.text.emplace_back(std::move(table));
    if (arguments.contains("exit-code") && !rows.empty()) outcome.status = base::Code::verification_failed;
    return outcome;
}

model::Outcome certificate_show(State const& state, port::Certifier const& certifier,
                                model::Request const& request) {
    auto const serial = request.arguments->at("operand").get<std::string>();
    if (auto const pending = find_pending(state.store, serial); pending && pending->state != "issued")
        return show_pending(state, certifier, *pending);
    auto const object = certificate_object(state.store, serial);
    auto const facts = certifier.describe(der_of(object));
    Json data = *object.data;
    data["serial"] = object.name;
    data["state"] = state_of(object, state.now);
    data["member"] = object.member;
    // Certificates of earlier versions say of neither.
    for (auto const* link : {"renews", "renewed_by"}) data[link] = object.data->value(link, Json());
    data["fingerprint"] = facts.fingerprint.hex();
    model::Outcome outcome;
    outcome.schema = "consortium.certificate/1";
    outcome.data = JsonValue(data);
    model::Fields fields;
    fields.rows = {{"serial", object.name},
                   {"subject", facts.subject},
                   {"issuer", facts.issuer},
                   {"names", base::join(facts.content.names.texts(), ", ")},
                   {"profile", data["profile"].get<std::string>()},
                   {"key", data["key"].is_null() ? "elsewhere" : data["key"].get<std::string>()},
                   {"key id", data["key_id"].get<std::string>()},
                   {"member", object.member},
                   {"in force", facts.content.not_before.text() + " to " + facts.content.not_after.text()},
                   {"state", data["state"].get<std::string>()},
                   {"fingerprint", facts.fingerprint.hex()}};
    if (!data["renews"].is_null()) fields.rows.emplace_back("renews", data["renews"].get<std::string>());
    if (!data["renewed_by"].is_null()) {
        fields.rows.emplace_back("renewed by", data["renewed_by"].get<std::string>());
    }
    if (!data["revoked"].is_null()) {
        fields.rows.emplace_back("revoked", data["revoked"]["at"].get<std::string>() + ", " +
                                                data["revoked"]["reason"].get<std::string>());
    }
    outcome.text.emplace_back(std::move(fields));
    return outcome;
}

}  // namespace consortium::flow
