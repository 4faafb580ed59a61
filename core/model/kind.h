#pragma once

#include "core/base/json.h"

#include <span>

namespace consortium::model {

/// Who may sign an act of a kind (PROTOCOL, Keys and P2).
enum class Author {
    officer,    // an active officer of the member, with one of the kind's roles
    seat,       // the member's seat key
    applicant,  // the key that the invitation names, which is the act's first reference
};

/// Which epoch an act of a kind names.
enum class Due {
    genesis,    // epoch 0 only
    any,        // any final epoch; its author must be who it says in that epoch
    agreement,  // the epoch e on which the next epoch is being agreed (PROTOCOL P6)
};

/// One row of the table of act kinds. `check` parses the body strictly and throws Error(malformed).
struct KindInfo {
    std::string_view name;
    Author author;
    std::span<std::string_view const> roles;  // officers: any one of them; empty: any role
    Due due;
    void (*check)(base::Json const& body);
    std::string_view summary;  // for people: "votes on a proposal"
};

std::span<KindInfo const> kind_table();
/// Null for a kind that this program does not know: such acts are quarantined (PROTOCOL P12).
KindInfo const* find_kind(std::string_view name);
/// What officers of a suspended member still sign: what looks after their own keys, that they
/// leave, and what they say for themselves in a dispute.
bool is_signed_while_suspended(std::string_view kind);
bool has_role(KindInfo const& kind, std::span<std::string const> roles);

}  // namespace consortium::model
