#pragma once

#include "core/flow/carried_bundle.h"
#include "core/flow/root_export.h"
#include "core/model/tuf.h"

#include <map>
#include <span>

/// The chain of trust bundles as TUF metadata (model/tuf.h): who signs which version, and who has.
namespace consortium::flow {

/// The word for it in acts of kind "countersign".
inline constexpr std::string_view tuf_format = "tuf";

struct TufSigner {
    std::string officer;
    base::Digest key;
    base::Bytes spki;
    model::TufKey tuf;
};

/// Whether that officer still acts, and the key was not removed for cause: both may have changed since the
/// version that names them.
bool may_countersign(model::Epoch const& now, TufSigner const& signer);

/// One version of the chain: root metadata number `carried.ordinal`.
struct TufVersion {
    CarriedBundle carried;
    model::ApprovalRule rule;  // "root", of the epoch that carried it first
    std::string proposer;      // of the bundle; empty where it is not known
    std::vector<TufSigner> signers;
    std::vector<std::string> cannot;  // "ada: a key of SSH"
    std::vector<model::TufTarget> targets;
    std::vector<model::TufDocument> documents;
};

/// Every version, by what the epochs say alone: each officer's program makes the same bytes of it. Metadata
/// ends when the first of the bundle's roots does. Throws Error(not_found) before there is a bundle,
/// Error(refused) where the charter had no approval rule "root".
std::vector<TufVersion> tuf_chain(port::Evidence const& evidence, port::Certifier const& certifier);

/// Whether enough of those whom one version names have signed one document.
struct TufStanding {
    std::int64_t version = 0, by = 0;  // of the bundle: whose metadata, whose officers
    std::string role;
    int need = 0;
    std::vector<std::string> have, missing, cannot;
    model::Verdict verdict;  // by the charter's rule, people and members counted once
};

/// The countersignatures that are held and hold.
class TufSignatures {
public:
    TufSignatures(State const& state, port::Verifier const& verifier);

    /// None where there is none, or where its key was removed for cause since.
    std::optional<base::Bytes> of(TufSigner const& signer, model::TufDocument const& document) const;

private:
    State const& m_state;
    port::Verifier const& m_verifier;
    std::map<std::pair<base::Digest, base::Digest>, base::Bytes> m_held;  // by document and key
};

/// Consecutive versions. A client is given the root of the first by hand.
using TufChain = std::span<TufVersion const>;
/// What the files of these versions need: each root by its own officers and, but for the first, by those of
/// the version before; the other roles of the last by its own.
std::vector<TufStanding> tuf_standings(State const& state, TufChain chain, TufSignatures const& signatures);
/// The files, each with every signature that holds: N.root.json of each version; of the last one
/// N.targets.json, N.snapshot.json, timestamp.json, and below targets/ what they vouch for.
Files tuf_files(TufChain chain, TufSignatures const& signatures);

}  // namespace consortium::flow
