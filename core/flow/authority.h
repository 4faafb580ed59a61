#pragma once

#include "core/flow/services.h"
#include "core/model/certificate.h"
#include "core/port/certifier.h"

namespace consortium::flow {

/// One certificate of an authority; an intermediate has one under each root that vouches for it.
struct AuthorityCertificate {
    std::string issuer;  // the authority that signed it: "root-g1"
    std::string serial;
    base::Bytes der;
    base::Instant not_after;
};

/// An authority whose key this workspace keeps ("root", "issuing"), an intermediate that it has certified for
/// a member who keeps the key elsewhere, or a link between two roots ("link", which has no key of its own).
/// Object kind "authority".
struct Authority {
    std::string name;  // "root-g1", "issuing-1", "g2-by-g1"
    std::string role;  // root | issuing | link
    std::string stem;  // what the names have in common: "Payments"
    std::int64_t generation = 0;
    std::string key;          // its name in the keyring; empty: it has none here
    std::string algorithm;    // of the key
    std::string base_url;     // where `ca publish` is served; may be empty
    std::string ocsp_url;     // where its certificates' status is told; may be empty
    std::int64_t shards = 0;  // how many lists its certificates are spread over; 0: one for all
    bool deltas = false;      // its lists name the place of deltas
    std::string member;       // an intermediate: the one member for whom it certifies; empty: for all
    std::vector<std::string> profiles;  // an intermediate: the profiles that it certifies; empty: every one
    bool adopted = false;               // an intermediate: certified in another workspace, its key is here
    std::vector<AuthorityCertificate> certificates;
    std::string state = "active";  // | retired: certifies nothing more, but signs its lists | revoked
    std::uint64_t version = 0;     // of the object

    /// The certificate in use. One that a new root has signed stands behind it until nodes trust that root.
    base::Bytes const& certificate() const { return certificates.front().der; }
};

model::Object to_object(Authority const& authority);
Authority authority_from_object(model::Object const& object);

std::optional<Authority> find_authority(port::Store const& store, std::string_view name);
/// Throws Error(not_found) with the next command.
Authority authority(port::Store const& store, std::string_view name);
std::vector<Authority> authorities(port::Store const& store);
/// Whether certificates of this intermediate are in force, so that it needs lists and a path to each root:
/// one that is retired does, one that is revoked or over does not.
bool is_relied_on(Authority const& authority, base::Instant now);
/// The newest active authority of a role whose key is here. Throws Error(not_found): run 'consortium ca
/// init'.
Authority newest(port::Store const& store, std::string_view role);

/// "Payments Root G1": a generation has a name of its own (G21).
model::DistinguishedName root_name(std::string_view stem, std::int64_t generation,
                                   std::string_view organization);
model::DistinguishedName issuing_name(std::string_view stem, std::int64_t number,
                                      std::string_view organization);

/// A key for which this workspace has asked that it become an authority's: object
/// authority-request/<the key's id>.
inline constexpr std::string_view authority_request_kind = "authority-request";

/// An event that writes objects, at the clock's time.
void journal(port::Transaction& transaction, Services& services, std::string_view event, base::Json body,
             std::vector<model::Object> writes);

/// A new key of the keyring, or the one that an interrupted run left there. `protection` is "passphrase" (one
/// is asked for) or "none". Opens it, so that nobody is asked while the lock is held.
port::KeyInfo ensure_key(Services& services, std::string const& name, std::string const& algorithm,
                         std::string const& protection);

/// Whether a key is used for nothing else: an act's or a token's key stands in no certificate, and an
/// authority's, of X.509 or SSH, does nothing but certify, from when it was asked for.
bool is_free(port::Store const& store, model::Epoch const& epoch, base::Digest const& key,
             port::Certifier const& certifier);
/// The same of a key that this workspace may have asked to be an authority's (see 'ca request').
bool is_unused(port::Store const& store, model::Epoch const& epoch, base::Digest const& key,
               port::Certifier const& certifier);
/// Whether a certificate of this workspace names the key.
bool is_certified(port::Store const& store, base::Digest const& key);

/// Content with serial, issuer and key identifiers filled in. `issuer` is a certificate's DER; empty: the
/// subject signs itself.
model::CertificateContent fill_content(model::CertificateContent content, base::BytesView issuer,
                                       port::Certifier& certifier);

/// The list on which a certificate of this serial stands once it is revoked: the authority's own name, or one
/// of its shards ("issuing-1-shard-3"), told by the serial's first octet.
std::string list_name(Authority const& issuer, std::string_view serial);
std::string shard_name(Authority const& issuer, std::int64_t shard);
std::int64_t shard_of(std::string_view serial, std::int64_t shards);
/// Where 'ca publish' puts a list; empty where the issuer has no address.
std::string list_url(Authority const& issuer, std::string_view list);

/// Where the issuer's certificate and list can be fetched, when it has an address. The serial must stand.
void set_places(model::CertificateContent& content, Authority const& issuer);

struct Issued {
    base::Bytes der;
    model::CertificateFacts facts;
};
/// Journals serial and TBS digest, then signs, then reads back and checks (PROTOCOL P11). `issuer` as above.
Issued certify(model::CertificateContent const& content, std::string const& issuer_name,
               base::BytesView issuer, port::Signer& signer, Services& services,
               port::Transaction& transaction);
/// The same for bytes that were fixed, and maybe approved, before; `serial` is the one in them.
Issued certify_bytes(base::Bytes const& tbs, std::string const& serial, std::string const& issuer_name,
                     base::BytesView issuer, port::Signer& signer, Services& services,
                     port::Transaction& transaction);
/// Signs bytes that were fixed, and maybe approved, before.
base::Bytes sign_bytes(base::Bytes const& tbs, port::Signer& signer, port::Certifier& certifier);

}  // namespace consortium::flow
