#pragma once

#include "core/exchange/aws_signature.h"
#include "core/exchange/web.h"

#include <map>

namespace consortium::exchange {

/// A prefix in a bucket of an object store that speaks the protocol of Amazon S3: "s3://bucket/prefix".
/// What is written is put at separate() and settle(), several blobs at once; an object is seen whole or not
/// at all.
class ObjectStore : public port::Exchange {
public:
    /// Throws Error(usage) for a bucket, prefix or endpoint that must not be used.
    ObjectStore(Place place, Means const& means);

    std::string location() const override { return m_place.at; }
    std::optional<Names> list(std::string const& folder) const override;
    std::optional<std::string> read(std::string const& path, std::size_t max) const override;
    void write(std::string const& path, std::string_view content) override;
    void settle() override;
    bool has(std::string const& path) const override;
    void remove(std::string const& path) override;

private:
    port::HttpRequest request(std::string method, std::string const& path,
                              std::string const& query = {}) const;
    void sign(port::HttpRequest& request) const;
    port::HttpAnswer send(port::HttpRequest request) const;
    base::Error failure(port::HttpAnswer const& answer, std::string const& url) const;
    AwsKey const* key() const;

    Place m_place;
    std::string m_bucket;
    std::string m_prefix;  // "tree/", or empty
    Means m_means;
    mutable std::optional<AwsKey> m_key;
    mutable bool m_key_was_read = false;
    mutable std::optional<base::Error> m_down;
    std::map<std::string, std::string, std::less<>> m_staged;
    std::size_t m_staged_bytes = 0;
};

/// The key in a file in the form of ~/.aws/credentials, or in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
/// AWS_SESSION_TOKEN; none if neither is there. Throws Error(configuration) for a file that others may read,
/// or that holds no key.
std::optional<AwsKey> read_aws_key(base::Path const& file);

/// What is read of an answer to ListObjectsV2.
struct ObjectListing {
    std::vector<std::string> keys;  // objects, and folders with a '/' at the end
    std::string more;               // the token with which it goes on; empty: it is the last
};

/// Throws Error(malformed) if the text is no such answer.
ObjectListing read_listing(std::string_view xml);

/// The text of the first element of that name, entities resolved; empty if there is none.
std::string xml_text(std::string_view xml, std::string_view name);

}  // namespace consortium::exchange
