#include "core/crypto/ssh_agent.h"

#include "core/base/error.h"
#include "core/crypto/keystore.h"
#include "core/crypto/sshsig.h"
#include "core/crypto/verifier.h"
#include "tests/support/code_of.h"
#include "tests/support/error_of.h"
#include "tests/support/fake_agent.h"
#include "tests/support/ssh.h"

#include <atomic>

using namespace consortium;
using base::Bytes;
using base::Code;

namespace {

Bytes listed(std::vector<Bytes> const& keys) {
    Bytes out{12};
    model::append_ssh_integer(out, static_cast<std::uint32_t>(keys.size()));
    for (auto const& key : keys) {
        model::append_ssh_string(out, key);
        model::append_ssh_string(out, std::string_view("a comment"));
    }
    return out;
}

Bytes signature(Bytes const& made) {
    Bytes out{14};
    model::append_ssh_string(out, made);
    return out;
}

/// One key and an agent that has it: `give` and `list` say otherwise.
struct Fixture {
    Fixture()
        : agent([this](Bytes const& question) -> std::optional<Bytes> {
              ++questions;
              if (question.front() == 11)
                  return list ? list() : FakeAgent::framed(listed({other.blob(), key.blob()}));
              asked = question;
              return give ? give() : FakeAgent::framed(signature(made(key)));
          }) {
        info = crypto::add_ssh_key(folder.path(), "ada", key.line());
    }

    /// What the key makes of what it was asked to sign.
    Bytes made(SshTestKey& with) {
        model::SshReader in(asked);
        in.take(1);
        CHECK(std::ranges::equal(in.string(), key.blob()));
        auto const bytes = in.string();
        CHECK(in.integer() == 0);
        CHECK(in.done());
        return with.signature(Bytes(bytes.begin(), bytes.end()), flags);
    }
    crypto::KeyMeans means() {
        return {.agent = agent.path(), .tell = [this](std::string const& words) { told.push_back(words); }};
    }
    std::unique_ptr<port::Keyring> keyring() { return crypto::open_keyring(folder.path(), {}, means()); }
    Bytes sign() { return keyring()->open(info.id)->sign(message); }
    crypto::SshAgent patient() { return crypto::SshAgent(agent.path()); }

    SshTestKey key{"ada", SshTestKey::Type::plain}, other{"eve", SshTestKey::Type::plain};
    std::uint8_t flags = 1;
    std::function<std::optional<Bytes>()> list, give;
    std::atomic<int> questions = 0;
    Bytes asked;
    base::TemporaryFolder folder;
    std::vector<std::string> told;
    Bytes const message = base::to_bytes("an act");
    port::KeyInfo info;
    FakeAgent agent;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "agent: signs for a keyring that has the public key, and what it made is verified") {
    auto const keys = keyring();
    CHECK(keys->has(info.id));
    CHECK(keys->list().empty());
    auto const signer = keys->open(info.id);
    CHECK(signer->algorithm() == "ssh");
    CHECK(signer->id() == info.id);
    auto const made = signer->sign(message);
    CHECK(crypto::verifier().verify("sshsig", key.blob(), message, made));
    CHECK(crypto::describe_ssh_signature(made).name_space == "consortium");
    CHECK(told.empty());
    CHECK(questions == 2);
}

TEST_CASE_FIXTURE(Fixture, "agent: it is asked for SSH signatures of acts only") {
    sign();
    model::SshReader in(asked);
    in.take(1);
    in.string();
    model::SshReader bytes(in.string());
    CHECK(base::as_text(bytes.take(6)) == "SSHSIG");
    CHECK(bytes.text() == "consortium");
    CHECK(bytes.text().empty());
    CHECK(bytes.text() == "sha512");
    CHECK(bytes.string().size() == 64);
    CHECK(bytes.done());
}

TEST_CASE_FIXTURE(Fixture, "agent: a security key is announced, and must have been touched") {
    key = SshTestKey("fido", SshTestKey::Type::security_key);
    info = crypto::add_ssh_key(folder.path(), "fido", key.line());
    CHECK(crypto::verifier().verify("sshsig", key.blob(), message, sign()));
    CHECK(told == std::vector<std::string>{"touch the security key of 'fido' to sign"});
    flags = 0;
    CHECK(code_of([&] { sign(); }) == Code::verification_failed);
}

TEST_CASE_FIXTURE(Fixture, "agent: a signature of something else, or by another key, is given to nobody") {
    give = [&] { return FakeAgent::framed(signature(key.signature(base::to_bytes("other"), 1))); };
    CHECK(code_of([&] { sign(); }) == Code::verification_failed);
    give = [&] { return FakeAgent::framed(signature(made(other))); };
    CHECK(code_of([&] { sign(); }) == Code::verification_failed);
    for (auto const& nonsense : {Bytes(), Bytes{0}, Bytes(1000, 0xff)}) {
        give = [&] { return FakeAgent::framed(signature(nonsense)); };
        CHECK(code_of([&] { sign(); }) == Code::verification_failed);
    }
    give = nullptr;
    CHECK_NOTHROW(sign());
}

TEST_CASE_FIXTURE(Fixture, "agent: one that refuses is asked once") {
    give = [] { return FakeAgent::framed({5}); };
    auto const error = error_of([&] { sign(); });
    CHECK(error.code() == Code::not_authorized);
    CHECK(error.message() == "the ssh-agent refused to sign");
    CHECK(questions == 2);
}

TEST_CASE_FIXTURE(Fixture, "agent: nonsense, too much, too little and silence are told, and end") {
    Bytes const long_claim{0xff, 0xff, 0xff, 0xff, 14};
    Bytes const wrong_count = [&] {
        auto out = listed({key.blob()});
        out[4] = 200;
        return FakeAgent::framed(out);
    }();
    std::vector<Bytes> const answers{
        {},
        {0, 0},
        {0, 0, 0, 0},
        long_claim,
        {0, 4, 0, 1, 14},
        {0, 0, 0, 9, 14},
        wrong_count,
        FakeAgent::framed({99}),
        FakeAgent::framed({12}),
        FakeAgent::framed({14, 0, 0, 0}),
        FakeAgent::framed({14, 0, 0, 0, 0, 1}),
        FakeAgent::framed({5, 1}),
    };
    for (auto const& answer : answers) {
        CAPTURE(base::to_hex(answer));
        list = give = [&] { return answer; };
        CHECK(code_of([&] { patient().has(key.blob()); }) == Code::unavailable);
        CHECK(code_of([&] { patient().sign(key.blob(), message); }) == Code::unavailable);
    }
    list = give = [] { return std::nullopt; };
    crypto::SshAgent::Limits const soon{std::chrono::milliseconds(20), std::chrono::milliseconds(20)};
    crypto::SshAgent const hasty(agent.path(), soon);
    auto const late = error_of([&] { hasty.has(key.blob()); });
    CHECK(late.code() == Code::unavailable);
    CHECK(late.message() == "the ssh-agent at '" + agent.path() + "' did not answer in time");
    CHECK(code_of([&] { hasty.sign(key.blob(), message); }) == Code::unavailable);
}

TEST_CASE_FIXTURE(Fixture,
                  "agent: an answer is taken up to the size that OpenSSH sends, and no byte beyond") {
    auto const of_size = [&](std::size_t size) {
        auto out = listed({key.blob()});
        auto const comment = std::string(size - out.size() + std::string_view("a comment").size(), 'c');
        out = {12, 0, 0, 0, 1};
        model::append_ssh_string(out, key.blob());
        model::append_ssh_string(out, comment);
        CHECK(out.size() == size);
        return FakeAgent::framed(out);
    };
    constexpr std::size_t most = 256 * 1024;  // AGENT_MAX_LEN
    list = [&] { return of_size(most); };
    CHECK(patient().has(key.blob()));
    list = [&] { return of_size(most + 1); };
    auto const error = error_of([&] { patient().has(key.blob()); });
    CHECK(error.code() == Code::unavailable);
    CHECK(error.message() == "the ssh-agent at '" + agent.path() + "' gives no answer that is one");
}

TEST_CASE_FIXTURE(Fixture, "agent: none, one that is gone, and one without the key say how else to sign") {
    auto const none = error_of([&] { crypto::open_keyring(folder.path(), {})->open(info.id); });
    CHECK(none.code() == Code::not_authorized);
    CHECK(none.details().front() == std::pair<std::string, std::string>{"SSH_AUTH_SOCK", "is not set"});
    auto elsewhere = means();
    elsewhere.agent = agent.path() + "-gone";
    auto const gone = error_of([&] { crypto::open_keyring(folder.path(), {}, elsewhere)->open(info.id); });
    CHECK(gone.code() == Code::unavailable);
    elsewhere.agent = std::string(200, 'x');
    CHECK(code_of([&] { crypto::open_keyring(folder.path(), {}, elsewhere)->open(info.id); }) ==
          Code::unavailable);
    list = [&] { return FakeAgent::framed(listed({other.blob()})); };
    auto const lacks = error_of([&] { keyring()->open(info.id); });
    CHECK(lacks.code() == Code::not_authorized);
    CHECK(lacks.message() == "the ssh-agent does not have key 'ada'");
    CHECK(lacks.details().front().second == model::ssh_fingerprint(info.id));
    for (auto const& error : {none, gone, lacks}) {
        CHECK(error.hint().find("ssh-add") != std::string::npos);
        CHECK(error.hint().find("ssh-keygen -Y sign -n consortium") != std::string::npos);
    }
    CHECK(asked.empty());
}
