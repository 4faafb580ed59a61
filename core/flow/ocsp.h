#pragma once

#include "core/flow/apply.h"
#include "core/flow/authority.h"
#include "core/model/ocsp.h"

namespace consortium::flow {

/// How long answers hold: one that was asked for, and one that is signed for a web server to give.
inline constexpr base::Duration answer_life{86'400};
inline constexpr base::Duration published_answer_life{7 * 86'400};

/// Who answers for an authority: a certificate of profile "ocsp" under it whose key is here, so that the
/// authority's own key is not needed.
struct Responder {
    Authority issuer;
    base::Bytes certificate;
    std::string key;  // its name in the keyring
    base::Instant not_after;
};

/// Object responder/<authority>: from now on this certificate answers; none for one of another profile, or
/// whose key is elsewhere.
std::optional<model::Object> responder_object(model::Object const& certificate);
/// None where nobody answers for the authority, or whoever did is revoked or over.
std::optional<Responder> responder(port::Store const& store, Authority const& issuer, base::Instant now);

/// What this workspace knows of a certificate: good only if the authority issued it here; none is unknown.
model::CertificateStatus status_of(model::Object const* certificate, Authority const& issuer,
                                   model::CertificateId const& id);
/// The same of any serial; the authorities' own certificates, which roots have issued, included.
model::CertificateStatus status_of_serial(port::Store const& store, Authority const& issuer,
                                          model::CertificateId const& id);
/// Answers these, in force from now on for at most `life`. Signs, then reads back and verifies.
base::Bytes sign_answer(Responder const& responder, std::vector<model::CertificateStatus> statuses,
                        base::Bytes nonce, base::Duration life, Services& services);

/// Where a folder holds the answer to a request that is made by GET (RFC 6960 A.1): the request's base64
/// below "ocsp", as web servers decode the URL. A slash in it begins a folder, several are one, and what ends
/// in one is that folder's index.html.
std::string answer_path(base::BytesView request);

/// `ocsp respond [FILE] [--valid-for]`: the response's DER is the outcome's raw content. A request that
/// cannot be read, or is about another issuer, gets its refusal.
model::Outcome ocsp_respond(State const& state, Services& services, model::Request const& request);
/// `ocsp verify FILE [--certificate FILE --request FILE --issuer FILE --at TIME]`.
model::Outcome ocsp_verify(State const& state, port::Certifier const& certifier,
                           model::Request const& request);

}  // namespace consortium::flow
