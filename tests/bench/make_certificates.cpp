#include "cli/session.h"
#include "core/flow/crl.h"

#include <cstdlib>
#include <fmt/format.h>
#include <iostream>
#include <nlohmann/json.hpp>

// Puts N certificates on file: make_certificates WORKSPACE N. What they say is as long as real ones; only
// the signatures are missing, which nothing that issues the next one reads. With "revoked" and maybe a first
// number behind N, as many are revoked, of which nothing is kept but that.
namespace {

using namespace consortium;

constexpr int batch = 5'000;

/// In order, so that they are put on file fast, and far from each other as drawn ones are: those that a bench
/// draws fall in between.
std::string serial_of(int number) {
    auto const counted = static_cast<std::uint64_t>(number) + 1;
    return fmt::format("{:016x}{:016x}", counted << 44U, counted);
}

model::Object certificate(int number, base::Instant due) {
    model::Object object;
    object.kind = "certificate";
    object.name = serial_of(number);
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

model::Object revoked(int number, base::Instant due) {
    model::Object object;
    object.kind = "certificate";
    object.name = serial_of(number);
    object.state = "revoked";
    object.member = "acme";
    object.due = due;
    object.data =
        base::Json{{"issuer", "issuing-1"},
                   {"revoked", {{"at", due.text()}, {"reason", "superseded"}, {"compromised", nullptr}}}};
    return object;
}

struct Filling {
    std::string_view event;
    model::Object (*make)(int number, base::Instant due);
    int begin = 0, end = 0;
};

void fill(port::Store& store, Filling const& what, base::Instant due) {
    for (int begin = what.begin; begin < what.end; begin += batch) {
        store.write([&](port::Transaction& transaction) {
            for (int i = begin; i < std::min(what.end, begin + batch); ++i) {
                auto object = what.make(i, due);
                base::Json const body{{"serial", object.name}};
                transaction.append_event({std::string(what.event), due, body, {std::move(object)}});
            }
        });
    }
}

Filling filling(std::vector<std::string_view> const& words) {
    auto const number = [](std::string_view text) { return std::atoi(std::string(text).c_str()); };
    auto const count = number(words[2]);
    if (words.size() == 3) return {"certificate.issued", certificate, 0, count};
    auto const first = words.size() == 5 ? number(words[4]) : 0;
    return {flow::revoked_event, revoked, first, first + count};
}

}  // namespace

int main(int count, char** texts) {
    std::vector<std::string_view> const words(texts, texts + count);
    if (words.size() < 3 || words.size() > 5 || (words.size() > 3 && words[3] != "revoked")) return 2;
    try {
        cli::Common common;
        common.workspace = words[1];
        common.no_input = true;
        cli::Session session(common);
        fill(session.services().store, filling(words), session.now() + base::Duration{86'400});
    } catch (base::Error const& error) {
        std::cerr << error.message() << '\n';
        return 1;
    }
    return 0;
}
