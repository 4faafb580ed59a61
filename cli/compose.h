#pragma once

#include "cli/progress.h"
#include "cli/session.h"
#include "cli/settings.h"

namespace consortium::cli {

/// What the adapters of one workspace are made from.
struct Composition {
    base::Path workspace;
    base::Path state_folder;  // of high-water marks, outside the workspace
    Settings const& settings;
    Common const& common;
    port::Clock const& clock;
    port::Keyring::Passphrase passphrase;
    port::Keyring::Passphrase new_passphrase;
    crypto::KeyMeans key_means;
};

/// The only place that knows which adapter stands behind which port. Each is made on first use.
class Adapters {
public:
    explicit Adapters(Composition composition);
    ~Adapters();

    port::Store& store();
    port::Vault& vault();
    flow::Services& services();

private:
    struct Parts;
    std::unique_ptr<Parts> m_parts;
};

}  // namespace consortium::cli
