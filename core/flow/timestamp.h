#pragma once

#include "core/flow/audit_entries.h"
#include "core/flow/services.h"
#include "core/journal/checkpoint.h"
#include "core/model/outcome.h"
#include "core/port/timestamps.h"

namespace consortium::flow {

/// Where the roots come from that timestamps are judged with: named for just this, or set for one's own
/// authority, which says nothing about those of others.
enum class Roots { named, set };

/// What timestamps are judged with.
struct Stamping {
    port::Timestamps const& timestamps;
    std::string authorities;  // roots of time-stamping authorities (PEM); empty: none is trusted here
    std::function<base::Instant()> now;  // no token may name a time that is later, but for a bound
    Roots roots = Roots::named;
};

/// Whom a timestamp is asked of.
struct StampingAuthority {
    port::Transport& transport;
    std::string url;
    std::string policy;  // that its timestamps must be under, dotted; empty: any
};

/// A head of this journal with the token that says when it existed.
struct StampedHead {
    std::string note;  // signed by the log alone, as the authority was shown its hash
    journal::Checkpoint checkpoint;
    base::Bytes token;
    base::Instant time;  // that the token names, as it was read when it was obtained
};

/// A token, looked at.
struct TimestampLook {
    port::TimestampFacts facts;
    bool trusted = false;  // it leads to one of the authorities
    std::string reason;    // why it does not to one of those that are set; empty: none was tried

    std::string words() const;  // "existed on 2026-10-01T09:00:00Z, says 'CN=…'"
    base::Json json(std::uint64_t size) const;
};
struct ObtainedTimestamp {
    base::Bytes token;
    TimestampLook look;
};
/// Asks an authority about a hash and judges its answer. Throws as audit_timestamp().
ObtainedTimestamp obtain_timestamp(Stamping const& stamping, StampingAuthority const& authority,
                                   port::Entropy& entropy, base::Digest const& imprint);

/// `audit checkpoint --timestamp`: asks for a timestamp of the head and keeps the token, first as a file in
/// `folder`, then in the journal, in an event of kind "timestamp" with an object of that kind. The note that
/// was stamped is the outcome's only paragraph. Throws Error: configuration (no authority is set, or none is
/// trusted), unavailable (no answer, a refusal, or nonsense), verification_failed (a token that does not
/// hold, or of the future).
model::Outcome audit_timestamp(Services& services, Stamping const& stamping,
                               StampingAuthority const& authority, base::Path const& folder);

/// All that this journal holds, by size.
std::vector<StampedHead> stamped_heads(port::Store const& store);
/// The first head of the present origin that contains so many entries, and the last one of at most `head`
/// entries: when they existed at the latest, and how long they have stood.
std::vector<StampedHead> stamps_over(port::Store const& store, std::uint64_t size, std::uint64_t head);

/// Throws Error(verification_failed) for a token about something else, one of the future, or one that does
/// not hold under the authorities that were named; not trusted is one that does not under those that are set.
TimestampLook look_at(Stamping const& stamping, base::BytesView token, std::string_view note);

/// Every timestamp in this journal: adds what does not hold to `found`, returns a record of each.
base::Json check_timestamps(Services const& services, Stamping const& stamping, Found& found);

}  // namespace consortium::flow
