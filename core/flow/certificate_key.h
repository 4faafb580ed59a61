#pragma once

#include "core/flow/certificate_wanted.h"

/// Where the key that a certificate is for comes from. A step's detail carries it as
/// {"source":"csr","public_key"}, {"source":"key","name"} or
/// {"source":"new","name","algorithm","protection"}; a "key" that must be the one of before has its "id",
/// too.
namespace consortium::flow {

/// Whether new keys of this type can be made for a certificate.
bool is_makeable(std::string_view type);

/// How many of --csr, --key and --new-key were given.
int keys_given(base::Json const& arguments);

/// What a new key would be.
struct NewKey {
    std::string name, algorithm;
};
/// "cert-node1-acme-example", and of type --type.
NewKey new_key(std::string const& common_name, base::Json const& arguments);

/// Of the one that was given. What of it can be known before it is made or looked at is checked.
base::Json key_source(State const& state, port::Certifier const& certifier, base::Json const& arguments,
                      Wanted const& wanted, NewKey const& made, model::Verdict& verdict);
/// Of a request, PEM or DER, that is at hand.
base::Json request_source(State const& state, port::Certifier const& certifier, base::BytesView request,
                          Wanted const& wanted, model::Verdict& verdict);
/// A request's bytes from its file.
base::Bytes read_request_file(base::Path const& path);
/// The key itself, made if need be. Throws Error(conflict) where a new one is there already, Error(refused)
/// for one that may not be certified under the profile.
port::KeyInfo kept_key(base::Json const& source, model::Profile const& profile, Services& services);

void check_key_type(std::string const& type, model::Profile const& profile, model::Verdict& verdict);

/// A key that was revoked as compromised is remembered by its id: SHA-256 of its SPKI, hexadecimal.
bool is_compromised(port::Store const& store, std::string const& key);
model::Object compromised_object(std::string const& key, std::string const& serial);
void check_not_compromised(port::Store const& store, base::Digest const& key, model::Verdict& verdict);

}  // namespace consortium::flow
