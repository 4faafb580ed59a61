#pragma once

#include "core/base/instant.h"
#include "core/base/secret.h"
#include "core/port/transport.h"

namespace consortium::exchange {

/// The key of an object store's account.
struct AwsKey {
    std::string id;
    base::Secret secret;
    std::string session;  // of keys that last for a while; empty: none
};

/// Adds what AWS Signature Version 4 asks for in a request with a URL that is written canonically (its path
/// and query percent-encoded, the query sorted): x-amz-date, x-amz-content-sha256, authorization. Written
/// here because libcurl 7.88 signs neither the body's digest nor a query that an object store accepts.
/// Oracle: the examples in "Authenticating Requests: Using the Authorization Header" of the S3 API reference.
void sign_aws(port::HttpRequest& request, AwsKey const& key, std::string_view region, base::Instant now);

/// Percent-encoding as it wants it: everything but letters, digits and "-._~"; '/' too unless kept.
enum class Slash { keep, encode };
std::string aws_encoded(std::string_view text, Slash slash);

}  // namespace consortium::exchange
