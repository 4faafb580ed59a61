#pragma once

#include "core/flow/apply.h"
#include "core/flow/authority.h"

namespace consortium::flow {

/// `ca init [--name --type --lifetime --issuing-lifetime --permit --base-url --ocsp-url --no-passphrase]`: a
/// root and an intermediate below it, their first revocation lists, trust bundle 1.
model::Plan plan_ca_init(State const& state, model::Request const& request);
model::Outcome ca_list(State const& state);
model::Outcome ca_show(State const& state, port::Certifier const& certifier, model::Request const& request);
/// `ca publish DIR`: what a web server must serve so that anybody can verify.
model::Plan plan_ca_publish(State const& state, model::Request const& request);

/// "ca.init" and "ca.publish" (detail {folder}).
extern Applier const ca_init_applier;
extern Applier const ca_publish_applier;

}  // namespace consortium::flow
