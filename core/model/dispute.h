#pragma once

#include "core/model/charter.h"

/// Bodies of the acts by which two members settle what is between them before a panel of others. What they
/// refer to is checked by agreement (rule_dispute.cpp). In all of them the first reference after what opened
/// a stage, the `dispute` or the `appeal`, is that act: so an act of a stage is found by its subject.
namespace consortium::model {

/// A document that somebody relies on. It is published with the act, or `sealed`: only its digest is, and it
/// is handed to the panel privately.
struct Exhibit {
    std::string name;
    base::Digest digest;  // SHA-256 of the file
    bool sealed = false;
};

/// What a party says, in public.
struct Claim {
    std::string text;  // may be empty
    std::vector<Exhibit> exhibits;
};

/// Body of "dispute", by an officer of the member that complains; refs [about, prior…].
struct Dispute {
    std::string respondent;  // the member that it is against
    std::string title;
    std::string sanction;               // asked for: a rung of the charter's ladder; empty: none
    std::optional<base::Digest> about;  // an act of kind "proposal"
    bool carry = false;                 // asks the panel to decide that for which nobody was left to vote
    std::vector<base::Digest> prior;    // acts of kind "close" with earlier findings against the respondent
    Claim claim;
    base::Digest commitment;  // salt_commitment() of a salt that nobody else knows yet
};

/// Body of "plea", refs [stage]: what a party says, and once of whom the stage is against, its commitment.
struct Plea {
    Claim claim;
    std::optional<base::Digest> commitment;
};

/// Body of "reveal": the salt that was committed to. Refs, for who opened the stage: [stage, the other's plea
/// with its commitment], or [stage, overdue…] where no answer came; for the other: [stage, its plea].
struct Reveal {
    std::string salt;  // 64 hexadecimal digits
};

/// Body of "strike", refs [stage, what the list follows from…]: whom of the list a party refuses, sorted;
/// nobody is an answer too.
struct Strike {
    std::vector<std::string> officers;
};

/// Body of "overdue", by a member that is no party: the time for a step has passed, and nothing of it is held
/// here. Refs [stage], and for "ruling" and "appeal" [stage, assign, ruling…] with the rulings under that
/// panel that are held here: it counts for the outcome that follows from these, and for no other. A party
/// says so of its own appeal: it makes none.
struct Overdue {
    std::string step;   // answer | reveal | strike | ruling | appeal
    std::string party;  // whose; empty for ruling and appeal
};

/// Body of "assign", refs [stage, reveals, strikes, overdue…]: the panel that follows from these.
struct Assign {
    base::Digest seed;
    std::vector<std::string> drawn;  // officers, in the order of the draw
    std::vector<std::string> panel;  // those of them who sit, in that order
};

/// Body of "ruling", by one of the panel, refs [stage, assign].
struct Ruling {
    std::string finding;              // upheld | dismissed
    std::string sanction;             // empty: none
    std::vector<std::string> recuse;  // members that shall not vote on what the dispute is about; sorted
    Claim reasons;
};

/// Body of "appeal", by a party, refs [dispute, assign, ruling…]; opens a stage of its own.
struct Appeal {
    Claim claim;
    base::Digest commitment;
};

/// Body of "close", refs [stage, assign, ruling…, overdue…], or [stage] where whoever opened it withdraws.
struct Close {
    std::string outcome;  // upheld | dismissed | withdrawn
    std::string sanction;
};

base::Json to_json(Dispute const& dispute);
base::Json to_json(Plea const& plea);
base::Json to_json(Reveal const& reveal);
base::Json to_json(Strike const& strike);
base::Json to_json(Overdue const& overdue);
base::Json to_json(Assign const& assign);
base::Json to_json(Ruling const& ruling);
base::Json to_json(Appeal const& appeal);
base::Json to_json(Close const& close);
/// All throw Error(malformed) with detail "pointer".
Dispute dispute_from_json(base::Json const& value);
Plea plea_from_json(base::Json const& value);
Reveal reveal_from_json(base::Json const& value);
Strike strike_from_json(base::Json const& value);
Overdue overdue_from_json(base::Json const& value);
Assign assign_from_json(base::Json const& value);
Ruling ruling_from_json(base::Json const& value);
Appeal appeal_from_json(base::Json const& value);
Close close_from_json(base::Json const& value);

/// The files that an act of one of these kinds publishes: its exhibits that are not sealed.
std::vector<base::Digest> published_exhibits(std::string_view kind, base::Json const& body);

/// SHA-256 of the salt's 64 digits as text, so that `printf %s SALT | sha256sum` checks it.
base::Digest salt_commitment(std::string_view salt);

/// The rungs that a charter's ladder may have, from the lowest: warn suspend_vote rotate_node expel.
std::span<std::string_view const> sanction_steps();
/// 0 warn, 1 suspend_vote, 2 rotate_node, 3 expel; -1 for anything else.
int rung_of(std::string_view sanction);

}  // namespace consortium::model
