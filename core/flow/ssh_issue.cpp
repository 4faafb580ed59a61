#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/flow/authority.h"
#include "core/flow/ssh.h"
#include "core/port/ssh.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Bytes;
using base::Json;
using base::JsonValue;
using model::SshCertificate;
using model::SshUse;
using model::Verdict;

namespace {

std::string const kind = "ssh-certificate";
constexpr std::size_t max_file = 65'536, max_principals = 256, max_ranges = 64;
constexpr std::size_t max_id = 128, max_command = 4096;
// As ssh-keygen does it: a host whose clock is a little behind takes a new certificate too.
constexpr base::Duration backdated{60};
constexpr base::Duration skew{60};

/// What is asked for; serial, times and nonce, only applying can know.
struct Wanted {
    SshUse use = SshUse::user;
    std::string id;
    std::vector<std::string> principals, sources, permits;
    std::string command;
    base::Duration life;
};

Wanted read_wanted(Json const& arguments) {
    using Texts = std::vector<std::string>;
    Wanted out;
    out.use = model::ssh_use(arguments.at("for").get<std::string>());
    out.id = arguments.at("operand").get<std::string>();
    out.principals = arguments.value("principal", Texts());
    out.sources = arguments.value("source-address", Texts());
    out.permits = arguments.value("permit", Texts());
    out.command = arguments.value("force-command", std::string());
    auto const usual = out.use == SshUse::user ? usual_ssh_user : usual_ssh_host;
    out.life = base::Duration::from_text(arguments.value("valid-for", usual.text()));
    return out;
}

bool is_plain(std::string_view text, std::size_t most) {
    return !text.empty() && text.size() <= most && base::is_utf8(text) && base::printable(text) == text &&
           base::trimmed(text) == text;
}

void check_principals(Wanted const& wanted, Verdict& verdict) {
    auto const& names = wanted.principals;
    verdict.require("principal", !names.empty(),
                    "a certificate for nobody in particular would hold for everybody: give --principal");
    verdict.require("principal", names.size() <= max_principals,
                    fmt::format("a certificate has at most {}", max_principals));
    verdict.require("principal", std::set(names.begin(), names.end()).size() == names.size(),
                    "one is named twice");
    for (auto const& name : names)
        verdict.require("principal", is_ssh_principal(wanted.use, name),
                        fmt::format("'{}' is none: {}", base::printable(name),
                                    wanted.use == SshUse::user
                                        ? "a user or role has letters, digits and ._-@+, at most 64"
                                        : "a host has a lower-case name or an address, without wildcards"));
}

void check_wanted(Wanted const& wanted, Verdict& verdict) {
    verdict.require("id", is_plain(wanted.id, max_id), "1 to 128 bytes of text, without controls");
    check_principals(wanted, verdict);
    auto const longest = wanted.use == SshUse::user ? longest_ssh_user : longest_ssh_host;
    verdict.require("lifetime", wanted.life.seconds > 0 && wanted.life <= longest,
                    fmt::format("a {}'s certificate lasts at most {}", word(wanted.use), longest.text()));
    verdict.require("options",
                    wanted.use == SshUse::user ||
                        (wanted.command.empty() && wanted.sources.empty() && wanted.permits.empty()),
                    "--force-command, --source-address and --permit are for users");
    verdict.require("force-command", wanted.command.empty() || is_plain(wanted.command, max_command),
                    "one line of text, without controls");
    verdict.require("source-address", wanted.sources.size() <= max_ranges,
                    fmt::format("a certificate has at most {}", max_ranges));
    for (auto const& range : wanted.sources)
        verdict.require(
            "source-address", model::is_address_range(range),
            fmt::format("'{}' is none: write '10.0.0.0/8' or '2001:db8::/32', no bits beyond the mask",
                        base::printable(range)));
}

/// A forwarded agent can be asked to sign anything: a key that decides here, or certifies, logs in nowhere.
bool is_subject(State const& state, Bytes const& blob, port::Certifier const& certifier) {
    auto const& epoch = state.joined();
    if (epoch.key(base::sha256(blob)) != nullptr) return false;
    auto const spki = certifier.ssh().spki(blob);
    return !spki || is_free(state.store, epoch, base::sha256(*spki), certifier);
}

Json to_json(Wanted const& wanted, SshAuthority const& by, Bytes const& blob) {
    return {{"authority", by.name},
            {"use", word(wanted.use)},
            {"key_id", wanted.id},
            {"principals", wanted.principals},
            {"key", base::to_base64(blob)},
            {"fingerprint", model::ssh_fingerprint(base::sha256(blob))},
            {"life", wanted.life.text()},
            {"force_command", wanted.command},
            {"source_addresses", wanted.sources},
            {"permits", wanted.permits}};
}

JsonValue open_key(model::Step const& step, Services& services, Identity const&) {
    auto const by = ssh_authority(services.store, step.detail->at("authority").get<std::string>());
    if (services.keys.open(by.key)->public_key() != by.public_key) {
        throw base::Error(base::Code::conflict,
                          fmt::format("key '{}' is not the one that '{}' signs with", by.key, by.name),
                          "put it back into the keyring, or run 'consortium ssh init'");
    }
    return {};
}

std::uint64_t draw_serial(Services& services) {
    for (;;) {
        auto const serial = base::read_u64(services.entropy.bytes(8));
        if (serial != 0 && !services.store.object(kind, std::to_string(serial))) return serial;
    }
}

SshCertificate content_of(Json const& detail, SshAuthority const& by, Services& services) {
    auto const now = services.clock.now();
    auto const life = base::Duration::from_text(detail.at("life").get<std::string>());
    SshCertificate out;
    out.nonce = services.entropy.bytes(32);
    out.key = base::from_base64(detail.at("key").get<std::string>());
    out.serial = draw_serial(services);
    out.use = by.use;
    out.key_id = detail.at("key_id").get<std::string>();
    out.principals = detail.at("principals").get<std::vector<std::string>>();
    out.valid_after = static_cast<std::uint64_t>((now - backdated).seconds);
    out.valid_before = static_cast<std::uint64_t>((now + life).seconds);
    auto const command = detail.at("force_command").get<std::string>();
    if (!command.empty()) out.critical["force-command"] = model::ssh_option(command);
    auto const sources = detail.at("source_addresses").get<std::vector<std::string>>();
    if (!sources.empty()) out.critical["source-address"] = model::ssh_option(base::join(sources, ","));
    for (auto const& permit : detail.at("permits")) out.extensions["permit-" + permit.get<std::string>()];
    out.authority = services.certifier.ssh().blob(by.public_key);
    return out;
}

/// Journals serial and digest, then signs, then reads back and verifies (PROTOCOL P11).
Bytes certify(SshCertificate const& content, SshAuthority const& by, Services& services,
              port::Transaction& transaction) {
    auto const& ssh = services.certifier.ssh();
    auto const tbs = model::ssh_certificate_tbs(content);
    journal(transaction, services, "ssh.intent",
            {{"authority", by.name},
             {"serial", std::to_string(content.serial)},
             {"tbs", base::sha256(tbs).hex()}},
            {});
    auto const signer = services.keys.open(by.key);
    auto out = ssh.assemble(tbs, signer->algorithm(), signer->sign(tbs));
    auto const again = model::read_ssh_certificate(out);
    if (again.content != content || again.tbs != tbs || !ssh.verify(again)) {
        throw base::Error(
            base::Code::verification_failed,
            fmt::format("what key '{}' signed is not the certificate that was asked for", by.key),
            "see 'consortium key show " + by.key + "'");
    }
    return out;
}

model::Object object_of(SshCertificate const& content, Bytes const& certificate, Json const& detail,
                        Services& services) {
    base::Instant const after{static_cast<std::int64_t>(content.valid_after)};
    base::Instant const before{static_cast<std::int64_t>(content.valid_before)};
    auto const signed_part = model::read_ssh_certificate(certificate).tbs;
    model::Object object;
    object.kind = kind;
    object.name = std::to_string(content.serial);
    object.state = "valid";
    // A user's certificate of a day ends without anybody having to be told.
    if (content.use == SshUse::host) object.due = before;
    object.data = JsonValue(Json{{"authority", detail.at("authority")},
                                 {"use", detail.at("use")},
                                 {"key_id", content.key_id},
                                 {"principals", content.principals},
                                 {"fingerprint", detail.at("fingerprint")},
                                 {"issued", services.clock.now().text()},
                                 {"valid_after", after.text()},
                                 {"valid_before", before.text()},
                                 {"certificate", base::to_base64(certificate)},
                                 {"tbs", base::sha256(signed_part).hex()},
                                 {"revoked", nullptr}});
    return object;
}

/// Those that a new one of the same host and key stands in for: nobody has to be told when they end.
void retire_renewed(Json const& data, port::Store const& store, std::vector<model::Object>& writes) {
    if (data.at("use") != "host") return;
    store.objects({.kind = kind, .state = "valid"}, [&](model::Object const& object) {
        auto const& other = *object.data;
        if (!object.due || other.at("fingerprint") != data.at("fingerprint") ||
            other.at("principals") != data.at("principals"))
            return;
        auto renewed = object;
        renewed.due.reset();
        writes.push_back(std::move(renewed));
    });
}

JsonValue append_issue(model::Step const& step, JsonValue const&, Services& services,
                       port::Transaction& transaction) {
    auto const& detail = *step.detail;
    auto by = ssh_authority(services.store, detail.at("authority").get<std::string>());
    if (by.revoked) {
        throw base::Error(base::Code::conflict,
                          fmt::format("'{}' was revoked while this was being decided", by.name),
                          fmt::format("run 'consortium ssh init --for {}'", word(by.use)));
    }
    auto const content = content_of(detail, by, services);
    auto const certificate = certify(content, by, services, transaction);
    auto const object = object_of(content, certificate, detail, services);
    by.issued = std::max(by.issued, services.clock.now());
    std::vector<model::Object> writes{object, to_object(by)};
    retire_renewed(*object.data, services.store, writes);
    journal(transaction, services, "ssh.issued",
            {{"authority", by.name}, {"serial", object.name}, {"tbs", object.data->at("tbs")}},
            std::move(writes));
    return JsonValue(Json{{"serial", object.name},
                          {"authority", by.name},
                          {"use", detail.at("use")},
                          {"key_id", content.key_id},
                          {"principals", content.principals},
                          {"valid_after", object.data->at("valid_after")},
                          {"valid_before", object.data->at("valid_before")},
                          {"certificate", model::ssh_line(certificate, content.key_id)}});
}

}  // namespace

model::Plan plan_ssh_issue(State const& state, port::Certifier const& certifier,
                           model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const wanted = read_wanted(arguments);
    auto const by = newest_ssh_authority(state.store, wanted.use);
    auto const file = arguments.at("public-key").get<std::string>();
    auto const key = certifier.ssh().read_key(base::read_text(file, max_file));
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    check_wanted(wanted, plan.verdict);
    plan.verdict.require("key", is_subject(state, key.blob, certifier),
                         "this key signs acts, certificates or tokens here; log in with another one");
    plan.verdict.require(
        "clock", by.issued <= state.now + skew,
        fmt::format("'{}' was last used at {}, which is still to come: set the clock right, or, "
                    "if it was wrong then, make another with 'consortium ssh init'",
                    by.name, by.issued.text()));
    plan.steps.push_back(
        {"ssh.issue", wanted.id,
         fmt::format("certify the {} {} of {} '{}' for {}, for {}, by '{}'", key.type,
                     model::ssh_fingerprint(base::sha256(key.blob)), word(wanted.use), wanted.id,
                     base::join(wanted.principals, ", "), wanted.life.text(), by.name),
         JsonValue(to_json(wanted, by, key.blob))});
    return plan;
}

Applier const ssh_issue_applier{.prepare = open_key, .append = append_issue};

}  // namespace consortium::flow
