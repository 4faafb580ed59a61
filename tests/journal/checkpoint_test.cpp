#include "core/journal/checkpoint.h"

#include "core/base/error.h"
#include "core/journal/proof.h"
#include "tests/support/signer.h"

#include <doctest/doctest.h>

using namespace consortium;
using namespace consortium::journal;

namespace {

std::string const origin = "acme/0a1b2c3d";

NoteKey log_key(TestSigner const& signer, std::string const& name = origin) {
    return NoteKey::from_spki(name, NoteKeyType::log, signer.public_key());
}

std::string replaced(std::string text, std::string const& from, std::string const& to) {
    auto const at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("the verifier key and note of the signed-note documentation") {
    // golang.org/x/mod/sumdb/note, package documentation: PeterNeumann's key and his signed text.
    auto const key = NoteKey::from_vkey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    CHECK(key.name == "PeterNeumann");
    CHECK(key.vkey() == "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    auto const note = Note::parse(
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
        "\n"
        "\xe2\x80\x94 PeterNeumann "
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n");
    auto const signers = verified_signers(note, {key}, TestVerifier());
    REQUIRE(signers.size() == 1);
    CHECK(signers[0].key.name == "PeterNeumann");
    CHECK_THROWS_AS(NoteKey::from_vkey("PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
                    base::Error);
    CHECK_THROWS_AS(NoteKey::from_vkey("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
                    base::Error);
}

TEST_CASE("a checkpoint has three lines and one signature of its log") {
    TestSigner signer("log");
    Checkpoint const checkpoint{origin, 7, leaf_hash("root")};
    auto const text = sign_checkpoint(checkpoint, signer);
    CHECK(text.starts_with("acme/0a1b2c3d\n7\n" + base::to_base64(checkpoint.root.view()) +
                           "\n\n\xe2\x80\x94 acme/0a1b2c3d "));
    auto const opened = open_checkpoint(text, {log_key(signer)}, TestVerifier());
    CHECK(opened.checkpoint == checkpoint);
    CHECK(opened.signers.size() == 1);
    CHECK(Note::parse(text).text() == text);
}

TEST_CASE("a checkpoint of the wrong form is refused") {
    auto const root = base::to_base64(leaf_hash("root").view());
    auto const good = "a\n7\n" + root + "\n";
    CHECK_NOTHROW(Checkpoint::parse(good));
    std::vector<std::string> const bad_ones{"a\n07\n" + root + "\n",
                                            "a\n-7\n" + root + "\n",
                                            "a\n7\n" + root,
                                            "a\r\n7\r\n" + root + "\r\n",
                                            "a\n7\n" + root + "\ntrailing\n",
                                            "a\n7\nAAAA\n",
                                            "\n7\n" + root + "\n",
                                            "a\n\n" + root + "\n",
                                            "../a\n7\n" + root + "\n",
                                            "a//b\n7\n" + root + "\n",
                                            "a\n0\n" + root + "\n",
                                            "a\n18446744073709551616\n" + root + "\n",
                                            ""};
    for (auto const& bad : bad_ones) {
        CAPTURE(bad);
        CHECK_THROWS_AS(Checkpoint::parse(bad), base::Error);
    }
    CHECK_NOTHROW(Checkpoint::parse("a\n0\n" + base::to_base64(empty_root().view()) + "\n"));
}

TEST_CASE("a note of the wrong form is refused") {
    TestSigner signer("log");
    auto const text = sign_checkpoint({origin, 7, leaf_hash("root")}, signer);
    CHECK_NOTHROW(Note::parse(text));
    CHECK_THROWS_AS(Note::parse(text.substr(0, text.size() - 1)), base::Error);
    CHECK_THROWS_AS(Note::parse(text + "garbage\n"), base::Error);
    CHECK_THROWS_AS(Note::parse(replaced(text, "\n7\n", "\r\n7\n")), base::Error);
    CHECK_THROWS_AS(Note::parse(replaced(text, "\xe2\x80\x94 ", "-- ")), base::Error);
    CHECK_THROWS_AS(Note::parse("body\n\n"), base::Error);
    CHECK_THROWS_AS(Note::parse("body\n"), base::Error);
    CHECK_THROWS_AS(Note::parse(std::string(20'000, 'a') + "\n\n\xe2\x80\x94 a AAAAAAA=\n"), base::Error);
}

TEST_CASE("signatures: unknown ones are ignored, a bad one of a known key rejects") {
    TestSigner signer("log");
    TestSigner other("other");
    TestSigner witness("witness");
    auto const key = log_key(signer);
    Checkpoint const checkpoint{origin, 7, leaf_hash("root")};
    auto note = Note::parse(sign_checkpoint(checkpoint, signer));
    for (int count = 0; count < 20; ++count)
        note.signatures.push_back(sign_note("stranger" + std::to_string(count), note.body, other));
    note.signatures.push_back(cosign_note("globex", note.body, base::Instant{1'700'000'000}, witness));
    auto const witness_key = NoteKey::from_spki("globex", NoteKeyType::cosigner, witness.public_key());
    auto const opened = open_checkpoint(note.text(), {key, witness_key}, TestVerifier());
    REQUIRE(opened.signers.size() == 2);
    CHECK(opened.signers[1].time == base::Instant{1'700'000'000});

    SUBCASE("another body under the log's signature") {
        note.body = replaced(note.body, "\n7\n", "\n8\n");
        CHECK_THROWS_AS(open_checkpoint(note.text(), {key}, TestVerifier()), base::Error);
    }
    SUBCASE("another time under a cosignature") {
        note.signatures.back().bytes[7] ^= 1;
        CHECK_THROWS_AS(open_checkpoint(note.text(), {key, witness_key}, TestVerifier()), base::Error);
    }
    SUBCASE("signed by others only") {
        CHECK_THROWS_AS(open_checkpoint(note.text(), {witness_key}, TestVerifier()), base::Error);
        CHECK_THROWS_AS(open_checkpoint(note.text(), {log_key(other)}, TestVerifier()), base::Error);
    }
    SUBCASE("the log's key under another name does not count as the log") {
        auto const renamed = log_key(signer, "other-log");
        Note copy{note.body, {sign_note("other-log", note.body, signer)}};
        CHECK_THROWS_AS(open_checkpoint(copy.text(), {renamed}, TestVerifier()), base::Error);
    }
}

TEST_CASE("a proof file carries an entry and its path to a signed head") {
    TestSigner signer("log");
    std::vector<std::string> const entries{"zero", "one", "two", "three", "four"};
    Frontier frontier;
    for (auto const& entry : entries) frontier.append(leaf_hash(entry));
    auto const read = [&](int height, std::uint64_t index) {
        Frontier part;
        for (auto at = index << height; at < (index + 1) << height; ++at) part.append(leaf_hash(entries[at]));
        return part.root();
    };
    Proof proof{"two", 2, inclusion_proof(2, 5, read), sign_checkpoint({origin, 5, frontier.root()}, signer)};
    auto const text = proof.text();
    CHECK(text.starts_with("c2sp.org/tlog-proof@v1\nextra dHdv\nindex 2\n"));
    auto const parsed = Proof::parse(text);
    CHECK(parsed.text() == text);
    CHECK(verify_proof(parsed, "two", {log_key(signer)}, TestVerifier()).checkpoint.size == 5);
    CHECK_THROWS_AS(verify_proof(parsed, "three", {log_key(signer)}, TestVerifier()), base::Error);
    proof.index = 3;
    CHECK_THROWS_AS(verify_proof(proof, "two", {log_key(signer)}, TestVerifier()), base::Error);
    CHECK_THROWS_AS(Proof::parse(replaced(text, "index 2", "index 02")), base::Error);
    CHECK_THROWS_AS(Proof::parse("c2sp.org/tlog-proof@v1\nextra \nindex 0\n\nhead\n"), base::Error);
    CHECK_THROWS_AS(Proof::parse(replaced(text, "@v1", "@v2")), base::Error);
    CHECK_THROWS_AS(Proof::parse(text.substr(0, 40)), base::Error);
}
