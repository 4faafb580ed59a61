// The rule of signatures that other programs read: they hold, by a key of their author.

#include "core/agreement/rule.h"
#include "core/model/countersignature.h"

namespace consortium::agreement {

namespace {

/// A retired key may still be wanted by who learned of it before; one that was removed for cause signs
/// nothing any more.
std::string check_key(RuleInput const& in, model::Key const* key) {
    if (key == nullptr || key->member != in.act.member || key->owner != in.act.officer)
        return "one of its keys is not one of '" + in.act.officer + "' in epoch " +
               std::to_string(in.epoch.number);
    if (key->status == "removed") return "one of its keys was removed";
    if (key->algorithm == "ssh") return "a key of SSH signs no document of another program";
    return {};
}

}  // namespace

std::string countersign_rule(RuleInput const& in) {
    for (auto const& each : model::countersigning_from_json(*in.act.body).signatures) {
        auto const* key = in.epoch.key(each.key);
        if (auto reason = check_key(in, key); !reason.empty()) return reason;
        auto const document = in.evidence.file(each.document);
        if (document->size() > model::max_countersigned) return "a document of it is larger than any may be";
        bool const holds = in.verifier != nullptr &&
                           in.verifier->verify("raw", key->spki, base::as_bytes(*document), each.signature);
        if (!holds) return "its signature of document " + each.document.brief() + " does not hold";
    }
    return {};
}

}  // namespace consortium::agreement
