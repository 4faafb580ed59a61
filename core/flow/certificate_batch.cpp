#include "core/flow/certificate_batch.h"

#include "core/base/error.h"
#include "core/flow/batch_folder.h"
#include "core/flow/batch_rows.h"
#include "core/flow/issuer.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unordered_map>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;
using base::Path;

namespace {

constexpr std::size_t max_told = 20;

/// What each row must say for itself.
constexpr char const* for_one[] = {"operand", "csr", "key", "also", "ssh"};
/// What is said once for all that do not say it.
constexpr char const* for_all[] = {"profile", "unit", "member", "valid-for", "type", "new-key"};

void check_flags(Json const& arguments) {
    for (auto const* name : for_one) {
        if (!arguments.contains(name)) continue;
        throw Error(Code::usage,
                    fmt::format("--batch does not go with {}",
                                name == for_one[0] ? std::string("a NAME") : fmt::format("--{}", name)),
                    "the rows of the file say it: see 'consortium help cert issue'");
    }
    if (!arguments.contains("to")) {
        throw Error(Code::usage, "--batch needs a folder for the certificates", "name it with --to DIR");
    }
}

/// The rows that were looked at: what is wrong with them, and what the plan keeps of them.
class Review {
public:
    explicit Review(BatchFile const& file) : m_file(file) {}

    void take(std::size_t row, Candidate const& candidate) {
        auto const [known, is_new] = m_stems.emplace(candidate.stem, m_file.place(row).line);
        if (!is_new) return add(same_name(row, candidate.stem, known->second));
        m_digest.add(candidate);
        if (!candidate.key_type.empty()) ++m_new_keys;
        if ((row + 1) % batch_chunk == 0) end_chunk();
    }
    void add(Error const& error) {
        if (m_told.size() < max_told) m_told.push_back(error);
        ++m_wrong;
    }
    void end_chunk() { m_requests.push_back(m_digest.finish()); }

    void refuse_wrong() const {
        if (m_told.empty()) return;
        auto const& first = m_told.front();
        if (m_wrong == 1) throw Error(first.code(), first.message(), first.hint(), first.details());
        Error::Details details{{"file", m_file.path().string()}, {"rows", std::to_string(m_wrong)}};
        for (auto const& each : m_told) details.push_back(split(each.message()));
        throw Error(
            first.code(),
            fmt::format("{} of {} rows cannot be certified; nothing was issued", m_wrong, m_file.rows()),
            first.hint(), std::move(details));
    }
    std::size_t new_keys() const { return m_new_keys; }
    Json requests() const { return m_requests; }

private:
    Error same_name(std::size_t row, std::string const& stem, std::uint64_t line) const {
        try {
            m_file.place(row).fail(fmt::format("the files of '{}' are those of line {} already", stem, line),
                                   "name",
                                   "leave one of them out, or give it other files in the column 'file'");
        } catch (Error const& error) {
            return error;
        }
    }
    /// "nodes.csv:7: words" for the list of what is wrong.
    static std::pair<std::string, std::string> split(std::string const& message) {
        auto const end = message.find(": ");
        if (end == std::string::npos) return {"row", message};
        return {message.substr(0, end), message.substr(end + 2)};
    }

    BatchFile const& m_file;
    std::unordered_map<std::string, std::uint64_t> m_stems;
    RequestDigest m_digest;
    Json m_requests = Json::array();
    std::size_t m_new_keys = 0, m_wrong = 0;
    std::vector<Error> m_told;
};

Review reviewed(BatchTask const& task, Services& services, Identity const& self) {
    struct Judged {
        Candidate candidate;
        std::optional<Error> error;
    };
    Review review(task.file);
    services.progress.start("looking at rows", task.file.rows());
    in_order<Judged>(
        0, task.file.rows(), batch_threads(services),
        [&]() -> std::function<Judged(std::size_t)> {
            return [judge = std::make_shared<RowJudge>(task, services, self)](std::size_t row) -> Judged {
                try {
                    return {judge->judge(row), std::nullopt};
                } catch (Error const& error) {
                    return {{}, error};
                }
            };
        },
        [&](std::size_t row, Judged&& judged) {
            if (judged.error) {
                review.add(*judged.error);
            } else {
                review.take(row, judged.candidate);
            }
            services.progress.advance(row + 1);
        });
    services.progress.finish();
    if (task.file.rows() % batch_chunk != 0) review.end_chunk();
    return review;
}

struct Named {
    std::string name;
    bool done = false;
};

/// The same batch as long as it is not done, or what it made lies where it put it: who gives the command
/// again goes on with it, or is told the same. Another once that is gone.
Named named(port::Store const& store, Json const& detail) {
    auto const stem = base::digest_of(detail).hex().substr(0, 16);
    auto const report = Path(detail.at("folder").get<std::string>()) / BatchFolder::report_name;
    for (int number = 1;; ++number) {
        Named out{fmt::format("{}-{}", stem, number)};
        auto const known = store.object("batch", out.name);
        if (!known || known->state != "done") return out;
        bool const newest = !store.object("batch", fmt::format("{}-{}", stem, number + 1));
        if (newest && base::exists(report)) return {out.name, true};
    }
}

Json defaults_of(Json const& arguments) {
    Json out = Json::object();
    for (auto const* name : for_all) {
        if (arguments.contains(name)) out[name] = arguments.at(name);
    }
    return out;
}

/// Whoever certifies the first row. What is wrong with that row is told with the others'.
Authority batch_issuer(State const& state, BatchFile const& file, Json const& defaults,
                       std::string const& named) {
    if (!named.empty()) return authority(state.store, named);
    try {
        return issuer_for(state, read_wanted(state, *file.row(0, defaults).arguments));
    } catch (Error const&) {
        return newest(state.store, "issuing");
    }
}

}  // namespace

model::Plan plan_certificate_batch(State const& state, Services& services, model::Request const& request) {
    auto const& arguments = *request.arguments;
    check_flags(arguments);
    BatchFile const file(arguments.at("batch").get<std::string>());
    auto const folder = std::filesystem::absolute(arguments.at("to").get<std::string>()).lexically_normal();
    JsonValue const defaults(defaults_of(arguments));
    auto const wanted_issuer = arguments.value("issuer", std::string());
    auto const issuer = batch_issuer(state, file, *defaults, wanted_issuer);
    auto const rivals = wanted_issuer.empty() ? authorities(state.store) : std::vector<Authority>();
    auto const review = reviewed({file, defaults, issuer, state.now, rivals}, services, state.self);
    review.refuse_wrong();
    Json detail{{"file", file.path().string()},
                {"digest", file.digest().hex()},
                {"requests", review.requests()},
                {"rows", file.rows()},
                {"chunk", batch_chunk},
                {"new_keys", review.new_keys()},
                {"protection", arguments.value("no-passphrase", false) ? "none" : "passphrase"},
                {"defaults", *defaults},
                {"issuer", issuer.name},
                {"folder", folder.string()}};
    auto const batch = named(state.store, detail);
    model::Plan plan;
    if (batch.done) {
        plan.warnings.push_back(fmt::format(
            "this batch was done before, and lies in {}: nothing is issued again", folder.string()));
    } else {
        BatchFolder::check_free(folder, batch.name);
    }
    detail["batch"] = batch.name;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    plan.pins["authority/" + issuer.name] = issuer.version;
    plan.steps.push_back(
        {"certificate.batch", folder.string(),
         fmt::format("certify the {} rows of {} by {}, {} with new keys, into {}", file.rows(),
                     file.path().filename().string(), issuer.name, review.new_keys(), folder.string()),
         JsonValue(std::move(detail))});
    return plan;
}

}  // namespace consortium::flow
