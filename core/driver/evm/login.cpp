#include "core/driver/evm/login.h"

#include "core/base/error.h"
#include "core/base/secret.h"
#include "core/driver/http/credential.h"

#include <nlohmann/json.hpp>

namespace consortium::driver::evm {

using base::Code;
using base::Error;

namespace {

constexpr std::size_t max_file = 16u << 10;

base::Path credential(model::Node const& node, std::string const& use) {
    auto const found = node.credentials.find(use);
    return found == node.credentials.end() ? base::Path() : base::Path(found->second);
}

std::string join(std::string const& url, std::string_view path) {
    return (url.ends_with('/') ? url.substr(0, url.size() - 1) : url) + std::string(path);
}

// An answer with a token in it: {"token":"…"}.
std::string read_token(std::string const& body) {
    try {
        return base::JsonReader(base::parse_json(body, base::relaxed_limits(max_file)))
            .text("token", max_file);
    } catch (Error const&) {
        return {};
    }
}

}  // namespace

std::string Login::token(std::string const& url, base::Path const& file, port::HttpSecurity const& security) {
    if (auto const known = m_tokens.find(url); known != m_tokens.end()) return known->second;
    port::HttpRequest request;
    request.method = "POST";
    request.url = join(url, "/login");
    request.headers["content-type"] = "application/json";
    request.security = security;
    request.security.secret_body = true;
    http::check_private(file);
    request.body = base::read_text(file, max_file);
    auto const answer = m_transport.send(request);
    base::wipe(request.body);
    auto token = answer.status == 200 ? read_token(answer.body) : std::string();
    if (token.empty()) {
        throw Error(
            Code::not_authorized, "the node does not accept the login",
            "see that the file holds {\"username\":…,\"password\":…}",
            {{"url", request.url}, {"file", file.string()}, {"status", std::to_string(answer.status)}});
    }
    return m_tokens[url] = token;
}

jsonrpc::Endpoint Login::endpoint(model::Node const& node, Side side) {
    if (side == Side::admin && node.admin_url.empty()) {
        throw Error(Code::not_authorized, "this workspace has no admin URL for node '" + node.id + "'",
                    "its owner runs 'consortium node add' with --admin-url", {{"node", node.id}});
    }
    jsonrpc::Endpoint out;
    out.url = side == Side::admin ? node.admin_url : node.read_url;
    out.security.authorities = credential(node, "authorities");
    out.security.certificate = credential(node, "certificate");
    out.security.key = credential(node, "key");
    out.security.bearer_file = credential(node, "bearer");
    auto const file = credential(node, "login");
    if (!file.empty()) out.headers["authorization"] = "Bearer " + token(out.url, file, out.security);
    return out;
}

}  // namespace consortium::driver::evm
