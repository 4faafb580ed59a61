#include "core/journal/dossier.h"

#include "core/journal/proof.h"
#include "tests/support/code_of.h"
#include "tests/support/signer.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using journal::Dossier;

namespace {

Dossier sample() {
    Dossier dossier;
    dossier.genesis = base::sha256("genesis");
    dossier.recipient = "Bank \"A\"";
    dossier.scope = base::JsonValue(base::Json{{"kind", "entries"}, {"from", 3}, {"to", 4}});
    dossier.epochs.push_back({0, "{}", {"one", "two"}});
    dossier.context = {"invitation"};
    dossier.files = {std::string("\0\xff\n", 3)};
    dossier.records.push_back({3, "three", "", {base::sha256("a"), base::sha256("b")}});
    dossier.records.push_back({4, "four", "body of four", {}});
    dossier.head = "log\n7\nroot\n\n— log abc\n";
    dossier.cosigned.push_back({"older", {base::sha256("c")}});
    dossier.disclosure = Dossier::Record{6, "leaf", "body", {base::sha256("d")}};
    return dossier;
}

}  // namespace

TEST_CASE("evidence is read as it was written, and nothing else is") {
    auto const text = to_text(sample());
    CHECK(journal::is_dossier(text));
    auto const again = journal::dossier_from_text(text);
    CHECK(to_text(again) == text);
    CHECK(again.recipient == "Bank \"A\"");
    CHECK(again.files == sample().files);
    CHECK(again.records[1].body == "body of four");
    CHECK(again.disclosure->path == sample().disclosure->path);
    CHECK(text.starts_with(content_text(sample())));
}

TEST_CASE("evidence with any byte changed, or cut anywhere, does not hold") {
    auto const text = to_text(sample());
    for (std::size_t at = 0; at < text.size(); ++at) {
        auto flipped = text;
        flipped[at] = static_cast<char>(flipped[at] ^ 0x11);
        CHECK(code_of([&] { journal::dossier_from_text(flipped); }) == base::Code::verification_failed);
        CHECK(code_of([&] { journal::dossier_from_text(text.substr(0, at)); }) ==
              base::Code::verification_failed);
    }
}

TEST_CASE("evidence whose lines are in another order, or with something added, is refused") {
    auto const sealed = [](std::string body) {
        auto const lines = std::count(body.begin(), body.end(), '\n');
        body += base::canonical({{"end", {{"lines", lines}, {"digest", base::sha256(body).hex()}}}}) + "\n";
        return body;
    };
    auto const text = to_text(sample());
    auto const body = text.substr(0, text.rfind("{\"end\""));
    CHECK(sealed(body) == text);
    auto const malformed = [&](std::string const& changed) {
        return code_of([&] { journal::dossier_from_text(sealed(changed)); }) == base::Code::malformed;
    };
    CHECK(malformed(body + "{\"context\":\"late\"}\n"));
    CHECK(malformed(body + "{\"more\":1}\n"));
    CHECK(malformed(body + "\n"));
    CHECK(malformed(body + "{\"head\":\"another\"}\n"));
    CHECK(malformed(body.substr(0, body.rfind("{\"index\""))));
    CHECK(malformed(""));
}

TEST_CASE("a line that would take many times its bytes in memory is refused before it is held") {
    std::string values = "[";
    for (int i = 0; i < 200'000; ++i) values += "{},";
    auto const text = "{\"for\":" + values + "{}]}\n";
    auto const end =
        base::canonical(base::Json{{"end", {{"lines", 1}, {"digest", base::sha256(text).hex()}}}});
    CHECK_THROWS_WITH_AS(journal::dossier_from_text(text + end + "\n"),
                         doctest::Contains("more than 200000 values"), base::Error);
}

TEST_CASE("a consistency proof is read as it was written, and nothing else is") {
    journal::ConsistencyProof proof;
    proof.old_size = 5;
    proof.old_root = base::sha256("old");
    proof.hashes = {base::sha256("a"), base::sha256("b")};
    proof.checkpoint = "log\n7\nroot\n\n— log abc\n";
    auto const text = proof.text();
    CHECK(journal::ConsistencyProof::is_one(text));
    CHECK(journal::ConsistencyProof::parse(text).text() == text);
    auto const refused = [&](std::string_view from, std::string_view to) {
        auto changed = text;
        changed.replace(changed.find(from), from.size(), to);
        return code_of([&] { journal::ConsistencyProof::parse(changed); }) == base::Code::malformed;
    };
    CHECK(refused("old 5", "old 05"));
    CHECK(refused("old 5", "old 0"));
    CHECK(refused("old 5 ", "old 5"));
    CHECK(refused("@v1", "@v2"));
    CHECK(refused("old 5", "new 5"));
}
