#include "cli/command/audit_stamp.h"

#include "cli/settings.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/crypto/entropy.h"
#include "core/crypto/timestamp.h"
#include "core/crypto/verifier.h"
#include "core/driver/transport.h"
#include "core/flow/audit.h"
#include "core/flow/evidence.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Code;

/// The roots that are trusted for timestamps: of the flag, or of the setting; empty where neither names any.
std::string authorities(Settings const& settings, base::Json const& arguments) {
    constexpr std::size_t max_authorities = 1u << 20;
    if (arguments.contains("tsa-ca"))
        return base::read_text(arguments["tsa-ca"].get<std::string>(), max_authorities);
    auto const file = settings.file("tsa-ca");
    if (file.empty()) return {};
    if (!base::exists(file))
        throw base::Error(Code::configuration,
                          "there is no file '" + file.string() + "', which the setting 'tsa-ca' names",
                          "correct it in " + settings.at("tsa-ca").origin);
    return base::read_text(file, max_authorities);
}

flow::Stamping stamping_of(Session& session, Settings const& settings, base::Json const& arguments) {
    return {crypto::timestamps(), authorities(settings, arguments), [&session] { return session.now(); },
            arguments.contains("tsa-ca") ? flow::Roots::named : flow::Roots::set};
}

/// The folder in which a file came may have a consortium.toml too, of whoever sent it: it does not say which
/// roots are trusted, unless the user has named it as the workspace.
Settings settings_for_files(Session& session) {
    auto const& settings = session.settings();
    if (!settings.text("workspace").empty()) return settings;
    return Settings::load(session.common(), Surroundings::of_process(), std::nullopt);
}

flow::StampingAuthority authority_of(Settings const& settings, port::Transport& transport) {
    return {transport, settings.text("tsa"), settings.text("tsa-policy")};
}

}  // namespace

std::string look_at_authority(Session& session, Settings const& settings) {
    auto const transport = driver::make_transport(base::Duration::from_text(settings.text("timeout")));
    auto const authority = authority_of(settings, *transport);
    if (authority.url.empty()) return {};
    auto& entropy = crypto::system_entropy();
    auto const hash = base::Digest::from_bytes(entropy.bytes(32));
    auto const obtained = flow::obtain_timestamp(stamping_of(session, settings, base::Json::object()),
                                                 authority, entropy, hash);
    return base::printable(authority.url) + " gives timestamps: " + obtained.look.words();
}

model::Outcome audit_checkpoint(Session& session, model::Request const& request) {
    auto& services = session.services();
    auto const& arguments = *request.arguments;
    if (!arguments.value("timestamp", false)) {
        if (arguments.contains("tsa-ca"))
            throw base::Error(Code::usage, "--tsa-ca judges a timestamp", "add --timestamp");
        return flow::audit_checkpoint(services, request);
    }
    if (!session.common().save_plan.empty())
        throw base::Error(Code::usage, "'audit checkpoint' has no plan: it asks for a timestamp, or does not",
                          "leave out --save-plan");
    if (session.common().dry_run) {
        auto outcome = flow::audit_checkpoint(services, request);
        outcome.warnings.push_back("would ask '" + base::printable(session.settings().text("tsa")) +
                                   "' for a timestamp of this head");
        return outcome;
    }
    auto const transport = driver::make_transport(*session.common().timeout);
    auto const& settings = session.settings();
    return flow::audit_timestamp(services, stamping_of(session, settings, arguments),
                                 authority_of(settings, *transport),
                                 session.workspace() / "out" / "timestamps");
}

model::Outcome audit_verify(Session& session, model::Request const& request) {
    if (request.arguments->contains("operand")) {
        auto const stamping = stamping_of(session, settings_for_files(session), *request.arguments);
        return flow::audit_verify_file(crypto::verifier(), request, &stamping);
    }
    auto const stamping = stamping_of(session, session.settings(), *request.arguments);
    if (request.arguments->contains("timestamp"))
        throw base::Error(Code::usage, "--timestamp FILE is about the head in a file",
                          "name that file too; a journal brings its timestamps itself");
    flow::refuse_arguments(request, {"key", "genesis", "epoch", "old", "policy"},
                           "is checked of a file, not of this journal", "name the file");
    return flow::audit_verify(session.services(), request, &stamping);
}

}  // namespace consortium::cli
