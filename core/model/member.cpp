#include "core/model/member.h"

#include "core/base/text.h"
#include "core/model/public_key.h"

#include <nlohmann/json.hpp>
#include <set>

namespace consortium::model {

namespace {

using base::Json;
using base::JsonReader;

constexpr std::size_t max_evidence = 200;
constexpr std::size_t max_nodes = 50;

Evidence read_evidence(JsonReader& in) {
    Evidence evidence{in.name("gate"), in.name("item"), in.digest("digest")};
    in.done();
    return evidence;
}

ApplicantNode read_node(JsonReader& in) {
    ApplicantNode node{in.name("network"), in.text("address", 200)};
    if (node.address.empty()) in.fail("address", "is empty");
    in.done();
    return node;
}

}  // namespace

base::Json to_json(Invitation const& invitation) {
    return {{"member", invitation.member},
            {"name", invitation.name},
            {"tier", invitation.tier},
            {"key", {{"algorithm", invitation.algorithm}, {"spki", base::to_base64(invitation.spki)}}}};
}

base::Json to_json(Submission const& submission) {
    Json evidence = Json::array();
    for (auto const& item : submission.evidence)
        evidence.push_back({{"gate", item.gate}, {"item", item.item}, {"digest", item.digest.hex()}});
    Json nodes = Json::array();
    for (auto const& node : submission.nodes)
        nodes.push_back({{"network", node.network}, {"address", node.address}});
    return {{"invitation", submission.invitation.hex()},
            {"applicant", to_json(submission.applicant)},
            {"evidence", evidence},
            {"nodes", nodes}};
}

base::Json to_json(Check const& check) {
    Json evidence = Json::array();
    for (auto const& digest : check.evidence) evidence.push_back(digest.hex());
    return {{"submission", check.submission.hex()},
            {"gate", check.gate},
            {"result", check.result},
            {"evidence", evidence}};
}

Invitation invitation_from_json(base::Json const& value, std::string pointer) {
    JsonReader in(value, std::move(pointer));
    Invitation invitation{in.name("member"), in.text("name", 200), in.name("tier"), {}, {}};
    if (base::trimmed(invitation.name).empty()) in.fail("name", "is empty");
    auto key = in.object("key");
    invitation.algorithm = key.text("algorithm", 16);
    invitation.spki = key.base64("spki", 1024);
    key.done();
    if (!is_public_key(invitation.algorithm, invitation.spki))
        key.fail("spki", "is not a sound key of the algorithm that is named");
    in.done();
    return invitation;
}

Submission submission_from_json(base::Json const& value, std::string const& pointer) {
    JsonReader in(value, pointer);
    Submission submission;
    submission.invitation = in.digest("invitation");
    submission.applicant = founder_from_json(in.value("applicant"), pointer + "/applicant");
    std::set<std::pair<std::string, std::string>> seen;
    in.objects(
        "evidence",
        [&](JsonReader& item) {
            auto evidence = read_evidence(item);
            if (!seen.emplace(evidence.gate, evidence.item).second)
                item.fail("item", "is handed in twice for gate '" + evidence.gate + "'");
            submission.evidence.push_back(std::move(evidence));
        },
        max_evidence);
    in.objects(
        "nodes", [&](JsonReader& item) { submission.nodes.push_back(read_node(item)); }, max_nodes);
    in.done();
    return submission;
}

Check check_from_json(base::Json const& value, std::string pointer) {
    JsonReader in(value, std::move(pointer));
    Check check{in.digest("submission"), in.name("gate"), in.text("result", 8), in.digests("evidence", 50)};
    if (check.result != "pass" && check.result != "fail") in.fail("result", "is not 'pass' or 'fail'");
    in.done();
    return check;
}

}  // namespace consortium::model
