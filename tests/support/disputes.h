#pragma once

#include "core/agreement/dispute.h"
#include "tests/support/seats.h"

#include <nlohmann/json.hpp>

/// Members of one consortium who settle a dispute, each with a workspace of its own; what one says reaches
/// all.
namespace consortium::test {

inline model::Epoch disputing(int strikes = 1) {
    auto epoch = founding({"a", "b", "c", "d", "e", "f", "g"});
    model::Arbitration rule;
    rule.panel = 3;
    rule.tiers = {"validator"};
    rule.roles = {"governance"};
    rule.strikes = strikes;
    rule.answer = base::Duration::from_text("P14D");
    rule.ruling = base::Duration::from_text("P30D");
    rule.appeal = base::Duration::from_text("P7D");
    epoch.charter.arbitration = rule;
    epoch.charter.sanctions = {
        {"warn", {}}, {"suspend_vote", base::Duration::from_text("P90D")}, {"expel", {}}};
    return epoch;
}

/// Members enough for a panel and those of two appeals, of whom nobody is struck.
inline model::Epoch crowd() {
    auto epoch = disputing(0);
    for (int i = 0; i < 5; ++i) {
        auto more = founder("h" + std::to_string(i));
        model::enroll(epoch, more, model::Seat::voting, epoch.founded);
    }
    return epoch;
}

inline std::string salt_of(std::string const& member) {
    return base::sha256("salt of " + member).hex();
}

inline std::vector<base::Digest> joined(std::vector<base::Digest> left,
                                        std::vector<base::Digest> const& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

inline bool says(std::string const& reason, std::string_view words) {
    return reason.find(words) != std::string::npos;
}

class Disputers {
public:
    using Digest = base::Digest;
    using Refs = std::vector<Digest>;

    explicit Disputers(model::Epoch epoch = disputing()) : start(std::move(epoch)) {
        auto const genesis = model::reference(start).hash;
        for (auto const& member : start.members) workspaces.try_emplace(member.id, member.id, start, genesis);
    }

    template <typename Body>
    static model::Draft draft(std::string kind, Refs refs, Body const& body) {
        return {std::move(kind), std::move(refs), base::JsonValue(model::to_json(body)), false};
    }

    Digest say(std::string const& member, model::Draft const& what) {
        auto const id = workspaces.at(member).say(what);
        auto const envelope = evidence().act(id) ? evidence().act(id)->envelope
                                                 : workspaces.at(member).evidence.act(id)->envelope;
        for (auto& [name, workspace] : workspaces)
            if (name != member) workspace.receive(envelope);
        return id;
    }
    /// Why the others refuse it; empty: they do not.
    std::string refusal(std::string const& member, model::Draft const& what) {
        auto& other = workspaces.at(member == "a" ? "b" : "a");
        auto const answer = agreement::validate(workspaces.at(member).make(what, ++m_nonce), other.ground());
        return answer.result == agreement::Acceptance::Result::accepted ? "" : answer.reason;
    }

    static model::Draft complaint(std::string const& by, std::string const& against,
                                  std::optional<Digest> const& about = {}, Refs const& prior = {}) {
        model::Dispute body;
        body.respondent = against;
        body.title = "it did not pay";
        body.about = about;
        body.prior = prior;
        body.commitment = model::salt_commitment(salt_of(by));
        Refs refs = prior;
        if (about) refs.insert(refs.begin(), *about);
        return draft("dispute", refs, body);
    }
    static model::Draft carrying(std::string const& by, std::string const& against, Digest const& about,
                                 std::string const& sanction = "") {
        auto draft = complaint(by, against, about);
        auto body = model::dispute_from_json(*draft.body);
        body.carry = true;
        body.sanction = sanction;
        draft.body = base::JsonValue(model::to_json(body));
        return draft;
    }
    static model::Draft answer(Digest const& stage, std::string const& by) {
        model::Plea body;
        body.claim.text = "it did";
        body.commitment = model::salt_commitment(salt_of(by));
        return draft("plea", {stage}, body);
    }
    static model::Draft reveal(Digest const& stage, std::string const& by, Refs refs) {
        refs.insert(refs.begin(), stage);
        return draft("reveal", refs, model::Reveal{salt_of(by)});
    }
    static model::Draft overdue(Digest const& stage, std::string step, std::string party = "",
                                Refs refs = {}) {
        refs.insert(refs.begin(), stage);
        return draft("overdue", refs, model::Overdue{std::move(step), std::move(party)});
    }
    static model::Draft strike(Digest const& stage, Refs refs, std::vector<std::string> officers) {
        refs.insert(refs.begin(), stage);
        return draft("strike", refs, model::Strike{std::move(officers)});
    }
    static model::Draft ruling(Digest const& stage, Digest const& assign, std::string finding,
                               std::string sanction = "", std::vector<std::string> recuse = {}) {
        model::Ruling body{std::move(finding), std::move(sanction), std::move(recuse), {}};
        body.reasons.text = "so it was agreed";
        return draft("ruling", {stage, assign}, body);
    }

    /// Both commit and reveal. Returns the reveals.
    Refs draw(Digest const& stage, std::string const& by, std::string const& against) {
        auto const plea = say(against, answer(stage, against));
        return {say(by, reveal(stage, by, {plea})), say(against, reveal(stage, against, {plea}))};
    }
    /// Nobody is struck.
    Digest seat(Digest const& stage, std::string const& by, std::string const& against) {
        auto refs = draw(stage, by, against);
        for (auto const& party : {by, against}) say(party, strike(stage, {refs[0], refs[1]}, {}));
        return assign(stage);
    }
    model::Draft assignment(Digest const& stage) {
        auto const dispute = view(stage);
        auto const& part = dispute.last();
        REQUIRE(part.follows);
        auto refs = part.seating();
        refs.insert(refs.begin(), stage);
        return draft("assign", refs, *part.follows);
    }
    Digest assign(Digest const& stage, std::string const& by = "g") { return say(by, assignment(stage)); }
    /// The member of an officer that sits.
    std::string member_of(std::string const& officer) const { return start.officer(officer)->member; }
    /// The first `times` of the panel rule alike.
    Refs rule(Digest const& stage, Digest const& assign, std::string const& finding,
              std::string const& sanction = "", std::vector<std::string> const& recuse = {},
              std::size_t times = 2) {
        Refs out;
        auto const panel = agreement::panel_of(*evidence().act(assign));
        for (std::size_t i = 0; i < times; ++i)
            out.push_back(say(member_of(panel.at(i)), ruling(stage, assign, finding, sanction, recuse)));
        return out;
    }
    static model::Draft closing(Digest const& stage, Refs refs, std::string outcome,
                                std::string sanction = "") {
        refs.insert(refs.begin(), stage);
        return draft("close", refs, model::Close{std::move(outcome), std::move(sanction)});
    }

    agreement::DisputeView view(Digest const& id) const { return agreement::load_dispute(evidence(), id); }
    MemoryEvidence const& evidence() const { return workspaces.at("a").evidence; }
    void advance(std::string const& duration) {
        for (auto& [name, workspace] : workspaces)
            workspace.now = workspace.now + base::Duration::from_text(duration);
    }

    model::Epoch start;
    std::map<std::string, Workspace> workspaces;

private:
    std::uint64_t m_nonce = 1000;
};

/// A dispute that is decided as far as the first panel goes.
struct Decided : Disputers {
    Digest dispute, assign;
    Refs rulings;

    explicit Decided(std::string const& finding = "upheld", std::string const& sanction = "warn") {
        dispute = say("a", complaint("a", "b"));
        assign = seat(dispute, "a", "b");
        rulings = rule(dispute, assign, finding, sanction, {}, 3);
    }
    Refs all() const { return joined({assign}, rulings); }
    Refs no_appeal() {
        return {say("a", overdue(dispute, "appeal", "", joined({assign}, rulings))),
                say("b", overdue(dispute, "appeal", "", joined({assign}, rulings)))};
    }
};

}  // namespace consortium::test
