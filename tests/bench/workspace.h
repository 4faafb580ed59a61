#pragma once

#include "core/crypto/entropy.h"
#include "core/crypto/keystore.h"
#include "core/crypto/verifier.h"
#include "core/model/act.h"
#include "core/store/journal.h"

#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>

/// A workspace that the program made, opened by benches. The high-water mark is where the program keeps it,
/// below XDG_STATE_HOME.
namespace consortium::bench {

class SystemClock : public port::Clock {
public:
    base::Instant now() const override {
        auto const since = std::chrono::system_clock::now().time_since_epoch();
        return {std::chrono::floor<std::chrono::seconds>(since).count()};
    }
};

struct Workspace {
    SystemClock clock;
    std::unique_ptr<port::Keyring> keys;
    std::unique_ptr<port::Store> store;

    explicit Workspace(base::Path const& folder) {
        keys = crypto::open_keyring(folder / "keys", [](std::string_view) { return base::Secret(); });
        // The settings name it too; the number in it is the log key's.
        auto const id = keys->info("log").id.hex().substr(0, 8);
        store::JournalOptions options;
        options.path = folder / "journal.db";
        options.state_folder = base::Path(std::getenv("XDG_STATE_HOME")) / "consortium";
        options.origin = "consortium/" + folder.filename().string() + "/" + id;
        options.clock = &clock;
        options.entropy = &crypto::system_entropy();
        options.verifier = &crypto::verifier();
        options.lock_seconds = 600;
        options.log_key = [this] { return keys->open("log"); };
        store = store::open_journal(options);
    }
};

/// An act that differs by `number`, signed by this key.
inline std::string ballot(std::string const& number, base::Instant now, port::Signer& key) {
    model::Act act;
    act.kind = "ballot";
    act.member = "acme";
    act.officer = "acme-gov";
    act.nonce = base::sha256(number).hex().substr(0, 32);
    act.refs = {base::sha256("proposal " + number)};
    act.time = now;
    act.expires = act.time + base::Duration{86'400};
    act.body = base::JsonValue(base::Json{{"choice", "yes"}, {"revision", 0}});
    model::Envelope envelope;
    envelope.payload = base::canonical(model::to_json(act));
    envelope.key_id = key.id().hex();
    envelope.signature = key.sign(base::as_bytes(model::pre_authentication(envelope)));
    return model::to_text(envelope);
}

}  // namespace consortium::bench
