#include "core/flow/batch_rows.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/certificate_key.h"
#include "core/flow/issuer.h"

#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Error;
using base::Json;

namespace {

/// Which column a rule looks at, by the beginning of its name.
constexpr std::array<std::pair<std::string_view, char const*>, 6> columns_of_rules{{{"csr", "csr"},
                                                                                    {"key type", "type"},
                                                                                    {"key", "csr"},
                                                                                    {"lifetime", "valid_for"},
                                                                                    {"name", "also"},
                                                                                    {"unit", "unit"}}};

std::string column_of(model::Rule const& rule) {
    for (auto const& [beginning, column] : columns_of_rules) {
        if (rule.name.starts_with(beginning)) return column;
    }
    return {};
}

/// The error as it is, and where it comes from.
Error placed(Error const& error, base::TextPlace const& place, std::string const& column) {
    Error::Details details{{"file", place.source}, {"line", std::to_string(place.line)}};
    if (!column.empty()) details.emplace_back("column", column);
    for (auto const& each : error.details()) {
        if (each.first != "file" && each.first != "line" && each.first != "column") details.push_back(each);
    }
    return {error.code(),
            fmt::format("{}:{}: {}", base::printable(place.source), place.line, error.message()),
            error.hint(), std::move(details)};
}

/// The column because of which the arguments of a row cannot be read.
std::string column_to_blame(State const& state, Json const& arguments) {
    auto const fails = [](auto const& read) {
        try {
            read();
            return false;
        } catch (Error const&) {
            return true;
        }
    };
    model::AlternativeNames names;
    if (fails(
            [&] { (void)model::profile_of(state.joined().charter, arguments.value("profile", "node-tls")); }))
        return "profile";
    if (fails([&] { (void)organization_of(state, arguments.value("member", state.self.member)); }))
        return "member";
    if (fails([&] { (void)base::Duration::from_text(arguments.value("valid-for", "P1D")); }))
        return "valid_for";
    auto const also = arguments.value("also", std::vector<std::string>());
    if (also.size() > 1'000) return "also";
    for (auto const& name : also)
        if (fails([&] { names.add(name); })) return "also";
    return "name";
}

/// A batch has one issuer: a row that another one certifies is for another batch.
std::string unfit_issuer(BatchTask const& task, Wanted const& wanted) {
    if (auto words = unfit_words(task.issuer, wanted); !words.empty() || task.rivals.empty()) return words;
    auto const& chosen = issuer_among(task.rivals, wanted).name;
    if (chosen == task.issuer.name) return {};
    return fmt::format(
        "'{}' certifies it, and '{}' what the first row asks for: give it a file of its own, or "
        "name one for all with --issuer",
        chosen, task.issuer.name);
}

}  // namespace

RowJudge::RowJudge(BatchTask const& task, Services& services, Identity const& self)
    : m_task(task),
      m_store(services.store.reader()),
      m_certifier(services.certifier.another()),
      m_state{m_store ? *m_store : services.store, (m_store ? *m_store : services.store).latest(), task.now,
              self} {}

model::Verdict RowJudge::verdict(BatchRow const& row, Candidate& candidate) const {
    auto const& arguments = *row.arguments;
    auto const wanted = read_wanted(m_state, arguments);
    model::Verdict verdict;
    check_profile(wanted, *m_certifier, verdict);
    verdict.require("approval", wanted.profile.approval.empty(),
                    fmt::format("profile '{}' waits for approval by '{}': ask for one certificate at a time",
                                wanted.profile.id, wanted.profile.approval));
    auto const unfit = unfit_issuer(m_task, wanted);
    verdict.require("issuer", unfit.empty(), unfit);
    check_issuer(wanted, m_task.issuer, m_state.now, *m_certifier, verdict);
    Json source;
    if (!row.request.empty()) {
        bool const here = row.request.starts_with("-----BEGIN");
        auto const request = here ? base::to_bytes(row.request) : read_request_file(row.request);
        source = request_source(m_state, *m_certifier, request, wanted, verdict);
    } else {
        candidate.key_type = arguments.value("type", "p256");
        verdict.require("key", arguments.contains("new-key"),
                        "the row names no request, and --new-key does not say that a key is to be made");
        verdict.require("key type", is_makeable(candidate.key_type),
                        fmt::format("no keys of type '{}' are made", base::printable(candidate.key_type)));
        check_key_type(candidate.key_type, wanted.profile, verdict);
        source = {{"source", "new"}, {"algorithm", candidate.key_type}};
    }
    candidate.profile = wanted.profile;
    candidate.detail = issue_step(wanted, m_task.issuer, std::move(source)).detail;
    candidate.stem = row.stem;
    return verdict;
}

Candidate RowJudge::judge(std::size_t number) const {
    auto const place = m_task.file.place(number);
    auto const row = m_task.file.row(number, *m_task.defaults);
    Candidate candidate;
    model::Verdict judged;
    try {
        judged = verdict(row, candidate);
    } catch (Error const& error) {
        throw placed(error, place, row.request.empty() ? column_to_blame(m_state, *row.arguments) : "");
    }
    if (judged.allowed()) return candidate;
    std::vector<std::string> words;
    std::string column;
    for (auto const& rule : judged.rules) {
        if (rule.holds) continue;
        if (column.empty()) column = column_of(rule);
        words.push_back(rule.words);
    }
    throw placed(Error(base::Code::refused, base::join(words, "; ")), place, column);
}

void RequestDigest::add(Candidate const& candidate) {
    if (!candidate.key_type.empty()) return;
    m_hash.update(candidate.detail->at("key").at("public_key").get_ref<std::string const&>()).update("\n");
    m_any = true;
}

std::string RequestDigest::finish() {
    auto const digest = m_hash.finish();
    return std::exchange(m_any, false) ? digest.hex() : std::string();
}

unsigned batch_threads(Services const& services) {
    return services.store.reader() ? base::processors() : 1;
}

}  // namespace consortium::flow
