#include "core/flow/services.h"

#include "core/base/error.h"

namespace consortium::flow {

model::Epoch const& State::joined() const {
    if (!epoch) {
        throw base::Error(base::Code::refused, "this workspace has not joined a consortium",
                          "run 'consortium init' to found one, or 'consortium join'");
    }
    return *epoch;
}

}  // namespace consortium::flow
