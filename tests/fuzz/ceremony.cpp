// A ceremony's manifest, a rotation's plan, a trust bundle, a token's URI, and what is stated of a rotation,
// before anything of it is believed.

#include "core/model/ceremony.h"

#include "core/base/text.h"
#include "core/model/root.h"
#include "tests/fuzz/fuzz.h"

#include <nlohmann/json.hpp>

using namespace consortium;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = fuzz::text(data, size);
    fuzz::probe([&] {
        auto const manifest = model::manifest_from_text(text);
        fuzz::require(model::document(manifest) == text);
        for (auto const& item : manifest.items) fuzz::require(base::sha256(item.tbs) == item.digest);
    });
    fuzz::probe([&] {
        auto const plan = model::rotation_plan_from_text(text);
        fuzz::require(model::document(plan) == text && plan.to > plan.from);
    });
    fuzz::probe([&] {
        auto const bundle = model::trust_bundle_from_text(text);
        fuzz::require(model::document(bundle) == text);
    });
    if (auto const words = model::token_words(text)) {
        for (auto const* each : {&words->manufacturer, &words->model, &words->serial, &words->label})
            fuzz::require(each->size() <= model::max_token_words && base::printable(*each) == *each);
    }
    return fuzz::probe([&] {
        auto const notice = model::ceremony_notice_from_json(base::parse_canonical(text, {}));
        fuzz::require(base::canonical(model::to_json(notice)) == text);
    });
}
