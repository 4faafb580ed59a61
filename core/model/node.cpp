#include "core/model/node.h"

#include <nlohmann/json.hpp>

namespace consortium::model {

namespace {

constexpr std::size_t max_url = 2048;

}  // namespace

Json to_json(Node const& node) {
    Json credentials = Json::object();
    for (auto const& [use, path] : node.credentials) credentials[use] = path;
    return {{"id", node.id},
            {"member", node.member},
            {"network", node.network},
            {"kind", node.kind},
            {"read_url", node.read_url},
            {"admin_url", node.admin_url},
            {"address", node.address},
            {"credentials", std::move(credentials)}};
}

Node node_from_json(Json const& value) {
    base::JsonReader in(value);
    Node node;
    node.id = in.name("id");
    node.member = in.name("member");
    node.network = in.name("network");
    node.kind = in.name("kind");
    node.read_url = in.text("read_url", max_url);
    node.admin_url = in.text("admin_url", max_url);
    node.address = in.text("address");
    for (auto const& [use, path] : in.value("credentials").items()) {
        if (!path.is_string()) in.fail("credentials", "a credential is the path of a file");
        node.credentials[use] = path.get<std::string>();
    }
    in.done();
    return node;
}

}  // namespace consortium::model
