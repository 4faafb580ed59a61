#include "core/driver/http/transfer.h"

#include "core/base/error.h"
#include "core/base/secret.h"
#include "core/base/text.h"
#include "core/driver/http/credential.h"
#include "core/driver/http/failure.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

namespace consortium::driver::http {

namespace {

constexpr std::size_t max_headers = 64u << 10;

[[noreturn]] void refuse(port::HttpRequest const& request, std::string what) {
    throw base::Error(base::Code::configuration, std::move(what), "run 'consortium node show' to see the URL",
                      {{"url", request.url}});
}

bool is_graphic(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

std::string_view authority(std::string_view url) {
    auto const begin = url.find("://") + 3;
    return url.substr(begin, url.find_first_of("/?#", begin) - begin);
}

bool is_loopback(std::string_view url) {
    auto const host = authority(url);
    for (std::string_view const own : {"127.0.0.1", "localhost", "[::1]"}) {
        if (host == own || (host.starts_with(own) && host[own.size()] == ':')) return true;
    }
    return false;
}

// Secrets cross a network only inside TLS.
void check(port::HttpRequest const& request) {
    bool const plain = request.url.starts_with("http://");
    if (!plain && !request.url.starts_with("https://")) {
        refuse(request, "only http:// and https:// addresses can be asked");
    }
    if (!is_graphic(request.url)) refuse(request, "the URL holds a blank or a control character");
    if (authority(request.url).find('@') != std::string_view::npos) {
        refuse(request, "a URL must not carry a user or a password");
    }
    bool const secret = !request.security.bearer_file.empty() || request.security.secret_body ||
                        request.headers.contains("authorization");
    if (plain && secret && !is_loopback(request.url)) {
        refuse(request, "a secret would cross the network in clear; use https://");
    }
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

}  // namespace

Transfer::Transfer(port::HttpRequest const& request, base::Duration timeout)
    : m_request(request), m_timeout(timeout) {
    check(request);
    m_handle = curl().easy_init();
    if (m_handle == nullptr) throw base::Error(base::Code::internal, "libcurl gives no handle");
    try {
        set_limits();
        set_security();
        set_content();
    } catch (...) {
        curl().slist_free_all(m_headers);
        curl().easy_cleanup(m_handle);
        throw;
    }
}

Transfer::~Transfer() {
    curl().slist_free_all(m_headers);
    curl().easy_cleanup(m_handle);
}

void Transfer::set_limits() {
    auto const set = curl().easy_setopt;
    auto const milliseconds = static_cast<long>(m_timeout.seconds * 1000);
    set(m_handle, CURLOPT_URL, m_request.url.c_str());
    set(m_handle, CURLOPT_PROTOCOLS_STR, "http,https");
    set(m_handle, CURLOPT_FOLLOWLOCATION, 0L);
    set(m_handle, CURLOPT_NOSIGNAL, 1L);
    // A proxy would see what goes in clear, and its loopback is not ours.
    if (m_request.url.starts_with("http://") || is_loopback(m_request.url))
        set(m_handle, CURLOPT_NOPROXY, "*");
    set(m_handle, CURLOPT_TIMEOUT_MS, milliseconds);
    set(m_handle, CURLOPT_CONNECTTIMEOUT_MS, milliseconds);
    set(m_handle, CURLOPT_ERRORBUFFER, m_reason);
    set(m_handle, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
    set(m_handle, CURLOPT_WRITEDATA, this);
    set(m_handle, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
    set(m_handle, CURLOPT_HEADERDATA, this);
    set(m_handle, CURLOPT_USERAGENT, "consortium");
}

void Transfer::set_security() {
    auto const set = curl().easy_setopt;
    auto const& security = m_request.security;
    set(m_handle, CURLOPT_SSL_VERIFYPEER, 1L);
    set(m_handle, CURLOPT_SSL_VERIFYHOST, 2L);
    set(m_handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!security.authorities.empty()) {
        set(m_handle, CURLOPT_CAINFO, security.authorities.c_str());
        set(m_handle, CURLOPT_CAPATH, nullptr);  // else the system's folder is trusted besides
    }
    if (!security.certificate.empty()) set(m_handle, CURLOPT_SSLCERT, security.certificate.c_str());
    if (!security.key.empty()) {
        check_private(security.key);
        set(m_handle, CURLOPT_SSLKEY, security.key.c_str());
        set(m_handle, CURLOPT_KEYPASSWD, "");  // else OpenSSL asks for one on the terminal
    }
    if (security.bearer_file.empty()) return;
    auto line = "Authorization: Bearer " + read_token(security.bearer_file);
    add_header(line);
    base::wipe(line);
}

void Transfer::set_content() {
    auto const set = curl().easy_setopt;
    for (auto const& [name, value] : m_request.headers) {
        if (!is_graphic(name) || value.find_first_of("\r\n") != std::string::npos) {
            refuse(m_request, "a header holds a line break");
        }
        auto line = name;
        line.append(": ").append(value);
        add_header(line);
    }
    add_header("Expect:");  // no pause before a body is sent
    set(m_handle, CURLOPT_HTTPHEADER, m_headers);
    if (m_request.method == "GET") return;
    if (m_request.method == "HEAD") {
        set(m_handle, CURLOPT_NOBODY, 1L);
        return;
    }
    set(m_handle, CURLOPT_CUSTOMREQUEST, m_request.method.c_str());
    set(m_handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(m_request.body.size()));
    set(m_handle, CURLOPT_POSTFIELDS, m_request.body.data());
}

void Transfer::add_header(std::string const& line) {
    auto* const longer = curl().slist_append(m_headers, line.c_str());
    if (longer == nullptr) throw base::Error(base::Code::internal, "libcurl takes no header");
    m_headers = longer;
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    auto const length = size * count;
    if (length > transfer.m_request.max_answer - transfer.m_answer.body.size()) {
        transfer.m_too_large = true;
        return 0;
    }
    transfer.m_answer.body.append(data, length);
    return length;
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    auto const length = size * count;
    transfer.m_header_bytes += length;
    if (transfer.m_header_bytes > max_headers) {
        transfer.m_too_large = true;
        return 0;
    }
    std::string_view const line(data, length);
    auto const colon = line.find(':');
    if (colon != std::string_view::npos) {
        transfer.m_answer.headers[lower(line.substr(0, colon))] = base::trimmed(line.substr(colon + 1));
    }
    return length;
}

port::HttpAnswer Transfer::finish(CURLcode result) {
    if (result == CURLE_OK) {
        long status = 0;
        curl().easy_getinfo(m_handle, CURLINFO_RESPONSE_CODE, &status);
        m_answer.status = static_cast<int>(status);
        return std::move(m_answer);
    }
    port::HttpAnswer none;
    std::string reason = m_reason[0] != '\0' ? m_reason : curl().easy_strerror(result);
    if (m_too_large) reason = fmt::format("it is larger than {} bytes", m_request.max_answer);
    none.failure = failure(m_request, m_timeout, result, reason);
    if (m_too_large) none.failure = none.failure->with("limit", std::to_string(m_request.max_answer));
    return none;
}

}  // namespace consortium::driver::http
