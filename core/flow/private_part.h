#pragma once

#include "core/flow/services.h"
#include "core/model/outcome.h"
#include "core/model/plan.h"
#include "core/model/private_part.h"

namespace consortium::flow {

/// What an act that is to be signed says in private.
struct PrivateDraft {
    std::string subject = {};  // pseudonym of the person whom it is about; empty: who signs
    model::PrivateWords words = {};
};

/// What the request's arguments say in private; empty arguments are left out.
model::PrivateWords private_words(model::Request const& request);

/// {"subject","words"}, or null where nothing is said; as a step's detail and back.
base::Json to_json(PrivateDraft const& draft);
PrivateDraft private_draft_from_json(base::Json const& value);

/// Draws the salt; none where the draft says nothing. `act` has its kind, author and nonce; `author` is the
/// person who signs. Throws Error(malformed).
std::optional<model::PrivatePart> make_part(PrivateDraft const& draft, model::Act const& act,
                                            std::string_view author, Services& services);

/// Seals the part of an act that was signed here, in the transaction that appends the act. Throws
/// Error(refused) where parts about this person were erased here.
void keep_part(Services& services, port::Transaction& transaction, base::Digest const& act,
               model::PrivatePart const& part);

/// What became of a private part that came from elsewhere.
enum class PartTaken { kept, known, erased, refused, waiting };
/// Keeps it where the act is held and commits to exactly these bytes, they were made for it, are about the
/// person whom such an act speaks of, and parts about this person may come in. `waiting`: awaits_epoch().
PartTaken take_part(Services& services, port::Transaction& transaction, base::Digest const& act,
                    std::string_view bytes);

/// Whether no epoch has enacted yet what the act says of a person whom it brings in itself: anybody can sign
/// such acts, about as many persons as they like, and each would get a key here.
bool awaits_epoch(port::Evidence const& held, model::StoredAct const& act);

/// Whether parts about this person are not taken in any more: they were erased, or are being.
bool is_erased(port::Store const& store, std::string_view subject);

/// What this workspace can show of an act's private part.
struct PrivateView {
    std::string state = "none";  // none | held | erased | not held | damaged
    model::PrivateWords words;   // of "held"

    /// For people: the words, empty for none; "(erased)", "(not held)" or "(damaged)" where they are not to
    /// be had.
    std::string text(std::string_view name) const;
    /// {"state","fields"}
    base::Json record() const;
};

/// One line a field, for people.
model::Fields in_private(PrivateView const& view);

/// Opens the part, and compares it with what the act commits to.
PrivateView view_part(State const& state, model::StoredAct const& act);
/// The bytes that the act commits to; empty where they are not to be had.
std::string part_bytes(port::Store const& store, port::Vault const* vault, model::StoredAct const& act);

}  // namespace consortium::flow
