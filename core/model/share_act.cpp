#include "core/model/share_act.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::model {

using base::Json;
using base::JsonReader;

namespace {

constexpr std::array<std::string_view, 8> subjects{"dealt",  "accepted",  "drilled",   "destroyed",
                                                   "opened", "submitted", "recovered", "rehearsed"};
constexpr std::size_t proof_bytes = 64, session_point_bytes = 32;

bool is_receipt(std::string_view about) {
    return about == "accepted" || about == "drilled";
}
bool has_index(std::string_view about) {
    return is_receipt(about) || about == "submitted" || about == "destroyed";
}
bool is_end(std::string_view about) {
    return about == "recovered" || about == "rehearsed";
}

Json facts_of(ShareAct const& act) {
    if (is_receipt(act.about)) return {{"index", act.index}, {"proof", base::to_base64(act.proof)}};
    if (act.about == "opened")
        return {
            {"purpose", act.purpose}, {"to", base::to_base64(act.to.point)}, {"closes", act.closes.text()}};
    if (act.about == "destroyed") return {{"index", act.index}};
    if (act.about == "submitted") return {{"index", act.index}, {"file", act.file.hex()}};
    if (is_end(act.about)) return {{"used", act.used}};
    return Json::object();
}

std::vector<std::int64_t> indexes(JsonReader& in) {
    auto const& list = in.value("used");
    bool sound = list.is_array() && list.size() >= 2 && list.size() <= max_custodians;
    std::vector<std::int64_t> out;
    for (auto const& one : sound ? list : Json::array()) {
        auto const last = out.empty() ? 0 : out.back();
        sound = sound && one.is_number_integer() && one.get<std::int64_t>() > last &&
                one.get<std::int64_t>() <= max_custodians;
        if (!sound) break;
        out.push_back(one.get<std::int64_t>());
    }
    if (!sound) in.fail("used", "rising indexes of two shares or more expected");
    return out;
}

void read_facts(JsonReader in, ShareAct& act) {
    if (has_index(act.about)) act.index = in.integer("index", 1, max_custodians);
    if (is_receipt(act.about)) {
        act.proof = in.base64("proof", 128);
        if (act.proof.size() != proof_bytes) in.fail("proof", "64 bytes expected");
    }
    if (act.about == "opened") {
        act.purpose = in.text("purpose", 16);
        if (act.purpose != "recovery" && act.purpose != "drill")
            in.fail("purpose", "is not recovery or drill");
        act.to = {"x25519", in.base64("to", 64)};
        if (act.to.point.size() != session_point_bytes) in.fail("to", "32 bytes expected");
        act.closes = in.instant("closes");
    }
    if (act.about == "submitted") act.file = in.digest("file");
    if (is_end(act.about)) act.used = indexes(in);
    in.done();
}

}  // namespace

Json to_json(ShareAct const& act) {
    return {{"about", act.about}, {"deal", act.deal.hex()}, {"facts", facts_of(act)}};
}

ShareAct share_act_from_json(Json const& value) {
    JsonReader in(value, "/body");
    ShareAct act;
    act.about = in.text("about", 16);
    if (std::find(subjects.begin(), subjects.end(), act.about) == subjects.end())
        in.fail("about",
                "is not dealt, accepted, drilled, destroyed, opened, submitted, recovered or rehearsed");
    act.deal = in.digest("deal");
    read_facts(in.object("facts"), act);
    in.done();
    return act;
}

std::string share_proof_text(ShareAct const& act, std::string_view officer, base::Digest const& epoch) {
    return fmt::format("consortium share {}\n{}\n{}\n{}\n{}\n", act.about, act.deal.hex(), act.index, officer,
                       epoch.hex());
}

}  // namespace consortium::model
