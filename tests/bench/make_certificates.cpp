#include "cli/session.h"

#include <cstdlib>
#include <fmt/format.h>
#include <iostream>
#include <nlohmann/json.hpp>

// Puts N certificates on file: make_certificates WORKSPACE N. What they say is as long as real ones; only
// the signatures are missing, which nothing that issues the next one reads.
namespace {

using namespace consortium;

constexpr int batch = 5'000;

model::Object certificate(int number, base::Instant due) {
    model::Object object;
    object.kind = "certificate";
    object.name = fmt::format("{:032x}", number + 1);
    object.state = number % 100 == 0 ? "revoked" : "valid";
    object.member = "acme";
    object.due = due + base::Duration{number};
    base::Json revoked;
    if (object.state == "revoked") {
        revoked = {{"at", due.text()}, {"reason", "superseded"}, {"compromised", nullptr}};
    }
    object.data = base::Json{{"subject", fmt::format("CN=node{}.acme.example, O=acme", number)},
                             {"issuer", "issuing-1"},
                             {"names", {{"dns", {fmt::format("node{}.acme.example", number)}}}},
                             {"profile", "node-tls"},
                             {"key_id", base::sha256(object.name).hex()},
                             {"der", base::to_base64(base::Bytes(600, 7))},
                             {"revoked", revoked}};
    return object;
}

void fill(port::Store& store, int count, base::Instant due) {
    for (int begin = 0; begin < count; begin += batch) {
        store.write([&](port::Transaction& transaction) {
            for (int i = begin; i < std::min(count, begin + batch); ++i) {
                auto object = certificate(i, due);
                base::Json const body{{"serial", object.name}};
                transaction.append_event({"certificate.issued", due, body, {std::move(object)}});
            }
        });
    }
}

}  // namespace

int main(int count, char** words) {
    if (count != 3) return 2;
    try {
        cli::Common common;
        common.workspace = words[1];
        common.no_input = true;
        cli::Session session(common);
        fill(session.services().store, std::atoi(words[2]), session.now() + base::Duration{86'400});
    } catch (base::Error const& error) {
        std::cerr << error.message() << '\n';
        return 1;
    }
    return 0;
}
