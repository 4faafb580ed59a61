// A stranger's SSH public key or certificate, as its line and without base64 around it, or a revocation list.

#include "core/model/ssh_certificate.h"
#include "core/model/ssh_krl.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>

using namespace consortium;

namespace {

void check_key(base::BytesView blob) {
    auto const parts = model::read_ssh_key(blob);
    fuzz::require(parts.point.empty() != parts.modulus.empty());
    auto const again = model::ssh_key_from_line(model::ssh_line(blob, "x"));
    fuzz::require(again.type == parts.type && std::ranges::equal(again.blob, blob));
}

/// What is verified is what came: there is one way to write it.
void check_certificate(base::BytesView blob) {
    auto const one = model::read_ssh_certificate(blob);
    fuzz::require(model::ssh_certificate_tbs(one.content) == one.tbs);
    fuzz::require(std::ranges::equal(model::join_ssh_certificate(one.tbs, one.signature), blob));
    fuzz::require(one.content.principals.size() <= 256);
    check_key(one.content.key);
}

int probe_lines(std::string_view text) {
    return fuzz::probe([&] { check_key(model::ssh_key_from_line(text).blob); }) | fuzz::probe([&] {
               auto const one = model::ssh_certificate_from_line(text);
               check_certificate(model::join_ssh_certificate(one.tbs, one.signature));
           });
}

int probe_list(base::BytesView bytes) {
    return fuzz::probe([&] {
        auto const list = model::read_ssh_krl(bytes);
        fuzz::require(std::ranges::equal(model::write_ssh_krl(list), bytes));
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = fuzz::text(data, size);
    base::BytesView const bytes{data, size};
    return probe_lines(text) | probe_list(bytes) | fuzz::probe([&] { check_key(bytes); }) |
           fuzz::probe([&] { check_certificate(bytes); });
}
