#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/approval.h"
#include "core/flow/prepare_parts.h"

#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Code;
using base::Error;
using base::Json;

void require_allowed(model::Verdict const& verdict) {
    for (auto const& rule : verdict.rules)
        if (!rule.holds) throw Error(Code::refused, rule.words);
}

/// FILE, or a name of its own where it is a folder.
std::string file_in(std::string const& to, std::string const& officer, base::Digest const& digest) {
    std::error_code none;
    if (!std::filesystem::is_directory(to, none)) return to;
    return (base::Path(to) / fmt::format("approval-{}-{}", officer, digest.brief())).string();
}

std::string summary_of(model::Act const& act, model::Approval const& approval, std::string_view bytes,
                       std::string_view file) {
    return fmt::format(
        "{officer} of {member} approves one digest\n"
        "  digest   {digest}\n"
        "  aloud    {aloud}\n"
        "  about    {about}\n"
        "  rule     {rule}\n"
        "  expires  {expires}: from then on it does not count\n"
        "{how}"
        "What is carried out later must have this digest: compare it with what you were shown, number by "
        "number or aloud, before you sign.\n",
        fmt::arg("officer", act.officer), fmt::arg("member", act.member),
        fmt::arg("digest", approval.digest.hex()), fmt::arg("aloud", base::spoken(approval.digest)),
        fmt::arg("about", approval.about.empty() ? "-" : base::printable(approval.about)),
        fmt::arg("rule", approval.rule), fmt::arg("expires", act.expires.text()),
        fmt::arg("how", how_to_sign(act, bytes, file)));
}

}  // namespace

model::Outcome approval_prepare(Services& services, State const& state, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const& officer =
        officer_elsewhere(state.joined(), arguments.at("for").get<std::string>(), "consortium approval sign");
    auto const seen = seen_by(state, officer);
    auto const plan = plan_approval_sign(seen, request);
    require_allowed(plan.verdict);
    auto const approval = model::approval_from_json(plan.steps.at(0).detail->at("body"));
    auto const act =
        prepared_act({"approval", {}, base::JsonValue(model::to_json(approval))}, services, seen, officer);
    model::Envelope envelope;
    envelope.payload = base::canonical(model::to_json(act));
    auto const bytes = model::pre_authentication(envelope);
    auto const file = file_in(arguments.at("to").get<std::string>(), officer.id, approval.digest);
    auto const summary = summary_of(act, approval, bytes, base::Path(file).filename().string());
    write_prepared(file, bytes, summary);

    model::Outcome outcome;
    outcome.schema = "consortium.approval.prepared/1";
    outcome.data = base::JsonValue(Json{{"file", file},
                                        {"summary", file + ".txt"},
                                        {"id", model::act_id(envelope).hex()},
                                        {"officer", officer.id},
                                        {"digest", approval.digest.hex()},
                                        {"rule", approval.rule},
                                        {"about", approval.about},
                                        {"expires", act.expires.text()}});
    outcome.text.emplace_back(summary);
    outcome.next = {"consortium exchange import " + file + ".sig"};
    return outcome;
}

}  // namespace consortium::flow
