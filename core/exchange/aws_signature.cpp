#include "core/exchange/aws_signature.h"

#include "core/base/digest.h"
#include "core/base/error.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <openssl/hmac.h>

namespace consortium::exchange {

namespace {

using base::Bytes;

Bytes hmac(base::BytesView key, std::string_view text) {
    Bytes out(32);
    unsigned int size = 0;
    auto const data = base::as_bytes(text);
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data.data(), data.size(), out.data(),
             &size) == nullptr) {
        throw base::Error(base::Code::internal, "no HMAC");
    }
    return out;
}

/// "2013-05-24T00:00:00Z" -> "20130524T000000Z"
std::string basic(base::Instant now) {
    auto text = now.text();
    std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
    return text;
}

struct Parts {
    std::string host, path, query;
};

// The port of the scheme is not sent with the host.
Parts parts_of(std::string_view url) {
    auto const begin = url.find("://") + 3;
    auto const slash = std::min(url.find('/', begin), url.size());
    auto const question = std::min(url.find('?', slash), url.size());
    auto host = url.substr(begin, slash - begin);
    std::string_view const usual = url.starts_with("https") ? ":443" : ":80";
    if (host.ends_with(usual)) host.remove_suffix(usual.size());
    Parts parts;
    parts.host = host;
    parts.path = slash == question ? "/" : url.substr(slash, question - slash);
    if (question < url.size()) parts.query = url.substr(question + 1);
    return parts;
}

Bytes signing_key(AwsKey const& key, std::string_view date, std::string_view region) {
    auto first = "AWS4" + std::string(key.secret.text());
    auto out = hmac(base::as_bytes(first), date);
    base::wipe(first);
    out = hmac(out, region);
    out = hmac(out, "s3");
    return hmac(out, "aws4_request");
}

}  // namespace

std::string aws_encoded(std::string_view text, Slash slash) {
    std::string out;
    for (char const c : text) {
        bool const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '.' || c == '_' || c == '~' || (c == '/' && slash == Slash::keep);
        if (plain) {
            out += c;
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

void sign_aws(port::HttpRequest& request, AwsKey const& key, std::string_view region, base::Instant now) {
    auto const parts = parts_of(request.url);
    auto const time = basic(now);
    auto const date = time.substr(0, 8);
    auto const body = base::sha256(request.body).hex();
    request.headers["x-amz-date"] = time;
    request.headers["x-amz-content-sha256"] = body;
    if (!key.session.empty()) request.headers["x-amz-security-token"] = key.session;

    auto signed_headers = request.headers;  // sorted, in lower case
    signed_headers["host"] = parts.host;
    std::string lines;
    std::string names;
    for (auto const& [name, value] : signed_headers) {
        lines += fmt::format("{}:{}\n", name, value);
        names += (names.empty() ? "" : ";") + name;
    }
    auto const canonical =
        fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, parts.path, parts.query, lines, names, body);
    auto const scope = fmt::format("{}/{}/s3/aws4_request", date, region);
    auto const text = fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", time, scope, base::sha256(canonical).hex());
    auto const signature = base::to_hex(hmac(signing_key(key, date, region), text));
    request.headers["authorization"] = fmt::format(
        "AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}", key.id, scope, names, signature);
}

}  // namespace consortium::exchange
