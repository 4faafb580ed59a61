#include "core/flow/exit.h"

#include "core/base/error.h"
#include "core/crypto/verifier.h"
#include "core/flow/ca.h"
#include "core/flow/certificate.h"
#include "core/flow/cost.h"
#include "core/flow/crl.h"
#include "core/flow/exit_report.h"
#include "core/flow/report.h"
#include "core/journal/proof.h"
#include "core/model/node.h"
#include "core/render/html.h"
#include "tests/support/code_of.h"
#include "tests/support/data_folder.h"
#include "tests/support/idle_driver.h"
#include "tests/support/membership.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Json;
using Ruling = model::Verdict::Ruling;

namespace {

/// Answers with the validators that the test says each node lists.
struct FakeDriver : IdleDriver {
    std::map<std::string, std::vector<std::string>> lists;  // by node; none: it does not answer

    std::vector<model::Validator> validators(model::Node const& node) override {
        auto const found = lists.find(node.id);
        if (found == lists.end()) throw base::Error(base::Code::unavailable, "node is down");
        std::vector<model::Validator> out;
        for (auto const& address : found->second) out.push_back({address, true, {}, {}, {}});
        return out;
    }
};

struct ExitFixture : MembershipFixture {
    FakeDriver driver;

    ExitFixture() {
        services().driver = [this](std::string_view) -> port::NodeDriver& { return driver; };
        services().renderer = [](std::string_view) -> port::Renderer& { return render::html_renderer(); };
        services().report_template = [](std::string_view name) {
            return base::read_text(
                consortium::test::data_folder() + "/../../templates/report/" + std::string(name), 1u << 20);
        };
        epoch.networks.push_back({"payments", "rehearsal", "net-1"});
        epoch.previous = model::reference(epoch).hash;
        epoch.number = 1;
        finalize();
    }

    void open(std::string const& by = "delta-ports", Json more = Json{{"reason", "voluntary"}}) {
        apply(flow::plan_exit_open(state(by), request("exit open", more)), by);
    }

    void settle(std::string const& by = "alpha-bank") {
        apply(flow::plan_cost_allocate(
                  state(by), request("cost allocate", {{"month", "2026-10"}, {"pool", {"support=900.00"}}})),
              by);
    }

    void add_node(std::string const& id, std::string const& member, std::string const& address) {
        model::Node node{id, member, "payments", "rehearsal", "rehearsal:x#" + id, "", address, {}};
        model::Object object{"node", id, "known", member, {}, {}, 0};
        object.data = base::JsonValue(Json{{"node", model::to_json(node)}, {"identity", ""}});
        put(object);
    }

    void put_record(std::string kind, std::string name, std::string state, std::string member, Json data) {
        model::Object object{
            std::move(kind), std::move(name), std::move(state), std::move(member), {}, {}, 0};
        object.data = base::JsonValue(std::move(data));
        put(object);
    }

    void make_authority() {
        apply(flow::plan_ca_init(state(), request("ca init", {{"no-passphrase", true}})));
    }
    std::string issue_to(std::string const& member) {
        auto const arguments =
            Json{{"operand", "node.example"}, {"member", member}, {"new-key", true}, {"no-passphrase", true}};
        auto const plan =
            flow::plan_certificate_issue(state(), services().certifier, request("cert issue", arguments));
        return apply(plan)["results"][0]["serial"];
    }
    void revoke(std::string const& serial) {
        auto const arguments = Json{{"operand", serial}, {"reason", "cessation-of-operation"}};
        apply(flow::plan_certificate_revoke(state(), request("cert revoke", arguments)));
    }
    void sign_list() { apply(flow::plan_crl_issue(state(), request("crl issue", Json::object()))); }
    /// The journal says that these bytes are the list that the authority signed last.
    void put_list(base::Bytes const& der) {
        Json data = *store().object("crl", "issuing-1")->data;
        data["files"] = {base::sha256(der).hex()};
        data.erase("covers");  // of other bytes nothing is known
        store().write([&](port::Transaction& transaction) { transaction.put_file(base::as_text(der)); });
        put_record("crl", "issuing-1", "current", "", data);
    }

    model::ExitGate gate(std::string_view id) {
        auto const here = state();
        for (auto& one : flow::exit_gates({here, flow::exit_case(here, "delta-ports"), services()}))
            if (one.id == id) return one;
        return {};
    }

    model::Outcome check(std::string const& as = "alpha-bank") {
        return flow::exit_check(state(as), services(), request("exit check", {{"operand", "delta-ports"}}));
    }

    /// Everything that lets delta-ports go.
    void open_all_gates() {
        open();
        pass_other_gates();
    }

    void pass_other_gates() {
        settle();
        now = now + base::Duration{91 * 86'400};
        add_node("n1", "alpha-bank", "0xaa");
        add_node("n4", "delta-ports", "0xDD");
        driver.lists["n1"] = {"0xaa"};
    }
};

}  // namespace

TEST_CASE("notice is given once, by the right member") {
    ExitFixture fixture;
    auto const opens = [&](std::string const& by, Json more) {
        return code_of([&] { fixture.open(by, more); });
    };
    CHECK(opens("alpha-bank", {{"member", "delta-ports"}, {"reason", "voluntary"}}) == base::Code::refused);
    CHECK(opens("delta-ports", {{"reason", "expelled"}}) == base::Code::refused);
    CHECK(opens("delta-ports", {{"member", "nobody"}, {"reason", "voluntary"}}) == base::Code::not_found);
    fixture.open();
    CHECK(opens("delta-ports", {{"reason", "voluntary"}}) == base::Code::conflict);
    auto const exit = flow::exit_case(fixture.state(), "delta-ports");
    CHECK(exit.notice.settles == "2026-10");
    CHECK(exit.notice.notice.text() == "P90D");
    CHECK(exit.act.act.member == "delta-ports");
    CHECK(code_of([&] { (void)flow::exit_case(fixture.state(), "delta-prots"); }) == base::Code::not_found);
}

TEST_CASE("the notice gate opens when the period is over; expulsion has none") {
    ExitFixture fixture;
    SUBCASE("voluntary") {
        fixture.open();
        CHECK(fixture.gate("notice").ruling == Ruling::pending);
        auto const received = flow::exit_case(fixture.state(), "delta-ports").act.received;
        fixture.now = received + base::Duration{90 * 86'400 - 1};
        CHECK(fixture.gate("notice").ruling == Ruling::pending);
        fixture.now = fixture.now + base::Duration{1};
        CHECK(fixture.gate("notice").ruling == Ruling::allowed);
    }
    SUBCASE("expelled") {
        fixture.open("alpha-bank", {{"member", "delta-ports"}, {"reason", "expelled"}});
        CHECK(fixture.gate("notice").ruling == Ruling::allowed);
        CHECK(flow::exit_action(flow::exit_case(fixture.state(), "delta-ports").notice).kind ==
              "member.remove");
    }
}

TEST_CASE("settlement needs an allocation that another member signed") {
    ExitFixture fixture;
    fixture.open();
    CHECK(fixture.gate("settlement").ruling == Ruling::pending);
    SUBCASE("stated by the leaver itself") {
        fixture.settle("delta-ports");
        CHECK(fixture.gate("settlement").ruling == Ruling::pending);
    }
    SUBCASE("stated by another") {
        fixture.settle();
        auto const gate = fixture.gate("settlement");
        CHECK(gate.ruling == Ruling::allowed);
        CHECK(gate.words == "2026-10: 193.75 EUR to pay, due 2026-12-01, signed by alpha-bank");
        CHECK(gate.evidence.size() == 2);
    }
}

TEST_CASE("G3 fewer than four voting members left is refused") {
    ExitFixture fixture;
    fixture.open();
    CHECK(fixture.gate("quorum").ruling == Ruling::allowed);
    CHECK(fixture.gate("quorum").words ==
          "5 voting members become 4; quorum 4 becomes 3, 1 may fail instead of 1");
    fixture.epoch.members[4].votes = false;
    fixture.epoch.number = 2;
    fixture.finalize();
    CHECK(fixture.gate("quorum").ruling == Ruling::refused);
    CHECK(fixture.check().status == base::Code::refused);
}

TEST_CASE("certificates must be revoked, and the list that the authority signed must say so") {
    ExitFixture fixture;
    fixture.open();
    CHECK(fixture.gate("certificates").words == "the consortium has no certificate authority");
    fixture.make_authority();
    CHECK(fixture.gate("certificates").ruling == Ruling::allowed);
    auto const serial = fixture.issue_to("delta-ports");
    CHECK(fixture.gate("certificates").words == "not revoked: " + serial);
    fixture.revoke(serial);
    CHECK(fixture.gate("certificates").ruling == Ruling::pending);
    CHECK(fixture.gate("certificates").words == "revoked but in no list yet: " + serial);
    CHECK(fixture.gate("certificates").next == "consortium crl issue issuing-1");
    fixture.sign_list();
    auto const listed = fixture.gate("certificates");
    CHECK(listed.words == "1 revoked and published, none live");
    CHECK(listed.ruling == Ruling::allowed);
    REQUIRE(listed.evidence.size() == 1);
    CHECK(listed.evidence[0].digest == base::sha256(*flow::current_crl(fixture.store(), "issuing-1")));
}

TEST_CASE("a member's own intermediate, adopted here, does not speak for the consortium's authority") {
    ExitFixture fixture;
    fixture.open();
    flow::Authority own;
    own.name = own.role = "issuing";
    own.adopted = true;
    own.certificates = {{"root-g1", std::string(32, '1'), {}, fixture.now + base::Duration{86'400}}};
    fixture.store().write([&](port::Transaction& transaction) {
        transaction.append_event(
            {"test", fixture.now, base::JsonValue(Json::object()), {flow::to_object(own)}});
    });
    CHECK(fixture.gate("certificates").words == "the consortium has no certificate authority");
}

TEST_CASE("a list that names the certificate but does not hold opens no gate") {
    ExitFixture fixture;
    fixture.open();
    fixture.make_authority();
    auto const serial = fixture.issue_to("delta-ports");
    fixture.sign_list();
    auto const earlier = *flow::current_crl(fixture.store(), "issuing-1");
    fixture.revoke(serial);
    fixture.sign_list();
    REQUIRE(fixture.gate("certificates").ruling == Ruling::allowed);
    auto list = *flow::current_crl(fixture.store(), "issuing-1");
    std::string words;
    SUBCASE("out of date") {
        fixture.now = fixture.now + base::Duration{7 * 86'400 - 1};
        CHECK(fixture.gate("certificates").ruling == Ruling::allowed);
        fixture.now = fixture.now + base::Duration{1};
        words = "list 3 of issuing-1 is out of date since 2026-11-10T10:00:00Z";
    }
    SUBCASE("of the future") {
        fixture.now = fixture.now - base::Duration{60};
        words = "list 3 of issuing-1 is of the future: 2026-11-03T10:00:00Z";
    }
    SUBCASE("another reason than the journal's") {
        auto object = *fixture.store().object("certificate", serial);
        Json data = *object.data;
        data["revoked"]["reason"] = "key-compromise";
        fixture.put_record("certificate", serial, "revoked", "delta-ports", data);
        words = "listed for another reason than recorded: " + serial;
    }
    SUBCASE("a list without it, though the journal says it was signed afterwards") {
        fixture.put_list(earlier);
        words = "revoked but in no list yet: " + serial;
    }
    SUBCASE("changed after it was signed") {
        list.back() ^= 1;
        fixture.put_list(list);
        words = "the list of issuing-1 does not hold: the signature of this revocation list does not hold";
    }
    SUBCASE("signed by another authority") {
        fixture.put_list(*flow::current_crl(fixture.store(), "root-g1"));
        words = "the list of issuing-1 does not hold: the signature of this revocation list does not hold";
    }
    SUBCASE("no list at all") {
        fixture.put_list(base::to_bytes("hello"));
        words = "the list of issuing-1 does not hold: ";
    }
    auto const gate = fixture.gate("certificates");
    CHECK(gate.ruling == Ruling::pending);
    CHECK_MESSAGE(gate.words.starts_with(words), gate.words);
    CHECK(gate.evidence.empty());
    CHECK(gate.next == "consortium crl issue issuing-1");
}

TEST_CASE("the validator is gone only when the other members' nodes say so") {
    ExitFixture fixture;
    fixture.open();
    CHECK(fixture.gate("validator").ruling == Ruling::pending);  // its tier may validate, no node is known
    fixture.add_node("n4", "delta-ports", "0xDD");
    CHECK(fixture.gate("validator").words == "no node of another member is known on payments");
    fixture.add_node("n1", "alpha-bank", "0xaa");
    CHECK(fixture.gate("validator").words == "no answer from n1 (node is down)");
    fixture.driver.lists["n1"] = {"0xaa", "0xdd"};
    CHECK(fixture.gate("validator").words == "still a validator on n1");
    fixture.driver.lists["n1"] = {"0xaa"};
    auto const gate = fixture.gate("validator");
    CHECK(gate.ruling == Ruling::allowed);
    REQUIRE(gate.evidence.size() == 1);
    CHECK(gate.evidence[0].digest == base::digest_of(*gate.evidence[0].record));
}

TEST_CASE("check says how many gates are passed and what opens the others") {
    ExitFixture fixture;
    fixture.open();
    auto const first = fixture.check();
    CHECK(first.status == base::Code::pending);
    CHECK(first.data->at("missing") == Json{"notice", "settlement", "validator"});
    CHECK_FALSE(first.next.empty());
    fixture.pass_other_gates();
    auto const last = fixture.check();
    CHECK_FALSE(last.status.has_value());
    CHECK(last.data->at("ruling") == "allowed");
}

TEST_CASE("the report is canonical, signed, rendered and proves every act that it cites") {
    ExitFixture fixture;
    fixture.open_all_gates();
    auto const folder = fixture.folder() / "exit";
    auto const plan = flow::plan_exit_report(
        fixture.state(),
        fixture.request("exit report", {{"operand", "delta-ports"}, {"out", folder.string()}}));
    fixture.apply(plan);

    auto const text = base::read_text(folder / "report.json", 1u << 20);
    auto const report = base::parse_canonical(text, {1u << 20, 32, false});
    CHECK(report["gates"].size() == 6);
    CHECK(report["passed"] == true);
    CHECK(report["complete"] == false);
    CHECK(report["settlement"][0]["total"] == "193.75");
    CHECK_FALSE(report["not_checked"].empty());

    auto const envelope =
        base::parse_json(base::read_text(folder / "report.dsse.json", 1u << 20), {1u << 20, 32, false});
    CHECK(base::as_text(base::from_base64(envelope["payload"].get<std::string>())) == text);
    auto const type = envelope["payloadType"].get<std::string>();
    auto const signed_bytes =
        "DSSEv1 " + std::to_string(type.size()) + " " + type + " " + std::to_string(text.size()) + " " + text;
    auto const* officer = fixture.epoch.officer("alpha-bank-gov");
    auto const signature = base::from_base64(envelope["signatures"][0]["sig"].get<std::string>());
    CHECK(crypto::verifier().verify("raw", fixture.epoch.key(officer->key)->spki,
                                    base::as_bytes(signed_bytes), signature));

    TestSigner log("log of acme");
    auto const key = journal::NoteKey::from_spki("acme/log", journal::NoteKeyType::log, log.public_key());
    REQUIRE(report["acts"].size() == 2);  // the notice and the allocation
    for (auto const& act : report["acts"]) {
        auto const proof =
            journal::Proof::parse(base::read_text(folder / act["file"].get<std::string>(), 1u << 20));
        CHECK_NOTHROW((void)journal::verify_proof(proof, proof.extra, {key}, crypto::verifier()));
        auto changed = proof;
        changed.extra.back() ^= 1;
        CHECK_THROWS_AS((void)journal::verify_proof(changed, changed.extra, {key}, crypto::verifier()),
                        base::Error);
    }
    auto const html = base::read_text(folder / "report.html", 1u << 20);
    CHECK(html.find("Every gate is passed") != std::string::npos);
    CHECK(html.find("What was not checked") != std::string::npos);
    CHECK(html.find(base::sha256(text).hex()) != std::string::npos);
    for (auto const* outside : {"<script", "<img", "<link", "@import", "src=", "href=", "url("})
        CHECK_MESSAGE(html.find(outside) == std::string::npos, outside);
}

TEST_CASE("reports render without a signature too, and say so; hostile names stay text") {
    ExitFixture fixture;
    fixture.epoch.members[3].name = "<script>alert(1)</script>";
    fixture.epoch.number = 2;
    fixture.finalize();
    fixture.open();
    fixture.settle();
    auto const page = [&](std::string const& name) {
        return flow::report_render(fixture.state(), fixture.services(),
                                   fixture.request("report render", {{"operand", name}}))
            .data->at("html")
            .get<std::string>();
    };
    CHECK(page("exit/delta-ports").find("Not signed") != std::string::npos);
    CHECK(page("exit/delta-ports").find("<script>") == std::string::npos);
    CHECK(page("statement/2026-10/delta-ports").find("193.75") != std::string::npos);
    CHECK(code_of([&] { page("exit/nobody"); }) == base::Code::not_found);
    CHECK(code_of([&] { page("statement"); }) == base::Code::not_found);
}
