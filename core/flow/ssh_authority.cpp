#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/authority.h"
#include "core/flow/ssh.h"
#include "core/port/ssh.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;
using model::SshUse;

namespace {

std::string const kind = "ssh-authority";

SshAuthority authority_of(model::Object const& object) {
    base::JsonReader in(*object.data);
    SshAuthority out;
    out.name = object.name;
    out.version = object.version;
    out.use = model::ssh_use(in.text("use"));
    out.number = in.integer("number");
    out.key = in.text("key");
    out.algorithm = in.text("algorithm");
    out.public_key = in.base64("public_key");
    out.made = in.instant("made");
    out.issued = in.instant("issued");
    out.revoked = in.optional_instant("revoked");
    in.done();
    return out;
}

std::string authority_name(SshUse use, std::int64_t number) {
    return fmt::format("{}-{}", word(use), number);
}

std::int64_t next_number(port::Store const& store, SshUse use) {
    std::int64_t last = 0;
    for (auto const& each : ssh_authorities(store))
        if (each.use == use) last = std::max(last, each.number);
    return last + 1;
}

/// It signs nothing else, so that nobody can have one thing signed as another.
bool is_unused(port::Store const& store, model::Epoch const& epoch, port::KeyInfo const& key,
               port::Certifier const& certifier) {
    return is_free(store, epoch, key.id, certifier) && !is_certified(store, key.id);
}

std::string in_use(std::string const& key) {
    return fmt::format(
        "key '{}' signs acts, certificates or tokens, or is certified; make one for this with "
        "'consortium key create'",
        key);
}

port::KeyInfo key_of(Json const& detail, Services& services) {
    auto const name = detail.at("key").get<std::string>();
    if (detail.at("source") == "new")
        return ensure_key(services, name, detail.at("algorithm").get<std::string>(),
                          detail.at("protection").get<std::string>());
    services.keys.open(name);
    return services.keys.info(name);
}

JsonValue prepare_init(model::Step const& step, Services& services, Identity const&) {
    auto const key = key_of(*step.detail, services);
    return JsonValue(Json{{"public_key", base::to_base64(key.public_key)}});
}

JsonValue append_init(model::Step const& step, JsonValue const& prepared, Services& services,
                      port::Transaction& transaction) {
    auto const& detail = *step.detail;
    SshAuthority made;
    made.use = model::ssh_use(detail.at("use").get<std::string>());
    made.number = detail.at("number").get<std::int64_t>();
    made.name = authority_name(made.use, made.number);
    made.key = detail.at("key").get<std::string>();
    made.public_key = base::from_base64(prepared->at("public_key").get<std::string>());
    made.made = made.issued = services.clock.now();
    // What was made for this may have been taken for something else since.
    auto const key = services.keys.info(made.key);
    if (key.public_key != made.public_key ||
        !is_unused(services.store, *services.store.latest(), key, services.certifier))
        throw base::Error(base::Code::conflict, in_use(made.key), "name another with --key");
    made.algorithm = key.algorithm;
    auto const line = model::ssh_line(services.certifier.ssh().blob(made.public_key), made.name);
    journal(transaction, services, "ssh.authority", {{"authority", made.name}, {"key", key.id.hex()}},
            {to_object(made)});
    return JsonValue(Json{{"authority", made.name}, {"use", word(made.use)}, {"public_key", line}});
}

struct Trusted {
    SshAuthority authority;
    std::string line;  // without its comment
};

std::vector<Trusted> trusted(port::Store const& store, port::Ssh const& ssh, SshUse use) {
    std::vector<Trusted> out;
    for (auto& each : ssh_authorities(store)) {
        if (each.use != use || each.revoked) continue;
        auto line = model::ssh_line(ssh.blob(each.public_key), {});
        out.push_back({std::move(each), std::move(line)});
    }
    return out;
}

/// Lines that begin with '#' are comments in both files, so that each can be pasted or saved whole.
std::string user_lines(std::vector<Trusted> const& authorities, std::string const& consortium,
                       std::string const& member) {
    if (authorities.empty()) return {};
    auto out = fmt::format(
        "# Save as /etc/ssh/{0}-users.pub on every host, and as /etc/ssh/{0}.krl what "
        "'consortium ssh krl' writes: without\n"
        "# that file nobody can log in by key. Then, in sshd_config:\n"
        "#   TrustedUserCAKeys /etc/ssh/{0}-users.pub\n"
        "#   RevokedKeys /etc/ssh/{0}.krl\n",
        consortium);
    for (auto const& each : authorities)
        out += fmt::format("{} {}/{} {}\n", each.line, consortium, member, each.authority.name);
    return out;
}

std::string host_lines(std::vector<Trusted> const& authorities, std::string const& consortium,
                       std::string const& member, std::string const& hosts) {
    if (authorities.empty()) return {};
    auto out = fmt::format(
        "# Append to /etc/ssh/ssh_known_hosts, or ~/.ssh/known_hosts, of whoever logs in. In "
        "ssh_config:\n"
        "#   RevokedHostKeys /etc/ssh/{0}.krl\n"
        "# On each host, in sshd_config, beside the HostKey that was certified:\n"
        "#   HostCertificate /etc/ssh/ssh_host_ed25519_key-cert.pub\n",
        consortium);
    for (auto const& each : authorities)
        out += fmt::format("@cert-authority {} {} {}/{} {}\n", hosts, each.line, consortium, member,
                           each.authority.name);
    return out;
}

bool is_host_pattern(std::string_view text) {
    return !text.empty() && text.size() <= 1024 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               std::string_view(".-:*?,![]").find(c) != std::string_view::npos;
    });
}

Json to_json(std::vector<Trusted> const& authorities) {
    Json out = Json::array();
    for (auto const& each : authorities)
        out.push_back({{"name", each.authority.name},
                       {"use", word(each.authority.use)},
                       {"key", each.authority.key},
                       {"algorithm", each.authority.algorithm},
                       {"made", each.authority.made.text()},
                       {"public_key", each.line}});
    return out;
}

}  // namespace

model::Object to_object(SshAuthority const& authority) {
    model::Object object;
    object.kind = kind;
    object.name = authority.name;
    object.state = authority.revoked ? "revoked" : "active";
    object.data = JsonValue(Json{{"use", word(authority.use)},
                                 {"number", authority.number},
                                 {"key", authority.key},
                                 {"algorithm", authority.algorithm},
                                 {"public_key", base::to_base64(authority.public_key)},
                                 {"made", authority.made.text()},
                                 {"issued", authority.issued.text()},
                                 {"revoked", authority.revoked ? Json(authority.revoked->text()) : Json()}});
    return object;
}

std::vector<SshAuthority> ssh_authorities(port::Store const& store) {
    std::vector<SshAuthority> out;
    store.objects({.kind = kind},
                  [&out](model::Object const& object) { out.push_back(authority_of(object)); });
    return out;
}

SshAuthority ssh_authority(port::Store const& store, std::string_view name) {
    auto const object = store.object(kind, name);
    if (!object) {
        throw base::Error(base::Code::not_found,
                          fmt::format("no authority '{}' for SSH in this workspace", base::printable(name)),
                          "run 'consortium ssh trust'");
    }
    return authority_of(*object);
}

SshAuthority newest_ssh_authority(port::Store const& store, SshUse use) {
    std::optional<SshAuthority> found;
    for (auto& each : ssh_authorities(store))
        if (each.use == use && !each.revoked && (!found || each.number > found->number))
            found = std::move(each);
    if (!found) {
        throw base::Error(base::Code::not_found,
                          fmt::format("this workspace has no SSH authority for {}s", word(use)),
                          fmt::format("run 'consortium ssh init --for {}'", word(use)));
    }
    return *std::move(found);
}

model::Plan plan_ssh_init(State const& state, port::Keyring const& keys, port::Certifier const& certifier,
                          model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const use = model::ssh_use(arguments.at("for").get<std::string>());
    auto const number = next_number(state.store, use);
    auto const name = authority_name(use, number);
    bool const given = arguments.contains("key");
    if (given && (arguments.contains("type") || arguments.contains("no-passphrase"))) {
        throw base::Error(base::Code::usage, "--type and --no-passphrase are for a new key, --key names one",
                          "give either");
    }
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    plan.pins[kind + "/" + name] = 0;
    Json detail{{"use", word(use)},
                {"number", number},
                {"source", given ? "key" : "new"},
                {"key", given ? arguments.at("key").get<std::string>() : "ssh-" + name},
                {"algorithm", arguments.value("type", "ed25519")},
                {"protection", arguments.value("no-passphrase", false) ? "none" : "passphrase"}};
    auto const key = detail["key"].get<std::string>();
    if (given) {
        auto const info = keys.info(key);
        (void)certifier.ssh().blob(info.public_key);
        detail["algorithm"] = info.algorithm;
        detail["protection"] = nullptr;
        plan.verdict.require("key", is_unused(state.store, state.joined(), info, certifier), in_use(key));
    }
    plan.steps.push_back({"ssh.init", name,
                          fmt::format("let {} key '{}' sign certificates of {}s, as '{}'",
                                      given ? "the" : "a new", key, word(use), name),
                          JsonValue(std::move(detail))});
    plan.verdict.next = use == SshUse::user ? "consortium ssh trust --for user"
                                            : "consortium ssh trust --for host --hosts PATTERN";
    return plan;
}

model::Outcome ssh_trust(State const& state, port::Ssh const& ssh, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const only = arguments.value("for", std::string());
    auto const hosts = arguments.value("hosts", std::string());
    if (!hosts.empty() && (only == "user" || !is_host_pattern(hosts))) {
        throw base::Error(base::Code::usage,
                          only == "user"
                              ? "--hosts is about authorities for hosts"
                              : fmt::format("'{}' is no pattern of host names", base::printable(hosts)),
                          "write it as known_hosts has it: '*.acme.example,10.0.0.*'");
    }
    if (only == "host" && hosts.empty()) {
        throw base::Error(base::Code::usage, "--hosts is missing: which hosts the authority may speak for",
                          "give a pattern as known_hosts has it: --hosts '*.acme.example'");
    }
    auto const users = only == "host" ? std::vector<Trusted>() : trusted(state.store, ssh, SshUse::user);
    auto const machines = only == "user" ? std::vector<Trusted>() : trusted(state.store, ssh, SshUse::host);
    if (users.empty() && machines.empty()) {
        throw base::Error(
            base::Code::not_found,
            fmt::format("this workspace has no SSH authority{}", only.empty() ? "" : " for " + only + "s"),
            fmt::format("run 'consortium ssh init --for {}'", only.empty() ? "user" : only));
    }
    auto const& consortium = state.joined().charter.name;
    auto all = users;
    all.insert(all.end(), machines.begin(), machines.end());
    model::Outcome outcome;
    outcome.schema = "consortium.ssh-trust/1";
    auto const for_hosts = user_lines(users, consortium, state.self.member);
    auto const for_users = host_lines(machines, consortium, state.self.member, hosts.empty() ? "*" : hosts);
    outcome.data = JsonValue(
        Json{{"items", to_json(all)}, {"trusted_user_ca_keys", for_hosts}, {"known_hosts", for_users}});
    if (!for_hosts.empty()) outcome.text.emplace_back(for_hosts);
    if (!for_users.empty()) outcome.text.emplace_back(for_users);
    if (!for_users.empty() && hosts.empty())
        outcome.warnings.emplace_back("'*' lets the authority speak for every host: name yours with --hosts");
    return outcome;
}

Applier const ssh_init_applier{.prepare = prepare_init, .append = append_init};

}  // namespace consortium::flow
