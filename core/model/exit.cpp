#include "core/model/exit.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::model {

using base::Json;

bool is_exit_reason(std::string_view reason) {
    return std::find(std::begin(exit_reasons), std::end(exit_reasons), reason) != std::end(exit_reasons);
}

Json to_json(ExitNotice const& notice) {
    return {{"member", notice.member},
            {"reason", notice.reason},
            {"settles", notice.settles},
            {"notice", notice.notice.text()}};
}

ExitNotice exit_notice_from_json(Json const& value) {
    base::JsonReader in(value, "/body");
    ExitNotice notice{in.name("member"), in.text("reason", 16), in.text("settles", 7), in.duration("notice")};
    if (!is_exit_reason(notice.reason)) in.fail("reason", "must be voluntary, expelled or insolvent");
    static_cast<void>(base::Month::from_text(notice.settles));
    in.done();
    return notice;
}

std::string_view ruling_text(Verdict::Ruling ruling) {
    switch (ruling) {
        case Verdict::Ruling::allowed:
            return "allowed";
        case Verdict::Ruling::refused:
            return "refused";
        case Verdict::Ruling::pending:
            break;
    }
    return "pending";
}

Json to_json(GateEvidence const& evidence) {
    return {{"kind", evidence.kind},
            {"words", evidence.words},
            {"digest", evidence.digest.hex()},
            {"record", *evidence.record}};
}

Json to_json(ExitGate const& gate) {
    Json evidence = Json::array();
    for (auto const& item : gate.evidence) evidence.push_back(to_json(item));
    return {{"gate", gate.id},
            {"ruling", std::string(ruling_text(gate.ruling))},
            {"words", gate.words},
            {"evidence", evidence},
            {"next", gate.next.empty() ? Json() : Json(gate.next)}};
}

}  // namespace consortium::model
