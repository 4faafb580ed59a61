#include "cli/compose.h"

#include "cli/data.h"
#include "cli/place.h"
#include "cli/terminal.h"
#include "core/base/error.h"
#include "core/crypto/certifier.h"
#include "core/crypto/cms.h"
#include "core/crypto/courier.h"
#include "core/crypto/custody.h"
#include "core/crypto/entropy.h"
#include "core/crypto/keccak.h"
#include "core/crypto/keystore.h"
#include "core/crypto/tls_probe.h"
#include "core/crypto/vault.h"
#include "core/crypto/verifier.h"
#include "core/driver/registry.h"
#include "core/driver/transport.h"
#include "core/flow/workspace.h"
#include "core/render/html.h"
#include "core/store/journal.h"

#include <map>

namespace consortium::cli {

namespace {

port::Renderer& renderer(std::string_view form) {
    if (form == "html") return render::html_renderer();
    throw base::Error(base::Code::unsupported, "there is no renderer for '" + std::string(form) + "'",
                      "choose html");
}

/// 'peer.MEMBER.recipient': to whom private parts are sent.
std::map<std::string, std::string> recipients(Settings const& settings) {
    std::map<std::string, std::string> out;
    for (auto const& [member, values] : settings.peers())
        if (auto const found = values.find("recipient"); found != values.end())
            out[member] = found->second.text;
    return out;
}

}  // namespace

struct Adapters::Parts {
    explicit Parts(Composition made_from)
        : composition(std::move(made_from)),
          keys(crypto::open_keyring(composition.workspace / "keys", composition.passphrase,
                                    composition.key_means)),
          vault(crypto::open_vault(composition.workspace / "private", crypto::system_entropy())),
          courier(crypto::make_courier(composition.workspace / "keys", composition.passphrase,
                                       recipients(composition.settings), crypto::system_entropy())),
          custody(crypto::make_custody(composition.workspace / "keys",
                                       composition.workspace / "private" / "shares" / "sessions",
                                       composition.passphrase, crypto::system_entropy())),
          certifier(crypto::make_certifier(crypto::system_entropy())),
          probe(crypto::make_tls_probe()),
          progress(progress_style(composition.common)) {}

    store::JournalOptions journal_options() {
        return {.path = composition.workspace / "journal.db",
                .state_folder = composition.state_folder,
                .origin = composition.settings.text("origin"),
                .clock = &composition.clock,
                .entropy = &crypto::system_entropy(),
                .verifier = &crypto::verifier(),
                .log_key = [this] { return keys->open(log_key().id); }};
    }

    /// A journal that has begun a new origin is signed by another key than the first.
    port::KeyInfo log_key() const {
        auto origin = journal ? flow::own_origin(*journal) : std::string();
        if (origin.empty()) origin = composition.settings.text("origin");
        return flow::log_key_of(*keys, origin);
    }

    /// Only to look at: nothing is kept of its heads, and it is never signed.
    std::unique_ptr<port::Store> journal_at(base::Path const& file) {
        auto options = journal_options();
        options.path = file;
        options.state_folder.clear();
        options.log_key = {};
        return store::open_journal(std::move(options));
    }

    port::Transport& network() {
        if (!transport) transport = driver::make_transport(*composition.common.timeout);
        return *transport;
    }

    std::unique_ptr<port::Exchange> exchange(std::string_view where) {
        exchange::Means means;
        means.member = composition.settings.text("member");
        means.cache = composition.workspace / "cache" / "exchange";
        means.timeout = *composition.common.timeout;
        means.clock = &composition.clock;
        means.transport = [this]() -> port::Transport& { return network(); };
        return open_places(configured_places(composition.settings, composition.workspace), where, means);
    }

    port::NodeDriver& driver(std::string_view kind) {
        auto& made = drivers[std::string(kind)];
        if (!made) {
            made = driver::make_driver(
                kind, {network(), composition.clock, crypto::system_entropy(), crypto::keccak256});
        }
        return *made;
    }

    static StreamProgress::Style progress_style(Common const& common) {
        if (common.verbosity < 0) return StreamProgress::Style::silent;
        return is_terminal(2) ? StreamProgress::Style::terminal : StreamProgress::Style::plain;
    }

    Composition composition;
    std::unique_ptr<port::Keyring> keys;
    std::unique_ptr<port::Vault> vault;
    std::unique_ptr<port::Courier> courier;
    std::unique_ptr<port::Custody> custody;
    std::unique_ptr<port::Certifier> certifier;
    std::unique_ptr<port::TlsProbe> probe;
    std::unique_ptr<port::Store> journal;
    std::unique_ptr<port::Transport> transport;
    std::map<std::string, std::unique_ptr<port::NodeDriver>> drivers;
    StreamProgress progress;
    std::unique_ptr<flow::Services> services;
};

Adapters::Adapters(Composition composition) : m_parts(new Parts(std::move(composition))) {}

Adapters::~Adapters() = default;

port::Store& Adapters::store() {
    if (!m_parts->journal) m_parts->journal = store::open_journal(m_parts->journal_options());
    return *m_parts->journal;
}

port::Vault& Adapters::vault() {
    return *m_parts->vault;
}

flow::Services& Adapters::services() {
    auto& parts = *m_parts;
    if (!parts.services) {
        parts.services = std::make_unique<flow::Services>(flow::Services{
            .clock = parts.composition.clock,
            .entropy = crypto::system_entropy(),
            .verifier = crypto::verifier(),
            .keys = *parts.keys,
            .store = store(),
            .certifier = *parts.certifier,
            .progress = parts.progress,
            .driver = [&parts](std::string_view kind) -> port::NodeDriver& { return parts.driver(kind); },
            .exchange = [&parts](std::string_view where) { return parts.exchange(where); },
            .renderer = renderer,
            .report_template =
                [](std::string_view name) { return template_text("report/" + std::string(name)); },
            .journal_at = [&parts](base::Path const& file) { return parts.journal_at(file); },
            .new_passphrase = parts.composition.new_passphrase,
            .vault = parts.vault.get(),
            .courier = parts.courier.get(),
            .custody = parts.custody.get(),
            .cms = &crypto::cms(),
            .probe = parts.probe.get(),
        });
    }
    return *parts.services;
}

}  // namespace consortium::cli
