#pragma once

#include "core/model/dispute.h"
#include "core/policy/panel.h"
#include "core/port/evidence.h"

#include <map>
#include <set>

namespace consortium::agreement {

/// What a dispute or an appeal opened: two parties before one panel. All stages of a dispute are looked at in
/// the epoch that the dispute names, so that nobody chooses who may be drawn after its beginning.
struct Stage {
    base::Digest id;
    model::Act act;            // of kind "dispute" or "appeal"
    base::Digest dispute;      // the first stage; `id` unless this is an appeal
    model::Dispute complaint;  // of the first stage
    std::shared_ptr<model::Epoch const> base;
    model::Arbitration rule;  // of the base epoch's charter
    policy::Parties parties;  // who opened this stage, and the other
    base::Digest commitment;  // of who opened it
    int seats = 0;
    std::vector<policy::Candidate> candidates;
    std::vector<std::string> bystanders;  // control groups
    int witnesses = 0;                    // how many of them are relied on
    int highest = -1;                     // rung that was taken against the respondent before

    bool is_appeal() const { return id != dispute; }
    int party(std::string_view member) const;  // 0, 1; -1: none
};

/// Who was recused from the vote on a proposal that an epoch up to this one left to the panel; none: it was
/// left to none.
std::optional<std::vector<std::string>> left_to_panel(port::Evidence const& evidence,
                                                      base::Digest const& proposal, std::uint64_t latest);

/// Throws Error(not_found) if it is not held or opens nothing, Error(refused) where the charter of its epoch
/// has no arbitration.
Stage load_stage(port::Evidence const& evidence, base::Digest const& id);
/// The same of an act that is not stored yet.
Stage load_stage(port::Evidence const& evidence, model::StoredAct const& opened);

/// What the rulings that somebody holds under a panel amount to.
struct Outcome {
    std::vector<std::string> panel;
    int level = -1;  // as in policy::Majority; -1: no majority of it has ruled
    auto operator<=>(Outcome const&) const = default;
};

/// Acts of a stage, sorted out by what they are.
struct Pins {
    std::array<std::optional<model::StoredAct>, 2> reveals, strikes;  // by party
    std::array<std::optional<model::StoredAct>, 2> contradicted;      // strikes that name others than those
    std::map<std::pair<std::string, std::string>, std::map<std::string, base::Digest>>  // step, party:
        overdue;                                                                        // group, act
    std::map<std::pair<std::string, Outcome>, std::map<std::string, base::Digest>>      // "ruling" or
        late;                                               // "appeal", on what: group, act
    std::array<std::map<Outcome, base::Digest>, 2> waived;  // no appeal of theirs from this
    std::map<std::string, model::StoredAct> rulings;        // by officer
    std::optional<model::StoredAct> assign;
    std::optional<model::StoredAct> plea;  // with the commitment of whom the stage is against
    std::optional<model::StoredAct> appeal;

    /// Whether enough bystanders say that this time has passed.
    bool passed(Stage const& stage, std::string const& step, std::string const& party) const;
    /// The same of the time to rule or to appeal: of those who hold rulings that amount to this.
    bool passed(Stage const& stage, std::string const& step, Outcome const& outcome) const;
    /// Whether both parties, or enough bystanders, say that no appeal comes from this.
    bool unappealed(Stage const& stage, Outcome const& outcome) const;
};
/// Empty: `out` has them all; else what does not belong to the stage, or is there twice.
std::string sort_pins(port::Evidence const& evidence, Stage const& stage, std::span<base::Digest const> ids,
                      Pins& out);

/// What the draw says, once both parties revealed or let their time pass.
struct Drawn {
    policy::Parties put_in;  // of which the seed is made
    base::Digest seed;
    policy::Shortlist list;
    std::array<bool, 2> lost{};  // a party that put in no salt strikes nobody
};
/// A reason in words, if it cannot be drawn from these.
std::string draw_from(port::Evidence const& evidence, Stage const& stage, Pins const& pins, Drawn& out);
/// Whether a strike was made under the draw with this seed.
bool is_under(port::Evidence const& evidence, Stage const& stage, model::StoredAct const& strike,
              base::Digest const& seed);
/// The panel, once both said whom they strike, lost their strikes or let their time pass. A party that said
/// two different things strikes nobody.
std::string seat_from(port::Evidence const& evidence, Stage const& stage, Pins const& pins,
                      model::Assign& out);

std::vector<std::string> panel_of(model::StoredAct const& assign);
/// The pinned rulings of those who sit on this panel, given under an act that states this panel.
std::vector<model::Ruling> rulings_under(port::Evidence const& evidence, Pins const& pins,
                                         std::vector<std::string> const& panel);
/// What the pinned rulings amount to under the pinned panel, which there is.
Outcome outcome_of(port::Evidence const& evidence, Pins const& pins);
/// What rulings amount to.
policy::Majority count(std::vector<model::Ruling> const& rulings, std::vector<std::string> const& panel);
/// Members whom a majority of the panel lets not vote on what the dispute is about, sorted.
std::vector<std::string> recused(std::vector<model::Ruling> const& rulings,
                                 std::vector<std::string> const& panel);
/// Whether what they amount to is in force as far as the pins show: nobody can change it any more, or the
/// time for more rulings has passed.
bool in_force(port::Evidence const& evidence, Stage const& stage, Pins const& pins);

}  // namespace consortium::agreement
