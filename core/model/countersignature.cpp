#include "core/model/countersignature.h"

#include <nlohmann/json.hpp>
#include <set>

namespace consortium::model {

using base::Json;
using base::JsonReader;

namespace {

constexpr std::size_t max_signatures = 16;
constexpr std::size_t max_signature = 1024;

}  // namespace

Json to_json(Countersigning const& countersigning) {
    Json signatures = Json::array();
    for (auto const& each : countersigning.signatures)
        signatures.push_back({{"document", each.document.hex()},
                              {"key", each.key.hex()},
                              {"signature", base::to_base64(each.signature)}});
    return {{"format", countersigning.format},
            {"about", countersigning.about},
            {"signatures", std::move(signatures)}};
}

Countersigning countersigning_from_json(Json const& value) {
    JsonReader in(value, "/body");
    Countersigning out{in.name("format"), in.text("about", 100), {}};
    std::set<std::pair<base::Digest, base::Digest>> seen;
    in.objects(
        "signatures",
        [&](JsonReader& each) {
            Countersignature one{each.digest("document"), each.digest("key"),
                                 each.base64("signature", max_signature)};
            each.done();
            if (!seen.emplace(one.document, one.key).second)
                each.fail("key", "has signed this document above");
            out.signatures.push_back(std::move(one));
        },
        max_signatures);
    in.done();
    if (out.signatures.empty()) in.fail("signatures", "is empty");
    return out;
}

}  // namespace consortium::model
