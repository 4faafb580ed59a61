#pragma once

#include "core/model/kept_key.h"

#include <optional>
#include <span>
#include <vector>

namespace consortium::model {

/// One object that a ceremony will sign: exactly these bytes.
struct CeremonyItem {
    std::string name;    // "root-g2", "g2-by-g1", "g1-by-g2", "issuing-1", "crl-root-g1", "crl-root-g2"
    std::string kind;    // certificate | crl
    std::string signer;  // the authority that signs: "root-g1"
    base::Bytes tbs;
    base::Digest digest;  // SHA-256 of tbs
    bool operator==(CeremonyItem const&) const = default;
};

/// What the next trust bundle will hold: its certificates stand already or are among the items.
struct BundleOutline {
    std::int64_t version = 0;
    std::string present;             // as TrustBundle::present
    std::vector<std::string> roots;  // sorted
    bool operator==(BundleOutline const&) const = default;
};

/// All that a stage of a root rotation will do. The SHA-256 of its text is the one digest that officers
/// approve.
struct CeremonyManifest {
    base::Digest plan;
    std::string stage;                    // see stages()
    std::int64_t attempt = 1;             // counted over all stages of the rotation
    std::optional<BundleOutline> bundle;  // none: what members trust stays as it is
    std::vector<CeremonyItem> items;
    std::vector<std::string> destroys;  // keys, by their authority: "root-g1"
    std::vector<std::string> waived;    // nodes for which the stage does not wait: "globex/node-1: reason"
    bool operator==(CeremonyManifest const&) const = default;
};

/// "trust" (the new root beside the old), "switch" (chains under the new), "distrust" (the old goes),
/// "destroy" (its key goes), "withdraw" (back to the old alone), "return" (chains under the old again),
/// "restore" (the old beside the new again).
std::span<std::string_view const> stages();

std::string document(CeremonyManifest const& manifest);
/// Throws Error(malformed), also when a digest is not that of its bytes (G26).
CeremonyManifest manifest_from_text(std::string_view text);

/// Body of "ceremony": what those who take part in a root rotation state about it. The act refers to
/// [proposal of the rotation].
struct CeremonyNotice {
    base::Digest plan;
    std::string about;         // see notices()
    std::int64_t attempt = 1;  // of the manifest that it is about; "acknowledged": the bundle's version
    std::vector<base::Digest> files;  // that go with it
    base::JsonValue facts;            // free for `about`
};

/// "prepared", "signed" and "cancelled" by who has the keys; "acknowledged" by who has nodes; "witnessed" and
/// "destroyed"; "noted": what deviated from the script.
std::span<std::string_view const> notices();

/// Where the keys of both roots are kept, as "prepared" and "signed" say; empty for what does not say it.
std::vector<KeptKey> kept_keys(CeremonyNotice const& notice);

base::Json to_json(CeremonyNotice const& notice);
CeremonyNotice ceremony_notice_from_json(base::Json const& value);

}  // namespace consortium::model
