#include "cli/command/cert_export.h"

#include "cli/new_folder.h"
#include "cli/output.h"
#include "cli/secret_input.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/crypto/keystore.h"
#include "core/crypto/pkcs12.h"
#include "core/crypto/signer.h"
#include "core/flow/certificate_export.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;
using base::Path;

std::string text_of(model::Request const& request, char const* flag) {
    return request.arguments->value(flag, std::string());
}

base::Secret key_of(Session& session, std::string const& name) {
    return crypto::private_key(session.workspace() / "keys", name, [&](std::string_view key) {
        return session.passphrase("key '" + std::string(key) + "'");
    });
}

model::Outcome exported(std::string const& serial, std::string const& form, Path const& where) {
    model::Outcome outcome;
    outcome.schema = "consortium.certificate-export/1";
    outcome.data = JsonValue(
        Json{{"serial", serial}, {"form", form}, {"file", where.empty() ? Json() : Json(where.string())}});
    return outcome;
}

model::Outcome pkcs12(Session& session, model::Request const& request) {
    auto const file = text_of(request, "password-file");
    if (file.empty()) {
        throw Error(Code::usage, "a keystore with a private key has a password: --password-file FILE",
                    "run 'openssl rand -base64 24 >FILE' to make one");
    }
    if (!names_file(session.common())) {
        throw Error(Code::usage, "a keystore is written into a file", "give -o FILE");
    }
    auto const entry =
        flow::certificate_entry(session.state(), session.services().certifier, text_of(request, "operand"));
    auto outcome = exported(entry.serial, "pkcs12", session.common().out);
    auto const password = secret_from_file(file, "password");
    auto const bytes = crypto::keystore(key_of(session, entry.key), entry.chain, entry.common_name, password);
    outcome.raw = base::as_text(bytes);
    outcome.warnings = flow::export_warnings(session.state(), entry.serial);
    outcome.is_private = true;
    return outcome;
}

void write_msp(Path const& target, Files const& files, base::Secret const& key) {
    write_new_folder(target, files, [&](Path const& made) {
        base::make_folder(made / "keystore", base::FileMode::owner);
        auto const pem = crypto::private_pem(key, {});
        base::create_file(made / "keystore" / "priv_sk", pem.view(), base::FileMode::owner);
    });
}

model::Outcome msp(Session& session, model::Request const& request) {
    Path const folder = session.common().out;
    if (folder.empty() || folder == "-")
        throw Error(Code::usage, "an MSP is a folder", "give -o DIR, which does not exist yet");
    auto const serial = text_of(request, "operand");
    auto const& certifier = session.services().certifier;
    auto const files = flow::msp_files(session.state(), certifier, serial);
    auto const entry = flow::certificate_entry(session.state(), certifier, serial);
    auto outcome = exported(entry.serial, "msp", folder);
    if (session.common().dry_run) {
        outcome.text.emplace_back("would write " + folder.string() + " with the private key '" + entry.key +
                                  "', unencrypted");
        return outcome;
    }
    write_msp(folder, files, key_of(session, entry.key));
    outcome.warnings = flow::export_warnings(session.state(), entry.serial);
    outcome.text.emplace_back("wrote " + folder.string());
    outcome.warnings.push_back("its keystore holds the private key '" + entry.key +
                               "' unencrypted, as Fabric reads it: move it to the node, and keep no copy");
    return outcome;
}

}  // namespace

model::Outcome cert_export(Session& session, model::Request const& request) {
    auto const form = request.arguments->value("form", std::string("pem"));
    if (form != "pkcs12" && !text_of(request, "password-file").empty())
        throw Error(Code::usage, "--password-file is a keystore's", "add --form pkcs12");
    if (form != "pem" && request.arguments->value("chain", false))
        throw Error(Code::usage, "--chain goes with PEM: a keystore and an MSP have it anyway, DER cannot",
                    "leave one of --chain and --form out");
    if (form == "pkcs12") return pkcs12(session, request);
    if (form == "msp") return msp(session, request);
    auto outcome = flow::certificate_export(session.state(), session.services().certifier, request);
    if (!outcome.raw.empty() && for_people(session.common()))
        throw Error(Code::usage, "DER is binary, and this is a terminal", "give -o FILE, or a pipe");
    return outcome;
}

}  // namespace consortium::cli
