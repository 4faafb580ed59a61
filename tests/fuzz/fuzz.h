#pragma once

#include "core/base/bytes.h"
#include "core/base/error.h"

#include <cstdlib>

/// What fuzz targets share. A target ends normally for any input: the only exception that may leave a parser
/// is base::Error, and it is caught here; `require` fails where something was accepted that should not have
/// been.
namespace consortium::fuzz {

inline void require(bool holds) {
    if (!holds) std::abort();
}

template <class Work>
int probe(Work const& work) {
    try {
        work();
    } catch (base::Error const& error) {
        require(error.code() != base::Code::internal && !error.message().empty());
    }
    return 0;
}

inline std::string_view text(std::uint8_t const* data, std::size_t size) {
    return base::as_text({data, size});
}

}  // namespace consortium::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);
