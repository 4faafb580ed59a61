#pragma once

#include "core/base/instant.h"
#include "core/driver/http/curl.h"
#include "core/port/transport.h"

namespace consortium::driver::http {

/// One request on its way: the handle, its headers and what has come back so far.
class Transfer {
public:
    /// Reads the bearer file. Throws Error(configuration) for what must not be sent.
    Transfer(port::HttpRequest const& request, base::Duration timeout);
    ~Transfer();
    Transfer(Transfer const&) = delete;
    Transfer& operator=(Transfer const&) = delete;

    CURL* handle() const { return m_handle; }
    /// The answer, or the failure.
    port::HttpAnswer finish(CURLcode result);

private:
    void set_limits();
    void set_security();
    void set_content();
    void add_header(std::string const& line);
    static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);

    port::HttpRequest const& m_request;
    base::Duration m_timeout;
    port::HttpAnswer m_answer;
    CURL* m_handle = nullptr;
    curl_slist* m_headers = nullptr;
    std::size_t m_header_bytes = 0;
    bool m_too_large = false;
    char m_reason[CURL_ERROR_SIZE] = {};
};

}  // namespace consortium::driver::http
