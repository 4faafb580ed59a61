// An act as it comes from others: an envelope, and the payload in it. What is taken is canonical.

#include "core/model/act.h"

#include "tests/fuzz/fuzz.h"

#include <nlohmann/json.hpp>

using namespace consortium;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    return fuzz::probe([&] {
        auto const text = fuzz::text(data, size);
        auto const envelope = model::envelope_from_text(text);
        fuzz::require(model::to_text(envelope) == text);
        auto const act = model::act_from_text(envelope.payload);
        fuzz::require(base::canonical(model::to_json(act)) == envelope.payload);
    });
}
