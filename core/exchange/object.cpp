#include "core/exchange/object.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/exchange/open.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <set>

namespace consortium::exchange {

using base::Code;
using base::Error;

namespace {

constexpr std::size_t flush_at = 16u << 20;
constexpr std::size_t most_at_once = 32;
constexpr int most_pages = 100;
constexpr std::size_t max_page = 4u << 20;
constexpr std::size_t least_answer = 64u << 10;

std::string first_of(std::initializer_list<std::string> any) {
    for (auto const& one : any)
        if (!one.empty()) return one;
    return {};
}

std::string variable(char const* name) {
    auto const* text = std::getenv(name);
    return text == nullptr ? std::string() : text;
}

bool is_bucket(std::string_view name) {
    return name.size() >= 3 && name.size() <= 63 && std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
           });
}

}  // namespace

ObjectStore::ObjectStore(Place place, Means const& means) : m_place(std::move(place)), m_means(means) {
    auto const rest = std::string_view(m_place.at).substr(std::string_view("s3://").size());
    m_bucket = rest.substr(0, rest.find('/'));
    m_prefix = m_bucket.size() < rest.size() ? rest.substr(m_bucket.size() + 1) : "";
    while (m_prefix.ends_with('/')) m_prefix.pop_back();
    if (!is_bucket(m_bucket))
        throw Error(Code::usage, "'" + base::printable(m_place.at) + "' names no bucket",
                    "write s3://BUCKET/PREFIX");
    if (!m_prefix.empty()) {
        check_path(m_prefix);
        m_prefix += '/';
    }
    m_place.region =
        first_of({m_place.region, variable("AWS_REGION"), variable("AWS_DEFAULT_REGION"), "us-east-1"});
    m_place.endpoint =
        first_of({m_place.endpoint, variable("AWS_ENDPOINT_URL_S3"), variable("AWS_ENDPOINT_URL"),
                  "https://s3." + m_place.region + ".amazonaws.com"});
    while (m_place.endpoint.ends_with('/')) m_place.endpoint.pop_back();
    check_url(m_place.endpoint);
}

AwsKey const* ObjectStore::key() const {
    if (!m_key_was_read) {
        try {
            m_key = read_aws_key(m_place.credentials);
        } catch (Error const& error) {
            throw about_place(error, m_place.at);
        }
        m_key_was_read = true;
    }
    return m_key ? &*m_key : nullptr;
}

port::HttpRequest ObjectStore::request(std::string method, std::string const& path,
                                       std::string const& query) const {
    port::HttpRequest out;
    out.method = std::move(method);
    out.url = m_place.endpoint + "/" + m_bucket;
    if (!path.empty()) out.url += "/" + aws_encoded(m_prefix + path, Slash::keep);
    if (!query.empty()) out.url += "?" + query;
    out.security = m_place.security;
    return out;
}

void ObjectStore::sign(port::HttpRequest& request) const {
    if (auto const* signer = key()) sign_aws(request, *signer, m_place.region, m_means.clock->now());
}

port::HttpAnswer ObjectStore::send(port::HttpRequest request) const {
    sign(request);
    auto answer = ask(m_means.transport(), request, m_place.at, m_down);
    if (answer.status == 404 && xml_text(answer.body, "Code") == "NoSuchBucket")
        throw failure(answer, request.url);
    return answer;
}

// The store's own word for it ("SignatureDoesNotMatch", "RequestTimeTooSkewed") is what its manual explains.
Error ObjectStore::failure(port::HttpAnswer const& answer, std::string const& url) const {
    if (answer.failure) return about_place(*answer.failure, m_place.at);
    auto const word = base::printable(xml_text(answer.body.substr(0, least_answer), "Code")).substr(0, 80);
    auto error = refusal(answer, url, m_place.at);
    if (answer.status == 404)
        return {Code::not_found, "there is no bucket '" + m_bucket + "' at " + m_place.endpoint,
                "make it, or name another", error.details()};
    if (word.empty()) return error;
    auto const hint = word == "RequestTimeTooSkewed" ? std::string("set this system's clock") : error.hint();
    return {error.code(), error.message() + ": " + word, hint, error.details()};
}

std::optional<port::Exchange::Names> ObjectStore::list(std::string const& folder) const {
    if (!folder.empty()) check_path(folder);
    auto const prefix = m_prefix + (folder.empty() ? "" : folder + "/");
    std::set<std::string> names;
    std::string token;
    for (int page = 0; page < most_pages; ++page) {
        std::string query =
            token.empty() ? "" : "continuation-token=" + aws_encoded(token, Slash::encode) + "&";
        query += "delimiter=%2F&list-type=2&prefix=" + aws_encoded(prefix, Slash::encode);
        auto asked = request("GET", {}, query);
        asked.max_answer = max_page;
        auto const answer = send(asked);
        if (answer.status != 200) throw failure(answer, asked.url);
        auto const listing = read_listing(answer.body);
        for (std::string_view name : listing.keys) {
            if (!name.starts_with(prefix)) continue;
            name.remove_prefix(prefix.size());
            if (name.ends_with('/')) name.remove_suffix(1);
            if (!name.empty() && name.find('/') == std::string_view::npos) names.emplace(name);
        }
        token = listing.more;
        if (token.empty()) return Names(names.begin(), names.end());
    }
    throw Error(Code::malformed, "'" + m_place.at + "/" + folder + "' has more than 100,000 entries");
}

std::optional<std::string> ObjectStore::read(std::string const& path, std::size_t max) const {
    check_path(path);
    auto const staged = m_staged.find(path);
    if (staged != m_staged.end()) return staged->second;
    auto asked = request("GET", path);
    asked.max_answer = std::max(max + 1, least_answer);
    auto answer = send(asked);
    if (answer.status != 200 && answer.status != 404) throw failure(answer, asked.url);
    return blob_of(std::move(answer), asked.url, m_place.at, max);
}

bool ObjectStore::has(std::string const& path) const {
    check_path(path);
    if (m_staged.contains(path)) return true;
    auto const asked = request("HEAD", path);
    auto const answer = send(asked);
    if (answer.status == 200 || answer.status == 404) return answer.status == 200;
    throw failure(answer, asked.url);
}

void ObjectStore::write(std::string const& path, std::string_view content) {
    check_path(path);
    m_staged[path] = std::string(content);
    m_staged_bytes += content.size();
    if (m_staged_bytes > flush_at || m_staged.size() >= most_at_once) settle();
}

void ObjectStore::settle() {
    std::vector<port::HttpRequest> requests;
    for (auto const& [path, content] : m_staged) {
        auto put = request("PUT", path);
        put.body = content;
        put.headers["content-type"] = "application/octet-stream";
        sign(put);
        requests.push_back(std::move(put));
    }
    if (requests.empty()) return;
    if (m_down) throw Error(*m_down);
    auto const answers = m_means.transport().send_all(requests);
    for (std::size_t i = 0; i < answers.size(); ++i)
        if (answers[i].status != 200) throw failure(answers[i], requests[i].url);
    m_staged.clear();
    m_staged_bytes = 0;
}

void ObjectStore::remove(std::string const& path) {
    check_path(path);
    settle();
    auto const asked = request("DELETE", path);
    auto const answer = send(asked);
    if (answer.status != 200 && answer.status != 204 && answer.status != 404)
        throw failure(answer, asked.url);
}

}  // namespace consortium::exchange
