#pragma once

#include "core/base/file.h"
#include "core/base/process.h"
#include "core/exchange/git.h"
#include "tests/support/data_folder.h"
#include "tests/support/fakes.h"

#include <cstdlib>
#include <doctest/doctest.h>

/// A bare repository behind a stand-in for ssh, and workspaces that exchange over it.
class GitPlace {
public:
    GitPlace() {
        auto const support = std::filesystem::path(consortium::test::data_folder()).parent_path() / "support";
        setenv("GIT_SSH_COMMAND", (support / "local_ssh").c_str(), 1);
        setenv("GIT_SSH_VARIANT", "simple", 1);
        std::filesystem::create_directory(folder.path() / "ssh");  // where connections are noted
        setenv("HOME", folder.path().c_str(), 1);
        git({"init", "--quiet", "--bare", "--initial-branch=main", repository().string()});
    }

    std::filesystem::path repository() const { return folder.path() / "shared.git"; }
    std::string location() const { return "git@here:" + repository().string(); }

    /// What a member's workspace opens; the same private copy each time.
    consortium::exchange::Git open(std::string const& member, consortium::exchange::Git::Limits limits) {
        using namespace consortium::exchange;
        Means means;
        means.member = member;
        means.cache = folder.path() / member;
        means.clock = &m_clock;
        means.timeout.seconds = 30;
        return {location(), *GitAddress::parse(location()), means, limits};
    }
    consortium::exchange::Git open(std::string const& member) { return open(member, {}); }

    /// What git says to a command in the shared repository, or elsewhere.
    std::string git(std::vector<std::string> arguments, std::string const& input = "") const {
        consortium::base::Job job;
        arguments.insert(arguments.begin(), "git");
        job.arguments = std::move(arguments);
        job.environment = {std::string("PATH=") + getenv("PATH"),
                           "GIT_DIR=" + repository().string(),
                           "GIT_AUTHOR_NAME=x",
                           "GIT_AUTHOR_EMAIL=x",
                           "GIT_COMMITTER_NAME=x",
                           "GIT_COMMITTER_EMAIL=x",
                           "HOME=" + folder.path().string()};
        job.input = input;
        auto const said = consortium::base::run(job);
        REQUIRE_MESSAGE(said.is_good(), said.errors);
        return said.output;
    }
    /// Makes what git-fast-import(1) reads the only history of the branch.
    void rewrite(std::string const& changes) {
        git({"fast-import", "--quiet", "--force"},
            "commit refs/heads/main\ncommitter x <x> 1 +0000\ndata 1\nx\ndeleteall\n" + changes);
    }
    int connections() const {
        auto const log = folder.path() / "ssh/log";
        auto const text = consortium::base::exists(log) ? consortium::base::read_text(log, 1u << 20) : "";
        return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
    }

    consortium::base::TemporaryFolder folder;

private:
    FixedClock m_clock;
};
