#pragma once

#include "core/flow/services.h"
#include "core/model/outcome.h"
#include "core/model/plan.h"
#include "core/port/certifier.h"

/// A certificate in the forms that other programs read.
namespace consortium::flow {

/// `cert export SERIAL [--chain] --form pem|der`: the certificate first; of one that waits for approval the
/// bytes that are approved.
model::Outcome certificate_export(State const& state, port::Certifier const& certifier,
                                  model::Request const& request);

/// A certificate whose private key goes with it.
struct Entry {
    std::string serial, common_name;
    std::string key;                 // its name in the keyring
    std::vector<base::Bytes> chain;  // DER, its own first, the root left out
};
/// What whoever takes a certificate with them should know: that it is revoked, or over.
std::vector<std::string> export_warnings(State const& state, std::string_view serial);
/// Throws Error(refused) for one that was certified by a request: its key is elsewhere.
Entry certificate_entry(State const& state, port::Certifier const& certifier, std::string_view serial);

/// Paths and contents of a folder that a node of Hyperledger Fabric takes as its local MSP, but for the
/// private key, which is to be keystore/priv_sk: the certificate, the roots that are trusted, the
/// intermediates, the revocation lists, and config.yaml, by which units tell what a node is (NodeOUs). Throws
/// Error(refused) for a certificate that is no identity of one.
std::vector<std::pair<std::string, std::string>> msp_files(State const& state,
                                                           port::Certifier const& certifier,
                                                           std::string_view serial);

}  // namespace consortium::flow
