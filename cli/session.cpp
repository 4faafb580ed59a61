#include "cli/output.h"
#include "cli/secret_input.h"
#include "cli/session_parts.h"
#include "cli/spec.h"
#include "cli/terminal.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/crypto/keystore.h"
#include "core/flow/genesis.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

using base::Code;
using base::Error;

namespace {

std::string variable(Surroundings const& around, std::string_view name) {
    auto const found = around.variables.find(name);
    return found == around.variables.end() ? std::string{} : found->second;
}

/// Where the search begins; -C and CONSORTIUM_WORKSPACE may also name a folder inside the workspace.
base::Path search_start(Common const& common, Surroundings const& around) {
    auto named = common.workspace.empty() ? variable(around, "CONSORTIUM_WORKSPACE") : common.workspace;
    return around.folder / named;
}

/// A rehearsal is one by its genesis; before that is known, by what `init` or `join` was told.
bool is_rehearsal(Session& session, Session::Parts& parts) {
    if (!session.has_workspace()) return false;
    if (base::exists(*parts.workspace / "journal.db")) {
        if (auto const genesis = parts.adapters(session).store().epoch(0)) return genesis->rehearsal;
    }
    return session.settings().is_true("rehearsal");
}

constexpr char const* give_file = "give --passphrase-file FILE";

base::Secret ask_new_passphrase(Common const& common, std::string_view what) {
    if (!common.passphrase_file.empty()) return secret_from_file(common.passphrase_file, "passphrase");
    check_may_ask(common, "passphrase of " + std::string(what), give_file);
    Terminal terminal(give_file);
    auto first = terminal.ask_secret("new passphrase of " + base::printable(what) + ": ");
    auto const second = terminal.ask_secret("again: ");
    if (first.text() != second.text()) {
        throw Error(Code::declined, "the two passphrases differ", "run the command again");
    }
    return first;
}

}  // namespace

Session::Parts::Parts(Session& session, Common flags)
    : common(std::move(flags)),
      around(Surroundings::of_process()),
      clock(variable(around, "CONSORTIUM_CLOCK"), [this, &session] { return is_rehearsal(session, *this); }) {
}

Adapters& Session::Parts::adapters(Session& session) {
    if (!made) {
        session.settings();
        made = std::make_unique<Adapters>(Composition{
            .workspace = session.workspace(),
            .state_folder = state_folder(around),
            .settings = *settings,
            .common = common,
            .clock = clock,
            .passphrase = [&session](std::string_view key) { return session.passphrase(key); },
            .new_passphrase = [&session](std::string_view key) { return session.new_passphrase(key); },
            .key_means = session.key_means(),
        });
    }
    return *made;
}

Session::Session(Common common) : m_parts(std::make_unique<Parts>(*this, std::move(common))) {}

Session::~Session() = default;

Common const& Session::common() const {
    return m_parts->common;
}

Settings const& Session::settings() {
    auto& parts = *m_parts;
    if (!parts.settings) {
        auto const folder = has_workspace() ? parts.workspace : std::nullopt;
        parts.settings = Settings::load(parts.common, parts.around, folder);
        parts.settings->fill(parts.common);
    }
    return *parts.settings;
}

void Session::read_settings_above_files() {
    auto& parts = *m_parts;
    parts.settings = Settings::without_files(parts.common, parts.around);
    parts.settings->fill(parts.common);
}

bool Session::has_workspace() {
    auto& parts = *m_parts;
    if (!parts.searched) {
        parts.workspace = find_workspace(search_start(parts.common, parts.around));
        parts.searched = true;
    }
    return parts.workspace.has_value();
}

base::Path const& Session::workspace() {
    if (!has_workspace()) {
        throw Error(Code::not_found,
                    "no workspace at or above '" +
                        search_start(m_parts->common, m_parts->around).lexically_normal().string() + "'",
                    "run 'consortium init' to make one, or name one with -C DIR");
    }
    return *m_parts->workspace;
}

void Session::enter(base::Path const& workspace) {
    auto& parts = *m_parts;
    parts.made.reset();
    parts.identity.reset();
    parts.settings.reset();
    parts.workspace = std::filesystem::absolute(workspace).lexically_normal();
    parts.searched = true;
}

flow::Services& Session::services() {
    return m_parts->adapters(*this).services();
}

flow::Identity const& Session::self() {
    auto& parts = *m_parts;
    if (!parts.identity) {
        auto const& set = settings();
        parts.identity = flow::Identity{.member = set.text("member"),
                                        .officer = set.text("officer"),
                                        .workspace = workspace(),
                                        .seat = !crypto::private_file(workspace() / "keys", "seat").empty()};
    }
    return *parts.identity;
}

flow::State Session::state() {
    auto& adapters = m_parts->adapters(*this);
    auto& store = adapters.store();
    return {
        .store = store, .epoch = store.latest(), .now = now(), .self = self(), .vault = &adapters.vault()};
}

base::Instant Session::now() {
    return m_parts->clock.now();
}

LocalTimes Session::local_times(std::string_view text) {
    if (!has_time(text)) return {};
    try {
        if (!has_workspace() || !base::exists(workspace() / "journal.db")) return {};
        auto const epoch = m_parts->adapters(*this).store().latest();
        if (!epoch || epoch->charter.time_zone == "UTC") return {};
        auto const zone = base::Zone::find(epoch->charter.time_zone);
        return zone ? LocalTimes(*zone, epoch->charter.time_zone) : LocalTimes();
    } catch (Error const&) {
        return {};  // a courtesy: what is wrong here is told by the commands that need it
    }
}

void Session::expect(base::Digest const& plan) {
    m_parts->expected = plan;
}

base::Secret Session::passphrase(std::string_view what) {
    settings();
    auto const& common = m_parts->common;
    if (!common.passphrase_file.empty()) return secret_from_file(common.passphrase_file, "passphrase");
    check_may_ask(common, "passphrase of " + std::string(what), give_file);
    return Terminal(give_file).ask_secret("passphrase of " + base::printable(what) + ": ");
}

base::Secret Session::new_passphrase(std::string_view what) {
    settings();
    auto& known = m_parts->new_passphrases;
    auto const found = known.find(what);
    if (found != known.end()) return found->second.clone();
    return known.emplace(what, ask_new_passphrase(m_parts->common, what)).first->second.clone();
}

crypto::KeyMeans Session::key_means() {
    settings();
    auto const& parts = *m_parts;
    return {.pin = pin_from(parts.common, parts.around),
            .trusted = crypto::TrustedPlaces(state_folder(parts.around) / "key-places"),
            .agent = variable(parts.around, "SSH_AUTH_SOCK"),
            .tell = [](std::string const& words) {
                write_words("consortium: " + base::printable(words) + "\n");
            }};
}

}  // namespace consortium::cli
