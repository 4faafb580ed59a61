#include "core/flow/sign.h"

#include "core/agreement/credential.h"
#include "core/agreement/validation.h"
#include "core/base/error.h"
#include "core/flow/agreement.h"
#include "core/flow/quota.h"

#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

// Acts carry their author's own expiry so that a signature found years later cannot be used as fresh.
constexpr base::Duration act_life{90 * 86'400};
constexpr std::size_t nonce_bytes = 16;

model::Act author_of(model::Draft const& draft, model::Epoch const& epoch, Services& services,
                     Identity const& self) {
    model::Act act;
    act.epoch = model::reference(epoch);
    act.member = self.member;
    auto const* member = epoch.member(self.member);
    // Nobody else would take it, and this journal would hold an act that nobody may sign.
    if (member == nullptr || !member->belongs()) {
        throw base::Error(base::Code::not_authorized,
                          "'" + self.member + "' is not a member in epoch " + std::to_string(epoch.number),
                          "see 'consortium member list'");
    }
    if (draft.by_seat) {
        act.key = member->seat;
    } else {
        auto const* officer = epoch.officer(self.officer);
        if (officer == nullptr || officer->member != self.member) {
            throw base::Error(base::Code::not_authorized,
                              "no officer '" + self.officer + "' of '" + self.member + "' in epoch " +
                                  std::to_string(epoch.number),
                              "name one with --as, see 'consortium epoch show'");
        }
        act.officer = officer->id;
        act.key = officer->key;
    }
    auto const genesis = services.store.epoch(0);
    act.genesis = genesis ? model::reference(*genesis).hash : act.epoch.hash;
    return act;
}

/// The way out for who cannot sign any more.
std::string where_lost(model::Draft const& draft, Identity const& self) {
    return draft.by_seat ? std::string()
                         : "; where it is lost, 'consortium officer show " + self.officer +
                               "' says who gives it a new one";
}

SignedAct sign_in(model::Epoch const& epoch, model::Draft const& draft, PrivateDraft const& words,
                  Services& services, Identity const& self) {
    model::Act act = author_of(draft, epoch, services, self);
    if (!services.keys.has(act.key)) {
        auto const* key = epoch.key(act.key);
        throw base::Error(
            base::Code::not_authorized,
            "the key of " + (draft.by_seat ? "the seat of '" + self.member : "'" + self.officer) +
                "' is not in this workspace",
            (key != nullptr && key->algorithm == "ssh"
                 ? "to sign with an ssh-agent, add it with 'consortium key import NAME --from "
                   "FILE.pub'; else see 'consortium vote prepare' and 'consortium approval prepare'"
                 : "run 'consortium key list'") +
                where_lost(draft, self),
            {{"key", act.key.hex()}});
    }
    auto const* author = epoch.officer(act.officer);
    act.kind = draft.kind;
    act.nonce = base::to_hex(services.entropy.bytes(nonce_bytes));
    auto part = make_part(words, act, author == nullptr ? act.member : author->person, services);
    if (part) act.private_part = model::commitment(*part);
    auto const signer = services.keys.open(act.key);
    auto out = sign_as(draft, std::move(act), *signer, services);
    out.part = std::move(part);
    return out;
}

}  // namespace

SignedAct sign(model::Draft const& draft, PrivateDraft const& words, Services& services,
               Identity const& self) {
    auto const epoch = services.store.latest();
    if (!epoch) {
        throw base::Error(base::Code::refused, "this workspace has not joined a consortium",
                          "run 'consortium init' or 'consortium join'");
    }
    return sign_in(*epoch, draft, words, services, self);
}

SignedAct sign(model::Draft const& draft, Services& services, Identity const& self) {
    return sign(draft, PrivateDraft(), services, self);
}

SignedAct sign(model::Draft const& draft, model::Epoch const& epoch, Services& services,
               Identity const& self) {
    return sign_in(epoch, draft, PrivateDraft(), services, self);
}

SignedAct sign_as(model::Draft const& draft, model::Act act, port::Signer& signer, Services& services) {
    act.kind = draft.kind;
    act.refs = draft.refs;
    act.body = draft.body;
    act.time = services.clock.now();
    act.expires = act.time + act_life;
    if (act.nonce.empty()) act.nonce = base::to_hex(services.entropy.bytes(nonce_bytes));
    model::Envelope envelope;
    envelope.payload = base::canonical(model::to_json(act));
    envelope.key_id = act.key.hex();
    envelope.scheme = agreement::scheme_of(signer.algorithm());
    if (envelope.payload.size() > model::max_payload) {
        throw base::Error(base::Code::malformed,
                          "this act is larger than an act may be; put its text into a file", "",
                          {{"bytes", std::to_string(envelope.payload.size())}});
    }
    envelope.signature = signer.sign(base::as_bytes(model::pre_authentication(envelope)));
    return {model::act_id(envelope), model::to_text(envelope)};
}

void open_officer_key(Services& services, Identity const& self) {
    auto const epoch = services.store.latest();
    auto const* officer = epoch ? epoch->officer(self.officer) : nullptr;
    if (officer != nullptr && services.keys.has(officer->key)) services.keys.open(officer->key);
}

void append_own(Services& services, port::Transaction& transaction, std::string const& envelope) {
    using Result = agreement::Acceptance::Result;
    auto const answer = agreement::validate(envelope, ground(services));
    if (answer.result != Result::accepted && answer.result != Result::duplicate) {
        auto const reason = answer.reason.empty() ? "it refers to what is not held here" : answer.reason;
        throw base::Error(answer.result == Result::rejected ? answer.code : base::Code::refused,
                          "the others would reject this: " + reason,
                          "run 'consortium exchange sync' and look again");
    }
    if (auto const excess = Quota(services.store).excess(answer);
        answer.result == Result::accepted && !excess.empty())
        throw base::Error(base::Code::refused, "the others would let this wait: " + excess,
                          "wait until the next epoch has decided something");
    transaction.append_act(envelope);
}

}  // namespace consortium::flow
