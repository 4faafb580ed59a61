#pragma once

#include "core/flow/authority.h"
#include "core/model/profile.h"

/// A certificate from its content to its journal entry, in parts: for whatever issues one, or thousands. A
/// leaf is made from a step's detail (issue_step).
namespace consortium::flow {

/// The public key, made if need be.
base::Bytes leaf_key(base::Json const& detail, Services& services);

/// What is to be certified, with a serial that is yet to be found free. Reads no store.
model::CertificateContent leaf_content(base::Json const& detail, model::Profile const& profile,
                                       Authority const& issuer, base::Bytes public_key, base::Instant now,
                                       port::Certifier& certifier);
/// The same by the profile in force, from now on, with a serial that nothing here has.
model::CertificateContent leaf_content(base::Json const& detail, Authority const& issuer,
                                       base::Bytes const& public_key, Services& services);
model::Object leaf_object(base::Json const& detail, Issued const& issued);
/// Journals that it was issued, with its object, what follows from it (G20), and `more`.
model::Object append_leaf(base::Json const& detail, Issued const& issued, Services& services,
                          port::Transaction& transaction, std::vector<model::Object> more = {});
/// What people and programs are told of one that was issued: {"serial","state","subject",…,"chain"}.
base::Json leaf_words(model::Object const& certificate, Services& services);

/// Journals serial and TBS digest before anything is signed (PROTOCOL P11).
void announce(std::string_view serial, base::Digest const& tbs, std::string const& issuer_name,
              Services& services, port::Transaction& transaction);
/// Reads back what was signed, and checks it against what it was to say. `issuer` is a certificate's DER;
/// empty: the subject signs itself.
Issued accepted(base::Bytes der, model::CertificateContent const& content, base::Digest const& tbs,
                base::BytesView issuer, port::Certifier const& certifier);

}  // namespace consortium::flow
