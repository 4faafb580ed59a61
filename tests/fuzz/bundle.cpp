// A bundle from a mail.

#include "core/model/bundle.h"

#include "tests/fuzz/fuzz.h"

using namespace consortium;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    return fuzz::probe([&] {
        auto const bundle = model::bundle_from_text(fuzz::text(data, size));
        fuzz::require(bundle.lines.size() == bundle.acts.size());
        // Written again, it says the same.
        auto const again = model::bundle_from_text(model::to_text(bundle));
        fuzz::require(again.genesis == bundle.genesis && again.member == bundle.member &&
                      again.acts == bundle.acts && again.files == bundle.files);
    });
}
