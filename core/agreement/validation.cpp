#include "core/agreement/validation.h"

#include "core/agreement/document.h"
#include "core/agreement/reference.h"
#include "core/agreement/rule.h"
#include "core/base/text.h"
#include "core/model/candidate.h"
#include "core/model/kind.h"
#include "core/model/member.h"
#include "core/model/private_part.h"

#include <nlohmann/json.hpp>

namespace consortium::agreement {

namespace {

using base::Code;
using base::Digest;
using Result = Acceptance::Result;

/// The key that an act must be signed with, and how.
struct Credential {
    base::Bytes key;
    std::string scheme = "raw";
};

Acceptance reject(Acceptance out, Code code, std::string reason) {
    out.result = Result::rejected;
    out.code = code;
    out.reason = std::move(reason);
    return out;
}

Acceptance orphan(Acceptance out, std::vector<Digest> missing) {
    out.result = Result::orphan;
    out.missing = std::move(missing);
    out.reason = "it refers to " + std::to_string(out.missing.size()) + " things that are not held";
    return out;
}

std::string epoch_text(model::Epoch const& epoch) {
    return "epoch " + std::to_string(epoch.number);
}

Credential credential_of(model::Key const& key) {
    return {key.spki, key.algorithm == "ssh" ? "sshsig" : "raw"};
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
    out = credential_of(*key);
    return {};
}

std::string find_seat_key(model::Epoch const& epoch, model::Act const& act, Credential& out) {
    if (!act.officer.empty()) return "'" + act.kind + "' is signed by the member's seat, not by an officer";
    auto const* key = epoch.key(act.key);
    if (key == nullptr || epoch.member(act.member)->seat != act.key || key->status != "active")
        return "that key is not the seat key of '" + act.member + "' in " + epoch_text(epoch);
    out = credential_of(*key);
    return {};
}

/// An applicant is known by its invitation only, which must be held to find the key.
std::string find_applicant_key(Ground const& ground, model::Act const& act, Credential& out) {
    auto const invited = ground.evidence.act(act.refs.front());
    if (!invited || invited->act.kind != "invite") return "its first reference is no invitation";
    auto const invitation = model::invitation_from_json(*invited->act.body);
    if (invitation.key() != act.key || invitation.member != act.member)
        return "that key or member is not the one that the invitation names";
    out = {invitation.spki, invitation.algorithm == "ssh" ? "sshsig" : "raw"};
    return {};
}

std::string find_credential(Ground const& ground, model::Epoch const& epoch, model::Act const& act,
                            model::KindInfo const& kind, Credential& out) {
    if (kind.author == model::Author::applicant) return find_applicant_key(ground, act, out);
    auto const* member = epoch.member(act.member);
    if (member == nullptr || member->status == "left" || member->status == "expelled")
        return "'" + base::printable(act.member) + "' is not a member in " + epoch_text(epoch);
    if (member->status == "suspended" && kind.author == model::Author::officer &&
        !model::is_signed_while_suspended(act.kind))
        return "'" + act.member + "' is suspended in " + epoch_text(epoch);
    return kind.author == model::Author::seat ? find_seat_key(epoch, act, out)
                                              : find_officer_key(epoch, act, kind, out);
}

void name_decision(model::Epoch const& epoch, model::Act const& act, Acceptance& out) {
    auto const kind = act.body->at("action").at("kind").get<std::string>();
    auto const* decision = epoch.charter.decision_for(kind);
    if (decision == nullptr) return;
    out.decision = decision->id;
    out.most_open = decision->proposer.max_open;
}

/// Steps 5 to 7 for an act whose epoch is held.
Acceptance judge(Ground const& ground, model::Epoch const& epoch, model::Envelope const& envelope,
                 model::Act const& act, Acceptance out) {
    auto const& kind = *model::find_kind(act.kind);
    if (kind.author == model::Author::applicant) {
        if (act.refs.empty()) return reject(std::move(out), Code::refused, "it names no invitation");
        if (!ground.evidence.has_act(act.refs.front())) return orphan(std::move(out), {act.refs.front()});
    }
    Credential credential;
    if (auto reason = find_credential(ground, epoch, act, kind, credential); !reason.empty())
        return reject(std::move(out), Code::not_authorized, std::move(reason));
    if (envelope.scheme != credential.scheme ||
        !ground.verifier.verify(credential.scheme, credential.key,
                                base::as_bytes(model::pre_authentication(envelope)), envelope.signature))
        return reject(std::move(out), Code::verification_failed, "its signature does not hold");
    if (auto missing = missing_references(ground.evidence, act); !missing.empty())
        return orphan(std::move(out), std::move(missing));
    if (auto const rule = find_rule(act.kind); rule != nullptr) {
        if (auto reason = rule({ground.evidence, epoch, act}); !reason.empty())
            return reject(std::move(out), Code::refused, std::move(reason));
    }
    out.subject = model::subject_of(act);
    if (act.kind == "proposal") name_decision(epoch, act, out);
    out.result = Result::accepted;
    return out;
}

void describe(model::Act const& act, Acceptance& out) {
    out.member = act.member;
    out.kind = act.kind;
    out.epoch = act.epoch.number;
}

/// Step 4: protocol, consortium, epoch. Whatever of these a newer program may know is kept aside.
Acceptance place(Ground const& ground, model::Envelope const& envelope, model::Act const& act,
                 Acceptance out) {
    if (act.genesis != ground.genesis)
        return reject(std::move(out), Code::refused, "it is an act of another consortium");
    auto const* kind = model::find_kind(act.kind);
    if (act.protocol > model::protocol_number || kind == nullptr) {
        out.result = Result::quarantined;
        out.reason = kind == nullptr ? "this program does not know the kind '" + act.kind + "'"
                                     : "this program does not know protocol " + std::to_string(act.protocol);
        return out;
    }
    kind->check(*act.body);
    if (act.private_part && !model::has_private_fields(act.kind))
        return reject(std::move(out), Code::malformed, "a '" + act.kind + "' says nothing in private");
    if (kind->due == model::Due::genesis && act.epoch != model::EpochReference{0, ground.genesis})
        return reject(std::move(out), Code::refused, "'" + act.kind + "' names genesis only");
    auto const epoch = named_epoch(ground, act.epoch);
    if (!epoch) {
        auto const latest = ground.evidence.latest();
        if (latest && act.epoch.number <= latest->number)
            return reject(std::move(out), Code::refused,
                          "its epoch " + std::to_string(act.epoch.number) + " is not the one that is final");
        return orphan(std::move(out), {act.epoch.hash});
    }
    if (epoch->protocol != act.protocol)
        return reject(std::move(out), Code::refused, "its protocol is not that of its epoch");
    return judge(ground, *epoch, envelope, act, std::move(out));
}

}  // namespace

std::string_view to_text(Result result) {
    switch (result) {
        case Result::accepted:
            return "accepted";
        case Result::duplicate:
            return "duplicate";
        case Result::orphan:
            return "orphan";
        case Result::quarantined:
            return "quarantined";
        case Result::rejected:
            break;
    }
    return "rejected";
}

std::shared_ptr<model::Epoch const> named_epoch(Ground const& ground,
                                                model::EpochReference const& reference) {
    if (auto epoch = ground.evidence.epoch(reference.number))
        return reference_of(epoch) == reference ? epoch : nullptr;
    if (reference != model::EpochReference{0, ground.genesis}) return nullptr;
    return load_document(ground.evidence, ground.genesis);
}

Acceptance validate(std::string_view text, Ground const& ground) {
    Acceptance out;
    try {
        auto const envelope = model::envelope_from_text(text);
        out.id = model::act_id(envelope);
        if (ground.evidence.has_act(out.id)) {
            out.result = Result::duplicate;
            return out;
        }
        auto const act = model::act_from_json(base::parse_canonical(envelope.payload));
        describe(act, out);
        return place(ground, envelope, act, out);
    } catch (base::Error const& error) {
        return reject(std::move(out), error.code(), error.message());
    }
}

Acceptance judge_act(model::Envelope const& envelope, model::Act const& act, Ground const& ground) {
    Acceptance out;
    out.id = model::act_id(envelope);
    describe(act, out);
    return place(ground, envelope, act, std::move(out));
}

}  // namespace consortium::agreement
