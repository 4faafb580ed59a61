#include "core/exchange/object.h"

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/driver/transport.h"
#include "core/exchange/open.h"
#include "tests/support/code_of.h"
#include "tests/support/fakes.h"
#include "tests/support/http_server.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Code;
using exchange::AwsKey;
using test::HttpServer;
using test::ServedAnswer;
using test::ServedRequest;
using Names = port::Exchange::Names;

namespace {

/// A store in memory, as far as ListObjectsV2 and blobs go; one name a page.
struct Store {
    std::map<std::string, std::string> objects;
    int fail = 0;  // answers this to everything

    ServedAnswer answer(ServedRequest const& request) {
        if (fail != 0) return {.status = fail, .body = "<Error><Code>SignatureDoesNotMatch</Code></Error>"};
        auto const question = request.path.find('?');
        if (question != std::string::npos) return list(request.path.substr(question + 1));
        auto const key = request.path.substr(std::string("/bucket/").size());
        if (request.method == "PUT") objects[key] = request.body;
        if (request.method == "DELETE") return {.status = objects.erase(key) != 0 ? 204 : 204, .body = {}};
        if (!objects.contains(key)) return {.status = 404, .body = "<Error><Code>NoSuchKey</Code></Error>"};
        return {.body = request.method == "GET" ? objects[key] : ""};
    }
    ServedAnswer list(std::string const& query) {
        auto const prefix_at = query.find("prefix=") + 7;
        auto prefix = query.substr(prefix_at);
        for (auto at = prefix.find("%2F"); at != std::string::npos; at = prefix.find("%2F"))
            prefix.replace(at, 3, "/");
        std::string after =
            query.starts_with("continuation-token=") ? query.substr(19, query.find('&') - 19) : "";
        std::map<std::string, bool> names;  // name -> is a folder
        for (auto const& [key, content] : objects) {
            if (!key.starts_with(prefix)) continue;
            auto const slash = key.find('/', prefix.size());
            names[key.substr(0, slash == std::string::npos ? slash : slash + 1)] = slash != std::string::npos;
        }
        std::string xml =
            "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"x\"><Prefix>" + prefix + "</Prefix>";
        int index = 0;
        int const begin = after.empty() ? 0 : std::stoi(after);
        for (auto const& [name, is_folder] : names) {
            if (index++ != begin) continue;
            xml += is_folder ? "<CommonPrefixes><Prefix>" + name + "</Prefix></CommonPrefixes>"
                             : "<Contents><Key>" + name + "</Key></Contents>";
        }
        if (begin + 1 < index)
            xml += "<IsTruncated>true</IsTruncated><NextContinuationToken>" + std::to_string(begin + 1) +
                   "</NextContinuationToken>";
        return {.body = xml + "</ListBucketResult>"};
    }
};

struct Client {
    std::unique_ptr<port::Transport> transport = driver::make_transport(base::Duration{2});
    FixedClock clock;
    base::TemporaryFolder folder;
    std::unique_ptr<port::Exchange> open(std::string const& endpoint,
                                         std::string const& where = "s3://bucket/tree") {
        auto const file = folder.path() / "key";
        base::write_file(file, "[default]\naws_access_key_id = id\naws_secret_access_key=secret\n",
                         base::FileMode::owner);
        exchange::Means means;
        means.clock = &clock;
        means.transport = [this]() -> port::Transport& { return *transport; };
        exchange::Place place{.at = where};
        place.endpoint = endpoint;
        place.credentials = file;
        return exchange::open(place, means);
    }
};

AwsKey example_key() {
    AwsKey key;
    key.id = "AKIAIOSFODNN7EXAMPLE";
    key.secret = base::Secret::from_text("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    return key;
}

std::string signature_of(port::HttpRequest request) {
    sign_aws(request, example_key(), "us-east-1", base::Instant::from_text("2013-05-24T00:00:00Z"));
    auto const& line = request.headers.at("authorization");
    return line.substr(line.find("Signature=") + 10);
}

}  // namespace

// Amazon S3 API reference, "Signature Calculations for the Authorization Header", its examples.
TEST_CASE("requests are signed as Amazon's own examples are") {
    port::HttpRequest get;
    get.url = "https://examplebucket.s3.amazonaws.com/test.txt";
    get.headers["range"] = "bytes=0-9";
    CHECK(signature_of(get) == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    port::HttpRequest put;
    put.method = "PUT";
    put.url = "https://examplebucket.s3.amazonaws.com/" +
              exchange::aws_encoded("test$file.text", exchange::Slash::keep);
    put.headers["date"] = "Fri, 24 May 2013 00:00:00 GMT";
    put.headers["x-amz-storage-class"] = "REDUCED_REDUNDANCY";
    put.body = "Welcome to Amazon S3.";
    CHECK(signature_of(put) == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    port::HttpRequest list;
    list.url = "https://examplebucket.s3.amazonaws.com:443/?max-keys=2&prefix=J";
    CHECK(signature_of(list) == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
    CHECK(exchange::aws_encoded("a b/c~é", exchange::Slash::encode) == "a%20b%2Fc~%C3%A9");
}

TEST_CASE("a bucket holds what was written, until it is removed") {
    Store store;
    HttpServer const server([&](ServedRequest const& request) { return store.answer(request); });
    Client client;
    auto const shared = client.open(server.url());
    CHECK_FALSE(shared->read("acme/checkpoint", 10));
    shared->write("acme/tile/0/000.p/4", "four");
    CHECK(shared->read("acme/tile/0/000.p/4", 10) == "four");
    CHECK(store.objects.empty());
    shared->separate();
    shared->write("acme/tile/0/000.p/7", "seven");
    shared->write("acme/checkpoint", "one");
    shared->settle();
    CHECK(store.objects.at("tree/acme/checkpoint") == "one");
    CHECK(shared->list("acme/tile/0/000.p") == Names{"4", "7"});  // in two pages
    CHECK(shared->list("") == Names{"acme"});
    CHECK(shared->list("nobody")->empty());
    CHECK(shared->has("acme/checkpoint"));
    CHECK_FALSE(shared->has("acme/tile"));
    shared->remove("acme/tile/0/000.p/4");
    shared->remove("acme/tile/0/000.p/4");
    CHECK(shared->list("acme/tile/0/000.p") == Names{"7"});
    CHECK(code_of([&] { shared->read("acme/checkpoint", 2); }) == Code::malformed);
    CHECK(code_of([&] { shared->read("../x", 2); }) == Code::malformed);
    for (auto const& request : server.seen()) {
        CHECK(request.headers.at("authorization")
                  .starts_with("AWS4-HMAC-SHA256 Credential=id/20261102/us-east-1/s3/"));
        CHECK(request.headers.at("x-amz-date") == "20261102T120000Z");
    }
}

TEST_CASE("a store that refuses, or makes no sense") {
    Store store;
    HttpServer const server([&](ServedRequest const& request) { return store.answer(request); });
    Client client;
    auto const shared = client.open(server.url());
    store.fail = 403;
    CHECK(code_of([&] { shared->read("acme/x", 10); }) == Code::not_authorized);
    shared->write("acme/x", "x");
    try {
        shared->settle();
        FAIL("written");
    } catch (base::Error const& error) {
        CHECK(error.code() == Code::not_authorized);
        CHECK(error.message().ends_with(": SignatureDoesNotMatch"));
        CHECK(port::place_of(error) == "s3://bucket/tree");
    }
    store.fail = 500;
    CHECK(code_of([&] { shared->list(""); }) == Code::unavailable);
    store.fail = 404;
    CHECK_FALSE(shared->read("acme/y", 10));
    CHECK(code_of([&] { shared->settle(); }) == Code::not_found);  // no such bucket
    store.fail = 0;
    shared->settle();  // what was not taken is put again
    CHECK(store.objects.at("tree/acme/x") == "x");

    HttpServer const silly([](ServedRequest const& request) {
        if (request.path.find('?') != std::string::npos) return ServedAnswer{.body = "<html>"};
        return ServedAnswer{.body = std::string(300'000, 'x')};
    });
    auto const other = client.open(silly.url());
    CHECK(code_of([&] { other->list(""); }) == Code::malformed);
    CHECK(code_of([&] { other->read("acme/x", 10); }) == Code::malformed);
    // One that never comes to an end of its list.
    HttpServer const endless([](ServedRequest const&) {
        return ServedAnswer{.body =
                                "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>x"
                                "</NextContinuationToken></ListBucketResult>"};
    });
    CHECK(code_of([&] { client.open(endless.url())->list(""); }) == Code::malformed);
}

TEST_CASE("listings are read as they are meant, hostile ones too") {
    auto const listing = exchange::read_listing(
        "<ListBucketResult "
        "xmlns=\"x\"><Contents><Key>a&amp;b</Key><Size>1</Size></Contents><Contents><Key>c</Key>"
        "</Contents><CommonPrefixes><Prefix>d/</Prefix></CommonPrefixes></ListBucketResult>");
    CHECK(listing.keys == Names{"a&b", "c", "d/"});
    CHECK(listing.more.empty());
    CHECK(code_of([] { exchange::read_listing("<ListBucketResult><Contents><Key>a"); }) == Code::malformed);
    CHECK(exchange::read_listing("<ListBucketResult><Contents><Contents></ListBucketResult>").keys.empty());
    CHECK(exchange::xml_text("<Error><Code>A&lt;B</Code></Error>", "Code") == "A<B");
}

TEST_CASE("keys of an account are read from files that only their owner can read") {
    base::TemporaryFolder const folder;
    auto const file = folder.path() / "key";
    base::write_file(file, "aws_access_key_id=a\naws_secret_access_key = b\naws_session_token = c\n");
    CHECK(code_of([&] { exchange::read_aws_key(file); }) == Code::configuration);
    std::filesystem::permissions(file,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    auto const key = exchange::read_aws_key(file);
    REQUIRE(key);
    CHECK(key->id == "a");
    CHECK(key->secret.text() == "b");
    CHECK(key->session == "c");
    base::write_file(file, "nothing\n", base::FileMode::owner);
    CHECK(code_of([&] { exchange::read_aws_key(file); }) == Code::configuration);
    CHECK(code_of([&] { exchange::read_aws_key(folder.path() / "none"); }) == Code::not_found);
}

TEST_CASE("buckets by their names") {
    Client client;
    for (auto const* where : {"s3://", "s3://B/x", "s3://ab", "s3://bucket/../x", "s3://bucket/a b"}) {
        CAPTURE(where);
        auto const code = code_of([&] { client.open("https://example.org", where); });
        CHECK((code == Code::usage || code == Code::malformed));
    }
    CHECK(code_of([&] { client.open("http://example.org"); }) == Code::usage);  // in clear
    CHECK(client.open("", "s3://bucket")->location() == "s3://bucket");
}
