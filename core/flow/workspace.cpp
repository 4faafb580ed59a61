#include "core/flow/workspace.h"

#include "core/base/text.h"
#include "core/model/plan.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;

namespace {

model::Key public_part(port::KeyInfo const& info, std::string const& member, std::string owner) {
    model::Key key;
    key.id = info.id;
    key.algorithm = info.algorithm;
    key.spki = info.public_key;
    key.member = member;
    key.owner = std::move(owner);
    return key;
}

std::string toml_string(std::string_view text) {
    return Json(text).dump();
}  // a JSON string is a TOML basic string

}  // namespace

NewWorkspace new_workspace(model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const text = [&](char const* key, std::string fallback) {
        return arguments.value(key, std::move(fallback));
    };
    NewWorkspace wanted;
    wanted.member = text("member", "");
    wanted.officer = text("officer", "");
    base::check_name(wanted.member, "member");
    base::check_name(wanted.officer, "officer");
    wanted.name = text("name", wanted.member);
    wanted.tier = text("tier", "member");
    wanted.control_group = text("control-group", wanted.member);
    wanted.person = text("person", wanted.officer);
    wanted.roles = arguments.value("role", std::vector<std::string>{"governance", "security"});
    wanted.algorithm = text("type", "ed25519");
    wanted.exchange = text("exchange", "");
    wanted.mode = arguments.value("rehearsal", false) ? "rehearsal" : "";
    return wanted;
}

model::Founder create_keys(NewWorkspace const& wanted, port::Keyring& keys, base::Secret const& passphrase) {
    model::Founder founder;
    founder.member.id = wanted.member;
    founder.member.name = wanted.name;
    founder.member.tier = wanted.tier;
    founder.member.control_group = wanted.control_group;

    auto const officer_key = keys.create(wanted.officer, wanted.algorithm, passphrase);
    founder.keys.push_back(public_part(officer_key, wanted.member, wanted.officer));
    model::Officer officer;
    officer.id = wanted.officer;
    officer.member = wanted.member;
    officer.person = wanted.person;
    officer.roles = wanted.roles;
    officer.key = officer_key.id;
    founder.officers.push_back(officer);

    for (std::string const role : {"seat", "log", "witness"}) {
        auto const key = keys.create(role, "ed25519", base::Secret());
        founder.keys.push_back(public_part(key, wanted.member, role));
    }
    founder.member.seat = founder.key_of("seat").id;
    founder.member.log = founder.key_of("log").id;
    founder.member.witness = founder.key_of("witness").id;
    return founder;
}

std::string journal_origin(std::string const& member, base::Digest const& log_key) {
    return fmt::format("consortium/{}/{}", member, log_key.hex().substr(0, 8));
}

std::string journal_origin(model::Member const& member) {
    return journal_origin(member.id, member.log);
}

std::string own_origin(port::Store const& store) {
    auto const checkpoint = store.head().checkpoint;
    return checkpoint.substr(0, checkpoint.find('\n'));
}

port::KeyInfo log_key_of(port::Keyring const& keys, std::string const& origin) {
    auto const digits = origin.substr(origin.rfind('/') + 1);
    auto found = digits.size() == 8 ? keys.find(digits) : std::nullopt;
    return found ? *std::move(found) : keys.info("log");
}

std::string settings_text(NewWorkspace const& wanted, std::string const& origin) {
    std::string text = "# Settings of this workspace; see consortium-config(1).\n";
    text += fmt::format("member = {}\nofficer = {}\norigin = {}\n", toml_string(wanted.member),
                        toml_string(wanted.officer), toml_string(origin));
    if (!wanted.mode.empty()) text += "rehearsal = true\n";
    if (!wanted.exchange.empty()) text += fmt::format("exchange = {}\n", toml_string(wanted.exchange));
    return text;
}

}  // namespace consortium::flow
