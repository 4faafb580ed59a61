// A token, before anything of it is believed.

#include "core/model/token.h"

#include "core/base/text.h"
#include "tests/fuzz/fuzz.h"

using namespace consortium;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    return fuzz::probe([&] {
        auto const text = fuzz::text(data, size);
        auto const token = model::token_from_text(text);
        fuzz::require(text.size() <= model::max_token);
        // What is verified is what came, byte by byte: there is one way to write it.
        fuzz::require(token.signing_input + "." + base::to_base64url(token.signature) == text);
        auto const input = model::signing_input(token.algorithm, token.key_id, token.claims);
        auto const again = model::token_from_text(input + ".");
        fuzz::require(again.claims == token.claims && again.key_id == token.key_id);
        static_cast<void>(model::fault_in_time(token.claims, token.claims.issued));
    });
}
