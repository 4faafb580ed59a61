#include "core/model/ocsp.h"

namespace consortium::model {

std::string_view word(Standing standing) {
    switch (standing) {
        case Standing::good:
            return "good";
        case Standing::revoked:
            return "revoked";
        case Standing::unknown:
            break;
    }
    return "unknown";
}

std::string_view word(StatusRefusal refusal) {
    return refusal == StatusRefusal::malformed_request ? "malformedRequest" : "unauthorized";
}

}  // namespace consortium::model
