#include "core/exchange/git.h"

#include "core/base/digest.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/exchange/git_words.h"
#include "core/exchange/open.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <set>

namespace consortium::exchange {

using base::Code;
using base::Error;

namespace {

constexpr std::size_t most_names = 10'000;
constexpr std::size_t flush_at = 64u << 20;
constexpr char tip[] = "refs/exchange/tip";

std::string_view head_of(std::string_view path) {
    return path.substr(0, path.find('/'));
}

std::string_view rest_of(std::string_view path) {
    return path.size() == head_of(path).size() ? std::string_view{} : path.substr(head_of(path).size() + 1);
}

std::string own_line(base::Ended const& said) {
    return std::string(base::trimmed(said.output));
}

base::Path folder_for(base::Path const& cache, GitAddress const& address) {
    auto const id = base::sha256(address.url + "#" + address.branch).hex().substr(0, 16);
    return cache / (id + ".git");
}

[[noreturn]] void too_much(std::string const& place, std::string const& what) {
    throw Error(Code::malformed, "'" + place + "' holds more " + what + " than is read",
                "ask who pushes to it");
}

}  // namespace

Git::Git(std::string location, GitAddress address, Means const& means, Limits limits)
    : m_location(std::move(location)),
      m_address(std::move(address)),
      m_member(means.member),
      m_clock(*means.clock),
      m_timeout(means.timeout),
      m_limits(limits),
      m_git(folder_for(means.cache, m_address), means, limits.fetch) {}

void Git::open() const {
    if (m_down) throw Error(*m_down);
    if (m_is_open) return;
    try {
        base::make_folder(m_git.folder().parent_path(), base::FileMode::owner);
        base::FileLock const lock(m_git.folder().string() + ".lock", static_cast<int>(m_timeout.seconds));
        m_git.prepare();
        fetch();
    } catch (Error const& error) {
        m_down = about_place(error, m_location);
        throw Error(*m_down);
    }
    m_is_open = true;
}

void Git::fetch() const {
    auto const said = m_git.run_remote({"fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--depth=1",
                                        "--force", "--no-auto-maintenance", "--no-recurse-submodules", "--",
                                        m_address.url, "+refs/heads/" + m_address.branch + ":" + tip});
    m_trees.clear();
    if (lacks_branch(said)) {
        m_tip.clear();
        return;
    }
    if (!said.is_good()) throw git_failure(m_location, m_address, said, m_limits.fetch);
    auto const found = m_git.run({"rev-parse", "--verify", "--quiet", std::string(tip) + "^{commit}"});
    if (!found.is_good())
        throw Error(Code::malformed,
                    "the branch '" + m_address.branch + "' of '" + m_location + "' is no commit");
    m_tip = own_line(found);
}

port::Exchange::Names Git::folders() const {
    if (m_tip.empty()) return {};
    auto const said = m_git.run({"ls-tree", "-z", "--full-tree", m_tip}, {}, most_names * 128);
    if (!said.is_good()) too_much(m_location, "folders");
    Names names;
    for (auto const& line : base::split(said.output, '\0')) {
        if (line.starts_with("040000 ")) names.push_back(line.substr(line.find('\t') + 1));
    }
    return names;
}

// MODE SP TYPE SP ID SP+ SIZE TAB PATH NUL
Git::Tree Git::list_tree(std::string const& reference, std::string const& folder) const {
    auto const said = m_git.run({"ls-tree", "-r", "-z", "-l", "--full-tree", reference, "--", folder + "/"},
                                {}, m_limits.listing);
    if (said.how == base::Ended::How::talkative) too_much(m_location + "/" + folder, "names");
    if (!said.is_good())
        throw Error(
            Code::unavailable, "the private copy of '" + m_location + "' cannot be read",
            "run the command again; if that does not help, remove '" + m_git.folder().string() + "' before");
    Tree tree;
    for (auto const& line : base::split(said.output, '\0')) {
        auto const tab = line.find('\t');
        auto const parts = base::split(std::string_view(line).substr(0, tab), ' ');
        if (tab == std::string::npos || parts.size() < 4) continue;
        Blob blob;
        blob.id = parts[2];
        blob.is_plain = parts[0] == "100644" && parts[1] == "blob";
        auto const& size = parts.back();
        std::from_chars(size.data(), size.data() + size.size(), blob.size);
        tree.emplace(rest_of(std::string_view(line).substr(tab + 1)), std::move(blob));
    }
    return tree;
}

Git::Tree const& Git::tree(std::string const& folder) const {
    open();
    auto const known = m_trees.find(folder);
    if (known != m_trees.end()) return known->second;
    return m_trees.emplace(folder, m_tip.empty() ? Tree{} : list_tree(m_tip, folder)).first->second;
}

Git::Blob const* Git::find(std::string const& path) const {
    check_path(path);
    auto const& all = tree(std::string(head_of(path)));
    auto const found = all.find(rest_of(path));
    return found == all.end() ? nullptr : &found->second;
}

std::optional<port::Exchange::Names> Git::list(std::string const& folder) const {
    open();
    std::set<std::string> names;
    if (folder.empty()) {
        for (auto& name : folders()) names.insert(std::move(name));
    } else {
        check_path(folder);
        auto const below = folder.size() == head_of(folder).size() ? "" : std::string(rest_of(folder)) + "/";
        auto const& all = tree(std::string(head_of(folder)));
        for (auto at = all.lower_bound(below); at != all.end() && at->first.starts_with(below); ++at)
            if (at->second.is_plain || at->first.find('/', below.size()) != std::string::npos)
                names.emplace(head_of(std::string_view(at->first).substr(below.size())));
    }
    auto const prefix = folder.empty() ? "" : folder + "/";
    for (auto const& [path, content] : m_staged) {
        if (!path.starts_with(prefix)) continue;
        auto const name = head_of(std::string_view(path).substr(prefix.size()));
        if (content) names.emplace(name);
        if (!content && prefix.size() + name.size() == path.size()) names.erase(std::string(name));
    }
    return Names(names.begin(), names.end());
}

std::optional<std::string> Git::read(std::string const& path, std::size_t max) const {
    check_path(path);
    auto const staged = m_staged.find(path);
    if (staged != m_staged.end()) return staged->second;
    auto const* found = find(path);
    if (found == nullptr) return std::nullopt;
    if (!found->is_plain)
        throw Error(Code::malformed, "'" + path + "' in '" + m_location +
                                         "' is a link, a submodule or a program: an exchange has none");
    if (found->size > max)
        throw Error(Code::malformed, "'" + path + "' in '" + m_location + "' is larger than " +
                                         std::to_string(max) + " bytes");
    return blob(found->id, found->size);
}

std::string Git::blob(std::string const& id, std::size_t size) const {
    auto said = m_git.run({"cat-file", "blob", id}, {}, size);
    if (!said.is_good() || said.output.size() != size)
        throw Error(Code::unavailable, "the private copy of '" + m_location + "' is damaged",
                    "remove '" + m_git.folder().string() + "', and run the command again");
    return std::move(said.output);
}

bool Git::has(std::string const& path) const {
    auto const staged = m_staged.find(path);
    if (staged != m_staged.end()) return staged->second.has_value();
    auto const* found = find(path);
    return found != nullptr && found->is_plain;
}

void Git::write(std::string const& path, std::string_view content) {
    check_path(path);
    m_staged[path] = std::string(content);
    m_staged_bytes += content.size();
    if (m_staged_bytes > flush_at) settle();
}

void Git::remove(std::string const& path) {
    if (!has(path)) return;
    m_staged[path] = std::nullopt;
}

}  // namespace consortium::exchange
