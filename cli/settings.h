#pragma once

#include "cli/session.h"

#include <functional>
#include <map>
#include <optional>
#include <span>

namespace consortium::cli {

/// One thing that can be set. Its precedence: flag, environment, workspace file, user file, default.
struct Setting {
    std::string_view key;       // in the files
    std::string_view flag;      // its common flag's key, or empty
    std::string_view variable;  // in the environment, or empty
    std::string_view fallback;
    std::string_view help;
    enum class Scope { anywhere, workspace } scope = Scope::anywhere;
};

std::span<Setting const> setting_table();

/// Where files are looked for: taken from the environment once.
struct Surroundings {
    std::map<std::string, std::string, std::less<>> variables;  // HOME, XDG_…, CONSORTIUM_…, SSH_AUTH_SOCK
    base::Path folder;                                          // the current one
    static Surroundings of_process();
};

/// The nearest folder at or above `start` that has a consortium.toml.
std::optional<base::Path> find_workspace(base::Path const& start);
base::Path user_settings_file(Surroundings const& around);
/// $XDG_STATE_HOME/consortium: high-water marks of journals, which no restored workspace may overwrite.
base::Path state_folder(Surroundings const& around);

/// Every setting with its value and where that came from.
class Settings {
public:
    struct Value {
        std::string text;
        std::string origin;  // "--format", "CONSORTIUM_FORMAT", "FILE:LINE", "default"
    };

    /// Throws Error(configuration) with file, line and column for an unknown key or a wrong type.
    static Settings load(Common const& common, Surroundings const& around,
                         std::optional<base::Path> const& workspace);
    /// Flags, environment and defaults only: for commands that must work where the files are broken.
    static Settings without_files(Common const& common, Surroundings const& around);

    std::string const& text(std::string_view key) const { return at(key).text; }
    /// The file that a setting names, from the folder of the file in which it is set; empty where it names
    /// none.
    base::Path file(std::string_view key) const;
    bool is_true(std::string_view key) const { return at(key).text == "true"; }
    Value const& at(std::string_view key) const;
    /// Gives common flags that were not given their value from elsewhere.
    void fill(Common& common) const;
    /// Of each member that has one, its settings 'peer.MEMBER.KEY' by KEY; 'peer.MEMBER = PLACE' sets
    /// 'place'.
    using Peers = std::map<std::string, std::map<std::string, Value, std::less<>>>;
    Peers const& peers() const { return m_peers; }

private:
    void read_file(base::Path const& file, Setting::Scope scope);
    void read_peers(base::Json const& peers, std::function<std::string(std::string const&)> const& origin);
    void read_above(Common const& common, Surroundings const& around);

    std::map<std::string, Value, std::less<>> m_values;
    Peers m_peers;
};

}  // namespace consortium::cli
