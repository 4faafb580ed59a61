#include "core/flow/private_part.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/agreement.h"
#include "core/model/ballot.h"
#include "core/model/own_change.h"
#include "core/port/vault.h"

#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Code;
using base::Digest;
using base::Error;
using base::Json;

constexpr std::size_t salt_bytes = 32;

/// Ties the sealed bytes to their row: a part moved to another act or person does not open.
std::string context_of(Digest const& act, std::string_view subject) {
    return "consortium/sealed/v1\n" + act.hex() + "\n" + std::string(subject);
}

port::Vault& vault_of(Services const& services) {
    if (services.vault == nullptr) throw Error(Code::unsupported, "this workspace cannot keep private parts");
    return *services.vault;
}

void put(Services& services, port::Transaction& transaction, Digest const& act,
         model::PrivatePart const& part) {
    auto const bytes = base::Secret::from_text(model::to_bytes(part));
    port::SealedPart sealed;
    sealed.act = act;
    sealed.subject = part.subject;
    sealed.sealed = vault_of(services).seal(part.subject, context_of(act, part.subject), bytes.view());
    transaction.put_sealed(sealed);
}

/// Whom the words of an act are about, as everybody can tell from the act; empty: nobody. Otherwise words
/// could be kept under a name that an erasure of the person does not reach.
std::string person_of(Services const& services, model::Act const& act) {
    if (act.kind == "own") {
        auto const change = model::own_change_from_json(*act.body);
        return change.officer ? change.officer->person : std::string();
    }
    auto const epoch = agreement::named_epoch(ground(services), act.epoch);
    auto const about = act.kind == "suspend" ? model::suspension_from_json(*act.body).officer : act.officer;
    auto const* officer = epoch ? epoch->officer(about) : nullptr;
    return officer == nullptr ? std::string() : officer->person;
}

/// Throws Error(verification_failed) for what does not open, or is not what the act commits to, and
/// Error(malformed) for what no act says.
std::optional<base::Secret> open_part(port::SealedPart const& kept, port::Vault const& vault,
                                      model::StoredAct const& act) {
    auto opened = vault.open(kept.subject, context_of(act.id, kept.subject), kept.sealed);
    bool const holds = opened && base::sha256(opened->view()) == act.act.private_part &&
                       model::is_bound(model::private_part_from_bytes(opened->text()), act.act);
    if (opened && !holds)
        throw Error(Code::verification_failed, "a private part is not what its act commits to", "",
                    {{"act", act.id.hex()}});
    return opened;
}

}  // namespace

model::PrivateWords private_words(model::Request const& request) {
    model::PrivateWords out;
    for (auto const& field : model::private_fields()) {
        auto const slash = field.argument.find('/');
        if (field.argument.substr(0, slash) != request.command) continue;
        auto words = request.arguments->value(std::string(field.argument.substr(slash + 1)), std::string());
        if (!words.empty()) out.insert_or_assign(std::string(field.name), std::move(words));
    }
    return out;
}

base::Json to_json(PrivateDraft const& draft) {
    if (draft.words.empty()) return nullptr;
    return {{"subject", draft.subject}, {"words", draft.words}};
}

PrivateDraft private_draft_from_json(base::Json const& value) {
    PrivateDraft out;
    if (value.is_null()) return out;
    out.subject = value.at("subject").get<std::string>();
    for (auto const& [name, words] : value.at("words").items()) out.words[name] = words.get<std::string>();
    return out;
}

std::optional<model::PrivatePart> make_part(PrivateDraft const& draft, model::Act const& act,
                                            std::string_view author, Services& services) {
    if (draft.words.empty()) return std::nullopt;
    model::PrivatePart part;
    part.subject = draft.subject.empty() ? std::string(author) : draft.subject;
    part.words = draft.words;
    part.salt = services.entropy.bytes(salt_bytes);
    model::bind(part, act);
    model::check_private(part);
    return part;
}

bool awaits_epoch(port::Evidence const& held, model::StoredAct const& act) {
    return act.act.kind == "own" && !held.settled(act.id);
}

bool is_erased(port::Store const& store, std::string_view subject) {
    auto const erasure = store.object("erasure", subject);
    return erasure && (erasure->state == "begun" || erasure->state == "erased");
}

void keep_part(Services& services, port::Transaction& transaction, Digest const& act,
               model::PrivatePart const& part) {
    if (is_erased(services.store, part.subject))
        throw Error(Code::refused, "private parts about '" + part.subject + "' were erased here",
                    "leave the words out, or run 'consortium privacy readmit " + part.subject + "'");
    put(services, transaction, act, part);
}

PartTaken take_part(Services& services, port::Transaction& transaction, Digest const& act,
                    std::string_view bytes) {
    auto const held = services.store.act(act);
    if (!held || !held->act.private_part || base::sha256(bytes) != held->act.private_part)
        return PartTaken::refused;
    model::PrivatePart part;
    try {
        part = model::private_part_from_bytes(bytes);
    } catch (Error const&) {
        return PartTaken::refused;  // its author committed to something that such acts do not say
    }
    if (!model::is_bound(part, held->act) || part.subject != person_of(services, held->act))
        return PartTaken::refused;
    if (is_erased(services.store, part.subject)) return PartTaken::erased;
    auto const kept = services.store.sealed(act);
    if (kept && !kept->sealed.empty() && !part_bytes(services.store, services.vault, *held).empty())
        return PartTaken::known;
    if (awaits_epoch(services.store, *held)) return PartTaken::waiting;
    put(services, transaction, act, part);
    return PartTaken::kept;
}

std::string part_bytes(port::Store const& store, port::Vault const* vault, model::StoredAct const& act) {
    auto const kept = act.act.private_part && vault != nullptr ? store.sealed(act.id) : std::nullopt;
    // From the order on, whether or not the erasure is finished.
    if (!kept || kept->sealed.empty() || is_erased(store, kept->subject)) return {};
    try {
        auto const opened = open_part(*kept, *vault, act);
        return opened ? std::string(opened->text()) : std::string();
    } catch (Error const& error) {
        if (error.code() != Code::verification_failed && error.code() != Code::malformed) throw;
        return {};
    }
}

PrivateView view_part(State const& state, model::StoredAct const& act) {
    PrivateView view;
    if (!act.act.private_part) return view;
    view.state = "not held";
    auto const kept = state.store.sealed(act.id);
    if (!kept) return view;
    if (kept->sealed.empty() || is_erased(state.store, kept->subject)) {
        view.state = "erased";
        return view;
    }
    if (state.vault == nullptr) return view;
    try {
        auto const opened = open_part(*kept, *state.vault, act);
        if (!opened) return view;
        view.words = model::private_part_from_bytes(opened->text()).words;
        view.state = "held";
    } catch (Error const& error) {
        if (error.code() != Code::verification_failed && error.code() != Code::malformed) throw;
        view.state = "damaged";
    }
    return view;
}

std::string PrivateView::text(std::string_view name) const {
    if (state == "none") return {};
    if (state != "held") return "(" + state + ")";
    auto const found = words.find(name);
    return found == words.end() ? std::string() : found->second;
}

model::Fields in_private(PrivateView const& view) {
    model::Fields fields;
    for (auto const& [name, words] : view.words)
        fields.rows.emplace_back("private " + name, base::printable(words));
    if (view.words.empty()) fields.rows.emplace_back("private", view.text({}));
    return fields;
}

base::Json PrivateView::record() const {
    return {{"state", state}, {"fields", state == "held" ? Json(words) : Json()}};
}

}  // namespace consortium::flow
