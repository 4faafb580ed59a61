#pragma once

#include "core/driver/http/jsonrpc.h"
#include "core/model/node.h"

namespace consortium::driver::evm {

/// What a node is read by, or told by.
enum class Side { read, admin };

/// How a node is asked, with its credentials; logs in at /login first where the node's record says so, once
/// a process and URL. Throws Error(not_authorized) if the login fails, or the node has no admin URL here.
class Login {
public:
    explicit Login(port::Transport& transport) : m_transport(transport) {}
    jsonrpc::Endpoint endpoint(model::Node const& node, Side side);

private:
    std::string token(std::string const& url, base::Path const& file, port::HttpSecurity const& security);

    port::Transport& m_transport;
    std::map<std::string, std::string> m_tokens;
};

}  // namespace consortium::driver::evm
