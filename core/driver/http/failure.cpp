#include "core/driver/http/failure.h"

#include "core/base/text.h"

#include <array>
#include <fmt/format.h>

namespace consortium::driver::http {

namespace {

using base::Code;
using base::Error;

/// How OpenSSL names the alerts (RFC 8446, section 6.2) by which a server refuses a client's certificate.
constexpr std::array client_alerts{
    "alert certificate required",    "alert bad certificate",     "alert unknown ca",
    "alert certificate expired",     "alert certificate revoked", "alert certificate unknown",
    "alert unsupported certificate", "alert access denied"};

std::string_view host_of(std::string_view url) {
    auto const begin = url.find("://") + 3;
    return url.substr(begin, url.find_first_of("/?#", begin) - begin);
}

// "SSL certificate problem: certificate has expired" -> "certificate has expired"
std::string without_prefix(std::string const& reason) {
    for (std::string_view const prefix : {"SSL certificate problem: ", "SSL: "}) {
        if (reason.starts_with(prefix)) return base::printable(reason.substr(prefix.size()));
    }
    return base::printable(reason);
}

bool refuses_client(std::string const& reason) {
    for (std::string_view const alert : client_alerts) {
        if (reason.find(alert) != std::string::npos) return true;
    }
    return false;
}

Error bad_server(port::HttpRequest const& request, std::string const& reason) {
    auto const& authorities = request.security.authorities;
    return {Code::verification_failed,
            fmt::format("the certificate of '{}' does not verify: {}", host_of(request.url),
                        without_prefix(reason)),
            "ask its owner for the authorities and the name of the certificate; it is never left unverified",
            {{"url", request.url},
             {"authorities", authorities.empty() ? "those of the system" : authorities.string()}}};
}

Error bad_authorities(port::HttpRequest const& request) {
    auto const& file = request.security.authorities;
    if (file.empty()) {
        return {Code::configuration,
                "the system's certificate authorities cannot be read",
                "install the package ca-certificates, or name the node's own with --authorities",
                {{"url", request.url}}};
    }
    return {Code::configuration,
            fmt::format("the authorities in '{}' cannot be read", file.string()),
            "it must be a file of PEM certificates",
            {{"url", request.url}}};
}

Error bad_client(port::HttpRequest const& request, std::string const& reason) {
    auto const& certificate = request.security.certificate;
    if (certificate.empty()) {
        return {Code::not_authorized,
                fmt::format("'{}' wants a client certificate, and none is given", host_of(request.url)),
                "run 'consortium node remove', then 'consortium node add' with --certificate and --key-file",
                {{"url", request.url}, {"reason", base::printable(reason)}}};
    }
    return {Code::not_authorized,
            fmt::format("'{}' does not accept the client certificate '{}'", host_of(request.url),
                        certificate.string()),
            "ask the node's owner which authority and names it accepts",
            {{"url", request.url}, {"reason", base::printable(reason)}}};
}

Error no_answer(port::HttpRequest const& request, std::string const& reason) {
    // Up to TLS 1.2 a missing client certificate is told by the same alert as a missing common cipher.
    bool const broken_off = reason.find("alert handshake failure") != std::string::npos;
    return {Code::unavailable,
            "no answer: " + base::printable(reason),
            broken_off && request.security.certificate.empty()
                ? "it may want a client certificate: see --certificate in 'consortium help node add'"
                : "see that the node runs and is reachable, then run the command again",
            {{"url", request.url}}};
}

Error bad_file(port::HttpRequest const& request, std::string const& reason) {
    auto const& security = request.security;
    return {Code::configuration,
            fmt::format("the client certificate '{}' with the key '{}' cannot be used",
                        security.certificate.string(), security.key.string()),
            "both must be PEM, belong together, and the key must not be encrypted",
            {{"url", request.url}, {"reason", base::printable(reason)}}};
}

}  // namespace

Error failure(port::HttpRequest const& request, base::Duration timeout, CURLcode code,
              std::string const& reason) {
    switch (code) {
        case CURLE_OPERATION_TIMEDOUT:
            return {Code::unavailable,
                    fmt::format("no answer within {} s", timeout.seconds),
                    "see that the node runs and is reachable, or give it longer with --timeout",
                    {{"url", request.url}}};
        case CURLE_PEER_FAILED_VERIFICATION:
            return bad_server(request, reason);
        case CURLE_SSL_CERTPROBLEM:
            return bad_file(request, reason);
        case CURLE_SSL_CACERT_BADFILE:
            return bad_authorities(request);
        default:
            if (refuses_client(reason)) return bad_client(request, reason);
            return no_answer(request, reason);
    }
}

}  // namespace consortium::driver::http
