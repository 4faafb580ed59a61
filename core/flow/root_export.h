#pragma once

#include "core/flow/carried_bundle.h"
#include "core/flow/services.h"
#include "core/model/outcome.h"
#include "core/model/plan.h"
#include "core/port/certifier.h"

/// The agreed trust bundle in the forms that other programs read.
namespace consortium::flow {

/// The bundle that a request is about: in force, or of `--version`.
CarriedBundle requested_bundle(State const& state, model::Request const& request);
/// What every export tells of it, whatever the form: {"version","digest","epoch",…}, and how others verify
/// it.
model::Outcome bundle_outcome(State const& state, CarriedBundle const& carried, std::string_view form);

/// `--type json`: the document that the epoch carries, to the byte.
model::Outcome export_json(State const& state, model::Request const& request);
/// `--type pem --part roots|intermediates|links|crls`: one kind of thing in one file, because who reads a
/// file of certificates as what it trusts trusts all of them.
model::Outcome export_pem(State const& state, port::Certifier const& certifier,
                          model::Request const& request);

using Files = std::vector<std::pair<std::string, std::string>>;  // path below the folder, content
/// The parts of an MSP that a configuration update of a Fabric channel takes: cacerts, intermediatecerts,
/// tlscacerts, tlsintermediatecerts, crls. Of an intermediate that several roots certified one certificate
/// only, and no links: "this MSP only supports a single validation chain" (Fabric, msp/mspimpl.go).
Files msp_parts(State const& state, port::Certifier const& certifier, model::TrustBundle const& bundle);
/// What whoever takes them should know: of which authorities none is held here, and which have ended.
std::vector<std::string> crl_warnings(State const& state, port::Certifier const& certifier,
                                      model::TrustBundle const& bundle);
/// The whole lists that are held here of authorities of the bundle, PEM.
std::string crls_pem(State const& state, port::Certifier const& certifier, model::TrustBundle const& bundle);
/// Names, each once, and certificates of what is trusted: nothing else goes into a truststore.
std::vector<std::pair<std::string, base::Bytes>> anchors(model::TrustBundle const& bundle);

}  // namespace consortium::flow
