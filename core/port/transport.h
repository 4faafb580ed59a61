#pragma once

#include "core/base/error.h"
#include "core/base/file.h"

#include <map>
#include <memory>
#include <optional>

namespace consortium::port {

/// How to authenticate and whom to trust; files are read when the request is made. Files of secrets must not
/// be readable by everybody.
struct HttpSecurity {
    base::Path authorities;    // PEM, they alone; empty: the system's
    base::Path certificate;    // client certificate, PEM
    base::Path key;            // its key, PEM
    base::Path bearer_file;    // a token sent as "Authorization: Bearer"
    bool secret_body = false;  // like a token, it must not cross a network in clear
};

struct HttpRequest {
    std::string method = "GET";
    std::string url;
    std::map<std::string, std::string> headers;
    std::string body;
    std::size_t max_answer = 8u << 20;
    HttpSecurity security;
};

struct HttpAnswer {
    int status = 0;
    std::map<std::string, std::string> headers;  // lower-case names
    std::string body;
    std::optional<base::Error> failure;  // why there is no answer; the status is 0 then
};

/// HTTP(S) by libcurl, loaded on first use. TLS is always verified. No redirects.
class Transport {
public:
    virtual ~Transport() = default;
    /// Any HTTP status is an answer. Throws Error: unavailable (refused, timed out, answer too large),
    /// verification_failed (the server's certificate), not_authorized (the server wants another client
    /// certificate), configuration (a file that cannot be used, a secret that would go in clear).
    virtual HttpAnswer send(HttpRequest const& request) = 0;
    /// Sends all at once; answers in order, with their failures: one that fails spoils no other.
    virtual std::vector<HttpAnswer> send_all(std::vector<HttpRequest> const& requests) = 0;
};

}  // namespace consortium::port
