#include "core/flow/invitation.h"

#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

constexpr base::Duration kept{30 * std::int64_t{86'400}};  // an answer may be on its way

bool is_answered(port::Store const& store, model::Object const& invitation) {
    return store.count({.kind = "submit", .subject = base::Digest::from_hex(invitation.name)}) > 0;
}

}  // namespace

std::vector<model::Object> ended_invitations(port::Store const& store, model::Epoch const& epoch,
                                             base::Instant now) {
    std::vector<model::Object> open;
    store.objects({.kind = "invitation", .state = "open"},
                  [&](model::Object object) { open.push_back(std::move(object)); });
    std::vector<model::Object> out;
    for (auto& object : open) {
        bool const joined = epoch.member(object.data->at("body").at("member").get<std::string>()) != nullptr;
        bool const over = object.due && *object.due + kept <= now && !is_answered(store, object);
        if (!joined && !over) continue;
        object.state = joined ? "joined" : "expired";
        object.due.reset();
        out.push_back(std::move(object));
    }
    return out;
}

}  // namespace consortium::flow
