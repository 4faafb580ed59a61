#pragma once

#include "core/port/clock.h"
#include "core/port/entropy.h"
#include "core/port/exchange.h"
#include "core/port/keyring.h"
#include "core/port/node_driver.h"
#include "core/port/progress.h"
#include "core/port/store.h"
#include "core/port/transport.h"

#include <functional>

namespace consortium::port {
class Certifier;
class Cms;
class Courier;
class Custody;
class Renderer;
class TlsProbe;
class Vault;
}  // namespace consortium::port

namespace consortium::flow {

/// Who this workspace acts for.
struct Identity {
    std::string member;
    std::string officer;   // chosen by --as, else the workspace's default; empty: none
    base::Path workspace;  // absolute
    bool seat = false;     // this workspace holds the member's seat key
};

/// Everything that reaches outside: made once, by the session. Tests fake each one.
struct Services {
    port::Clock const& clock;
    port::Entropy& entropy;
    port::Verifier const& verifier;
    port::Keyring& keys;
    port::Store& store;
    port::Certifier& certifier;
    port::Progress& progress;
    std::function<port::NodeDriver&(std::string_view kind)> driver;  // throws unsupported
    std::function<std::unique_ptr<port::Exchange>(std::string_view where)> exchange;
    std::function<port::Renderer&(std::string_view form)> renderer;     // "html"
    std::function<std::string(std::string_view name)> report_template;  // text of templates/report/<name>
    /// Opens the journal in a file that is not this workspace's, to look at it: a backup.
    std::function<std::unique_ptr<port::Store>(base::Path const& file)> journal_at = {};
    /// Asks for the passphrase of a key that is to be made, before the lock is taken.
    port::Keyring::Passphrase new_passphrase = {};
    /// Keys under which private parts are kept; null where none can be.
    port::Vault* vault = nullptr;
    /// Takes private parts to named recipients; null where none can be.
    port::Courier* courier = nullptr;
    /// What is secret in the recovery of keys by shares; null where nothing of it can be done.
    port::Custody* custody = nullptr;
    /// Signatures in CMS over files; null where none can be.
    port::Cms const* cms = nullptr;
    /// Looks at what servers present; null where there is no network.
    port::TlsProbe* probe = nullptr;
};

/// What plans are made from: nothing here can change anything.
struct State {
    port::Store const& store;
    std::shared_ptr<model::Epoch const> epoch;  // the latest final one; null before joining
    base::Instant now;
    Identity self;
    port::Vault const* vault = nullptr;  // opens private parts; null: none

    /// Throws Error(refused) with the next command if the workspace has not joined yet.
    model::Epoch const& joined() const;
};

}  // namespace consortium::flow
