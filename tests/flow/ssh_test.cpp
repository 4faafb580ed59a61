#include "core/flow/ssh.h"

#include "core/base/file.h"
#include "core/crypto/jose.h"
#include "core/crypto/ssh_certificate.h"
#include "core/flow/token.h"
#include "core/model/ssh_krl.h"
#include "tests/support/code_of.h"
#include "tests/support/data_folder.h"
#include "tests/support/pki.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Code;
using base::Duration;
using base::Json;
using model::SshUse;

namespace {

class Hosts : public PkiFixture {
public:
    explicit Hosts(std::string const& type = "ed25519") {
        init("user", type);
        init("host", type);
    }

    void init(std::string const& use, std::string const& type) {
        carry_out(init_plan({{"for", use}, {"type", type}, {"no-passphrase", true}}));
    }
    model::Plan init_plan(Json const& arguments) {
        return flow::plan_ssh_init(state(), services().keys, services().certifier,
                                   request("ssh init", arguments));
    }

    static std::string file(std::string const& type) {
        return (base::Path(consortium::test::data_folder()) / "ssh" / (type + ".pub")).string();
    }

    model::Plan plan(std::string const& use, Json arguments = Json::object()) {
        Json all{{"operand", "ada"}, {"for", use}, {"public-key", file("ed25519")}};
        all["principal"] = use == "user" ? Json{"ops"} : Json{"node1.acme.example"};
        all.update(arguments);
        return flow::plan_ssh_issue(state(), services().certifier, request("ssh issue", all));
    }
    Json issue(std::string const& use = "user", Json arguments = Json::object()) {
        return carry_out(plan(use, std::move(arguments)))["results"][0];
    }
    static model::SshCertificate content(Json const& issued) {
        return model::ssh_certificate_from_line(issued["certificate"].get<std::string>()).content;
    }

    void revoke(Json const& arguments) {
        carry_out(flow::plan_ssh_revoke(state(), request("ssh revoke", arguments)));
    }

    std::string said(std::string const& line, Json arguments = Json::object()) {
        auto const path = folder() / "cert.pub";
        base::write_file(path, line + "\n");
        arguments["operand"] = path.string();
        auto const outcome = flow::ssh_verify(state(), crypto::ssh(), request("ssh verify", arguments));
        CHECK((outcome.status == Code::verification_failed) != (*outcome.data)["holds"].get<bool>());
        return (*outcome.data)["sentence"];
    }
    std::string said(Json const& issued, Json arguments = Json::object()) {
        return said(issued["certificate"].get<std::string>(), std::move(arguments));
    }

    model::SshKrl krl() {
        auto const outcome = flow::ssh_krl(state(), crypto::ssh());
        return model::read_ssh_krl(base::as_bytes(outcome.raw));
    }
    base::Bytes blob(std::string const& authority) {
        return crypto::ssh().blob(flow::ssh_authority(store(), authority).public_key);
    }
};

std::string refusal(model::Plan const& plan) {
    for (auto const& rule : plan.verdict.rules)
        if (!rule.holds) return rule.name;
    return "none";
}

}  // namespace

TEST_CASE("an SSH certificate says what was asked for, and no more") {
    Hosts place;
    auto const now = static_cast<std::uint64_t>(place.services().clock.now().seconds);
    auto const plain = Hosts::content(place.issue());
    CHECK(plain.use == SshUse::user);
    CHECK(plain.key_id == "ada");
    CHECK(plain.principals == std::vector<std::string>{"ops"});
    CHECK(plain.valid_after == now - 60);
    CHECK(plain.valid_before == now + 86'400);
    CHECK(plain.critical.empty());
    CHECK(plain.extensions.empty());
    CHECK(plain.authority == place.blob("user-1"));
    CHECK(plain.serial != 0);
    auto const full = Hosts::content(place.issue("user", {{"force-command", "/bin/true"},
                                                          {"source-address", {"10.0.0.0/8", "::1"}},
                                                          {"permit", {"pty", "X11-forwarding"}},
                                                          {"valid-for", "P30D"}}));
    CHECK(full.critical ==
          std::map<std::string, base::Bytes>{{"force-command", model::ssh_option("/bin/true")},
                                             {"source-address", model::ssh_option("10.0.0.0/8,::1")}});
    CHECK(full.extensions ==
          std::map<std::string, base::Bytes>{{"permit-X11-forwarding", {}}, {"permit-pty", {}}});
    CHECK(full.nonce != plain.nonce);
    CHECK(full.serial != plain.serial);
    auto const host = Hosts::content(place.issue("host"));
    CHECK(host.use == SshUse::host);
    CHECK(host.authority == place.blob("host-1"));
    CHECK(host.valid_before == now + 90 * 86'400);
}

TEST_CASE("each type of authority signs what it then finds good") {
    for (std::string const type : {"p256", "p384", "rsa3072"}) {
        CAPTURE(type);
        Hosts place(type);
        CHECK(place.said(place.issue()).ends_with("holds until 2026-11-03T12:00:00Z"));
    }
}

TEST_CASE("what no SSH certificate says is refused") {
    Hosts place;
    auto const rule = [&](std::string const& use, Json const& arguments) {
        return refusal(place.plan(use, arguments));
    };
    CHECK(rule("user", Json::object()) == "none");
    CHECK(rule("user", {{"principal", Json::array()}}) == "principal");
    CHECK(rule("user", {{"principal", {"*"}}}) == "principal");
    CHECK(rule("user", {{"principal", {"ops", "ops"}}}) == "principal");
    CHECK(rule("host", {{"principal", {"*.acme.example"}}}) == "principal");
    std::vector<std::string> many;
    for (int i = 0; i < 257; ++i) many.push_back("u" + std::to_string(i));
    CHECK(rule("user", {{"principal", many}}) == "principal");
    many.pop_back();
    CHECK(rule("user", {{"principal", many}}) == "none");
    CHECK(Hosts::content(place.issue("user", {{"principal", many}})).principals == many);
    CHECK(rule("user", {{"valid-for", "P30D"}}) == "none");
    CHECK(rule("user", {{"valid-for", "P30DT1S"}}) == "lifetime");
    CHECK(rule("user", {{"valid-for", "PT0S"}}) == "lifetime");
    CHECK(rule("host", {{"valid-for", "P365D"}}) == "none");
    CHECK(rule("host", {{"valid-for", "P365DT1S"}}) == "lifetime");
    CHECK(rule("host", {{"permit", {"pty"}}}) == "options");
    CHECK(rule("host", {{"force-command", "x"}}) == "options");
    CHECK(rule("host", {{"source-address", {"10.0.0.7"}}}) == "options");
    CHECK(rule("user", {{"force-command", "a\nb"}}) == "force-command");
    CHECK(rule("user", {{"source-address", {"10.0.0.1/8"}}}) == "source-address");
    CHECK(rule("user", {{"operand", "a\x1b"}}) == "id");
    CHECK(rule("user", {{"operand", std::string(129, 'a')}}) == "id");
    CHECK(code_of([&] {
              (void)place.plan("user", {{"public-key", Hosts::file("rsa2048")}});
          }) == Code::refused);
    CHECK(code_of([&] {
              (void)place.plan("user", {{"public-key", Hosts::file("none")}});
          }) == Code::not_found);
}

TEST_CASE("serial and digest are journaled before an SSH certificate is signed") {
    Hosts place;
    auto const issued = place.issue();
    auto const one = model::ssh_certificate_from_line(issued["certificate"].get<std::string>());
    std::vector<Json> bodies;
    place.store().entries(0, place.store().head().size, [&](model::Entry const& entry) {
        if (entry.kind == model::EntryKind::event) bodies.push_back(base::parse_json(entry.body));
    });
    auto const digest = base::sha256(one.tbs).hex();
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < bodies.size(); ++i)
        if (bodies[i].dump().find(digest) != std::string::npos) found.push_back(i);
    REQUIRE(found.size() == 2);
    CHECK(bodies[found[0]].dump().find(issued["serial"].get<std::string>()) != std::string::npos);
    CHECK(bodies[found[0]].dump().find("ssh.issued") == std::string::npos);
    CHECK(place.store().object("ssh-certificate", issued["serial"].get<std::string>())->data->at("tbs") ==
          digest);
}

TEST_CASE("why an SSH certificate does not hold") {
    Hosts place;
    auto const issued = place.issue();
    CHECK(place.said(issued, {{"principal", "ops"}}) ==
          "certificate " + issued["serial"].get<std::string>() +
              " of user 'ada' for ops holds until 2026-11-03T12:00:00Z");
    CHECK(place.said(issued, {{"principal", "root"}}).ends_with("it is for ops, not for 'root'"));
    CHECK(place.said(issued, {{"at", "2026-11-02T11:00:00Z"}})
              .ends_with("not in force before 2026-11-02T11:59:00Z"));
    CHECK(place.said(issued, {{"at", "2026-11-03T11:59:59Z"}}).find("holds until") != std::string::npos);
    CHECK(
        place.said(issued, {{"at", "2026-11-03T12:00:00Z"}}).ends_with("it expired at 2026-11-03T12:00:00Z"));
    auto one = model::ssh_certificate_from_line(issued["certificate"].get<std::string>());
    auto const whole = [](base::Bytes const& tbs, base::BytesView signature) {
        return model::ssh_line(model::join_ssh_certificate(tbs, signature), "");
    };
    auto other = one;
    other.signature.back() ^= 1;
    CHECK(place.said(whole(other.tbs, other.signature)).ends_with("its signature is not by 'user-1'"));
    // Signed past the journal, by the right key: under a new serial, and under one that was issued.
    auto const signer = place.services().keys.open("ssh-user-1");
    auto const sign = [&](model::SshCertificate const& content) {
        auto const tbs = model::ssh_certificate_tbs(content);
        auto const made = crypto::ssh().assemble(tbs, signer->algorithm(), signer->sign(tbs));
        return place.said(model::ssh_line(made, ""));
    };
    CHECK(sign(one.content).find("holds until") != std::string::npos);
    auto past = one.content;
    past.principals = {"root"};
    CHECK(sign(past).ends_with("it was not issued here"));
    past.serial = 1;
    CHECK(sign(past).ends_with("it was not issued here"));
    past.use = SshUse::host;
    CHECK(sign(past).ends_with("it is for a host, and 'user-1' speaks for users only"));
    auto const theirs =
        base::read_text(base::Path(consortium::test::data_folder()) / "ssh/ed25519-cert.pub", 10'000);
    CHECK(
        place.said(std::string(theirs, 0, theirs.size() - 1)).ends_with("by no authority of this workspace"));
    CHECK(code_of([&] { (void)place.said(std::string("ssh-ed25519-cert-v01@openssh.com AAAA")); }) ==
          Code::malformed);
}

TEST_CASE("revoked is what the list names: one certificate, or all of an authority") {
    Hosts place;
    auto const first = place.issue();
    auto const second = place.issue();
    auto const host = place.issue("host");
    CHECK(place.krl().version == 1);
    CHECK(place.krl().serials.empty());
    auto const serial = first["serial"].get<std::string>();
    place.clock().advance(Duration{600});
    place.revoke({{"operand", serial}, {"reason", "key-compromise"}});
    auto const list = place.krl();
    CHECK(list.version == 2);
    CHECK(list.generated.text() == "2026-11-02T12:10:00Z");
    CHECK(list.comment == "payments/acme");
    CHECK(list.serials ==
          std::map<base::Bytes, std::set<std::uint64_t>>{{place.blob("user-1"), {std::stoull(serial)}}});
    CHECK(list.keys.empty());
    CHECK(place.said(first).ends_with("it was revoked at 2026-11-02T12:10:00Z: key-compromise"));
    CHECK(place.said(second).find("holds until") != std::string::npos);
    CHECK(refusal(flow::plan_ssh_revoke(place.state(),
                                        Hosts::request("ssh revoke", {{"operand", serial}}))) == "state");
    CHECK(place.krl() == list);
    place.clock().advance(Duration{-3600});
    place.revoke({{"authority", "user-1"}});
    CHECK(place.krl().version == 3);
    CHECK(place.krl().generated == list.generated);
    CHECK(place.krl().keys == std::set<base::Bytes>{place.blob("user-1")});
    CHECK(place.said(second).find("authority 'user-1' was revoked") != std::string::npos);
    CHECK(place.said(host, {{"at", "2026-11-02T12:10:00Z"}}).find("holds until") != std::string::npos);
    CHECK(code_of([&] { (void)place.plan("user"); }) == Code::not_found);
    for (Json const& nothing : {Json{{"operand", serial}, {"authority", "user-1"}}, Json::object()})
        CHECK(code_of([&] {
                  (void)flow::plan_ssh_revoke(place.state(), Hosts::request("ssh revoke", nothing));
              }) == Code::usage);
}

TEST_CASE("of two who revoke one serial, or make one authority, the second finds it changed") {
    Hosts place;
    auto const serial = place.issue()["serial"].get<std::string>();
    auto const request = Hosts::request("ssh revoke", {{"operand", serial}});
    auto const both = flow::plan_ssh_revoke(place.state(), request);
    place.carry_out(both);
    CHECK(code_of([&] { place.carry_out(both); }) == Code::conflict);
    CHECK(place.krl().version == 2);
    auto const init = place.init_plan({{"for", "user"}, {"no-passphrase", true}});
    place.carry_out(init);
    CHECK(code_of([&] { place.carry_out(init); }) == Code::conflict);
    auto const late = place.plan("user");
    place.revoke({{"authority", "user-2"}});
    CHECK(code_of([&] { place.carry_out(late); }) == Code::conflict);
    CHECK(Hosts::content(place.issue()).authority == place.blob("user-1"));
}

TEST_CASE("a key that signs for SSH signs nothing else, and the other way round") {
    Hosts place;
    place.init_ca();
    for (char const* taken : {"acme-gov", "ca-root-g1", "ssh-user-1"})
        CHECK(refusal(place.init_plan({{"for", "host"}, {"key", taken}})) == "key");
    place.services().keys.create("gate", "p256", base::Secret());
    auto const token_plan = [&](std::string const& key) {
        return flow::plan_token_issue(
            place.state(), place.services().keys.info(key), crypto::jose(), place.services().certifier,
            Hosts::request("token issue",
                           {{"key", key}, {"for", "m"}, {"audience", "n"}, {"scope", {"read"}}}));
    };
    place.carry_out(token_plan("gate"));
    CHECK(refusal(place.init_plan({{"for", "host"}, {"key", "gate"}})) == "key");
    CHECK(refusal(token_plan("ssh-user-1")) == "key");
    CHECK(code_of([&] {
              place.carry_out(place.issue_plan({{"operand", "n1.example"}, {"key", "ssh-user-1"}}));
          }) == Code::refused);
    place.services().keys.create("leaf", "p256", base::Secret());
    place.carry_out(place.issue_plan({{"operand", "n1.example"}, {"key", "leaf"}}));
    CHECK(refusal(place.init_plan({{"for", "host"}, {"key", "leaf"}})) == "key");
    // Whoever logs in with a forwarded agent lends it.
    auto const officer = crypto::ssh().blob(place.services().keys.info("acme-gov").public_key);
    auto const file = place.folder() / "officer.pub";
    base::write_file(file, model::ssh_line(officer, "ada") + "\n");
    CHECK(refusal(place.plan("user", {{"public-key", file.string()}})) == "key");
}

TEST_CASE("a clock that was ahead, or a key that was exchanged, is found out") {
    Hosts place;
    place.clock().advance(Duration{3600});
    place.issue();
    place.clock().advance(Duration{-3600});
    CHECK(refusal(place.plan("user")) == "clock");
    CHECK(refusal(place.plan("host")) == "none");
    place.services().keys.create("other", "ed25519", base::Secret());
    for (char const* ending : {".pem", ".pub.pem"})
        std::filesystem::rename(place.folder() / "keys" / ("other" + std::string(ending)),
                                place.folder() / "keys" / ("ssh-host-1" + std::string(ending)));
    auto const ring =
        crypto::open_keyring(place.folder() / "keys", [](std::string_view) { return base::Secret(); });
    auto services = services_with(place.services(), {.keys = ring.get()});
    auto const plan = place.plan("host");
    CHECK(code_of([&] { flow::apply(plan, services, place.self()); }) == Code::conflict);
}

TEST_CASE("a host's certificate is due until another stands in for it") {
    Hosts place;
    auto const due = [&](Json const& issued) {
        return place.store().object("ssh-certificate", issued["serial"].get<std::string>())->due.has_value();
    };
    auto const first = place.issue("host");
    auto const elsewhere = place.issue("host", {{"principal", {"node2.acme.example"}}});
    CHECK(due(first));
    CHECK_FALSE(due(place.issue("user")));
    auto const second = place.issue("host");
    CHECK_FALSE(due(first));
    CHECK(due(second));
    CHECK(due(elsewhere));
    CHECK(place.said(first).find("holds until") != std::string::npos);
}
