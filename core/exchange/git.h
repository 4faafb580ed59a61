#pragma once

#include "core/exchange/git_command.h"
#include "core/port/remembering.h"

#include <map>

namespace consortium::exchange {

/// A branch of a git repository elsewhere: one for all members, each of whom writes below its own folder.
/// Its newest commit is fetched once, bare and alone, when something is first read, into a private repository
/// that holds nothing which cannot be fetched again; what is read is of that one commit. What is written
/// becomes one commit at settle(): if somebody else has pushed meanwhile, it is put on top of theirs. Others
/// may rewrite the branch: what this one has written and finds gone or damaged is put back with the next
/// commit, by what the private repository remembers of it.
class Git : public port::Exchange, public port::Remembering {
public:
    struct Limits {
        std::size_t fetch = 1u << 30;     // bytes of one fetch
        std::size_t listing = 64u << 20;  // bytes of the listing of one member's folder
        int tries = 20;                   // to push, when others push as well
    };

    Git(std::string location, GitAddress address, Means const& means, Limits limits);
    Git(std::string location, GitAddress address, Means const& means)
        : Git(std::move(location), std::move(address), means, Limits()) {}

    std::string location() const override { return m_location; }
    std::optional<Names> list(std::string const& folder) const override;
    std::optional<std::string> read(std::string const& path, std::size_t max) const override;
    void write(std::string const& path, std::string_view content) override;
    void separate() override {}  // a commit is seen whole
    void settle() override;
    bool remembers() const override;
    void remember() override;
    bool has(std::string const& path) const override;
    void remove(std::string const& path) override;

private:
    struct Blob {
        std::string id;
        std::uint64_t size = 0;
        bool is_plain = false;  // a file, no link, no program
    };
    using Tree = std::map<std::string, Blob, std::less<>>;  // paths below one first folder

    void open() const;
    void fetch() const;
    Names folders() const;
    Tree const& tree(std::string const& folder) const;
    Tree list_tree(std::string const& reference, std::string const& folder) const;
    Blob const* find(std::string const& path) const;
    std::string blob(std::string const& id, std::size_t size) const;

    std::string own_head() const;
    void refuse_other_head() const;
    void set_reference(char const* reference, char const* to);
    void put_back();
    std::string commit();
    std::string import_stream() const;
    void settled(std::string const& commit);
    void repack();

    std::string m_location;
    GitAddress m_address;
    std::string m_member;
    port::Clock const& m_clock;
    base::Duration m_timeout;
    Limits m_limits;
    mutable GitCommand m_git;
    mutable std::optional<base::Error> m_down;  // why nothing can be read: told again, not tried again
    mutable bool m_is_open = false;
    mutable std::string m_tip;  // the commit that is read; empty: the branch does not exist yet
    mutable std::map<std::string, Tree, std::less<>> m_trees;
    std::map<std::string, std::optional<std::string>, std::less<>> m_staged;  // none: to be removed
    std::size_t m_staged_bytes = 0;
    std::optional<std::string> m_head;  // own_head() as it was before what is staged; none: not looked at yet
    std::map<std::string, std::string, std::less<>> m_put_back;  // blobs of ours that are not there any more
    std::string m_own_tree;                                      // of what was written from here before
};

}  // namespace consortium::exchange
