#pragma once

#include "cli/local_time.h"
#include "core/crypto/key_means.h"
#include "core/flow/services.h"
#include "core/model/outcome.h"
#include "core/model/plan.h"

#include <memory>

namespace consortium::cli {

struct Command;
class Settings;

enum class Format { text, json, jsonl, csv };

/// The flags that every command takes, parsed.
struct Common {
    std::string workspace;  // -C
    Format format = Format::text;
    std::string out;  // -o
    bool dry_run = false;
    std::string save_plan;
    bool yes = false;
    std::string confirm;
    bool no_input = false;
    std::string operation;
    std::string as;  // officer
    std::optional<base::Duration> timeout;
    bool wait_ok = false;
    int verbosity = 0;  // -q: -1, -v: 1
    std::string color = "auto";
    std::string passphrase_file;
    std::string pin_file;
    bool last_pin_try = false;
    std::vector<std::string> given;  // which of these flags were given, by name without dashes
};

/// One run of the program: settings, the workspace, services; plans carried out. Everything is opened on
/// first use, so that an offline command opens nothing.
class Session {
public:
    explicit Session(Common common);
    ~Session();

    Common const& common() const;
    /// Flags, environment, workspace, user and defaults, in this order; `common` follows them.
    Settings const& settings();
    /// For commands that must work where the settings' files are broken: flags and environment only.
    void read_settings_above_files();
    /// Runs the command's handler; for a repeated --operation returns the earlier result instead.
    model::Outcome run(Command const& command, model::Request const& request);

    /// The workspace found upward from -C, CONSORTIUM_WORKSPACE or the current folder. Throws not_found.
    base::Path const& workspace();
    bool has_workspace();
    /// From now on works in this workspace: `init` enters the one that it has made.
    void enter(base::Path const& workspace);
    flow::Services& services();
    flow::Identity const& self();
    flow::State state();
    base::Instant now();
    /// What adds times of the charter's zone to this text, for people at a terminal. Adds nothing for UTC,
    /// before joining, or where this system does not know the zone.
    LocalTimes local_times(std::string_view text);

    /// plan -> verdict -> confirm -> apply. Returns the record of what was done; for --dry-run and
    /// --save-plan the plan; for a refused or pending verdict that verdict, with its status.
    model::Outcome carry_out(model::Plan plan);
    /// `plan apply`: the next plan must have this digest, else Error(conflict).
    void expect(base::Digest const& plan);

    /// Reads a passphrase: --passphrase-file, settings, else the terminal (twice when it is new).
    base::Secret passphrase(std::string_view what);
    base::Secret new_passphrase(std::string_view what);
    /// For keys that are elsewhere. The PIN of a token comes from --pin-file, the descriptor that
    /// CONSORTIUM_PIN_FD names, else the terminal.
    crypto::KeyMeans key_means();

    struct Parts;

private:
    std::unique_ptr<Parts> m_parts;
};

}  // namespace consortium::cli
