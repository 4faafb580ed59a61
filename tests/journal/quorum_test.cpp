#include "core/journal/quorum.h"

#include "core/base/error.h"
#include "core/journal/checkpoint.h"
#include "tests/support/signer.h"

#include <doctest/doctest.h>

using namespace consortium;
using namespace consortium::journal;

namespace {

NoteKey key_of(std::string const& name, NoteKeyType type) {
    return NoteKey::from_spki(name, type, TestSigner(name).public_key());
}
std::string vkey(std::string const& name, NoteKeyType type = NoteKeyType::cosigner) {
    return key_of(name, type).vkey();
}

/// A log and three witnesses, any two of which will do together with the fourth.
std::string policy() {
    return "# who must have seen it\nlog " + vkey("log", NoteKeyType::log) + " https://log.example.org/\n\n" +
           "witness one " + vkey("w1") + " https://w1.example.org/\nwitness\ttwo " + vkey("w2") +
           "\nwitness three " + vkey("w3") + "   # new\nwitness four " + vkey("w4") +
           "\ngroup some 2 one two three\ngroup both all some four\nquorum both\n";
}

std::string head_signed_by(std::vector<std::string> const& witnesses) {
    TestSigner log("log");
    auto note = Note::parse(sign_checkpoint({"log", 3, base::sha256("root")}, log));
    for (auto const& name : witnesses) {
        TestSigner signer(name);
        note.signatures.push_back(cosign_note(name, note.body, base::Instant{1'700'000'000}, signer));
    }
    return note.text();
}

QuorumVerdict verdict(std::string const& text, std::vector<std::string> const& witnesses) {
    auto const read = quorum_policy(text);
    auto const opened = open_checkpoint(head_signed_by(witnesses), read.keys(), TestVerifier());
    return judge(read, opened.signers);
}

/// What is said of a policy in which one part is replaced.
std::string refusal(std::string const& from, std::string const& to) {
    auto text = policy();
    text.replace(text.find(from), from.size(), to);
    try {
        static_cast<void>(quorum_policy(text));
    } catch (base::Error const& error) {
        CHECK(error.code() == base::Code::malformed);
        return error.message();
    }
    return "taken";
}

}  // namespace

TEST_CASE("a quorum policy counts witnesses through its groups") {
    CHECK(verdict(policy(), {"w1", "w2", "w4"}).holds);
    CHECK(verdict(policy(), {"w1", "w2", "w3", "w4"}).holds);
    CHECK_FALSE(verdict(policy(), {"w1", "w2", "w3"}).holds);
    CHECK_FALSE(verdict(policy(), {"w1", "w4"}).holds);
    CHECK_FALSE(verdict(policy(), {}).holds);
    CHECK(verdict(policy(), {"w1", "w4"}).have == std::vector<std::string>{"one", "four"});
    CHECK(verdict(policy(), {"w1", "w4"}).words == "'both' needs 2 of some, four, has 1");
    // Twice the same one is once; a stranger is nobody.
    CHECK_FALSE(verdict(policy(), {"w1", "w1", "w4"}).holds);
    CHECK_FALSE(verdict(policy(), {"w1", "stranger", "w4"}).holds);
}

TEST_CASE("a quorum policy may name one witness, or none") {
    auto text = policy();
    text.replace(text.find("quorum both"), 11, "quorum one ");
    CHECK(verdict(text, {"w1"}).holds);
    CHECK(verdict(text, {"w2"}).words == "the witness 'one' has not cosigned");
    text.replace(text.find("quorum one"), 10, "quorum none");
    CHECK(verdict(text, {}).holds);
}

TEST_CASE("a quorum policy with anything unknown or contradictory is refused by its line") {
    CHECK(refusal("quorum both", "qorum both").starts_with("line 10: policy: 'qorum' is none of"));
    CHECK(refusal("quorum both", "").find("there is no quorum line") != std::string::npos);
    CHECK(refusal("quorum both", "quorum both\nquorum none").starts_with("line 11:"));
    CHECK(refusal("quorum both", "quorum neither").starts_with("line 10:"));
    CHECK(refusal("some 2 one", "some 4 one").starts_with("line 8:"));
    CHECK(refusal("some 2 one", "some 0 one").starts_with("line 8:"));
    CHECK(refusal("some 2 one", "some two one").starts_with("line 8:"));
    CHECK(refusal("one two three", "one two five").starts_with("line 8:"));
    CHECK(refusal("one two three", "one two two").starts_with("line 8:"));
    CHECK(refusal("all some four", "all some one").starts_with("line 9:"));
    CHECK(refusal("witness one", "witness none").starts_with("line 4:"));
    CHECK(refusal("witness\ttwo", "witness one").starts_with("line 5:"));
    CHECK(refusal("witness three " + vkey("w3"), "witness three " + vkey("w1")).starts_with("line 6:"));
    CHECK(refusal("witness one " + vkey("w1"), "witness one " + vkey("w1", NoteKeyType::log))
              .starts_with("line 4:"));
    CHECK(refusal("log " + vkey("log", NoteKeyType::log), "log " + vkey("log")).starts_with("line 2:"));
    CHECK(refusal("https://log.example.org/", "https://log.example.org/ more").starts_with("line 2:"));
}
