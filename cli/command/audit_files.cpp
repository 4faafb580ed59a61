#include "cli/command/audit_files.h"

#include "cli/place.h"
#include "cli/settings.h"
#include "core/base/compress.h"
#include "core/base/file.h"
#include "core/crypto/signer.h"
#include "core/crypto/verifier.h"
#include "core/flow/disclosure.h"
#include "core/flow/evidence.h"
#include "core/flow/witness.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Code;

/// In the commands that it names.
void name_file(model::Outcome& made, std::string const& file) {
    for (auto& next : made.next) next.replace(next.find("FILE"), 4, file);
}

/// Evidence is written as it is: on a terminal or in a record, what others wrote would be made harmless.
model::Outcome to_file(model::Outcome made, std::string const& file) {
    base::write_file(file, std::get<std::string>(made.text.front()));
    auto data = *made.data;
    data["file"] = file;
    made.data = base::JsonValue(std::move(data));
    made.text = {"wrote " + file};
    name_file(made, file);
    return made;
}

/// What 'audit prove' makes of the request, under the heads that it asks for.
model::Outcome proven(Session& session, model::Request const& request) {
    std::unique_ptr<port::Exchange> exchange;
    if (request.arguments->value("cosigned", false)) exchange = exchange_place(session, request);
    return flow::audit_prove(session.state(), {session.services().verifier, exchange.get()}, request);
}

std::shared_ptr<port::Signer> signer_in(Session& session, base::Path const& file) {
    constexpr std::size_t max_key_file = 65'536;
    base::Secret const pem(base::read_file(file, max_key_file));
    auto const what = "key '" + file.filename().string() + "'";
    auto const passphrase =
        crypto::is_encrypted(pem.view(), what) ? session.passphrase(what) : base::Secret();
    return crypto::make_signer(crypto::private_from_pem(pem.view(), passphrase, what));
}

}  // namespace

model::Outcome audit_archive(Session& session, model::Request const& request) {
    auto made = proven(session, request);
    if (made.schema != "consortium.evidence/1")
        throw base::Error(Code::usage, "a range of entries is archived", "write it as 100-250");
    auto const file = request.arguments->at("to").get<std::string>();
    auto const packed = base::gzip(std::get<std::string>(made.text.front()));
    base::write_file(file, packed);
    auto data = *made.data;
    data["file"] = file;
    data["digest"] = base::sha256(packed).hex();
    data["bytes"] = packed.size();
    made.data = base::JsonValue(std::move(data));
    made.text = {"wrote " + file};
    name_file(made, file);
    return made;
}

model::Outcome audit_prove(Session& session, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto made = proven(session, request);
    if (arguments.contains("to")) return to_file(std::move(made), arguments["to"].get<std::string>());
    if (made.schema != "consortium.evidence/1") return made;
    throw base::Error(Code::usage, "evidence of several entries is written to a file", "give --to FILE");
}

model::Outcome audit_disclose(Session& session, model::Request const& request) {
    auto arguments = *request.arguments;
    if (arguments.value("cosigned", false)) {
        static_cast<void>(exchange_place(session, request));  // it must be there before anything is recorded
        arguments["exchange"] = arguments.value("with", std::string());
    }
    return session.carry_out(
        flow::plan_audit_export(session.state(), {request.command, base::JsonValue(std::move(arguments))}));
}

model::Outcome audit_witness(Session& session, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const text = [&](char const* name) { return arguments.value(name, std::string()); };
    if (!session.common().save_plan.empty())
        throw base::Error(Code::usage, "'audit witness' has no plan: what it does follows from what it finds",
                          "look first, with --dry-run");
    if (arguments.contains("publish") && text("folder").empty())
        throw base::Error(Code::usage, "--publish needs --folder: whose head is cosigned",
                          "name the place of all trees, and the log's folder with --folder");
    LonePlace place(session, text("operand"), std::filesystem::absolute(text("state")) / "cache",
                    text("publish"));
    auto& tree = place.tree();
    flow::Witness who;
    who.name = text("name");
    who.log = journal::NoteKey::from_vkey(text("log"));
    who.state = std::filesystem::absolute(text("state"));
    auto const signing = session.common().dry_run ? flow::Signing::only_look : flow::Signing::yes;
    auto const folder = text("folder").empty() ? std::string() : text("folder") + "/";
    auto const signer = signer_in(session, text("signing-key"));
    auto outcome =
        flow::audit_witness(who, tree, folder, *signer, crypto::verifier(), session.now(), signing);
    if (arguments.contains("publish") && signing == flow::Signing::yes) {
        auto const& note = outcome.data->at("note").get_ref<std::string const&>();
        tree.write(text("publish") + "/cosig/" + text("folder"), note);
        tree.settle();
    }
    return outcome;
}

}  // namespace consortium::cli
