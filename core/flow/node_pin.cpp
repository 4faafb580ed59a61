#include "core/flow/node_pin.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/node.h"
#include "core/flow/node_probe.h"
#include "core/flow/own_change.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;

namespace {

constexpr std::size_t longest_url = 500;  // model/own_change.cpp

std::string url_of(State const& state, Json const& arguments, std::string const& node) {
    if (arguments.contains("url")) return arguments.at("url").get<std::string>();
    auto const known = state.store.object("node", node);
    if (known) {
        auto const found = find_node(state.store, node).node;
        if (found.member == state.self.member) return found.read_url;
    }
    throw Error(Code::usage, "no node '" + node + "' of this member is known here",
                "say where it is with --url URL");
}

/// Everybody reads it, and it stays: what a url may hold besides a place is refused.
void check_url(std::string const& url) {
    static_cast<void>(tls_place(url));
    auto const begin = url.find("://") + 3;
    auto const authority = url.substr(begin, url.find_first_of("/?#", begin) - begin);
    bool const plain = base::printable(url) == url && url.size() <= longest_url;
    if (!plain || authority.find('@') != std::string::npos || url.find_first_of("?#") != std::string::npos)
        throw Error(Code::malformed,
                    "the address of an endpoint is public: it has a host, a port and a path, and no user, "
                    "password or query");
}

base::Digest probed_key(Services const& services, std::string const& url, base::Duration within) {
    if (services.probe == nullptr) throw Error(Code::unavailable, "there is no network here");
    auto const shown = services.probe->look({tls_place(url)}, within).at(0);
    if (!shown.failure.empty())
        throw Error(Code::unavailable,
                    fmt::format("nothing is presented at {}: {}", url, base::printable(shown.words)));
    auto const key = presented_key(services.certifier, shown);
    if (!key) throw Error(Code::verification_failed, fmt::format("what {} presents is no certificate", url));
    return *key;
}

std::string pin_of(Services const& services, Json const& arguments, std::string const& url) {
    auto given = arguments.value("pin", std::string());
    if (!arguments.contains("probe")) return given;
    auto const within = base::Duration::from_text(arguments.value("within", std::string("PT10S")));
    auto key = probed_key(services, url, within).hex();
    if (!given.empty() && given != key)
        throw Error(Code::verification_failed, fmt::format("{} presents another key", url),
                    "compare the digests with who runs the node; sign neither before that is cleared up",
                    {{"given", given}, {"presented", key}});
    return key;
}

/// What is pinned of this member's nodes once everything that waits is enacted.
Json pinned_here(State const& state) {
    auto const epoch = with_own_changes(state);
    auto const& all = *epoch.endpoints;
    return all.is_object() ? all.value(state.self.member, Json::object()) : Json::object();
}

model::Plan own_plan(State const& state, model::Request const& request, model::OwnChange const& change,
                     std::string summary) {
    return plan_own(state, request, own_change_draft(state, change), "node/" + change.subject,
                    std::move(summary));
}

}  // namespace

model::Plan plan_node_pin(State const& state, Services const& services, model::Request const& request) {
    auto const& arguments = *request.arguments;
    model::OwnChange change;
    change.kind = "endpoint.pin";
    change.subject = base::JsonReader(arguments).name("operand");
    change.url = url_of(state, arguments, change.subject);
    check_url(change.url);
    change.pin = pin_of(services, arguments, change.url);
    auto const key = change.pin.empty() ? "any key" : "the key with SHA-256 " + change.pin;
    auto plan = own_plan(state, request, change,
                         fmt::format("tell all members that {} presents itself at {} with {}", change.subject,
                                     change.url, key));
    auto const before = pinned_here(state);
    Json const wanted{{"url", change.url}, {"pin", change.pin}};
    plan.verdict.require("new", !before.contains(change.subject) || before.at(change.subject) != wanted,
                         "that is what is pinned already");
    return plan;
}

model::Plan plan_node_unpin(State const& state, model::Request const& request) {
    model::OwnChange change;
    change.kind = "endpoint.pin";
    change.subject = base::JsonReader(*request.arguments).name("operand");
    if (!pinned_here(state).contains(change.subject))
        throw Error(Code::not_found,
                    fmt::format("this member has pinned no endpoint of '{}'", change.subject),
                    "run 'consortium node trust' to see those that there are");
    return own_plan(state, request, change,
                    fmt::format("tell all members that nothing is pinned of {} any more", change.subject));
}

}  // namespace consortium::flow
