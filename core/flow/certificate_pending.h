#pragma once

#include "core/flow/apply.h"
#include "core/flow/approval.h"
#include "core/flow/certificate_wanted.h"

/// Certificates whose profile names an approval rule are prepared first: the final bytes, serial included,
/// are journaled; officers approve the SHA-256 of exactly those; then they are signed, and nothing else.
namespace consortium::flow {

/// How long officers have to approve one, unless it would end sooner itself.
inline constexpr base::Duration pending_life{30 * 86'400};

/// A certificate that waits for approval. Object kind "certificate-request", by its serial.
struct PendingCertificate {
    std::string serial;
    std::string state = "pending";  // | issued | withdrawn
    std::string member;
    base::Instant lapses;
    std::string proposer;  // officer
    std::string subject;   // for people
    base::Bytes tbs;
    base::Digest approve;    // SHA-256 of tbs
    base::JsonValue detail;  // of the step that would have issued it: issuer, profile, key, renews …
    std::uint64_t version = 0;

    std::string text(char const* field) const;  // of the detail
};

model::Object to_object(PendingCertificate const& pending);
PendingCertificate pending_from_object(model::Object const& object);
/// By its serial as people write it. Throws Error(not_found).
PendingCertificate pending_certificate(port::Store const& store, std::string_view serial);
std::optional<PendingCertificate> find_pending(port::Store const& store, std::string_view serial);
/// "lapsed" too, of one that nobody can issue any more.
std::string state_of(PendingCertificate const& pending, base::Instant now);

/// What is approved, "certificate SERIAL".
ApprovalSubject approval_subject(PendingCertificate const& pending);
/// What bytes that nobody has signed yet would say.
model::CertificateFacts describe_tbs(port::Certifier const& certifier, base::Bytes const& tbs);
/// What bytes want, for check_profile; `member` is the one whose name they carry. Not checked yet.
Wanted wanted_by(model::CertificateFacts const& facts, model::Profile profile, std::string member);
/// Whether bytes say no more than the profile has them say.
void check_content(model::CertificateFacts const& facts, Wanted const& wanted,
                   port::Certifier const& certifier, model::Verdict& verdict);
/// Its profile by the charter in force; none: there is none of that name any more.
std::optional<model::Profile> profile_now(State const& state, PendingCertificate const& pending);
/// Where the approvals stand by the rule that the profile names now; none: nothing is waited for.
model::Verdict pending_approvals(State const& state, PendingCertificate const& pending);

/// `cert issue --pending SERIAL`: signs what was approved, if it may still be issued as things are now.
model::Plan plan_certificate_sign(State const& state, port::Certifier const& certifier,
                                  model::Request const& request);
/// `cert withdraw SERIAL`: it will not be signed.
model::Plan plan_certificate_withdraw(State const& state, model::Request const& request);
/// `cert check FILE --profile P`: what bytes that wait for approval say, whether the charter allows it, and
/// how they are approved. For officers elsewhere.
model::Outcome certificate_check(State const& state, port::Certifier const& certifier,
                                 model::Request const& request);
/// `cert show SERIAL` of one that waits.
model::Outcome show_pending(State const& state, port::Certifier const& certifier,
                            PendingCertificate const& pending);

/// "certificate.prepare": the detail of "certificate.issue"; "certificate.sign" {serial, digest, issuer}.
extern Applier const certificate_prepare_applier;
extern Applier const certificate_sign_applier;

}  // namespace consortium::flow
