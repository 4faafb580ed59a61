#pragma once

#include "core/flow/apply.h"
#include "core/flow/authority.h"

namespace consortium::flow {

/// `ca init [--name --type --lifetime --issuing-lifetime --permit --base-url --ocsp-url --no-passphrase]`: a
/// root and an intermediate below it, their first revocation lists, trust bundle 1.
model::Plan plan_ca_init(State const& state, model::Request const& request);
/// `ca add NAME [--purpose --member --permit --replaces --type --lifetime --base-url --ocsp-url --crl-shards
/// --crl-deltas --no-passphrase]`: a further intermediate, under every root that is in force.
model::Plan plan_ca_add(State const& state, port::Certifier const& certifier, model::Request const& request);
/// `ca request NAME --permit SPACE [--key --type --replaces --no-passphrase]`: what 'ca add' takes with
/// --csr, wherever the root is.
model::Plan plan_ca_request(State const& state, port::Certifier const& certifier,
                            model::Request const& request);
/// `ca adopt [FILE] [--name --crl --purpose --base-url --ocsp-url --crl-shards --crl-deltas]`: an
/// intermediate that a root of the members has certified for a key of this workspace.
model::Plan plan_ca_adopt(State const& state, Services const& services, model::Request const& request);
/// `ca retire NAME`: it certifies nothing more, but goes on signing its lists.
model::Plan plan_ca_retire(State const& state, model::Request const& request);
/// What an intermediate is for, for people: "node-tls of acme"; empty: it is none.
std::string for_words(Authority const& authority);
/// The name of the intermediate that would come after this one: "issuing-2" after "issuing-1".
std::string successor_name(std::string_view name);
model::Outcome ca_list(State const& state);
model::Outcome ca_show(State const& state, port::Certifier const& certifier, model::Request const& request);
/// `ca publish DIR`: what a web server must serve so that anybody can verify.
model::Plan plan_ca_publish(State const& state, model::Request const& request);

/// "ca.init", "ca.add", "ca.request", "ca.adopt" and "ca.publish" (detail {folder}).
extern Applier const ca_init_applier;
extern Applier const ca_add_applier;
extern Applier const ca_request_applier;
extern Applier const ca_adopt_applier;
extern Applier const ca_publish_applier;

}  // namespace consortium::flow
