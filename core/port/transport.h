#pragma once

#include "core/base/file.h"
#include "core/base/instant.h"

#include <map>
#include <memory>

namespace consortium::port {

/// How to authenticate and whom to trust; files are read when the request is made.
struct HttpSecurity {
    base::Path authorities;    // PEM; empty: the system's
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
    base::Duration timeout{10};
    HttpSecurity security;
};

struct HttpAnswer {
    int status = 0;
    std::map<std::string, std::string> headers;  // lower-case names
    std::string body;
};

/// HTTP(S) by libcurl, loaded on first use. TLS is always verified. No redirects.
class Transport {
public:
    virtual ~Transport() = default;
    /// Throws Error(unavailable): refused, timed out, TLS failed, answer too large. Any HTTP status is an
    /// answer.
    virtual HttpAnswer send(HttpRequest const& request) = 0;
    /// Sends all at once; answers in order; an exception's place holds status 0 and the message as body.
    virtual std::vector<HttpAnswer> send_all(std::vector<HttpRequest> const& requests) = 0;
};

}  // namespace consortium::port
