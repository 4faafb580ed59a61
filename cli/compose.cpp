#include "cli/compose.h"

#include "cli/data.h"
#include "cli/terminal.h"
#include "core/base/error.h"
#include "core/crypto/certifier.h"
#include "core/crypto/entropy.h"
#include "core/crypto/keystore.h"
#include "core/crypto/verifier.h"
#include "core/store/journal.h"

namespace consortium::cli {

using base::Code;
using base::Error;

namespace {

StreamProgress::Style progress_style(Common const& common) {
    if (common.verbosity < 0) return StreamProgress::Style::silent;
    return is_terminal(2) ? StreamProgress::Style::terminal : StreamProgress::Style::plain;
}

store::JournalOptions journal_options(Composition const& from, port::Keyring& keys) {
    return {
        .path = from.workspace / "journal.db",
        .state_folder = from.state_folder,
        .origin = from.settings.text("origin"),
        .clock = &from.clock,
        .entropy = &crypto::system_entropy(),
        .verifier = &crypto::verifier(),
        .log_key = [&keys] { return keys.open("log"); },
    };
}

/// A workspace begins with an empty journal. One that has written before has a high-water mark: its journal
/// was lost, and a new one would fork the old (G24).
void make_first_journal(Composition const& from) {
    auto const path = from.workspace / "journal.db";
    if (base::exists(path)) return;
    if (base::exists(from.state_folder / from.settings.text("origin"))) {
        throw Error(Code::verification_failed, "the journal '" + path.string() + "' is gone",
                    "restore it from a backup, then run 'consortium audit recover'");
    }
    store::create_journal(path);
}

// ---- Adapters that are not part of this build yet are named here, and nowhere else. ----
[[noreturn]] void lacking(std::string_view what) {
    throw Error(Code::unsupported, "this build has no " + std::string(what));
}

port::NodeDriver& make_driver(std::string_view kind) {
    lacking("driver for '" + std::string(kind) + "'");
}

std::unique_ptr<port::Exchange> open_exchange(std::string_view where) {
    lacking("exchange for '" + std::string(where) + "'");
}

port::Renderer& make_renderer(std::string_view form) {
    lacking("renderer for '" + std::string(form) + "'");
}
// -----------------------------------------------------------------------------------------

}  // namespace

struct Adapters::Parts {
    explicit Parts(Composition composition)
        : from(std::move(composition)),
          keys(crypto::open_keyring(from.workspace / "keys", from.passphrase)),
          certifier(crypto::make_certifier(crypto::system_entropy())),
          progress(progress_style(from.common)) {}

    Composition from;
    std::unique_ptr<port::Keyring> keys;
    std::unique_ptr<port::Certifier> certifier;
    StreamProgress progress;
    std::unique_ptr<port::Store> store;
    std::unique_ptr<flow::Services> services;
};

Adapters::Adapters(Composition composition) : m_parts(std::make_unique<Parts>(std::move(composition))) {}

Adapters::~Adapters() = default;

port::Store& Adapters::store() {
    auto& parts = *m_parts;
    if (!parts.store) {
        make_first_journal(parts.from);
        parts.store = store::open_journal(journal_options(parts.from, *parts.keys));
    }
    return *parts.store;
}

flow::Services& Adapters::services() {
    auto& parts = *m_parts;
    if (!parts.services) {
        parts.services.reset(new flow::Services{
            .clock = parts.from.clock,
            .entropy = crypto::system_entropy(),
            .verifier = crypto::verifier(),
            .keys = *parts.keys,
            .store = store(),
            .certifier = *parts.certifier,
            .progress = parts.progress,
            .driver = make_driver,
            .exchange = open_exchange,
            .renderer = make_renderer,
            .report_template =
                [](std::string_view name) { return template_text("report/" + std::string(name)); },
        });
    }
    return *parts.services;
}

}  // namespace consortium::cli
