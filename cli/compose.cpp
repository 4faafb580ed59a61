#include "cli/compose.h"

#include "core/base/error.h"

namespace consortium::cli {

struct Adapters::Parts {
    Composition composition;
};

Adapters::Adapters(Composition composition) : m_parts(new Parts{std::move(composition)}) {}

Adapters::~Adapters() = default;

// ---- Adapters that are not part of this build yet are named here, and nowhere else. ----
namespace {

[[noreturn]] void lacking(std::string const& what) {
    throw base::Error(base::Code::unsupported, "this build has no " + what);
}

}  // namespace
// -----------------------------------------------------------------------------------------

port::Store& Adapters::store() {
    lacking("journal store");
}

flow::Services& Adapters::services() {
    lacking("journal store");
}

}  // namespace consortium::cli
