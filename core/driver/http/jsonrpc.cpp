#include "core/driver/http/jsonrpc.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <nlohmann/json.hpp>

namespace consortium::driver::jsonrpc {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

constexpr std::size_t max_message = 200;

std::string methods(std::vector<Call> const& calls) {
    std::vector<std::string> names;
    for (auto const& call : calls) {
        if (names.empty() || names.back() != call.method) names.push_back(call.method);
    }
    return base::join(names, " ");
}

[[noreturn]] void nonsense(port::HttpRequest const& request, port::HttpAnswer const& answer,
                           std::vector<Call> const& calls, std::string const& what) {
    throw Error(
        Code::unavailable, "the node's answer makes no sense: " + what,
        "see that the URL is that of the node's JSON-RPC, then run the command again",
        {{"url", request.url}, {"method", methods(calls)}, {"status", std::to_string(answer.status)}});
}

void check_status(port::HttpRequest const& request, port::HttpAnswer const& answer,
                  std::vector<Call> const& calls) {
    if (answer.failure) throw answer.failure->with("method", methods(calls));
    Error::Details details{
        {"url", request.url}, {"method", methods(calls)}, {"status", std::to_string(answer.status)}};
    if (answer.status == 401 || answer.status == 403) {
        throw Error(Code::not_authorized, "the node does not accept our credentials",
                    "run 'consortium node show' to see which are used", details);
    }
    if (answer.status >= 300 && answer.status < 400) {
        nonsense(request, answer, calls, "it points to another address, which is not followed");
    }
    auto const type = answer.headers.find("content-type");
    if (type != answer.headers.end() && type->second.starts_with("text/html")) {
        nonsense(request, answer, calls, "HTML where JSON was expected");
    }
}

std::string brief(std::string const& text) {
    auto out = base::printable(text.substr(0, max_message));
    return base::is_utf8(out) ? out : "(not UTF-8)";
}

std::string text_or(Json const& object, char const* key, std::string fallback) {
    auto const found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::move(fallback);
}

std::optional<Reply> read_reply(Json const& item) {
    Reply reply;
    auto const error = item.find("error");
    if (error != item.end() && !error->is_null()) {
        if (!error->is_object() || !error->contains("code") || !(*error)["code"].is_number_integer()) {
            return std::nullopt;
        }
        reply.error_code = (*error)["code"].get<std::int64_t>();
        reply.error_message = brief(text_or(*error, "message", "no reason given"));
        return reply;
    }
    auto const result = item.find("result");
    if (result == item.end()) return std::nullopt;
    reply.result = JsonValue(*result);
    return reply;
}

// The place of an answer by its id: 1 to count; none for any other id.
std::optional<std::size_t> place(Json const& item, std::size_t count) {
    if (!item.is_object() || !item.contains("id") || !item["id"].is_number_integer()) return std::nullopt;
    auto const id = item["id"].get<std::int64_t>();
    if (id < 1 || static_cast<std::uint64_t>(id) > count) return std::nullopt;
    return static_cast<std::size_t>(id - 1);
}

Json parse(port::HttpRequest const& request, port::HttpAnswer const& answer, std::vector<Call> const& calls) {
    try {
        return base::parse_json(answer.body, base::relaxed_limits(request.max_answer));
    } catch (Error const& error) {
        nonsense(request, answer, calls, "it is not JSON (" + error.message() + ")");
    }
}

}  // namespace

port::HttpRequest make_request(Endpoint const& endpoint, std::vector<Call> const& calls) {
    Json bodies = Json::array();
    for (std::size_t i = 0; i < calls.size(); ++i) {
        bodies.push_back({{"jsonrpc", "2.0"},
                          {"id", i + 1},
                          {"method", calls[i].method},
                          {"params", calls[i].params->is_null() ? Json::array() : *calls[i].params}});
    }
    port::HttpRequest request;
    request.method = "POST";
    request.url = endpoint.url;
    request.headers = endpoint.headers;
    request.headers["content-type"] = "application/json";
    request.body = calls.size() == 1 ? bodies[0].dump() : bodies.dump();
    request.security = endpoint.security;
    return request;
}

std::vector<Reply> read_answer(port::HttpRequest const& request, port::HttpAnswer const& answer,
                               std::vector<Call> const& calls) {
    check_status(request, answer, calls);
    Json body = parse(request, answer, calls);
    if (calls.size() == 1 && body.is_object()) body = Json::array({std::move(body)});
    if (!body.is_array() || body.size() != calls.size()) {
        nonsense(request, answer, calls, "not one answer for each call");
    }
    std::vector<std::optional<Reply>> found(calls.size());
    for (auto const& item : body) {
        auto const at = place(item, calls.size());
        if (!at || found[*at]) nonsense(request, answer, calls, "an id that was not sent");
        found[*at] = read_reply(item);
        if (!found[*at]) nonsense(request, answer, calls, "neither a result nor an error");
    }
    std::vector<Reply> replies;
    replies.reserve(found.size());
    for (auto& reply : found) replies.push_back(std::move(*reply));
    return replies;
}

JsonValue const& expect(Reply const& reply, Call const& call, std::string const& url) {
    if (reply.error_code == 0) return reply.result;
    Error::Details details{
        {"url", url}, {"method", call.method}, {"rpc_code", std::to_string(reply.error_code)}};
    switch (reply.error_code) {
        case -32601:
        case -32604:
            throw Error(Code::unsupported, "the node does not offer '" + call.method + "'",
                        "enable its API group on the node", details);
        case -40100:
        case -40101:
            throw Error(Code::not_authorized, "the node does not let us call '" + call.method + "'",
                        "run 'consortium node show' to see which credentials are used", details);
        default:
            throw Error(Code::unavailable, "the node refuses '" + call.method + "': " + reply.error_message,
                        {}, details);
    }
}

std::vector<JsonValue> batch(port::Transport& transport, Endpoint const& endpoint,
                             std::vector<Call> const& calls) {
    if (calls.empty()) return {};
    auto const request = make_request(endpoint, calls);
    port::HttpAnswer answer;
    try {
        answer = transport.send(request);
    } catch (Error const& error) {
        throw error.with("method", methods(calls));
    }
    auto const replies = read_answer(request, answer, calls);
    std::vector<JsonValue> results;
    for (std::size_t i = 0; i < calls.size(); ++i) {
        results.push_back(expect(replies[i], calls[i], endpoint.url));
    }
    return results;
}

JsonValue request(port::Transport& transport, Endpoint const& endpoint, Call const& call) {
    return batch(transport, endpoint, {call}).front();
}

}  // namespace consortium::driver::jsonrpc
