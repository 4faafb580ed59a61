#include "cli/clock.h"
#include "cli/command/audit_stamp.h"
#include "cli/data.h"
#include "cli/place.h"
#include "cli/session.h"
#include "cli/settings.h"
#include "cli/spec.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/driver/transport.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace consortium::cli {

namespace {

using base::Json;

enum class Health { good, bad, unknown };

struct Look {
    std::string what;
    Health health = Health::good;
    std::string words;
    std::string next;
};

using Looks = std::vector<Look>;

/// A look that throws is a finding, not a failure of the doctor.
template <typename Examine>
void look(Looks& looks, std::string const& what, Examine examine) {
    Look found{.what = what, .health = Health::good, .words = {}, .next = {}};
    try {
        examine(found);
    } catch (std::exception const& failure) {
        found.health = Health::bad;
        found.words = failure.what();
        if (auto const* error = dynamic_cast<base::Error const*>(&failure)) found.next = error->hint();
    }
    looks.push_back(std::move(found));
}

void examine_library(Look& found, char const* soname, char const* package) {
    void* const library = ::dlopen(soname, RTLD_NOW | RTLD_LOCAL);
    if (library != nullptr) {
        ::dlclose(library);
        found.words = std::string(soname) + " can be loaded";
        return;
    }
    found.health = Health::bad;
    found.words = std::string(soname) + " is not installed";
    found.next = std::string("apt-get install ") + package;
}

struct Library {
    char const* what;
    char const* soname;
    char const* package;
};

/// What is loaded on first use, so that its absence shows late otherwise.
constexpr Library libraries[] = {
    {"cryptography", "libcrypto.so.3", "libssl3"},
    {"keccak", "libbotan-2.so.19", "libbotan-2-19"},
    {"database", "libsqlite3.so.0", "libsqlite3-0"},
    {"network", "libcurl.so.4", "libcurl4"},
};

void examine_clock(Look& found, base::Instant now) {
    constexpr std::int64_t earliest = 1'767'225'600;  // 2026-01-01: no journal of this format is older
    constexpr std::int64_t latest = 4'102'444'800;    // 2100-01-01
    found.words = "now is " + now.text();
    if (now.seconds >= earliest && now.seconds < latest) return;
    found.health = Health::bad;
    found.next = "set the system's clock";
}

/// Keys must be readable by their owner alone.
void examine_keys(Look& found, base::Path const& keys) {
    int count = 0;
    for (auto const& entry : std::filesystem::directory_iterator(keys)) {
        auto const& file = entry.path();
        if (file.extension() != ".pem" || file.stem().extension() == ".pub") continue;
        struct stat about {};
        ++count;
        if (::stat(file.c_str(), &about) != 0 || (about.st_mode & 077U) == 0) continue;
        found.health = Health::bad;
        found.words = "'" + file.string() + "' can be read by others";
        found.next = "chmod 600 " + file.string();
        return;
    }
    found.words = std::to_string(count) + " private keys, readable by their owner only";
}

void examine_lock(Look& found, base::Path const& workspace) {
    int const descriptor = ::open((workspace / "journal.db.lock").c_str(), O_RDONLY | O_CLOEXEC);
    bool const held = descriptor >= 0 && ::flock(descriptor, LOCK_EX | LOCK_NB) != 0;
    if (descriptor >= 0) ::close(descriptor);
    found.words = held ? "another process works in the workspace" : "no other process works in the workspace";
    if (held) found.health = Health::unknown;
}

void examine_writable(Look& found, base::Path const& folder) {
    if (::access(folder.c_str(), W_OK | X_OK) == 0) {
        found.words = "'" + folder.string() + "' can be written";
        return;
    }
    found.health = Health::bad;
    found.words = "'" + folder.string() + "' cannot be written";
}

/// Asks a place for a head: that shows whether it is reached, and lets this workspace in.
void examine_place(Look& found, exchange::Place const& place, exchange::Means const& means,
                   std::string const& member) {
    constexpr std::size_t max_note = 16u << 10;
    auto const head = exchange::open(place, means)->read(member + "/checkpoint", max_note);
    found.words = base::printable(place.at) + " can be read; it " + (head ? "shows" : "does not show yet") +
                  " a head of '" + member + "'";
}

void look_at_places(Session& session, Looks& looks) {
    auto const settings = Settings::load(session.common(), Surroundings::of_process(), session.workspace());
    auto const places = configured_places(settings, session.workspace());
    SystemClock const clock;
    std::unique_ptr<port::Transport> transport;
    exchange::Means means;
    means.member = settings.text("member");
    means.cache = session.workspace() / "cache" / "exchange";
    means.timeout = base::Duration::from_text(settings.text("timeout"));
    means.clock = &clock;
    means.transport = [&]() -> port::Transport& {
        if (!transport) transport = driver::make_transport(means.timeout);
        return *transport;
    };
    if (!places.home.at.empty())
        look(looks, "exchange", [&](Look& found) { examine_place(found, places.home, means, means.member); });
    for (auto const& [member, place] : places.peers)
        look(looks, "peer " + member, [&, peer = std::cref(member), at = std::cref(place)](Look& found) {
            examine_place(found, at, means, peer);
        });
}

/// Where a time-stamping authority is set, or whom to trust for one.
void look_at_timestamps(Session& session, Looks& looks) {
    auto const settings = Settings::load(session.common(), Surroundings::of_process(), session.workspace());
    if (settings.text("tsa").empty() && settings.text("tsa-ca").empty()) return;
    look(looks, "timestamps", [&](Look& found) {
        found.words = look_at_authority(session, settings);
        if (!found.words.empty()) return;
        found.health = Health::unknown;
        found.words = "'tsa-ca' is set, and no authority to ask";
        found.next = "set 'tsa' to the URL of a time-stamping authority";
    });
}

void look_at_workspace(Session& session, Looks& looks) {
    auto const folder = session.workspace();
    look(looks, "folder", [&](Look& found) { examine_writable(found, folder); });
    look(looks, "keys", [&](Look& found) { examine_keys(found, folder / "keys"); });
    look(looks, "lock", [&](Look& found) { examine_lock(found, folder); });
    try {
        look_at_places(session, looks);
        look_at_timestamps(session, looks);
    } catch (base::Error const& error) {
        if (error.code() == base::Code::configuration) return;  // the settings cannot be read: said above
        looks.push_back({"places", Health::bad, error.message(), error.hint()});
    }
}

Looks examine(Session& session) {
    Looks looks;
    look(looks, "workspace", [&](Look& found) {
        if (session.has_workspace()) {
            found.words = session.workspace().string();
        } else {
            found.health = Health::unknown;
            found.words = "none at or above this folder";
        }
    });
    look(looks, "settings", [&](Look& found) {
        auto const folder = session.has_workspace() ? std::optional(session.workspace()) : std::nullopt;
        Settings::load(session.common(), Surroundings::of_process(), folder);
        found.words = "files can be read";
    });
    if (session.has_workspace()) look_at_workspace(session, looks);
    look(looks, "state", [](Look& found) {
        auto folder = state_folder(Surroundings::of_process());
        while (!base::exists(folder) && folder.has_relative_path()) folder = folder.parent_path();
        examine_writable(found, folder);
    });
    look(looks, "clock", [&](Look& found) { examine_clock(found, SystemClock().now()); });
    look(looks, "templates", [](Look& found) { found.words = data_folder().string(); });
    for (auto const& library : libraries) {
        look(looks, library.what,
             [&](Look& found) { examine_library(found, library.soname, library.package); });
    }
    return looks;
}

char const* name_of(Health health) {
    switch (health) {
        case Health::bad:
            return "bad";
        case Health::unknown:
            return "unknown";
        case Health::good:
            break;
    }
    return "good";
}

model::Outcome doctor(Session& session, model::Request const&) {
    Json items = Json::array();
    model::Table table{{"look", "state", "finding"}, {}, {}};
    model::Outcome outcome;
    for (auto const& found : examine(session)) {
        items.push_back({{"name", found.what},
                         {"state", name_of(found.health)},
                         {"finding", found.words},
                         {"next", found.next.empty() ? Json() : Json(found.next)}});
        table.rows.push_back({found.what, name_of(found.health), found.words});
        if (!found.next.empty()) outcome.next.push_back(found.next);
        if (found.health == Health::bad) outcome.status = base::Code::configuration;
    }
    outcome.schema = "consortium.doctor/1";
    outcome.data = base::JsonValue(Json{{"items", items}});
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

constexpr Example examples[] = {
    {"consortium doctor", "the first thing to run when something does not work"},
    {"consortium doctor -C /srv/acme --format json", "the same for a monitor"},
};
constexpr base::Code codes[] = {base::Code::configuration};

constexpr Command commands[] = {{
    .noun = "doctor",
    .verb = {},
    .effect = Effect::read,
    .summary = "look for what keeps this program from working here",
    .operand = {},
    .flags = {},
    .description =
        "Looks at the workspace, settings, file modes, locks, clock, libraries and the folder of high-water "
        "marks, and asks each place that is set for exchange for a head, and the time-stamping authority "
        "that is set for a "
        "timestamp of a random hash. It exits with 2 if anything is bad.",
    .examples = examples,
    .codes = codes,
    .handler = doctor,
}};

}  // namespace

extern Noun const doctor_noun;
constexpr Noun doctor_noun{"TOOL", "doctor", "look for what keeps this program from working here", commands};

}  // namespace consortium::cli
