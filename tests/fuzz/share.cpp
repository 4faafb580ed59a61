// A sealed share, a wrapped key, or the manifest of a deal, before anything of it is believed.

#include "core/model/share.h"

#include "tests/fuzz/fuzz.h"

using namespace consortium;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = fuzz::text(data, size);
    fuzz::probe([&] {
        auto const box = model::share_box_from_text(text);
        // There is one way to write it, and what Argon2id is asked for is bounded.
        fuzz::require(model::to_text(box) == text);
        fuzz::require(box.cost.memory * box.cost.passes <= 8 * 1'048'576);
    });
    fuzz::probe([&] { fuzz::require(model::to_text(model::wrapped_key_from_text(text)) == text); });
    return fuzz::probe([&] {
        auto const deal = model::share_deal_from_text(text);
        fuzz::require(deal.threshold >= 2 && deal.custodian(deal.threshold) != nullptr);
        fuzz::require(deal.custodian(model::max_custodians + 1) == nullptr);
    });
}
