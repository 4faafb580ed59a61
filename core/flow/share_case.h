#pragma once

#include "core/flow/services.h"
#include "core/model/plan.h"
#include "core/model/share_act.h"
#include "core/port/custody.h"

/// What is known of a deal from the acts that are held, and where its files are.
namespace consortium::flow {

/// A custodian's word on a share; proven: its proof is a signature by the share's own key.
struct ShareReceipt {
    base::Instant time;
    bool proven = false;
};

struct ShareSession {
    base::Digest act;
    std::string purpose;  // recovery | drill
    std::string officer, member;
    model::ShareKey to;
    base::Instant opened, closes;
    std::map<std::int64_t, base::Digest> submitted;  // by index: SHA-256 of the file
    std::optional<base::Instant> ended;
    std::vector<std::int64_t> used;

    std::string name() const;  // "r-3fa9c1"
    bool is_open(base::Instant now) const { return !ended && now < closes; }
};

struct ShareCase {
    base::Digest act, file;
    model::ShareDeal deal;
    std::string officer, member;  // who dealt
    base::Instant dealt;
    std::optional<base::Digest> next;                        // the act of the deal that took its place
    std::map<std::int64_t, ShareReceipt> accepted, drilled;  // by index, the last
    std::map<std::int64_t, base::Instant> destroyed;         // shares that are kept no more, by index
    std::optional<base::Instant> key_destroyed;              // with its root, as the root's keeper said
    std::vector<ShareSession> sessions;

    std::string name() const;                // "s-3fa9c1"
    bool is_kept(std::int64_t index) const;  // the custodian has proven to keep that share
    /// The officers of all custodians for whose index `is` does not hold.
    template <typename Is>
    std::vector<std::string> without(Is const& is) const {
        std::vector<std::string> out;
        for (auto const& each : deal.custodians)
            if (!is(deal.index_of(each.officer))) out.push_back(each.officer);
        return out;
    }
};

std::string share_name(base::Digest const& act);

/// Takes every receipt at its word: for what is only a reminder.
port::Verifier const& receipts_as_said();
/// In the order in which they are held.
std::vector<ShareCase> share_cases(port::Store const& store, port::Verifier const& verifier);
/// By the key's name (the deal in force, this member's own before others'), by "s-…" or the deal's digits.
/// Throws Error(not_found), or Error(conflict) where several have the name.
ShareCase share_case(State const& state, Services const& services, std::string const& named);
/// By "r-…", or by the key or deal for which one session is open.
std::pair<ShareCase, ShareSession> share_session(State const& state, Services const& services,
                                                 std::string const& named);
/// The one in force that this member dealt of a key; none: none.
std::optional<ShareCase> own_case(port::Store const& store, port::Verifier const& verifier,
                                  std::string const& member, base::Digest const& key);
/// The one whose shares have this identifier; none: it is not known here.
std::optional<ShareCase> case_of(port::Store const& store, port::Verifier const& verifier,
                                 base::Bytes const& deal);

/// private/shares/<identifier>: sealed shares and the wrapped key, as they were dealt.
base::Path dealt_folder(base::Path const& workspace, base::Bytes const& deal);
/// private/shares/kept/<identifier>-<index>.share.json
base::Path kept_file(base::Path const& workspace, base::Bytes const& deal, std::int64_t index);
/// out/shares
base::Path out_folder(base::Path const& workspace);
/// private/shares/submitted/<session>-<officer>.share.json, and the same as it is handed over in out/shares.
base::Path staged_file(base::Path const& workspace, std::string const& session, std::string const& officer);
base::Path handed_over_file(base::Path const& workspace, std::string const& session,
                            std::string const& officer);
inline constexpr std::string_view wrapped_name = "wrapped-key.json", share_ending = ".share.json";
/// Beside what was handed out, and so was said: the journal here may be an older one that was restored.
inline constexpr std::string_view handed_out_mark = "handed-out";
inline constexpr std::size_t max_share_file = 65'536;
/// A folder of private/, that only its owner reads.
void make_private(base::Path const& workspace, base::Path const& folder);

/// The port, or Error(unsupported) where the composition has none.
port::Custody& custody(Services& services);

model::Plan share_plan(State const& state, model::Request const& request);
/// What this officer may not sign is refused with the charter's words.
void require_signer(State const& state, model::Plan& plan);
/// A recovery waits for the charter's rule [approval.recovery], where there is one.
void require_consent(State const& state, ShareSession const& session, model::Plan& plan);
/// Shares of a key that was destroyed bring nothing back (it is refused), nor do those of an earlier deal.
void require_living(ShareCase const& deal, model::Plan& plan);
void require_in_force(State const& state, Services const& services, ShareCase const& deal, model::Plan& plan);
/// The custodian's own index; throws Error(not_authorized) for an officer who has no share.
std::int64_t own_index(State const& state, ShareCase const& deal);
/// `share drill KEY`, of a custodian.
model::Plan plan_custodian_drill(State const& state, Services& services, model::Request const& request);
model::Draft share_draft(model::ShareAct const& act, std::vector<base::Digest> refs);
/// Signs; {"id","kind","envelope"} for append_share().
base::JsonValue sign_share(model::ShareAct const& act, std::vector<base::Digest> refs, Services& services,
                           Identity const& self, base::Json result);
/// Appends it; the result without the envelope.
base::JsonValue append_share(model::Step const& step, base::JsonValue const& prepared, Services& services,
                             port::Transaction& transaction);

/// Whether anything of a deal that was made here is still here.
bool has_remains(Identity const& self, ShareCase const& deal);
/// "share.destroy": what is in this workspace of a deal that was made here.
model::Step destroy_step(ShareCase const& old);
/// What a crash left of a deal that nobody ever said was made.
void destroy_unsaid(Services& services, Identity const& self);
/// From here on no other process handles shares in this workspace; what one has left half-written is
/// destroyed.
void begin_alone(Services& services, Identity const& self);

/// A share that a box holds, after it was compared with what the deal commits to (G22). Throws
/// Error(verification_failed) that names the file and the custodian.
base::Secret open_share(port::Custody& custody, model::ShareBox const& box, ShareCase const& deal,
                        std::string const& file, base::Secret const& word);
/// The first line of a file with a passphrase; empty for no file.
base::Secret word_in(std::string const& file);

}  // namespace consortium::flow
