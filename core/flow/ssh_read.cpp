#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/flow/ssh.h"
#include "core/port/ssh.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Instant;
using base::Json;
using base::JsonValue;

namespace {

std::string const kind = "ssh-certificate";
constexpr std::size_t max_file = 131'072;
constexpr std::uint64_t forever = ~std::uint64_t{0};
constexpr std::uint64_t last_second = 253'402'300'799;  // of the year 9999

std::string text_of(Json const& data, char const* key) {
    return data.at(key).get<std::string>();
}

Instant end_of(Json const& data) {
    return Instant::from_text(text_of(data, "valid_before"));
}

std::vector<std::string> revoked_authorities(port::Store const& store) {
    std::vector<std::string> out;
    for (auto const& each : ssh_authorities(store))
        if (each.revoked) out.push_back(each.name);
    return out;
}

/// As it stands now: its authority may have been revoked, or its time be over.
std::string state_of(model::Object const& object, std::vector<std::string> const& revoked, Instant now) {
    auto const& data = *object.data;
    if (std::ranges::find(revoked, text_of(data, "authority")) != revoked.end()) return "revoked";
    return object.state == "valid" && end_of(data) <= now ? "expired" : object.state;
}

std::string line_of(Json const& data) {
    return model::ssh_line(base::from_base64(text_of(data, "certificate")), text_of(data, "key_id"));
}

std::string time_text(std::uint64_t seconds) {
    if (seconds == forever) return "for ever";
    return seconds > last_second ? fmt::format("second {}", seconds)
                                 : Instant{static_cast<std::int64_t>(seconds)}.text();
}

/// "force-command=/bin/true", "permit-pty"
std::vector<std::string> option_texts(std::map<std::string, base::Bytes> const& options) {
    std::vector<std::string> out;
    for (auto const& [name, data] : options) {
        auto const value = data.empty() ? std::nullopt : model::ssh_option_value(data);
        out.push_back(base::printable(value ? name + "=" + *value : name));
    }
    return out;
}

Json facts_of(model::SshCertificate const& content) {
    auto principals = content.principals;
    for (auto& each : principals) each = base::printable(each);
    return {{"use", word(content.use)},
            {"serial", std::to_string(content.serial)},
            {"key_id", base::printable(content.key_id)},
            {"principals", principals},
            {"fingerprint", model::ssh_fingerprint(base::sha256(content.key))},
            {"valid_after", time_text(content.valid_after)},
            {"valid_before", time_text(content.valid_before)},
            {"critical", option_texts(content.critical)},
            {"extensions", option_texts(content.extensions)}};
}

struct Question {
    std::string principal;
    Instant now;
};

std::optional<SshAuthority> authority_of(State const& state, port::Ssh const& ssh,
                                         model::SshCertificate const& content) {
    for (auto& each : ssh_authorities(state.store))
        if (ssh.blob(each.public_key) == content.authority) return std::move(each);
    return std::nullopt;
}

std::string fault_in_time(model::SshCertificate const& content, Instant now) {
    auto const at = static_cast<std::uint64_t>(std::max(now.seconds, std::int64_t{0}));
    if (content.valid_after > at) return "it is not in force before " + time_text(content.valid_after);
    if (content.valid_before <= at) return "it expired at " + time_text(content.valid_before);
    return {};
}

std::string fault_in_journal(State const& state, model::SignedSshCertificate const& certificate) {
    auto const object = state.store.object(kind, std::to_string(certificate.content.serial));
    if (!object || object->data->at("tbs") != base::sha256(certificate.tbs).hex())
        return "it is signed by our key but our journal does not know it: it was not issued here";
    if (object->state != "revoked") return {};
    auto const& revoked = object->data->at("revoked");
    return fmt::format("it was revoked at {}: {}", text_of(revoked, "at"), text_of(revoked, "reason"));
}

/// Why it does not hold; empty: it does.
std::string fault_of(State const& state, port::Ssh const& ssh, model::SignedSshCertificate const& certificate,
                     Question const& question) {
    auto const& content = certificate.content;
    auto const by = authority_of(state, ssh, content);
    if (!by) return "it is by no authority of this workspace";
    if (!ssh.verify(certificate)) return fmt::format("its signature is not by '{}'", by->name);
    if (by->use != content.use)
        return fmt::format("it is for a {}, and '{}' speaks for {}s only", word(content.use), by->name,
                           word(by->use));
    if (auto fault = fault_in_journal(state, certificate); !fault.empty()) return fault;
    if (by->revoked) return fmt::format("authority '{}' was revoked at {}", by->name, by->revoked->text());
    if (auto fault = fault_in_time(content, question.now); !fault.empty()) return fault;
    auto const& names = content.principals;
    if (!question.principal.empty() && std::ranges::find(names, question.principal) == names.end())
        return fmt::format("it is for {}, not for '{}'", base::join(names, ", "),
                           base::printable(question.principal));
    return {};
}

}  // namespace

model::Object ssh_certificate_object(port::Store const& store, std::string_view serial) {
    bool const digits = !serial.empty() && serial.size() <= 20 &&
                        serial.find_first_not_of("0123456789") == std::string_view::npos;
    if (!digits) {
        throw base::Error(base::Code::usage, fmt::format("'{}' is no serial", base::printable(serial)),
                          "a serial is decimal, as 'consortium ssh list' and 'ssh-keygen -L' show it");
    }
    auto object = store.object(kind, serial);
    if (!object) {
        throw base::Error(base::Code::not_found,
                          fmt::format("no SSH certificate with serial {} was issued here", serial),
                          "run 'consortium ssh list'");
    }
    return *std::move(object);
}

model::Outcome ssh_list(State const& state, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const use = arguments.value("for", std::string());
    auto const wanted = arguments.value("state", std::string());
    std::optional<Instant> before;
    if (arguments.contains("expiring"))
        before = state.now + base::Duration::from_text(arguments.at("expiring").get<std::string>());
    auto const revoked = revoked_authorities(state.store);
    std::vector<Json> items;
    state.store.objects({.kind = kind}, [&](model::Object const& object) {
        auto const& data = *object.data;
        auto const now = state_of(object, revoked, state.now);
        if ((!use.empty() && data.at("use") != use) || (!wanted.empty() && now != wanted)) return;
        if (before && (now != "valid" || end_of(data) > *before)) return;
        items.push_back({{"serial", object.name}, {"state", now}});
        for (char const* key : {"authority", "use", "key_id", "principals", "fingerprint", "valid_after",
                                "valid_before", "revoked"})
            items.back()[key] = data.at(key);
    });
    std::ranges::stable_sort(items, {}, [](Json const& item) { return text_of(item, "valid_before"); });
    model::Outcome outcome;
    outcome.schema = "consortium.ssh-list/1";
    model::Table table{{"serial", "for", "state", "id", "principals", "valid before"}, {}, ""};
    table.when_empty = before ? "nothing expires by " + before->text() : "no SSH certificate was issued here";
    for (auto const& item : items)
        table.rows.push_back({text_of(item, "serial"), text_of(item, "use"), text_of(item, "state"),
                              text_of(item, "key_id"),
                              base::join(item.at("principals").get<std::vector<std::string>>(), ", "),
                              text_of(item, "valid_before")});
    outcome.data = JsonValue(Json{{"items", items}});
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

model::Outcome ssh_show(State const& state, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const object = ssh_certificate_object(state.store, arguments.at("operand").get<std::string>());
    auto const& stored = *object.data;
    auto const line = line_of(stored);
    auto const content = model::ssh_certificate_from_line(line).content;
    auto data = facts_of(content);
    data["state"] = state_of(object, revoked_authorities(state.store), state.now);
    data["authority"] = stored.at("authority");
    data["issued"] = stored.at("issued");
    data["revoked"] = stored.at("revoked");
    data["certificate"] = line;
    model::Outcome outcome;
    outcome.schema = "consortium.ssh-certificate/1";
    outcome.data = JsonValue(data);
    if (arguments.value("print", "words") == "certificate") {
        outcome.text.emplace_back(line);
        return outcome;
    }
    auto const joined = [](std::vector<std::string> const& texts) {
        return texts.empty() ? std::string("none") : base::join(texts, ", ");
    };
    model::Fields fields;
    fields.rows = {{"serial", object.name},
                   {"for", text_of(data, "use") + " " + content.key_id},
                   {"principals", joined(content.principals)},
                   {"key", text_of(data, "fingerprint")},
                   {"in force", text_of(data, "valid_after") + " to " + text_of(data, "valid_before")},
                   {"conditions", joined(option_texts(content.critical))},
                   {"permits", joined(option_texts(content.extensions))},
                   {"authority", text_of(data, "authority")},
                   {"state", text_of(data, "state")}};
    if (!stored.at("revoked").is_null())
        fields.rows.emplace_back(
            "revoked", text_of(stored.at("revoked"), "at") + ", " + text_of(stored.at("revoked"), "reason"));
    outcome.text.emplace_back(std::move(fields));
    return outcome;
}

model::Outcome ssh_verify(State const& state, port::Ssh const& ssh, model::Request const& request) {
    auto const& arguments = *request.arguments;
    Question question;
    question.principal = arguments.value("principal", std::string());
    question.now =
        arguments.contains("at") ? Instant::from_text(arguments.at("at").get<std::string>()) : state.now;
    auto const certificate = model::ssh_certificate_from_line(
        base::read_text(arguments.at("operand").get<std::string>(), max_file));
    auto const fault = fault_of(state, ssh, certificate, question);
    auto const& content = certificate.content;
    auto const sentence =
        !fault.empty() ? "the certificate does not hold: " + fault
                       : fmt::format("certificate {} of {} '{}' for {} holds until {}", content.serial,
                                     word(content.use), content.key_id, base::join(content.principals, ", "),
                                     time_text(content.valid_before));
    model::Outcome outcome;
    outcome.schema = "consortium.ssh-verification/1";
    // What nobody has signed is not repeated as if somebody had.
    outcome.data = JsonValue(Json{{"holds", fault.empty()},
                                  {"sentence", sentence},
                                  {"certificate", fault.empty() ? facts_of(content) : Json()},
                                  {"at", question.now.text()}});
    outcome.text.emplace_back(sentence);
    if (question.principal.empty())
        outcome.warnings.emplace_back("for whom it is was not checked: name that with --principal");
    if (!fault.empty()) outcome.status = base::Code::verification_failed;
    return outcome;
}

}  // namespace consortium::flow
