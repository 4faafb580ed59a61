#include "core/driver/registry.h"

#include "core/base/error.h"
#include "core/driver/consensus/driver.h"
#include "core/driver/evm/client.h"
#include "core/driver/rehearsal/client.h"

namespace consortium::driver {

namespace {

std::unique_ptr<consensus::Client> make_client(std::string_view kind, Tools const& tools) {
    if (kind == "rehearsal") return rehearsal::make_client(tools.clock, tools.entropy);
    if (auto const* const dialect = evm::find_dialect(kind))
        return evm::make_client(*dialect, tools.transport, tools.keccak256);
    throw base::Error(base::Code::unsupported, "no driver for networks of kind '" + std::string(kind) + "'",
                      "kinds with a driver: rehearsal, besu, quorum, clique");
}

}  // namespace

std::unique_ptr<port::NodeDriver> make_driver(std::string_view kind, Tools const& tools) {
    return std::make_unique<consensus::Driver>(make_client(kind, tools), tools.clock);
}

}  // namespace consortium::driver
