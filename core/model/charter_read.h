#pragma once

#include "core/model/charter.h"

/// What the readers of a charter's parts share. Each names the place of a mistake (Error(malformed) with
/// detail "pointer").
namespace consortium::model::reading {

using Words = std::span<std::string_view const>;

std::vector<std::string> as_strings(Words words);
std::string choice(base::JsonReader& in, std::string_view key, Words known, std::string_view fallback);
/// A list without repetitions whose items are all known. Sorted: its order means nothing.
std::vector<std::string> subset(base::JsonReader& in, std::string_view key, std::string_view what,
                                std::vector<std::string> const& known);
/// The same, of at least one item.
std::vector<std::string> some_of(base::JsonReader& in, std::string_view key, std::string_view what,
                                 std::vector<std::string> const& known);
/// "declared|ruled" as a sorted list; "none" or left out is empty.
std::vector<std::string> alternatives(base::JsonReader& in, std::string_view key, std::string_view what,
                                      Words known);
base::Duration duration(base::JsonReader& in, std::string_view key, base::Duration fallback);
int small(base::JsonReader& in, std::string_view key, int min, int max);
bool truth(base::JsonReader& in, std::string_view key, std::optional<bool> fallback);
/// A bound that some share between 0 and 1 reaches.
Bound bound(base::JsonReader& in, std::string_view key);
/// The same, that not every share reaches.
Bound demand(base::JsonReader& in, std::string_view key);
/// A weight from 1 to 10^18; beyond 2^53-1 as text, as JSON wants it.
std::int64_t weight(base::JsonReader& in, std::string_view key);
base::Json weight_json(std::int64_t weight);
std::map<std::string, std::int64_t> weights(base::JsonReader in);
base::Json weights_json(std::map<std::string, std::int64_t> const& weights);
bool is_identifier(std::string_view text);
/// Calls `each(reader, id)` for every table of [key.ID], by id.
void tables(base::JsonReader& in, std::string_view key,
            std::function<void(base::JsonReader&, std::string const&)> const& each);

/// Reads [decision.ID]; the charter's tiers are known already, its other decisions as far as they were read.
Decision decision(base::JsonReader& in, std::string const& id, Charter const& charter);

/// The parts of a charter that are about its members: tiers, roles, approvals, gates.
Tier tier(base::JsonReader& in, std::string const& id);
RoleRule role_rule(base::JsonReader& in, std::string const& id);
ApprovalRule approval_rule(base::JsonReader& in, std::string const& id);
Gate gate(base::JsonReader& in, std::string const& id);
/// [certificate.ID]; the charter's approvals are known already.
ProfileRule profile_rule(base::JsonReader& in, std::string const& id, Charter const& charter);
/// Whether what the rule comes to is a profile of a leaf at all: to be asked once all rules are read.
void check_profile(base::JsonReader& in, ProfileRule const& rule, Charter const& charter);
Arbitration arbitration(base::JsonReader in, Charter const& charter);
/// The ladder, from the list "sanctions".
std::vector<Sanction> ladder(base::JsonReader& in);

}  // namespace consortium::model::reading
