#include "core/driver/registry.h"

#include "core/base/error.h"
#include "core/driver/qbft/driver.h"
#include "core/driver/rehearsal/client.h"

namespace consortium::driver {

std::unique_ptr<port::NodeDriver> make_driver(std::string_view kind, Tools const& tools) {
    if (kind == "rehearsal") {
        return std::make_unique<qbft::Driver>(rehearsal::make_client(tools.clock, tools.entropy),
                                              tools.clock);
    }
    throw base::Error(base::Code::unsupported, "no driver for networks of kind '" + std::string(kind) + "'",
                      "kinds with a driver: rehearsal");
}

}  // namespace consortium::driver
