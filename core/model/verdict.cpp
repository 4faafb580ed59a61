#include "core/model/verdict.h"

#include "core/base/error.h"

#include <array>
#include <nlohmann/json.hpp>

namespace consortium::model {

namespace {

using Ruling = Verdict::Ruling;

constexpr std::array<std::pair<Ruling, std::string_view>, 3> rulings{
    {{Ruling::allowed, "allowed"}, {Ruling::refused, "refused"}, {Ruling::pending, "pending"}}};

Ruling read_ruling(base::JsonReader& in) {
    std::string const text = in.text("ruling");
    for (auto const& [ruling, name] : rulings) {
        if (name == text) return ruling;
    }
    in.fail("ruling", "is not allowed, refused or pending");
}

}  // namespace

void Verdict::require(std::string name, bool holds, std::string words, Ruling otherwise) {
    rules.push_back({std::move(name), holds, std::move(words)});
    if (!holds && ruling != Ruling::refused) ruling = otherwise;  // one refusal outweighs all that is pending
}

base::Json to_json(Verdict const& verdict) {
    base::Json rules = base::Json::array();
    for (Rule const& rule : verdict.rules) {
        rules.push_back({{"name", rule.name}, {"holds", rule.holds}, {"words", rule.words}});
    }
    return {{"ruling", rulings.at(static_cast<std::size_t>(verdict.ruling)).second},
            {"rules", std::move(rules)},
            {"state", verdict.state},
            {"missing", verdict.missing},
            {"deadline", verdict.deadline ? base::Json(verdict.deadline->text()) : base::Json()},
            {"next", verdict.next}};
}

Verdict verdict_from_json(base::Json const& value, std::string const& pointer) {
    base::JsonReader in(value, pointer);
    Verdict verdict;
    verdict.ruling = read_ruling(in);
    in.objects("rules", [&](base::JsonReader& rule) {
        verdict.rules.push_back({rule.text("name"), rule.boolean("holds"), rule.text("words", 65'536)});
        rule.done();
    });
    verdict.state = in.text("state");
    verdict.missing = in.texts("missing");
    verdict.deadline = in.optional_instant("deadline");
    verdict.next = in.text("next");
    in.done();
    return verdict;
}

}  // namespace consortium::model
