#include "core/model/profile.h"

#include "core/base/error.h"
#include "core/base/toml.h"
#include "core/model/charter.h"
#include "core/model/name_space.h"
#include "tests/support/charter_refusal.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Json;
using model::Charter;
using model::Profile;

namespace {

constexpr std::string_view base_charter = R"(name = "payments"
[tier.member]
rights = ["read", "write", "vote"]
[decision.all]
actions = ["charter.amend"]
electorate = ["member"]
quorum = {min = ">=1/2"}
pass = {min = ">1/2"}
time = {window = "P1D"}
[approval.certificates]
officers = 2
members = 2
roles = ["security"]
exclude_proposer = true
)";

Charter with(std::string const& tables) {
    return model::charter_from_json(*base::Toml::parse(std::string(base_charter) + tables, "c.toml").value);
}

/// What reading [certificate.ID] with these lines says; "accepted" if nothing.
std::string refusal(std::string const& id, std::string const& lines) {
    std::string const table = "[certificate." + id + "]\n" + lines + "\n";
    return test::charter_refusal(std::string(base_charter) + "# here\n", "# here\n", table);
}

bool says(std::string const& id, std::string const& lines, std::string const& pointer,
          std::string_view words) {
    auto const message = refusal(id, lines);
    CAPTURE(message);
    bool const found = message.find(" /certificate/" + id + pointer + ": ") != std::string::npos &&
                       message.find(words) != std::string::npos;
    CHECK(found);
    return found;
}

/// One key of a table, and what it makes of a profile.
struct Change {
    char const* line;
    void (*make)(Profile&);
};

Change const changes[]{
    {"lifetime = \"P7D\"", [](Profile& it) { it.lifetime = {7 * 86'400}; }},
    {"key_types = [\"p384\"]", [](Profile& it) { it.key_types = {"p384"}; }},
    {"names = [\"uri\", \"dns\"]",
     [](Profile& it) {
         it.names = {"dns", "uri"};
     }},
    {"units = [\"b\", \"a\"]",
     [](Profile& it) {
         it.units = {"a", "b"};
     }},
    {"key_usage = [\"nonRepudiation\", \"digitalSignature\"]",
     [](Profile& it) {
         it.key_usage = {"digitalSignature", "nonRepudiation"};
     }},
    {"extended_usage = [\"clientAuth\"]", [](Profile& it) { it.extended_usage = {"clientAuth"}; }},
    {"needs_name = true", [](Profile& it) { it.needs_name = true; }},
    {"within = [\"dns:b.example\", \"dns:a.example\"]",
     [](Profile& it) {
         it.within.dns = {"a.example", "b.example"};
     }},
    {"approval = \"certificates\"", [](Profile& it) { it.approval = "certificates"; }},
};

}  // namespace

TEST_CASE(
    "where the charter says nothing the profiles are the built-in ones, and an unknown one is not guessed") {
    Charter const charter = with("");
    CHECK(charter.certificates.empty());
    CHECK_FALSE(model::to_json(charter).contains("certificate"));
    auto const all = model::profiles_of(charter);
    REQUIRE(all.size() == model::builtin_profiles().size());
    for (auto const& each : model::builtin_profiles()) CHECK(model::profile_of(charter, each.id) == each);
    CHECK(model::profile_of(charter, "node-tls").extended_usage ==
          std::vector<std::string>{"serverAuth", "clientAuth"});
    CHECK(model::profile_of(charter, "node-identity").units.size() == 4);
    try {
        (void)model::profile_of(charter, "node-tsl");
        FAIL("found");
    } catch (base::Error const& error) {
        CHECK(error.code() == base::Code::not_found);
        CHECK(error.hint() == "did you mean 'node-tls'? See 'consortium cert profiles'");
    }
}

TEST_CASE("what a table says replaces that field of what it is based on, and no other") {
    for (char const* builtin : {"client", "node-tls"}) {
        auto const own = *model::builtin_profile(builtin);
        for (auto const& change : changes) {
            CAPTURE(change.line);
            auto wanted = own;
            change.make(wanted);
            auto const table = std::string("[certificate.") + builtin + "]\n" + change.line + "\n";
            auto const charter = with(table);
            CHECK(model::profile_of(charter, builtin) == wanted);
            // The others stand.
            for (auto const& each : model::builtin_profiles())
                if (each.id != builtin) CHECK(model::profile_of(charter, each.id) == each);
            // A profile of the charter's own, based on that one as the charter has it.
            auto const two = with(table + "[certificate.edge]\nbased_on = \"" + builtin + "\"\n");
            wanted.id = "edge";
            CHECK(model::profile_of(two, "edge") == wanted);
            CHECK(model::profiles_of(two).size() == model::builtin_profiles().size() + 1);
        }
    }
}

TEST_CASE("a profile drops the approval of what it is based on by saying so, and else has it") {
    std::string const table =
        "[certificate.client]\napproval = \"certificates\"\n[certificate.edge]\nbased_on = \"client\"\n";
    CHECK(model::profile_of(with(table), "edge").approval == "certificates");
    auto const charter = with(table + "approval = \"none\"\n");
    CHECK(model::profile_of(charter, "edge").approval.empty());
    CHECK(model::profile_of(charter, "client").approval == "certificates");
    auto const all = model::profiles_of(charter);
    CHECK(all.back().id == "edge");
    CHECK(all.back().approval.empty());
    // It is kept as it was said.
    auto const canonical = model::to_json(charter);
    CHECK(canonical["certificate"]["edge"]["approval"].get<std::string>() == "none");
    CHECK(model::to_json(model::charter_from_json(canonical)) == canonical);
    CHECK(model::digest(charter) != model::digest(with(table)));
    CHECK(model::to_json(all.back())["approval"].is_null());
    // Without any rule, and where the profile is a built-in one, it says what is so anyway.
    CHECK(refusal("client", "approval = \"none\"") == "accepted");
    auto bare = std::string(base_charter.substr(0, base_charter.find("[approval"))) + "# here\n";
    CHECK(test::charter_refusal(bare, "# here\n", "[certificate.client]\napproval = \"none\"\n") ==
          "accepted");
    CHECK(test::charter_refusal(bare, "# here\n", "[certificate.client]\napproval = \"nobody\"\n")
              .find("/certificate/client/approval: unknown approval: the charter has no [approval.ID]") !=
          std::string::npos);
}

TEST_CASE("where the charter has an approval rule called 'none', the word is that rule") {
    auto const charter = with(
        "[approval.none]\nofficers = 1\nmembers = 1\nroles = [\"security\"]\nexclude_proposer = true\n"
        "[certificate.client]\napproval = \"certificates\"\n"
        "[certificate.edge]\nbased_on = \"client\"\napproval = \"none\"\n");
    CHECK(model::profile_of(charter, "edge").approval == "none");
}

TEST_CASE("the canonical form of profiles holds what was said, and is read as the same") {
    std::string table = "[certificate.edge]\nbased_on = \"client\"\n";
    for (auto const& change : changes) table += std::string(change.line) + "\n";
    auto const charter = with(table);
    auto const canonical = model::to_json(charter);
    CHECK(canonical["certificate"]["edge"].size() == std::size(changes) + 1);
    auto const again = model::charter_from_json(canonical);
    CHECK(model::to_json(again) == canonical);
    CHECK(again.certificates == charter.certificates);
    // The order in which lists are written means nothing.
    auto const one = with("[certificate.client]\nnames = [\"dns\", \"uri\"]\n");
    CHECK(model::digest(with("[certificate.client]\nnames = [\"uri\", \"dns\"]\n")) == model::digest(one));
    CHECK(model::digest(one) != model::digest(with("")));
}

TEST_CASE("each field of a profile that cannot be is refused by its pointer") {
    says("edge", "lifetime = \"P7D\"", "/based_on", "is missing: 'edge' is none of the profiles");
    says("node-tsl", "", "/based_on", "did you mean 'node-tls'?");
    says("edge", "based_on = \"node-tsl\"", "/based_on", "did you mean 'node-tls'?");
    says("edge", "based_on = \"ocsp\"", "/based_on", "has one profile");
    says("client", "based_on = \"node-tls\"", "/based_on", "based on itself");
    says("client", "lifetme = \"P7D\"", "/lifetme", "unknown key");
    says("client", "issuer = \"tls\"", "/issuer", "unknown key");
    says("client", "lifetime = \"PT0S\"", "/lifetime", "PT1M to P3650D expected");
    says("client", "lifetime = \"PT59S\"", "/lifetime", "PT1M to P3650D expected");
    says("client", "lifetime = \"P3651D\"", "/lifetime", "PT1M to P3650D expected");
    CHECK(refusal("client", "lifetime = \"P3650D\"") == "accepted");
    CHECK(refusal("client", "lifetime = \"PT1M\"") == "accepted");
    says("client", "key_types = [\"rsa1024\"]", "/key_types/0", "unknown key type 'rsa1024'");
    says("client", "key_types = []", "/key_types", "names no key type");
    says("client", "names = [\"directory\"]", "/names/0", "unknown kind of name");
    says("node-tls", "names = []", "/names", "a name is needed");
    says("code-signing", "needs_name = true", "/needs_name", "a name is needed");
    says("client", "units = [\"\"]", "/units", "is no unit");
    says("client", "units = [\"a\", \"a\"]", "/units", "names a unit twice");
    says("client", "units = [\"" + std::string(65, 'u') + "\"]", "/units", "is no unit");
    says("client", "approval = \"certificate\"", "/approval", "did you mean 'certificates'?");
    says("client", "approval = \"nome\"", "/approval", "certificates, none expected; did you mean 'none'?");
    says("client", "approval = \"\"", "/approval", "unknown approval ''");
    says("client", "needs_name = \"yes\"", "/needs_name", "");
}

TEST_CASE("a profile makes no authority, and none but 'ocsp' answers for one") {
    for (char const* usage : {"keyCertSign", "cRLSign", "encipherOnly"})
        says("client", std::string("key_usage = [\"digitalSignature\", \"") + usage + "\"]", "/key_usage/1",
             "unknown key usage");
    for (char const* usage : {"anyExtendedKeyUsage", "timeStamping", "1.3.6.1.5.5.7.3.9"})
        says("client", std::string("extended_usage = [\"") + usage + "\"]", "/extended_usage/0",
             "unknown usage");
    says("client", "extended_usage = []", "/extended_usage", "names no usage");
    says("client", "extended_usage = [\"OCSPSigning\"]", "/extended_usage", "only the profile 'ocsp'");
    says("ocsp", "extended_usage = [\"clientAuth\"]", "/extended_usage", "does that and nothing else");
    says("ocsp", "extended_usage = [\"OCSPSigning\", \"clientAuth\"]", "/extended_usage", "nothing else");
    CHECK(refusal("ocsp", "extended_usage = [\"OCSPSigning\"]\nlifetime = \"P7D\"") == "accepted");
}

TEST_CASE("a key is granted no use that keys of its type do not have") {
    says("client", "key_usage = [\"nonRepudiation\"]", "/key_usage", "without 'digitalSignature'");
    says("client", "key_usage = [\"digitalSignature\", \"keyEncipherment\"]", "/key_usage",
         "is for RSA keys");
    says("client",
         "key_usage = [\"digitalSignature\", \"keyEncipherment\"]\nkey_types = [\"rsa3072\", \"p256\"]",
         "/key_usage", "is for RSA keys");
    says("client",
         "key_usage = [\"digitalSignature\", \"keyAgreement\"]\nkey_types = [\"p256\", \"ed25519\"]",
         "/key_usage", "is for EC keys");
    CHECK(refusal("client",
                  "key_usage = [\"digitalSignature\", \"keyEncipherment\"]\nkey_types = [\"rsa3072\"]") ==
          "accepted");
    CHECK(refusal("client", "key_usage = [\"digitalSignature\", \"keyAgreement\"]\nkey_types = [\"p384\"]") ==
          "accepted");
}

TEST_CASE("a space is one that names can be in, of a kind that the profile has") {
    for (char const* space :
         {"", "acme.example", "dns:", "dns:.acme.example", "dns:*.acme.example", "dns:10.0.0.0",
          "ip:10.0.0.0", "ip:10.0.0.0/33", "ip:10.0.0/8", "ip:2001:db8::/129", "email:@acme.example",
          "email:a@b@c.example", "uri:https://acme.example", "rid:1.2.3", "DNS:acme.example",
          "dns:acme.example "})
        says("officer",
             std::string("names = [\"dns\", \"ip\", \"email\", \"uri\"]\nwithin = [\"") + space + "\"]",
             "/within", "' is no ");
    CHECK(refusal("officer",
                  "names = [\"dns\", \"ip\", \"email\", \"uri\"]\nwithin = [\"dns:acme.example\", "
                  "\"ip:10.0.0.0/8\", \"ip:2001:db8::/32\", \"email:acme.example\", "
                  "\"email:.acme.example\", \"email:a@acme.example\", \"uri:.acme.example\"]") == "accepted");
    says("officer", "within = []", "/within", "names no space");
    says("officer", "within = [\"email:a.example\", \"email:a.example\"]", "/within", "names a space twice");
    says("officer", "within = [\"dns:acme.example\"]", "/within", "which the profile does not have");
    says("node-tls", "within = [\"ip:10.0.0.0/8\"]\nnames = [\"dns\"]", "/within",
         "which the profile does not have");
}

TEST_CASE("a profile that is based on one which the charter has changed must be one with that change") {
    auto const text = std::string(base_charter) +
                      "[certificate.edge]\nbased_on = \"node-tls\"\nwithin = [\"ip:10.0.0.0/8\"]\n"
                      "[certificate.node-tls]\nlifetime = \"P90D\"\n";
    CHECK(test::charter_refusal(text, "lifetime = \"P90D\"", "names = [\"dns\"]")
              .find(" /certificate/edge/within: ") != std::string::npos);
    CHECK(test::charter_refusal(text, "P90D", "P91D") == "accepted");
}
