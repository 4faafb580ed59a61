#pragma once

#include "core/model/invoice.h"

namespace consortium::account {

/// One statement for each member that has a line, in the order of the inputs' members. `consortium` is the
/// charter's name. The allocation must outlive the result.
std::vector<model::Invoice> statements(model::Allocation const& allocation, std::string const& consortium);

/// A statement as plain text of at most 100 columns, for letters and terminals.
std::string text_of(model::Invoice const& invoice);

/// What a line counts, for people: "890229000 gas", "weight 3, 20 of 31 days".
std::string quantity_words(model::CostLine const& line, model::CostInputs const& inputs);
/// In minor units, with its sign, to three places: what rounding added or took.
std::string signed_decimal(base::Rational const& value);

/// The allocation as a journal for hledger and ledger: each pool is booked whole, each member's lines are
/// taken out of it, and a balance assertion demands that nothing is left. One cent off and `hledger check`
/// refuses it. Accounts and the commodity are declared, so `check --strict` passes too.
std::string hledger_journal(model::Allocation const& allocation, std::string const& consortium);

}  // namespace consortium::account
