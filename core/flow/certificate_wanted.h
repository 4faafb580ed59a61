#pragma once

#include "core/flow/authority.h"
#include "core/model/plan.h"
#include "core/model/profile.h"

/// What a certificate is to say, how that is checked, and which step makes it: for every command that issues
/// or asks for one.
namespace consortium::flow {

/// What a certificate, or the request for one, is to say; not checked yet.
struct Wanted {
    model::Profile profile;
    std::string common_name, member, organization, unit;
    model::AlternativeNames names;
    base::Duration life;
};

/// The organization's name as the epoch has it. Throws Error(not_found).
std::string organization_of(State const& state, std::string const& id);
/// `NAME --profile P [--also NAME] [--unit U] [--member M] [--valid-for DUR]` as arguments of a command.
/// Throws Error(not_found) for an unknown profile or member, Error(malformed) for what is no name.
Wanted read_wanted(State const& state, base::Json const& arguments);
model::DistinguishedName subject_of(Wanted const& wanted);

/// What the profile does not allow, rule by rule. Throws Error(malformed) for what cannot stand in a subject.
void check_profile(Wanted const& wanted, port::Certifier const& certifier, model::Verdict& verdict);
/// Whether it is known who asks, where the approvals that it waits for must be of others.
void check_proposer(State const& state, model::Profile const& profile, model::Verdict& verdict);
/// Whether the issuer lasts as long as the certificate would, and may certify its names.
void check_issuer(Wanted const& wanted, Authority const& issuer, base::Instant now,
                  port::Certifier const& certifier, model::Verdict& verdict);
/// What is asked in a field of a request and not granted, one by one. `by` says who grants it.
void check_subset(std::string const& field, std::vector<std::string> const& asked,
                  std::vector<std::string> const& granted, std::string const& by, model::Verdict& verdict);
/// What the request asks beyond what is wanted, field by field, and whether its key may be certified.
void check_request(model::SigningRequest const& asked, Wanted const& wanted, State const& state,
                   port::Certifier const& certifier, model::Verdict& verdict);

/// The profile that a step names, as the charter in force has it.
model::Profile profile_in_force(base::Json const& detail, Services const& services);

/// What the issuer types but for the key: 'consortium cert issue NAME --profile P …'.
std::string issue_command(Wanted const& wanted);
/// A word as a shell takes it: quoted where it must be.
std::string shell_word(std::string const& word);
/// The step that issues it, or prepares it where the profile names an approval rule. `key` is where the
/// public key comes from (certificate_key.h), `renews` the serial of the certificate that it takes the place
/// of; empty: none.
model::Step issue_step(Wanted const& wanted, Authority const& issuer, base::Json key,
                       std::string const& renews = {});

}  // namespace consortium::flow
