#include "core/agreement/validation.h"

#include "core/agreement/credential.h"
#include "core/agreement/document.h"
#include "core/agreement/reference.h"
#include "core/agreement/rule.h"
#include "core/model/candidate.h"
#include "core/model/entry.h"
#include "core/model/kind.h"
#include "core/model/private_part.h"

#include <nlohmann/json.hpp>

namespace consortium::agreement {

namespace {

using base::Code;
using base::Digest;
using Result = Acceptance::Result;

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
    if (auto reason = find_credential(ground.evidence, epoch, act, credential); !reason.empty())
        return reject(std::move(out), Code::not_authorized, std::move(reason));
    if (!is_signed(envelope, credential, ground.verifier))
        return reject(std::move(out), Code::verification_failed, "its signature does not hold");
    if (auto missing = missing_references(ground.evidence, act); !missing.empty())
        return orphan(std::move(out), std::move(missing));
    if (auto const rule = find_rule(act.kind); rule != nullptr) {
        if (auto reason = rule({ground.evidence, epoch, act, &ground.verifier}); !reason.empty())
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
        auto envelope = model::envelope_from_text(text);
        out.id = model::act_id(envelope);
        auto act = model::act_from_text(envelope.payload);
        model::SignedAct const given{std::string(text), std::move(envelope), out.id, std::move(act),
                                     model::leaf_hash(text)};
        return validate(given, ground);
    } catch (base::Error const& error) {
        return reject(std::move(out), error.code(), error.message());
    }
}

Acceptance validate(model::SignedAct const& given, Ground const& ground) {
    Acceptance out;
    out.id = given.id;
    if (ground.evidence.has_act(out.id)) {
        out.result = Result::duplicate;
        return out;
    }
    describe(given.act, out);
    try {
        return place(ground, given.envelope, given.act, out);
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
