#pragma once

#include "core/flow/agreement.h"
#include "core/flow/intake.h"
#include "core/model/bundle.h"
#include "core/model/outcome.h"

namespace consortium::flow {

/// Which acts go into a bundle.
struct BundleScope {
    std::uint64_t since = 0;  // index in this journal
    std::string member;       // only this member's; empty: all
};

/// To whom private parts are sent from here.
struct Recipients {
    std::vector<std::string> members;  // of the latest epoch, whose recipient is in the settings; sorted
    std::vector<std::string> others;   // in the settings, but no members (any more): they get nothing
};
Recipients recipients(Services const& services);

/// Acts of this journal, in its order, with the files that they name, and with the private parts that are
/// held here, for recipients().members alone.
model::Bundle make_bundle(Services const& services, Identity const& self, BundleScope const& scope);

/// Takes a bundle in, then does the follower's part of agreement. The outcome names each act that was refused
/// and why; its status is that of the first. Private parts that this workspace can open are kept where their
/// act commits to them; the passphrase of its identity may be asked for.
model::Outcome import_bundle(Services& services, Identity const& self, base::Path const& file);
/// Judges a bundle against what is held here, and stores nothing.
model::Outcome verify_bundle(Services const& services, base::Path const& file);

base::Json to_json(Intake const& intake);
/// "3 accepted, 1 held already, 0 waiting, 0 refused".
std::string in_words(Intake const& intake);
/// "line 4, an act of 'globex'": what was refused and where it stands; `unit` is what its place counts.
std::string in_words(Refused const& refused, std::string_view unit);

}  // namespace consortium::flow
