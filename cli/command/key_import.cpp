#include "cli/command/key_import.h"

#include "cli/command/key_record.h"
#include "cli/terminal.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/crypto/key_command.h"
#include "core/crypto/keystore.h"
#include "core/crypto/public_key.h"
#include "core/crypto/signer.h"
#include "core/crypto/token_key.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Code;
using base::Error;
using base::Json;

constexpr std::size_t max_key_file = 65'536;

std::string text_of(model::Request const& request, char const* flag) {
    return request.arguments->value(flag, std::string());
}

model::Outcome import_private(Session& session, model::Request const& request, std::string const& name,
                              base::Path const& folder, base::Secret const& pem) {
    bool const encrypted = crypto::is_encrypted(pem.view(), name);
    auto const passphrase =
        encrypted ? session.passphrase("key '" + name + "'") : wanted_passphrase(session, request, name);
    auto const key = crypto::private_from_pem(pem.view(), passphrase, name);
    return describe(crypto::import_key(folder, name, key, passphrase), folder);
}

model::Outcome import_file(Session& session, model::Request const& request, std::string const& name,
                           base::Path const& folder) {
    base::Secret const content(base::read_file(text_of(request, "from"), max_key_file));
    if (session.common().dry_run) return intended_key(name, folder);
    if (content.text().starts_with("-----BEGIN "))
        return import_private(session, request, name, folder, content);
    return describe(crypto::add_ssh_key(folder, name, content.text()), folder);
}

model::Outcome import_command(Session& session, model::Request const& request, std::string const& name,
                              base::Path const& folder) {
    auto const& arguments = *request.arguments;
    auto const command = crypto::key_command(
        text_of(request, "command"), arguments.value("pass-env", std::vector<std::string>()),
        base::Duration::from_text(arguments.value("time-limit", std::string("PT1M"))));
    auto const file = text_of(request, "public-key");
    if (file.empty())
        throw Error(Code::usage, "--command needs --public-key FILE",
                    "have whatever keeps the key write its public key as PEM");
    auto const spki = crypto::public_from_pem(base::read_text(file, max_key_file));
    if (session.common().dry_run) return intended_key(name, folder);
    return describe(crypto::import_command_key(folder, name, command, spki, session.key_means().trusted),
                    folder);
}

/// --public-key and the like mean nothing without --command; left unread, they would seem to.
void refuse_stray_flags(model::Request const& request) {
    for (auto const* flag : {"public-key", "pass-env"})
        if (request.arguments->contains(flag))
            throw Error(Code::usage, std::string("--") + flag + " goes with --command only",
                        "run 'consortium help key import'");
}

void confirm_trust(Session& session, std::string const& name, std::string const& place) {
    auto const& common = session.common();
    if (common.confirm == name) return;
    auto const hint = "look at it, then repeat the command with --confirm '" + name + "'";
    if (!common.confirm.empty())
        throw Error(Code::declined, "--confirm is '" + common.confirm + "', but this needs '" + name + "'",
                    hint);
    if (common.no_input || common.yes)
        throw Error(Code::declined, "'key trust' needs the key's name confirmed", hint, {{"place", place}});
    Terminal terminal(hint);
    terminal.say("key '" + name + "' names\n  " + place + "\n");
    if (terminal.ask("This will be loaded or run as you. Type '" + name + "' to trust it: ") != name)
        throw Error(Code::declined, "not confirmed; nothing was changed", hint);
}

}  // namespace

model::Outcome key_import(Session& session, model::Request const& request) {
    auto const folder = key_folder(session, session.common().out);
    auto const name = new_key_name(request, folder);
    auto const token = text_of(request, "pkcs11");
    bool const has_file = !text_of(request, "from").empty(),
               has_command = request.arguments->contains("command");
    if (int(has_file) + int(!token.empty()) + int(has_command) != 1)
        throw Error(Code::usage, "'key import' takes one of --from, --pkcs11 and --command",
                    "run 'consortium help key import'");
    if (has_command) return import_command(session, request, name, folder);
    refuse_stray_flags(request);
    if (has_file) return import_file(session, request, name, folder);
    if (session.common().dry_run) return intended_key(name, folder);
    return describe(crypto::import_token_key(folder, name, token, session.key_means()), folder);
}

model::Outcome key_trust(Session& session, model::Request const& request) {
    auto const folder = key_folder(session, text_of(request, "in"));
    auto const name = request.arguments->at("operand").get<std::string>();
    auto const key = crypto::open_keyring(folder, {})->info(name);
    auto const place = crypto::elsewhere(folder, name);
    if (place.empty())
        throw Error(Code::not_found, "key '" + name + "' is here: it names no module and no program",
                    "run 'consortium key list'");
    if (!session.common().dry_run) {
        confirm_trust(session, name, place);
        crypto::trust_place(folder, name, session.key_means().trusted);
    }
    auto outcome = describe(key, folder);
    outcome.text.emplace_back((session.common().dry_run ? "would trust " : "trusted: ") + place);
    return outcome;
}

}  // namespace consortium::cli
