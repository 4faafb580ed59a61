#include "core/flow/act_import.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/bundle.h"
#include "core/flow/private_part.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Code;
using base::JsonValue;

/// What became of the words beside an act, and where they still are.
void warn_of_words(PartTaken taken, base::Path const& file, model::Outcome& outcome) {
    auto const name = base::printable(file.string());
    if (taken == PartTaken::waiting) {
        outcome.warnings.push_back(
            fmt::format("the words beside it are not taken in yet: keep {0}.private, and "
                        "import {0}.sig again once the act no longer waits",
                        name));
        return;
    }
    if (taken == PartTaken::refused) {
        outcome.warnings.emplace_back("the words beside it are not those that it commits to; not taken in");
        return;
    }
    if (taken == PartTaken::erased)
        outcome.warnings.emplace_back("words about this person were erased here; not taken in");
    outcome.warnings.push_back(fmt::format(
        "{0}.private and {0}.txt still hold the words: delete them where nobody needs them", name));
}

void take_words(Services& services, ActFile const& one, model::Outcome& outcome) {
    auto const id = model::act_id(model::envelope_from_text(one.envelope));
    auto taken = PartTaken::waiting;
    if (services.store.has_act(id))
        services.store.write(
            [&](port::Transaction& transaction) { taken = take_part(services, transaction, id, one.words); });
    warn_of_words(taken, one.file, outcome);
}

std::string opening(std::size_t acts, Intake const& intake) {
    auto const what = acts == 1 ? std::string("an act that was") : fmt::format("{} acts that were", acts);
    return "took in " + what + " signed elsewhere: " + in_words(intake);
}

}  // namespace

model::Outcome import_acts(Services& services, std::vector<ActFile> const& files,
                           std::vector<NoActFile> const& spoiled) {
    std::vector<std::string> envelopes;
    envelopes.reserve(files.size());
    for (auto const& one : files) envelopes.push_back(one.envelope);
    auto const intake = take_in(services, envelopes);
    model::Outcome outcome;
    outcome.schema = "consortium.bundle/1";
    auto data = to_json(intake);
    data["member"] = nullptr;
    data["acts"] = files.size();
    outcome.text.emplace_back(opening(files.size(), intake));
    std::vector<bool> refused(files.size());
    auto const name = [&](base::Path const& file) {
        return files.size() + spoiled.size() == 1 ? std::string()
                                                  : " " + base::printable(file.filename().string()) + ":";
    };
    for (std::size_t i = 0; i < intake.refused.size(); ++i) {
        auto const& one = intake.refused[i];
        auto const place = one.place.value_or(0);
        refused.at(place) = true;
        data["refused"][i]["file"] = base::printable(files[place].file.filename().string());
        outcome.text.emplace_back("refused:" + name(files[place].file) + " " + base::printable(one.reason));
    }
    for (auto const& one : spoiled) {
        data["refused"].push_back({{"id", nullptr},
                                   {"member", nullptr},
                                   {"code", base::info(one.code).name},
                                   {"reason", base::printable(one.reason)},
                                   {"place", nullptr},
                                   {"file", base::printable(one.file.filename().string())}});
        outcome.text.emplace_back("refused:" + name(one.file) + " " + base::printable(one.reason));
    }
    outcome.data = JsonValue(std::move(data));
    for (std::size_t i = 0; i < files.size(); ++i)
        if (!files[i].words.empty() && !refused[i]) take_words(services, files[i], outcome);
    if (intake.orphans > 0) outcome.status = Code::pending;
    if (!spoiled.empty()) outcome.status = spoiled.front().code;
    if (!intake.refused.empty()) outcome.status = intake.refused.front().code;
    return outcome;
}

}  // namespace consortium::flow
