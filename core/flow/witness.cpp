#include "core/flow/witness.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/journal/proof.h"
#include "core/journal/tile.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;
using journal::Checkpoint;

namespace {

constexpr std::size_t max_note = 16u << 10;
constexpr std::size_t max_tile = 256 * 32;
constexpr int lock_seconds = 30;

/// What a witness keeps of a log: its name is a hash, since an origin is no file's name.
base::Path kept_path(Witness const& witness, std::string_view ending) {
    return witness.state / (base::sha256(witness.log.name).hex().substr(0, 32) + std::string(ending));
}

/// A tile as the tree of `size` entries has it; any later one will do.
std::vector<journal::Digest> read_tile(port::Exchange const& tree, std::string const& folder,
                                       std::uint64_t size, int level, std::uint64_t number) {
    for (auto const width : {journal::tile_hashes(size, level, number), journal::tile_width}) {
        auto const path = folder + journal::tile_path(level, number, width);
        if (auto const content = tree.read(path, max_tile))
            return journal::tile_from_bytes(base::as_bytes(*content));
    }
    throw Error(Code::verification_failed,
                fmt::format("the tree lacks '{}'", journal::tile_path(level, number, journal::tile_width)),
                "ask its log; it was not cosigned");
}

/// The head that was cosigned last: both signatures must hold, or the state is not ours.
std::optional<Checkpoint> last_seen(Witness const& witness, journal::NoteKey const& own,
                                    port::Verifier const& verifier) {
    auto const path = kept_path(witness, ".note");
    if (!base::exists(path)) return std::nullopt;
    try {
        auto const opened =
            journal::open_checkpoint(base::read_text(path, max_note), {witness.log, own}, verifier);
        if (opened.signers.size() != 2)
            throw Error(Code::verification_failed, "this witness has not signed it");
        return opened.checkpoint;
    } catch (Error const& error) {
        throw Error(Code::verification_failed,
                    "what this witness has kept in '" + path.string() + "' does not hold: " + error.message(),
                    "put the state folder back as it was; without it a fork would not be seen");
    }
}

[[noreturn]] void forked(Witness const& witness, Checkpoint const& seen, Checkpoint const& shown,
                         std::string const& note) {
    // Under a name of its own: no later head may take the place of this evidence.
    auto const path = kept_path(witness, "." + base::sha256(note).hex().substr(0, 16) + ".fork");
    base::write_file(path, note);
    throw Error(
        Code::verification_failed,
        fmt::format(
            "'{}' has forked: its head at {} entries does not continue the one that was cosigned at {}",
            shown.origin, shown.size, seen.size),
        "show both heads to its members; both are signed by its key",
        {{"cosigned", kept_path(witness, ".note").string()}, {"shown", path.string()}});
}

/// That the head shown continues the one seen. The tiles are whoever's who serves them: they accuse nobody
/// before they are found to give the root that the log has signed.
void check_growth(Witness const& witness, port::Exchange const& tree, std::string const& folder,
                  Checkpoint const& seen, Checkpoint const& shown, std::string const& note) {
    if (shown.size < seen.size)
        throw Error(Code::verification_failed,
                    fmt::format("'{}' shows a head at {} entries, but {} were cosigned", shown.origin,
                                shown.size, seen.size),
                    "ask its log: it may have been restored from a backup; nothing older is cosigned");
    if (seen.size == 0) return;  // every tree continues the empty one
    auto const read = journal::subtrees_of(
        [&](int level, std::uint64_t number) { return read_tile(tree, folder, shown.size, level, number); });
    auto const proof = journal::prove_growth(seen.size, shown, note, read);
    if (!proof)
        throw Error(Code::verification_failed,
                    fmt::format("the tiles of '{}' do not lead to its head at {} entries: they are damaged, "
                                "or not all there yet",
                                shown.origin, shown.size),
                    "run it again later, or ask its log; it was not cosigned");
    if (proof->old_root != seen.root) forked(witness, seen, shown, note);
}

model::Outcome outcome_of(Checkpoint const& shown, std::optional<Checkpoint> const& seen,
                          journal::NoteKey const& own, std::string const& cosigned) {
    model::Outcome outcome;
    outcome.schema = "consortium.witness/1";
    outcome.data = JsonValue(Json{{"origin", shown.origin},
                                  {"size", shown.size},
                                  {"root", shown.root.hex()},
                                  {"seen", seen ? Json(seen->size) : Json()},
                                  {"vkey", own.vkey()},
                                  {"note", cosigned.empty() ? Json() : Json(cosigned)}});
    if (!seen)
        outcome.warnings.push_back("this is the first head of '" + shown.origin +
                                   "' that this witness has seen: compare it with what others hold");
    return outcome;
}

}  // namespace

model::Outcome audit_witness(Witness const& witness, port::Exchange const& tree, std::string const& folder,
                             port::Signer& signer, port::Verifier const& verifier, base::Instant now,
                             Signing signing) {
    auto const own =
        journal::NoteKey::from_spki(witness.name, journal::NoteKeyType::cosigner, signer.public_key());
    if (own.raw == witness.log.raw)
        throw Error(Code::refused, "a log does not witness itself", "make another key");
    if (signing == Signing::yes) base::make_folder(witness.state, base::FileMode::owner);
    std::optional<base::FileLock> lock;  // two at once could cosign two heads
    if (base::exists(witness.state)) lock.emplace(witness.state / "lock", lock_seconds);
    auto const note = tree.read(folder + "checkpoint", max_note);
    if (!note)
        throw Error(Code::not_found,
                    "there is no checkpoint in '" + base::printable(tree.location() + "/" + folder) + "'",
                    "name the folder of one log, or its place and --folder");
    auto const shown = journal::open_checkpoint(*note, {witness.log}, verifier).checkpoint;
    auto const seen = last_seen(witness, own, verifier);
    if (seen) check_growth(witness, tree, folder, *seen, shown, *note);
    if (signing == Signing::only_look) {
        auto outcome = outcome_of(shown, seen, own, {});
        outcome.text.emplace_back(fmt::format("would cosign '{}' at {} entries", shown.origin, shown.size));
        return outcome;
    }
    auto parsed = journal::Note::parse(*note);
    // The log's signature and ours: what others have added is theirs to show.
    std::erase_if(parsed.signatures, [&](journal::NoteSignature const& signature) {
        return signature.name != witness.log.name || signature.id != witness.log.id();
    });
    parsed.signatures.push_back(journal::cosign_note(witness.name, parsed.body, now, signer));
    auto const cosigned = parsed.text();
    base::write_file(kept_path(witness, ".note"), cosigned, base::FileMode::owner);
    auto outcome = outcome_of(shown, seen, own, cosigned);
    outcome.text.emplace_back(cosigned);
    return outcome;
}

}  // namespace consortium::flow
