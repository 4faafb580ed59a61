#pragma once

#include "core/flow/apply.h"
#include "core/flow/authority.h"

namespace consortium::flow {

/// `cert issue NAME [--also NAME] --profile P (--csr FILE | --new-key | --key NAME) [--member --valid-for]`.
/// What a request asks beyond the profile and the names of this command is refused, field by field.
model::Plan plan_certificate_issue(State const& state, port::Certifier const& certifier,
                                   model::Request const& request);
/// `cert request NAME [--also NAME] --profile P (--new-key | --key NAME) [--unit --member]`: what `cert
/// issue` takes with --csr, wherever the issuer is.
model::Plan plan_certificate_request(State const& state, port::Certifier const& certifier,
                                     model::Request const& request);
/// `cert renew SERIAL [--csr FILE | --new-key | --key NAME] [--valid-for]`: the same again, for the same key
/// if no other is named.
model::Plan plan_certificate_renew(State const& state, port::Certifier const& certifier,
                                   model::Request const& request);
/// `cert revoke SERIAL [--reason] [--invalidity-date]`.
model::Plan plan_certificate_revoke(State const& state, model::Request const& request);
/// `cert revoke [--member ID] [--node NODE] [--officer ID] [--key KEY] [--reason] [--invalidity-date]`: every
/// certificate in force that all of these are said of; of a member alone, its intermediates, too.
model::Plan plan_certificates_revoke(State const& state, port::Certifier const& certifier,
                                     model::Request const& request);

/// `cert list [--state --member --expiring]`: leaves, those that wait for approval, authorities and
/// revocation lists (G23).
model::Outcome certificate_list(State const& state, model::Request const& request);
model::Outcome certificate_show(State const& state, port::Certifier const& certifier,
                                model::Request const& request);
/// `cert verify FILE [--crl FILE] [--roots FILE] [--at INSTANT] [--no-revocation] [--purpose P] [--name
/// NAME]`: path, time, revocation, use; in the issuer's workspace also that the journal knows it (PROTOCOL
/// P11).
model::Outcome certificate_verify(State const& state, port::Certifier const& certifier,
                                  model::Request const& request);

/// The object of a certificate by its serial as people write it (colons, capitals, no leading zeros).
model::Object certificate_object(port::Store const& store, std::string_view serial);
std::string normal_serial(std::string_view text);
/// Hexadecimal in small letters and without the colons that other programs print; it may be anything else.
std::string hexadecimal_digits(std::string_view text);
base::Bytes der_of(model::Object const& certificate);
/// The certificate's DER with those that lead to its root, the root left out.
std::vector<base::Bytes> chain_of(port::Store const& store, model::Object const& certificate);

/// "certificate.issue", "certificate.request" and "certificate.revoke".
extern Applier const certificate_issue_applier;
extern Applier const certificate_request_applier;
extern Applier const certificate_revoke_applier;

}  // namespace consortium::flow
