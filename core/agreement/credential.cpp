#include "core/agreement/credential.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/kind.h"
#include "core/model/member.h"

#include <nlohmann/json.hpp>

namespace consortium::agreement {

namespace {

std::string epoch_text(model::Epoch const& epoch) {
    return "epoch " + std::to_string(epoch.number);
}

Credential credential_of(base::Bytes const& key, std::string const& algorithm) {
    return {key, scheme_of(algorithm)};
}

/// Step 5 for officers: the officer is the member's, active, with that key and a role of the kind.
std::string find_officer_key(model::Epoch const& epoch, model::Act const& act, model::KindInfo const& kind,
                             Credential& out) {
    auto const* officer = epoch.officer(act.officer);
    if (officer == nullptr || officer->member != act.member)
        return "'" + act.member + "' has no officer '" + act.officer + "' in " + epoch_text(epoch);
    if (officer->status != "active") return "officer '" + act.officer + "' is " + officer->status;
    auto const* key = epoch.key(act.key);
    if (key == nullptr || officer->key != act.key || key->status != "active")
        return "that key is not the one of '" + act.officer + "' in " + epoch_text(epoch);
    if (!model::has_role(kind, officer->roles_at(act.time)))
        return "officer '" + act.officer + "' has no role that may sign '" + act.kind + "'" +
               (model::has_role(kind, officer->roles) ? ": it ended before " + act.time.text() : "");
    out = credential_of(key->spki, key->algorithm);
    return {};
}

std::string find_seat_key(model::Epoch const& epoch, model::Act const& act, Credential& out) {
    if (!act.officer.empty()) return "'" + act.kind + "' is signed by the member's seat, not by an officer";
    auto const* key = epoch.key(act.key);
    if (key == nullptr || epoch.member(act.member)->seat != act.key || key->status != "active")
        return "that key is not the seat key of '" + act.member + "' in " + epoch_text(epoch);
    out = credential_of(key->spki, key->algorithm);
    return {};
}

/// An applicant is known by its invitation only, which must be held to find the key.
std::string find_applicant_key(port::Evidence const& held, model::Act const& act, Credential& out) {
    if (act.refs.empty()) return "it names no invitation";
    auto const invited = held.act(act.refs.front());
    if (!invited) return "the invitation that it answers is not held";
    if (invited->act.kind != "invite") return "its first reference is no invitation";
    auto const invitation = model::invitation_from_json(*invited->act.body);
    if (invitation.key() != act.key || invitation.member != act.member)
        return "that key or member is not the one that the invitation names";
    out = credential_of(invitation.spki, invitation.algorithm);
    return {};
}

}  // namespace

std::string scheme_of(std::string_view algorithm) {
    return algorithm == "ssh" ? "sshsig" : "raw";
}

std::string find_credential(port::Evidence const& held, model::Epoch const& epoch, model::Act const& act,
                            Credential& out) {
    auto const* kind = model::find_kind(act.kind);
    if (kind == nullptr)
        return "this program does not know the kind '" + base::printable(act.kind) + "', nor who may sign it";
    if (kind->author == model::Author::applicant) return find_applicant_key(held, act, out);
    auto const* member = epoch.member(act.member);
    if (member == nullptr || !member->belongs())
        return "'" + base::printable(act.member) + "' is not a member in " + epoch_text(epoch);
    if (member->status == "suspended" && kind->author == model::Author::officer &&
        !model::is_signed_while_suspended(act.kind))
        return "'" + act.member + "' is suspended in " + epoch_text(epoch);
    return kind->author == model::Author::seat ? find_seat_key(epoch, act, out)
                                               : find_officer_key(epoch, act, *kind, out);
}

bool is_signed(model::Envelope const& envelope, Credential const& credential,
               port::Verifier const& verifier) {
    return envelope.scheme == credential.scheme &&
           verifier.verify(credential.scheme, credential.key,
                           base::as_bytes(model::pre_authentication(envelope)), envelope.signature);
}

void verify_author(port::Evidence const& held, model::Epoch const& epoch, model::Envelope const& envelope,
                   model::Act const& act, port::Verifier const& verifier) {
    Credential credential;
    if (auto const reason = find_credential(held, epoch, act, credential); !reason.empty())
        throw base::Error(base::Code::verification_failed, reason);
    if (!is_signed(envelope, credential, verifier))
        throw base::Error(base::Code::verification_failed, "the signature of this act does not hold");
}

}  // namespace consortium::agreement
