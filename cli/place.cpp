#include "cli/place.h"

#include "cli/settings.h"
#include "core/base/error.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

std::unique_ptr<port::Exchange> exchange_place(Session& session, model::Request const& request) {
    auto const where = request.arguments->value("with", session.settings().text("exchange"));
    if (where.empty()) {
        throw base::Error(base::Code::usage, "no place to exchange over is known",
                          "give --with DIR, or set 'exchange' in consortium.toml");
    }
    return session.services().exchange(where);
}

}  // namespace consortium::cli
