// To whom shares are dealt: what the command says, what members have agreed on, what the charter asks for.

#include "core/flow/share_wanted.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using model::ShareDeal;

namespace {

std::pair<std::string, std::string> halves(std::string const& flag, std::string const& text) {
    auto const at = text.find('=');
    if (at == std::string::npos || at == 0 || at + 1 == text.size())
        throw Error(Code::usage, fmt::format("--{} is not OFFICER=FILE: '{}'", flag, base::printable(text)),
                    fmt::format("--{} ada=ada.pub", flag));
    return {text.substr(0, at), text.substr(at + 1)};
}

model::Custodian custodian_named(State const& state, std::string const& officer, model::ShareKey key) {
    auto const* known = state.joined().officer(officer);
    if (known == nullptr || known->status != "active")
        throw Error(Code::not_found, fmt::format("'{}' is no active officer", base::printable(officer)),
                    "run 'consortium officer list'");
    return {officer, known->member, std::move(key), {}, {}};
}

/// The fewest organizations that can put so many shares together.
std::int64_t fewest_organizations(State const& state, Custodians const& custodians) {
    std::map<std::string, std::int64_t> held;
    for (auto const& name : custodians.officers) {
        auto const* officer = state.joined().officer(name);
        auto const* member = officer == nullptr ? nullptr : state.joined().member(officer->member);
        ++held[member == nullptr ? name : member->control_group];
    }
    std::vector<std::int64_t> counts;
    counts.reserve(held.size());
    for (auto const& [group, count] : held) counts.push_back(count);
    std::sort(counts.rbegin(), counts.rend());
    std::int64_t shares = 0, groups = 0;
    for (auto const count : counts) {
        if (shares >= custodians.threshold) break;
        shares += count;
        ++groups;
    }
    return groups;
}

/// To what an officer has opened a share of this member's before: whoever proved that has the key.
std::optional<model::ShareKey> proven_key(std::vector<ShareCase> const& cases, std::string const& member,
                                          std::string const& officer) {
    std::optional<model::ShareKey> out;
    for (auto const& one : cases) {
        auto const index = one.member == member ? one.deal.index_of(officer) : 0;
        if (index != 0 && one.is_kept(index) && !one.deal.custodian(index)->key.point.empty())
            out = one.deal.custodian(index)->key;
    }
    return out;
}

std::vector<std::string> not_among(std::vector<std::string> const& some, std::vector<std::string> all) {
    std::vector<std::string> out;
    std::ranges::copy_if(some, std::back_inserter(out),
                         [&](std::string const& each) { return std::ranges::find(all, each) == all.end(); });
    return out;
}

std::string roster_words(AgreedCustodians const& agreed) {
    return fmt::format("with the rotation to {} the members agreed on {}, any {} of whom recover it",
                       agreed.rotation, base::join(agreed.custodians.officers, ", "),
                       agreed.custodians.threshold);
}

}  // namespace

Custodians WantedDeal::people() const {
    Custodians out{{}, threshold};
    out.officers.reserve(custodians.size());
    for (auto const& one : custodians) out.officers.push_back(one.officer);
    return out;
}

WantedDeal read_wanted(State const& state, port::Custody const& custody, model::Request const& request) {
    auto const& arguments = *request.arguments;
    WantedDeal out;
    for (auto const& text : arguments.value("custodian", std::vector<std::string>{})) {
        auto const [officer, file] = halves("custodian", text);
        auto const content = base::read_text(file, max_share_file);
        try {
            out.custodians.push_back(custodian_named(state, officer, custody.read_key(content)));
        } catch (Error const& error) {
            if (error.code() != Code::malformed) throw;
            throw error.with("file", file);
        }
    }
    for (auto const& text : arguments.value("custodian-passphrase", std::vector<std::string>{})) {
        auto const [officer, file] = halves("custodian-passphrase", text);
        out.custodians.push_back(custodian_named(state, officer, {"passphrase", {}}));
        out.words[officer] = file;
    }
    out.threshold = arguments.value("threshold", std::int64_t{0});
    return out;
}

bool is_same(WantedDeal const& wanted, ShareDeal const& deal) {
    bool const sized = wanted.custodians.size() == deal.custodians.size() &&
                       (wanted.threshold == 0 || wanted.threshold == deal.threshold);
    return wanted.custodians.empty() ||
           (sized && std::equal(wanted.custodians.begin(), wanted.custodians.end(), deal.custodians.begin(),
                                [](auto const& one, auto const& other) {
                                    return one.officer == other.officer && one.key == other.key;
                                }));
}

void keep_custodians(State const& state, ShareDeal const& deal, WantedDeal& wanted) {
    if (wanted.threshold == 0) wanted.threshold = deal.threshold;
    bool const only_words = wanted.custodians.size() == wanted.words.size();
    if (!only_words) return;
    auto const words = std::exchange(wanted.custodians, {});
    for (auto const& custodian : deal.custodians) {
        if (custodian.key.sort == "passphrase" && !wanted.words.contains(custodian.officer))
            throw Error(Code::usage, fmt::format("'{}' has no key here, but a passphrase", custodian.officer),
                        fmt::format("add --custodian-passphrase {}=FILE", custodian.officer));
        auto const& sort =
            wanted.words.contains(custodian.officer) ? model::ShareKey{"passphrase", {}} : custodian.key;
        wanted.custodians.push_back(custodian_named(state, custodian.officer, sort));
    }
    for (auto const& one : words)
        if (deal.index_of(one.officer) == 0) wanted.custodians.push_back(one);
}

void follow_roster(State const& state, port::Verifier const& verifier, AgreedCustodians const& agreed,
                   WantedDeal& wanted, model::Plan& plan) {
    if (wanted.threshold == 0) wanted.threshold = agreed.custodians.threshold;
    auto const said = wanted.people().officers;
    bool const others = !not_among(said, agreed.custodians.officers).empty();
    if (others) return compare_with_roster(agreed, wanted, plan);
    auto const cases = share_cases(state.store, verifier);
    std::vector<std::string> known, unknown;
    for (auto const& officer : not_among(agreed.custodians.officers, said)) {
        auto const key = proven_key(cases, state.self.member, officer);
        (key ? known : unknown).push_back(officer);
        if (key) wanted.custodians.push_back(custodian_named(state, officer, *key));
    }
    if (!unknown.empty())
        throw Error(Code::usage,
                    fmt::format("{}; no key of theirs is known here: {}", roster_words(agreed),
                                base::join(unknown, ", ")),
                    fmt::format("add --custodian {}=FILE, their public key, for each",
                                base::join(unknown, "=FILE --custodian ")));
    if (!known.empty())
        plan.warnings.push_back(fmt::format(
            "sealed to the keys by which they accepted shares before; ask whether they still have "
            "them: {}",
            base::join(known, ", ")));
    compare_with_roster(agreed, wanted, plan);
}

void compare_with_roster(AgreedCustodians const& agreed, WantedDeal const& wanted, model::Plan& plan) {
    auto const people = wanted.people();
    bool const same = not_among(people.officers, agreed.custodians.officers).empty() &&
                      not_among(agreed.custodians.officers, people.officers).empty() &&
                      people.threshold == agreed.custodians.threshold;
    if (same) return;
    if (!agreed.binding) {
        plan.warnings.push_back("that is not what was agreed: " + roster_words(agreed));
        return;
    }
    plan.verdict.require("roster", false, roster_words(agreed));
    plan.verdict.next = "consortium root show";
}

model::ApprovalRule const* recovery_rule(State const& state) {
    auto const& charter = state.joined().charter;
    auto const* rule = charter.approval("recovery");
    return rule != nullptr ? rule : charter.approval("root");
}

void require_recovery_rule(State const& state, Custodians const& custodians, model::Verdict& verdict) {
    auto const* rule = recovery_rule(state);
    if (rule == nullptr) return;
    auto const fewest = fewest_organizations(state, custodians);
    verdict.require("charter threshold", custodians.threshold >= rule->officers,
                    fmt::format("the charter's rule '{}' asks for {} officers", rule->id, rule->officers));
    verdict.require(
        "charter members", fewest >= rule->members,
        fmt::format("the charter's rule '{}' asks for {} members: {} could put {} shares together", rule->id,
                    rule->members, fewest, custodians.threshold));
}

}  // namespace consortium::flow
