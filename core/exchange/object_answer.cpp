#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/exchange/object.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sys/stat.h>

namespace consortium::exchange {

using base::Code;
using base::Error;

namespace {

constexpr std::size_t max_credentials = 16u << 10;

std::string variable(char const* name) {
    auto const* text = std::getenv(name);
    return text == nullptr ? std::string() : text;
}

void check_owner_only(base::Path const& file) {
    struct stat about {};
    if (::stat(file.c_str(), &about) != 0 || (about.st_mode & 077U) == 0) return;
    throw Error(Code::configuration, "'" + file.string() + "' holds a secret and can be read by others",
                "run 'chmod 600' on it", {{"file", file.string()}});
}

struct Span {
    std::string_view text;
    std::size_t end = std::string_view::npos;  // behind the closing tag
};

// An answer of a store has no attributes on the elements that are read, no comments and no CDATA in them;
// what has is taken for text that no name fits.
std::optional<Span> element(std::string_view xml, std::string_view name, std::size_t from = 0) {
    auto const open = "<" + std::string(name) + ">";
    auto const close = "</" + std::string(name) + ">";
    auto const begin = xml.find(open, from);
    if (begin == std::string_view::npos) return std::nullopt;
    auto const end = xml.find(close, begin);
    if (end == std::string_view::npos) return std::nullopt;
    auto const inner = begin + open.size();
    return Span{xml.substr(inner, end - inner), end + close.size()};
}

std::string resolved(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, char>, 5> entities{
        {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}}};
    std::string out;
    while (!text.empty()) {
        auto const found = std::ranges::find_if(
            entities, [&](auto const& entity) { return text.starts_with(entity.first); });
        out += found == entities.end() ? text.front() : found->second;
        text.remove_prefix(found == entities.end() ? 1 : found->first.size());
    }
    return out;
}

void add_texts(std::string_view xml, std::string_view outer, std::string_view inner,
               std::vector<std::string>& into) {
    for (std::size_t at = 0; at != std::string_view::npos;) {
        auto const one = element(xml, outer, at);
        if (!one) return;
        if (auto const text = element(one->text, inner)) into.push_back(resolved(text->text));
        at = one->end;
    }
}

}  // namespace

std::string xml_text(std::string_view xml, std::string_view name) {
    auto const found = element(xml, name);
    return found ? resolved(found->text) : std::string();
}

ObjectListing read_listing(std::string_view xml) {
    if (xml.find("<ListBucketResult") == std::string_view::npos ||
        xml.find("</ListBucketResult>") == std::string_view::npos) {
        throw Error(Code::malformed, "the object store's listing makes no sense",
                    "see that the endpoint is that of an object store");
    }
    ObjectListing listing;
    add_texts(xml, "Contents", "Key", listing.keys);
    add_texts(xml, "CommonPrefixes", "Prefix", listing.keys);
    if (xml_text(xml, "IsTruncated") == "true") listing.more = xml_text(xml, "NextContinuationToken");
    return listing;
}

std::optional<AwsKey> read_aws_key(base::Path const& file) {
    AwsKey key;
    if (file.empty()) {
        key.id = variable("AWS_ACCESS_KEY_ID");
        key.secret = base::Secret::from_text(variable("AWS_SECRET_ACCESS_KEY"));
        key.session = variable("AWS_SESSION_TOKEN");
        if (key.id.empty() || key.secret.empty()) return std::nullopt;
        return key;
    }
    check_owner_only(file);
    auto text = base::read_text(file, max_credentials);
    for (auto& line : base::split(text, '\n')) {
        auto const equals = line.find('=');
        auto const name = base::trimmed(std::string_view(line).substr(0, equals));
        if (equals == std::string::npos) continue;
        std::string value(base::trimmed(std::string_view(line).substr(equals + 1)));
        if (name == "aws_access_key_id" && key.id.empty()) key.id = value;
        if (name == "aws_session_token" && key.session.empty()) key.session = value;
        if (name == "aws_secret_access_key" && key.secret.empty())
            key.secret = base::Secret::from_text(std::move(value));
        base::wipe(line);
    }
    base::wipe(text);
    if (!key.id.empty() && !key.secret.empty()) return key;
    throw Error(Code::configuration, "'" + file.string() + "' holds no access key",
                "write 'aws_access_key_id = …' and 'aws_secret_access_key = …' into it",
                {{"file", file.string()}});
}

}  // namespace consortium::exchange
