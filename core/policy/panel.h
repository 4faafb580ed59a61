#pragma once

#include "core/model/epoch.h"

#include <array>

namespace consortium::policy {

/// The two members that a stage of a dispute is between: who opened it, and whom it is against.
using Parties = std::array<std::string, 2>;

/// Somebody who may be drawn.
struct Candidate {
    std::string officer, member, group;
    bool heard = false;  // somebody of its group sat on the panel whose ruling is appealed from
};

/// Who may be drawn: active officers, with one of the rule's roles, of active members of its tiers. Left out
/// are both parties, whoever is under one control with them, any person who was an officer of these no later
/// than of another, and the persons who sat before (`sat`, officers). A person who is an officer twice stands
/// once, under the smaller id. A role counts until an epoch takes it away, so that no time that somebody
/// states decides who may be drawn. Sorted by officer.
std::vector<Candidate> candidates(model::Epoch const& base, model::Arbitration const& rule,
                                  Parties const& parties, std::vector<std::string> const& sat = {});

/// How many organizations the candidates come from, each control group counting once: so many can sit.
int organizations(std::vector<Candidate> const& candidates);

/// The control groups of voting members that are neither a party nor under one control with one: who can say
/// for both that a time has passed.
std::vector<std::string> bystanders(model::Epoch const& base, Parties const& parties);

/// How many bystanders' word is relied on: f+1 of the base epoch, so that one at least is honest, or all
/// where there are fewer; never less than one.
int witnesses_needed(model::Epoch const& base, Parties const& parties);

/// SHA-256 of four lines: "consortium.panel/1", the stage's id, and for each party what it put in: its salt,
/// or "-" where it did not reveal it, or "overdue" and the sorted ids of the acts that say it did not answer.
base::Digest draw_seed(base::Digest const& stage, Parties const& put_in);

/// One candidate an organization, in the order of the draw. Organizations are ordered by SHA-256 of the lines
/// "consortium.panel/1 group", seed, control group, those of which nobody was heard first; of each the
/// officer is drawn with the smallest SHA-256 of the lines "consortium.panel/1 officer", seed, officer. So an
/// organization with many officers is not drawn more often.
std::vector<std::string> draw(std::vector<Candidate> const& candidates, base::Digest const& seed);

/// Those of the draw about whom the parties are asked: the seats and what both may strike.
struct Shortlist {
    std::vector<std::string> officers;  // in the order of the draw
    int strikes = 0;                    // how many each party may refuse: fewer where too few were drawn
};
Shortlist shortlist(std::vector<std::string> const& drawn, int seats, int strikes);

/// The first `seats` of the list whom nobody struck.
std::vector<std::string> seated(Shortlist const& list, int seats,
                                std::array<std::vector<std::string>, 2> const& struck);

/// What rulings amount to. Of a panel's rulings ordered from "dismissed" to the highest rung, the one in the
/// middle stands: a majority of the panel wants at least that. Who asks for more cannot split the others.
///   level 0 dismissed, 1 upheld without a sanction, 2 + rung_of(sanction)
struct Majority {
    int level = 0;         // what a majority of the panel wants at least, of those who ruled
    bool reached = false;  // so many ruled that there is one
    bool settled = false;  // and whoever has not ruled yet cannot change it
};
int level_of(std::string_view finding, std::string_view sanction);
std::string finding_of(int level);
std::string sanction_of(int level);
Majority count_rulings(int panel, std::vector<int> const& levels);

/// Whether the ladder lets this sanction follow now: all rungs below it were taken, of which `highest` is the
/// last (-1: none). No sanction always may.
bool may_sanction(std::vector<model::Sanction> const& ladder, int highest, std::string_view sanction);

}  // namespace consortium::policy
