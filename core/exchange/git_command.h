#pragma once

#include "core/base/process.h"
#include "core/exchange/place.h"

namespace consortium::exchange {

/// A git repository elsewhere, as a place names it: "git+https://host/path", "git+ssh://user@host/path",
/// "user@host:path", each with "#branch" where it is not "main".
struct GitAddress {
    std::string url;  // as git takes it
    std::string branch;

    /// None if it names no git repository. Throws Error(usage) for one that must not be used: another
    /// protocol, a password, a branch that is none.
    static std::optional<GitAddress> parse(std::string_view place);
};

/// Runs the program git on one private, bare repository: by argument vector, with no settings but ours and
/// the user's own of credentials and proxies, no hooks, over https and ssh only, asking nobody.
class GitCommand {
public:
    /// `folder` is made when it is first needed, and may be removed at any time.
    GitCommand(base::Path folder, Means const& means, std::size_t max_file);

    /// Makes the repository where it is missing or was only begun, and removes what an earlier command that
    /// was stopped left, its locks too: to be called with a lock of one's own on the folder.
    void prepare();
    /// `arguments` follow "git --git-dir=…". Never throws for what git says.
    base::Ended run(std::vector<std::string> const& arguments, std::string_view input = {},
                    std::size_t max_output = 1u << 20) const;
    /// The same where git speaks with another host.
    base::Ended run_remote(std::vector<std::string> const& arguments);

    base::Path const& folder() const { return m_folder; }

private:
    void remove_remains() const;
    base::Ended start(std::vector<std::string> const& arguments, std::vector<std::string> const& settings,
                      std::string_view input, std::size_t max_output) const;
    std::vector<std::string> user_settings() const;

    base::Path m_folder;
    base::Duration m_timeout;
    std::size_t m_max_file;
    std::optional<std::vector<std::string>> m_user_settings;
};

}  // namespace consortium::exchange
