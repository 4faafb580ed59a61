// consortium-charter(5): every example is read, and the outcome that its comments claim is what a tally says.

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/base/toml.h"
#include "core/policy/opening.h"
#include "tests/support/data_folder.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <set>

using namespace consortium;
using base::Json;
using policy::Context;
using policy::Elector;
using policy::Track;
using policy::Vote;

namespace {

constexpr base::Instant opened{100 * 86'400};

constexpr std::string_view base_charter = R"(
name = "example"
[tier.member]
rights = ["read", "write", "vote"]
[tier.steward]
rights = ["read", "write", "vote"]
[arbitration]
panel = 1
tiers = ["member"]
[decision.example]
actions = ["release.upgrade"]
electorate = ["member", "steward"]
quorum = {min = ">=0"}
pass = {min = ">1/2"}
time = {window = "P14D"}
)";

std::string text_of(char const* path) {
    return base::read_text(base::Path(consortium::test::data_folder()) / path, 1 << 18);
}

struct Example {
    std::string section;
    std::string toml;
    std::vector<std::string> claims;
};

/// The literal blocks of the page.
std::vector<Example> examples() {
    std::vector<Example> out;
    std::string section;
    bool inside = false;
    std::string const page = text_of("../../man/consortium-charter.5");
    for (auto const& line : base::split(page, '\n')) {
        if (line.starts_with(".Ss ")) section = line.substr(4);
        if (line.starts_with(".Sh ")) section = line.substr(4);
        if (line.starts_with(".Ed")) inside = false;
        if (inside && line.starts_with("# ")) {
            out.back().claims.emplace_back(line.substr(2));
        } else if (inside) {
            out.back().toml += std::string(line) + "\n";
        }
        if (!line.starts_with(".Bd -literal")) continue;
        inside = true;
        out.push_back({section, {}, {}});
    }
    return out;
}

/// The example, put where it belongs in a charter that is otherwise plain.
model::Charter charter_of(Example const& example) {
    Json const part = *base::Toml::parse(example.toml, example.section).value;
    if (part.contains("name")) return model::charter_from_json(part);
    Json charter = *base::Toml::parse(base_charter, "base").value;
    static std::set<std::string> const tables{"agreement",   "tier",        "approval",   "gate",
                                              "pool",        "exit",        "role",       "sanctions",
                                              "unamendable", "arbitration", "certificate"};
    for (auto const& item : part.items()) {
        Json& place =
            tables.contains(item.key()) ? charter[item.key()] : charter["decision"]["example"][item.key()];
        if (tables.contains(item.key()) && place.is_object()) {
            place.update(item.value());
        } else {
            place = item.value();
        }
    }
    return model::charter_from_json(charter);
}

/// "3 yes, 1 steward no, acme for globex" as electors and what they say.
struct Said {
    std::vector<Elector> electors;
    std::vector<Vote> votes;
    Context context;

    Said(model::Charter const& charter, std::string_view words, Track track) {
        context.track = track;
        auto const& decision = *charter.decision("example");
        for (auto const& group : base::split(words, ','))
            say(charter, decision, std::string(base::trimmed(group)));
        if (decision.weight_cap) policy::apply_cap(*decision.weight_cap, electors);
    }

private:
    int m_next = 0;

    void say(model::Charter const& charter, model::Decision const& decision, std::string const& group) {
        auto words = base::split(group, ' ');
        bool const counted = group[0] >= '0' && group[0] <= '9';
        int const count = counted ? std::stoi(group) : 1;
        std::string const tier = words.size() > 2 && words[1] == "steward" ? "steward" : "member";
        for (int i = 0; i < count; ++i) {
            std::string name = counted ? "m" + std::to_string(m_next++) : std::string(words[0]);
            auto const& asked = decision.electorate;
            bool const votes_here = std::find(asked.begin(), asked.end(), tier) != asked.end();
            if (votes_here)
                electors.push_back({name, policy::weight_of(decision, *charter.tier(tier), name), tier});
            add(name, words, group);
        }
    }

    void add(std::string const& name, std::vector<std::string> const& words, std::string const& group) {
        std::string const choice(words.back());
        if (words.size() == 3 && words[1] == "for") {
            context.delegations.push_back({name, choice});
        } else if (choice == "recused") {
            context.recusals.push_back({name, "declared"});
        } else if (choice != "silent") {
            votes.push_back({name, choice, group.find("unreasoned") == std::string::npos});
        }
    }
};

std::string outcome_of(model::Charter const& charter, std::string const& claim, Track track) {
    auto const& decision = *charter.decision("example");
    Said const said(charter, claim, track);
    auto const tally = policy::tally(decision, said.electors, said.votes, said.context);
    if (tally.outcome == policy::TallyOutcome::continues) return "goes on";
    if (tally.outcome == policy::TallyOutcome::panel) return "goes to a panel";
    if (!tally.passed) return tally.forfeited ? "fails and loses the deposit" : "fails";
    return "passes";
}

std::string settled_of(model::Charter const& charter, std::string const& claim, Track track) {
    Said const said(charter, claim, track);
    return policy::settled(*charter.decision("example"), said.electors, said.votes, said.context) ? "settled"
                                                                                                  : "open";
}

/// "closing after P14D, by steward, 2 open, failed P60D ago"
std::string opening_of(model::Charter const& charter, std::string const& claim, Track track) {
    policy::Opening opening{"member", "release.upgrade", track, opened, opened, 0, {}, {}};
    for (auto const& part : base::split(claim, ',')) {
        auto const words = base::split(base::trimmed(part), ' ');
        if (words[0] == "closing") opening.closes = opened + base::Duration::from_text(words[2]);
        if (words[0] == "by") opening.tier = words[1];
        if (words[0] == "failed")
            opening.failed = {opened.seconds - base::Duration::from_text(words[1]).seconds};
        if (words.back() == "open") opening.open = std::stoi(std::string(words[0]));
    }
    auto const verdict = policy::may_open(*charter.decision("example"), opening);
    if (verdict.allowed()) return "allowed";
    return verdict.ruling == model::Verdict::Ruling::pending ? "waits" : "refused";
}

/// "quorum reached after P20D"
std::string close_of(model::Charter const& charter, std::string const& claim) {
    auto const& decision = *charter.decision("example");
    auto const at = base::Duration::from_text(claim.substr(claim.rfind(' ') + 1));
    auto const closes = opened + policy::shortest_vote(decision, Track::ordinary);
    auto const late =
        policy::late_close(decision, {{"a", 1}, {"b", 1}}, {{{"a", "no"}, 0, opened + at}}, closes);
    return late ? "closes after " + base::Duration{late->seconds - opened.seconds}.text() : "closes in time";
}

std::string answer(model::Charter const& charter, std::string claim, std::string const& expected) {
    Track track = Track::ordinary;
    for (auto const& [prefix, named] : {std::pair{std::string("early: "), Track::expedited},
                                        {std::string("emergency: "), Track::emergency}}) {
        if (!claim.starts_with(prefix)) continue;
        track = named;
        claim.erase(0, prefix.size());
    }
    if (claim.starts_with("closing")) return opening_of(charter, claim, track);
    if (claim.starts_with("quorum")) return close_of(charter, claim);
    if (expected == "settled" || expected == "open") return settled_of(charter, claim, track);
    return outcome_of(charter, claim, track);
}

}  // namespace

TEST_CASE("every example of the manual is read, and comes out as the manual says") {
    int claims = 0;
    std::set<std::string> claimed;
    for (Example const& example : examples()) {
        CAPTURE(example.section);
        model::Charter const charter = charter_of(example);
        for (std::string const& claim : example.claims) {
            CAPTURE(claim);
            auto const mark = claim.rfind(": ");
            REQUIRE(mark != std::string::npos);
            std::string const expected = claim.substr(mark + 2);
            CHECK(answer(charter, claim.substr(0, mark), expected) == expected);
            ++claims;
            claimed.insert(example.section);
        }
    }
    CHECK(claims > 40);
    CHECK(claimed.size() >= 18);
}

TEST_CASE("the manual names every key of the charter language") {
    std::string const page = text_of("../../man/consortium-charter.5");
    Json const schema =
        base::parse_json(text_of("../../templates/schema/charter.json"), base::relaxed_limits(1 << 18));
    auto const look = [&](auto const& self, Json const& part) -> void {
        if (part.is_object() && part.contains("properties") && part["properties"].is_object())
            for (auto const& item : part["properties"].items()) {
                CAPTURE(item.key());
                std::string const& key = item.key();
                bool const named = page.find("Ic " + key) != std::string::npos ||
                                   page.find("." + key) != std::string::npos ||
                                   page.find("(lB" + key) != std::string::npos ||
                                   page.find("List " + key) != std::string::npos;
                CHECK(named);
            }
        if (part.is_structured())
            for (Json const& one : part) self(self, one);
    };
    look(look, schema);
}
