#pragma once

#include "core/base/json.h"
#include "core/port/transport.h"

namespace consortium::driver::jsonrpc {

/// Where and how a node is asked.
struct Endpoint {
    std::string url;
    port::HttpSecurity security;
    std::map<std::string, std::string> headers;
};

struct Call {
    std::string method;
    base::JsonValue params;  // an array
};

/// What a node said to one call: a result, or its own error.
struct Reply {
    base::JsonValue result;
    std::int64_t error_code = 0;  // 0: none
    std::string error_message;    // printable, at most 200 bytes
};

/// One POST with all calls as a JSON-RPC 2.0 batch (a single object for one call), ids 1, 2, …
port::HttpRequest make_request(Endpoint const& endpoint, std::vector<Call> const& calls);

/// The replies in the order of the calls. Throws Error(unavailable) with details url, method and status for
/// what is not one whole JSON-RPC answer with the ids that were sent (HTML, cut-off JSON, another id), or
/// not_authorized for HTTP 401 and 403.
std::vector<Reply> read_answer(port::HttpRequest const& request, port::HttpAnswer const& answer,
                               std::vector<Call> const& calls);

/// The result, or the node's error as an exception: unsupported for a method that is not offered,
/// not_authorized, else unavailable with detail rpc_code.
base::JsonValue const& expect(Reply const& reply, Call const& call, std::string const& url);

/// Sends calls and expects every result.
std::vector<base::JsonValue> batch(port::Transport& transport, Endpoint const& endpoint,
                                   std::vector<Call> const& calls);
base::JsonValue request(port::Transport& transport, Endpoint const& endpoint, Call const& call);

}  // namespace consortium::driver::jsonrpc
