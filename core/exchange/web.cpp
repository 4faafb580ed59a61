#include "core/exchange/web.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/exchange/open.h"

#include <algorithm>

namespace consortium::exchange {

using base::Code;
using base::Error;

namespace {

// One byte more than is wanted tells a blob that is too large from one that is not; what a server says beside
// its blobs (a page about an error) may be larger than the smallest of them.
constexpr std::size_t least_answer = 64u << 10;

std::string without_slash(std::string url) {
    while (url.ends_with('/')) url.pop_back();
    return url;
}

bool is_this_machine(std::string_view host) {
    for (std::string_view const own : {"127.0.0.1", "localhost", "[::1]"})
        if (host == own || (host.starts_with(own) && host[own.size()] == ':')) return true;
    return false;
}

}  // namespace

void check_url(std::string_view url) {
    auto const refuse = [&](std::string const& why, std::string hint) {
        throw Error(Code::usage, "'" + base::printable(url) + "' " + why, std::move(hint));
    };
    bool const plain = url.starts_with("http://");
    if (!plain && !url.starts_with("https://")) refuse("is no https:// address", "write https://HOST/PATH");
    auto const begin = url.find("://") + 3;
    auto const host = url.substr(begin, url.find('/', begin) - begin);
    if (host.find('@') != std::string_view::npos)
        throw Error(Code::usage, "a URL of an exchange must not carry a user or a password",
                    "name a file with 'exchange-bearer-file', or a client certificate");
    if (host.empty() || !std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7f; }) ||
        url.find_first_of("?#\"\\") != std::string_view::npos)
        refuse("is no address of a tree", "write https://HOST/PATH");
    if (plain && !is_this_machine(host))
        refuse("would be read in clear", "use https://; http:// is for this machine only");
}

port::HttpAnswer ask(port::Transport& transport, port::HttpRequest const& request, std::string const& place,
                     std::optional<Error>& down) {
    if (down) throw Error(*down);
    try {
        return transport.send(request);
    } catch (Error const& error) {
        auto const& details = error.details();
        if (std::ranges::any_of(details, [](auto const& detail) { return detail.first == "limit"; }))
            throw Error(Code::malformed, "'" + request.url + "' is larger than it may be", {}, details);
        auto const hint = error.hint().find("node") == std::string::npos
                              ? error.hint()
                              : std::string("see that it is reachable, and run the command again");
        down = about_place(
            Error(error.code(), "'" + place + "' cannot be used: " + error.message(), hint, error.details()),
            place);
        throw Error(*down);
    }
}

Error refusal(port::HttpAnswer const& answer, std::string const& url, std::string const& place) {
    Error::Details details{
        {"url", url}, {"status", std::to_string(answer.status)}, {std::string(port::place_detail), place}};
    if (answer.status == 401 || answer.status == 403)
        return {Code::not_authorized, "'" + place + "' does not let this workspace in",
                "see which credentials it wants: consortium-exchange(7)", std::move(details)};
    if (answer.status >= 300 && answer.status < 400)
        return {Code::unavailable, "'" + place + "' points to another address, which is not followed",
                "ask its owner for the right address", std::move(details)};
    return {Code::unavailable, "'" + place + "' answers " + std::to_string(answer.status),
            "run the command again later, or ask its owner", std::move(details)};
}

std::optional<std::string> blob_of(port::HttpAnswer answer, std::string const& url, std::string const& place,
                                   std::size_t max) {
    if (answer.status == 404 || answer.status == 410) return std::nullopt;
    if (answer.status != 200) throw refusal(answer, url, place);
    if (answer.body.size() > max)
        throw Error(Code::malformed, "'" + url + "' is larger than " + std::to_string(max) + " bytes");
    return std::move(answer.body);
}

Web::Web(Place place, Means const& means) : m_place(std::move(place)), m_transport(means.transport) {
    check_url(m_place.at);
}

std::optional<std::string> Web::read(std::string const& path, std::size_t max) const {
    check_path(path);
    port::HttpRequest request;
    request.url = without_slash(m_place.at) + "/" + path;
    request.security = m_place.security;
    request.max_answer = std::max(max + 1, least_answer);
    return blob_of(ask(m_transport(), request, m_place.at, m_down), request.url, m_place.at, max);
}

bool Web::has(std::string const& path) const {
    check_path(path);
    port::HttpRequest request;
    request.method = "HEAD";
    request.url = without_slash(m_place.at) + "/" + path;
    request.security = m_place.security;
    auto const answer = ask(m_transport(), request, m_place.at, m_down);
    if (answer.status == 200 || answer.status == 404 || answer.status == 410) return answer.status == 200;
    throw refusal(answer, request.url, m_place.at);
}

void Web::write(std::string const&, std::string_view) {
    throw Error(Code::unsupported, "'" + m_place.at + "' can only be read",
                "publish to a folder that your web server serves, or to an object store");
}

void Web::remove(std::string const& path) {
    write(path, {});
}

}  // namespace consortium::exchange
