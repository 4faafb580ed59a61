#include "core/base/file.h"
#include "core/base/text.h"
#include "core/exchange/git.h"
#include "core/exchange/git_words.h"

#include <fmt/format.h>

namespace consortium::exchange {

using base::Code;
using base::Error;

namespace {

constexpr int most_packs = 30;
constexpr char next[] = "refs/exchange/next";  // the commit to be pushed
constexpr char own[] = "refs/exchange/own";    // what this workspace writes, and nothing else
constexpr char own_next[] = "refs/exchange/own-next";
constexpr char own_whole[] = "refs/exchange/whole";  // of `own`, when all of it had been written

std::string own_line(base::Ended const& said) {
    return std::string(base::trimmed(said.output));
}

/// What is written once and never changed under its name. The others are compared by whoever writes them.
bool is_lasting(std::string_view path) {
    auto const rest = path.substr(path.find('/') + 1);
    return rest.starts_with("tile/") || rest.starts_with("files/") || rest.starts_with("acts/");
}

void add_data(std::string& stream, std::string_view data) {
    stream += fmt::format("data {}\n", data.size());
    stream += data;
    stream += '\n';
}

}  // namespace

bool Git::remembers() const {
    open();
    return m_git.run({"rev-parse", "--verify", "--quiet", std::string(own_whole) + "^{tree}"}).is_good();
}

// Much is pushed in several commits: whoever is stopped between them has not written all yet.
void Git::remember() {
    if (!remembers() && m_git.run({"rev-parse", "--verify", "--quiet", own}).is_good())
        set_reference(own_whole, own);
}

void Git::set_reference(char const* reference, char const* to) {
    auto const said = m_git.run({"update-ref", reference, to});
    if (!said.is_good())
        throw Error(Code::storage, "git cannot note in '" + m_git.folder().string() + "' what was written",
                    "see that there is space on the disk, and run the command again",
                    {{"git", base::printable(base::trimmed(said.errors))}});
}

// Others may have pushed a history of their own: what was written here and is not there any more, or is
// something else now, is written again.
void Git::put_back() {
    m_put_back.clear();
    auto const owned = m_git.run({"rev-parse", "--verify", "--quiet", std::string(own) + "^{tree}"});
    if (!owned.is_good()) return;
    auto const& there = tree(m_member);
    for (auto const& [path, blob] : list_tree(own, m_member)) {
        auto const found = there.find(path);
        auto const whole = m_member + "/" + path;
        bool const is_there = found != there.end() && found->second.id == blob.id && found->second.is_plain;
        if (!is_there && !m_staged.contains(whole)) m_put_back.emplace(whole, blob.id);
    }
}

// git-fast-import(1): blobs, then the commit on what is there, then the one of our own files alone.
std::string Git::import_stream() const {
    std::string stream = "feature done\n";
    std::string changes;
    std::string lasting;
    int mark = 0;
    for (auto const& [path, content] : m_staged) {
        std::string change = "D " + path + "\n";
        if (content) {
            stream += fmt::format("blob\nmark :{}\n", ++mark);
            add_data(stream, *content);
            change = fmt::format("M 100644 :{} {}\n", mark, path);
        }
        changes += change;
        if (is_lasting(path) && path.starts_with(m_member + "/")) lasting += change;
    }
    for (auto const& [path, id] : m_put_back) changes += fmt::format("M 100644 {} {}\n", id, path);
    auto const commit = [&](char const* reference, int number, std::string const& words) {
        stream += fmt::format("commit {0}\nmark :{1}\ncommitter {2} <{2}@consortium.invalid> {3} +0000\n",
                              reference, number, m_member, m_clock.now().seconds);
        add_data(stream, words);
    };
    commit(next, ++mark, m_member + " publishes\n");
    if (!m_tip.empty()) stream += "from " + m_tip + "\n";
    stream += changes + fmt::format("get-mark :{}\n", mark);
    commit(own_next, ++mark, "what was written from here\n");
    if (!m_own_tree.empty()) stream += "M 040000 " + m_own_tree + " \"\"\n";
    return stream + lasting + "done\n";
}

/// The commit with what is staged on top of the tip; empty if that changes nothing.
std::string Git::commit() {
    auto const owned = m_git.run({"rev-parse", "--verify", "--quiet", std::string(own) + "^{tree}"});
    m_own_tree = owned.is_good() ? own_line(owned) : std::string();
    for (auto const* reference : {next, own_next}) m_git.run({"update-ref", "-d", reference});
    auto const said =
        m_git.run({"fast-import", "--quiet", "--force", "--done", "--date-format=raw"}, import_stream());
    auto made = own_line(said);
    if (!said.is_good() || made.empty())
        throw Error(Code::storage, "git cannot make a commit in '" + m_git.folder().string() + "'",
                    "see that there is space on the disk, or remove that folder: it is a copy",
                    {{"git", base::printable(base::trimmed(said.errors))}});
    if (m_tip.empty()) return made;
    auto const trees = m_git.run({"rev-parse", made + "^{tree}", m_tip + "^{tree}"});
    auto const lines = base::split(own_line(trees), '\n');
    return trees.is_good() && lines.size() == 2 && lines[0] == lines[1] ? std::string() : made;
}

/// The blob of the signed head below the writer's own folder; empty where there is none.
std::string Git::own_head() const {
    auto const& there = tree(m_member);
    auto const found = there.find("checkpoint");
    return found == there.end() ? std::string() : found->second.id;
}

// What is staged goes on top of what others have pushed, but not a head on top of one that was not there when
// the writer looked: another workspace may hold this log key, and its head may be the newer one.
void Git::refuse_other_head() const {
    if (!m_staged.contains(m_member + "/checkpoint") || own_head() == m_head) return;
    throw Error(
        Code::conflict,
        fmt::format("another head of '{}' was published at '{}' meanwhile", m_member, m_location),
        "run the command again; if that does not help, another workspace publishes with the same keys");
}

void Git::settle() {
    open();
    base::FileLock const lock(m_git.folder().string() + ".lock", static_cast<int>(m_timeout.seconds));
    if (!m_head) m_head = own_head();
    for (int tries = 0; tries < m_limits.tries; ++tries) {
        refuse_other_head();
        put_back();
        if (m_staged.empty() && m_put_back.empty()) return;
        auto const made = commit();
        // Before others can see it: whoever is killed in between finds again what there was to be put back.
        set_reference(own, own_next);
        if (made.empty()) return settled(m_tip);
        auto const branch = "refs/heads/" + m_address.branch;
        auto const change = fmt::format("{}:{}", made, branch);
        auto const said = m_git.run_remote(
            {"push", "--quiet", "--porcelain", "--no-verify", "--recurse-submodules=no",
             fmt::format("--force-with-lease={}:{}", branch, m_tip), "--", m_address.url, change});
        if (said.is_good()) return settled(made);
        // Either somebody was faster, and what is here goes on top of that, or it will not be taken at all.
        auto const before = m_tip;
        fetch();
        if (m_tip == before) throw git_failure(m_location, m_address, said, m_limits.fetch);
    }
    throw Error(Code::unavailable,
                fmt::format("others pushed to '{}' each of {} times", m_location, m_limits.tries),
                "run the command again", {{std::string(port::place_detail), m_location}});
}

void Git::settled(std::string const& commit) {
    m_tip = commit;
    m_trees.clear();
    if (m_staged.contains(m_member + "/checkpoint")) m_head.reset();
    m_staged.clear();
    m_staged_bytes = 0;
    m_git.run({"update-ref", "refs/exchange/tip", commit});
    repack();
}

// Each fetch and each commit leaves a file; what is not of the newest commit goes.
void Git::repack() {
    int packs = 0;
    std::error_code ignored;
    for (auto const& entry : std::filesystem::directory_iterator(m_git.folder() / "objects/pack", ignored))
        packs += entry.path().extension() == ".pack" ? 1 : 0;
    if (packs < most_packs) return;
    for (auto const* reference : {next, own_next}) m_git.run({"update-ref", "-d", reference});
    m_git.run({"repack", "-a", "-d", "-q"});
}

}  // namespace consortium::exchange
