#include "cli/command/cert_read.h"

#include "core/flow/certificate.h"
#include "core/flow/certificate_pending.h"
#include "core/flow/certificate_profile.h"
#include "core/flow/genesis.h"

namespace consortium::cli {

model::Outcome cert_list(Session& session, model::Request const& request) {
    return flow::certificate_list(session.state(), request);
}

model::Outcome cert_show(Session& session, model::Request const& request) {
    return flow::certificate_show(session.state(), session.services().certifier, request);
}

model::Outcome cert_check(Session& session, model::Request const& request) {
    return flow::certificate_check(session.state(), session.services().certifier, request);
}

model::Outcome cert_profiles(Session& session, model::Request const& request) {
    if (!session.has_workspace()) return flow::certificate_profiles(nullptr, request);
    auto const epoch = flow::known_epoch(session.services().store);
    return flow::certificate_profiles(epoch.get(), request);
}

model::Outcome cert_verify(Session& session, model::Request const& request) {
    return flow::certificate_verify(session.state(), session.services().certifier, request);
}

}  // namespace consortium::cli
