#include "core/journal/quorum.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <map>

namespace consortium::journal {

using base::Code;
using base::Error;

namespace {

constexpr std::size_t max_text = 64u << 10;
constexpr std::string_view none = "none";

using Words = std::vector<std::string>;

[[noreturn]] void bad(std::string const& what) {
    throw Error(Code::malformed, "policy: " + what);
}

Words words_of(std::string_view line) {
    Words words;
    std::string word;
    for (char const c : std::string(line) + " ") {
        if (c != ' ' && c != '\t') {
            word += c;
        } else if (!word.empty()) {
            words.push_back(std::exchange(word, {}));
        }
    }
    return words;
}

NoteKey key_of(std::string const& text, NoteKeyType type) {
    auto key = NoteKey::from_vkey(text);
    if (key.type != type)
        bad(type == NoteKeyType::log ? "this is a witness's key, not a log's"
                                     : "this is a log's key, not a witness's");
    return key;
}

class PolicyReader {
public:
    void line(Words const& words) {
        if (words[0] == "log") {
            log(words);
        } else if (words[0] == "witness") {
            witness(words);
        } else if (words[0] == "group") {
            group(words);
        } else if (words[0] == "quorum") {
            quorum(words);
        } else {
            bad("'" + base::printable(words[0]) + "' is none of log, witness, group and quorum");
        }
    }
    QuorumPolicy take() {
        if (m_policy.logs.empty()) bad("there is no log line");
        if (m_policy.quorum.empty()) bad("there is no quorum line");
        return std::move(m_policy);
    }

private:
    void log(Words const& words) {
        if (words.size() < 2 || words.size() > 3) bad("a log line is 'log VKEY [URL]'");
        m_policy.logs.push_back(key_of(words[1], NoteKeyType::log));
    }
    void witness(Words const& words) {
        if (words.size() < 3 || words.size() > 4) bad("a witness line is 'witness NAME VKEY [URL]'");
        auto key = key_of(words[2], NoteKeyType::cosigner);
        for (auto const& [name, other] : m_policy.witnesses)
            if (other.raw == key.raw) bad("witness '" + base::printable(name) + "' has the same key");
        add_name(words[1]);
        m_policy.witnesses.emplace_back(words[1], std::move(key));
    }
    void group(Words const& words) {
        if (words.size() < 4) bad("a group line is 'group NAME THRESHOLD MEMBER…'");
        QuorumPolicy::Group group;
        group.members.assign(words.begin() + 3, words.end());
        for (auto const& member : group.members) {
            if (!m_names.contains(member)) bad("'" + base::printable(member) + "' is not named before");
            if (std::ranges::count(group.members, member) > 1) bad("'" + member + "' is in the group twice");
            if (m_names[member]) bad("'" + base::printable(member) + "' is in a group already");
        }
        for (auto const& member : group.members) m_names[member] = true;
        add_name(words[1]);
        group.name = words[1];
        group.threshold = threshold(words[2], group.members.size());
        m_policy.groups.push_back(std::move(group));
    }
    void quorum(Words const& words) {
        if (words.size() != 2) bad("a quorum line is 'quorum NAME' or 'quorum none'");
        if (!m_policy.quorum.empty()) bad("there is a second quorum line");
        if (words[1] != none && !m_names.contains(words[1]))
            bad("'" + base::printable(words[1]) + "' is not named before");
        m_policy.quorum = words[1];
    }

    static std::size_t threshold(std::string const& word, std::size_t members) {
        if (word == "any") return 1;
        if (word == "all") return members;
        std::size_t value = 0;
        auto const [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
        if (error != std::errc() || end != word.data() + word.size() || value == 0 || value > members ||
            word.front() == '0')
            bad("the threshold is 'any', 'all' or a number from 1 to " + std::to_string(members));
        return value;
    }
    void add_name(std::string const& name) {
        if (name == none || m_names.contains(name)) bad("the name '" + base::printable(name) + "' is taken");
        m_names[name] = false;
    }

    QuorumPolicy m_policy;
    std::map<std::string, bool> m_names;  // and whether a group has it
};

bool has(std::vector<std::string> const& names, std::string const& name) {
    return std::ranges::find(names, name) != names.end();
}

}  // namespace

std::vector<NoteKey> QuorumPolicy::keys() const {
    auto out = logs;
    for (auto const& [name, key] : witnesses) out.push_back(key);
    return out;
}

QuorumPolicy quorum_policy(std::string_view text) {
    if (text.size() > max_text) bad("larger than 64 KiB");
    if (!base::is_utf8(text)) bad("not UTF-8");
    PolicyReader reader;
    std::size_t number = 0;
    for (auto const& whole : base::split(text, '\n')) {
        ++number;
        auto const words = words_of(std::string_view(whole).substr(0, whole.find('#')));
        if (words.empty()) continue;
        try {
            reader.line(words);
        } catch (Error const& error) {
            throw Error(error.code(), fmt::format("line {}: {}", number, error.message()), error.hint(),
                        {{"line", std::to_string(number)}});
        }
    }
    return reader.take();
}

QuorumVerdict judge(QuorumPolicy const& policy, std::vector<NoteSigner> const& signers) {
    auto const signed_by = [&](NoteKey const& key) {
        return std::ranges::any_of(signers,
                                   [&](NoteSigner const& signer) { return signer.key.vkey() == key.vkey(); });
    };
    QuorumVerdict verdict;
    for (auto const& [name, key] : policy.witnesses)
        if (signed_by(key)) verdict.have.push_back(name);
    if (std::ranges::none_of(policy.logs, signed_by)) {
        verdict.words = "no log of the policy has signed this head";
        return verdict;
    }
    auto met = verdict.have;  // with the groups that hold; each is named before it is used
    for (auto const& group : policy.groups) {
        auto const count = static_cast<std::size_t>(
            std::ranges::count_if(group.members, [&](std::string const& name) { return has(met, name); }));
        if (count >= group.threshold) met.push_back(group.name);
        if (group.name == policy.quorum && count < group.threshold)
            verdict.words =
                fmt::format("'{}' needs {} of {}, has {}", base::printable(group.name), group.threshold,
                            base::printable(base::join(group.members, ", ")), count);
    }
    verdict.holds = policy.quorum == none || has(met, policy.quorum);
    if (!verdict.holds && verdict.words.empty())
        verdict.words = "the witness '" + base::printable(policy.quorum) + "' has not cosigned";
    return verdict;
}

}  // namespace consortium::journal
