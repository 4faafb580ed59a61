#include "core/flow/disclosure.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/evidence.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

std::string const kind = "disclosure";
constexpr char const* disclosure_file = "disclosure.json";
constexpr std::size_t longest_name = 200;

std::string recipient_of(Json const& arguments) {
    auto name = arguments.at("for").get<std::string>();
    bool const plain =
        !name.empty() && name.size() <= longest_name && base::is_utf8(name) && base::printable(name) == name;
    if (!plain)
        throw Error(Code::usage, "--for names whoever gets this: 1 to 200 bytes of text",
                    "for example --for 'Auditor Ltd'");
    return name;
}

/// Stretches of consecutive indexes: [first, how many].
Json runs_of(std::vector<std::uint64_t> const& indexes) {
    Json runs = Json::array();
    for (auto const index : indexes) {
        if (!runs.empty() &&
            runs.back()[0].get<std::uint64_t>() + runs.back()[1].get<std::uint64_t>() == index) {
            runs.back()[1] = runs.back()[1].get<std::uint64_t>() + 1;
        } else {
            runs.push_back({index, 1});
        }
    }
    return runs;
}

std::vector<std::uint64_t> indexes_in(Json const& runs) {
    std::vector<std::uint64_t> out;
    for (auto const& run : runs)
        for (std::uint64_t i = 0; i < run[1].get<std::uint64_t>(); ++i)
            out.push_back(run[0].get<std::uint64_t>() + i);
    return out;
}

EvidenceScope scope_in(Json const& detail) {
    EvidenceScope scope;
    scope.stated = JsonValue(detail.at("scope"));
    scope.indexes = indexes_in(detail.at("indexes"));
    scope.opens = detail.at("opens").get<bool>();
    scope.files = detail.at("files").get<bool>();
    return scope;
}

/// The same disclosure to the same recipient has the same name.
std::string name_of(Disclosure const& disclosure) {
    return "d-" + base::digest_of(to_json(disclosure)).hex().substr(0, 16);
}

model::Step record_step(Disclosure const& disclosure) {
    auto detail = to_json(disclosure);
    detail["name"] = name_of(disclosure);
    return {kind, disclosure.recipient,
            fmt::format("record in the journal that {} entries are disclosed to '{}'", disclosure.entries,
                        disclosure.recipient),
            JsonValue(std::move(detail))};
}

JsonValue append_disclosure(model::Step const& step, JsonValue const&, Services& services,
                            port::Transaction& transaction) {
    auto body = *step.detail;
    model::Object object;
    object.kind = kind;
    object.name = body.at("name").get<std::string>();
    object.state = "disclosed";
    body.erase("name");
    object.data = JsonValue(body);
    auto const name = object.name;
    auto const index = transaction.append_event({kind, services.clock.now(), JsonValue(body), {object}});
    return JsonValue(Json{{"index", index}, {"name", name}});
}

model::Object recorded(port::Store const& store, Json const& detail) {
    auto object = store.object(kind, detail.at("disclosure").get<std::string>());
    if (!object || object->version == 0)
        throw Error(Code::internal, "a disclosure is written that was not recorded");
    return *std::move(object);
}

/// Where cosigned heads are looked for: null is nowhere, "" every place that is configured.
Json place_of(Json const& arguments) {
    return arguments.contains("exchange") ? arguments["exchange"] : Json();
}

std::unique_ptr<port::Exchange> place_in(Json const& detail, Services& services) {
    auto const& where = detail.at("exchange");
    return where.is_null() ? nullptr : services.exchange(where.get<std::string>());
}

EpochSpan span_in(Json const& detail) {
    auto const& epochs = detail.at("epochs");
    return {epochs.at(0).get<std::uint64_t>(), epochs.at(1).get<std::uint64_t>()};
}

/// An operation that was taken up again after another log key was enacted: the head is under that one now.
void check_head_key(State const& state, EpochSpan const& span) {
    if (names_head_key(state, span.last) || !names_head_key(state, state.joined().number)) return;
    throw Error(Code::conflict, "the key of this log stands in a later epoch than those that were recorded",
                "abandon this operation with 'consortium operation abandon', and export anew");
}

State state_of(Services& services, Identity const& self) {
    return {services.store, services.store.latest(), services.clock.now(), self};
}

/// How the file is verified; `key`: " --key VKEY" where no epoch names the log's.
std::string words_beside(journal::Dossier const& dossier, std::string const& file, std::string const& digest,
                         std::string_view key) {
    return fmt::format(
        "'{}' holds {} entries of a consortium's log, disclosed to: {}\n\n"
        "SHA-256 of the file: {}\n\n"
        "Verify it with the program 'consortium', on any machine, without a workspace:\n\n"
        "    consortium audit verify {} --genesis HASH{}\n\n"
        "HASH is the hash of the consortium's genesis. Get it from a member by another way than this file, "
        "and\n"
        "compare: this file says that it is\n\n    {}\n\n"
        "What the file is made of, and how it is checked with other programs, is in the manual page\n"
        "consortium-evidence(5).\n",
        file, dossier.records.size(), dossier.recipient, digest, file, key, dossier.genesis.hex());
}

JsonValue write_evidence(model::Step const& step, Services& services, Identity const& self) {
    auto const& detail = *step.detail;
    auto const state = state_of(services, self);
    auto const record = recorded(services.store, detail);
    auto dossier = gather(state, scope_in(detail), detail.at("for").get<std::string>(), span_in(detail));
    check_head_key(state, span_in(detail));
    if (base::sha256(content_text(dossier)).hex() != record.data->at("content").get<std::string>())
        throw Error(Code::conflict, "what was recorded as disclosed is not held any more as it was",
                    "abandon this operation with 'consortium operation abandon', and export anew");
    auto entry = services.store.entry(record.version - 1);
    dossier.disclosure = decltype(dossier.disclosure)::value_type{};
    dossier.disclosure->index = entry.index;
    dossier.disclosure->leaf = std::move(entry.leaf);
    dossier.disclosure->body = std::move(entry.body);
    auto const exchange = place_in(detail, services);
    seal(dossier, services.store,
         exchange ? cosigned_heads(state, services.verifier, *exchange) : std::vector<CosignedHead>());
    auto const text = to_text(dossier);
    base::Path const path = detail.at("path").get<std::string>();
    auto const digest = base::sha256(text).hex();
    auto const words = words_beside(dossier, path.filename().string(), digest,
                                    names_head_key(state, span_in(detail).last) ? "" : " --key VKEY");
    base::write_file(path.string() + ".txt", words, base::FileMode::owner);
    base::write_file(path, text, base::FileMode::owner);
    return JsonValue(Json{{"path", path.string()}, {"digest", digest}, {"size", text.size()}});
}

bool is_of(base::Path const& folder, std::string const& disclosure) {
    constexpr std::size_t max_record = 1u << 20;
    auto const file = folder / disclosure_file;
    return base::exists(file) && base::read_text(file, max_record) == disclosure;
}

/// Whether nothing is in the folder but, perhaps, the record of a disclosure on its way.
bool is_new(base::Path const& folder) {
    return std::ranges::all_of(std::filesystem::directory_iterator(folder), [](auto const& item) {
        return item.path().filename().string().starts_with(".tmp-");
    });
}

/// Where a folder grows before it can be seen: beside it, under the name of its disclosure, so that whoever
/// was killed finds it again. What it is comes in first and goes out last: nothing else is ever removed.
class Staging {
public:
    Staging(base::Path const& target, std::string const& name, std::string const& disclosure)
        : m_path(target.parent_path() / ("." + name + ".part")) {
        if (base::exists(m_path) && !is_new(m_path) && !is_of(m_path, disclosure))
            throw Error(Code::conflict, "'" + m_path.string() + "' is in the way, and is not of this export",
                        "move it away, then run 'consortium operation resume'");
        clear();
        base::make_folder(m_path, base::FileMode::owner);
        base::write_file(m_path / disclosure_file, disclosure, base::FileMode::owner);
    }
    ~Staging() {
        try {
            clear();
        } catch (std::filesystem::filesystem_error const&) {  // it is found again
        }
    }
    Staging(Staging const&) = delete;
    Staging& operator=(Staging const&) = delete;
    base::Path const& path() const { return m_path; }

private:
    void clear() const {
        if (!base::exists(m_path)) return;
        for (auto const& item : std::filesystem::directory_iterator(m_path))
            if (item.path().filename() != disclosure_file) std::filesystem::remove_all(item.path());
        std::filesystem::remove_all(m_path);
    }

    base::Path m_path;
};

/// A folder that is there already is the one that this very step has left before it could say so, or
/// somebody else's.
void check_written(base::Path const& folder, std::string const& disclosure) {
    if (is_of(folder, disclosure)) return;
    throw Error(Code::conflict, "'" + folder.string() + "' was made by somebody else meanwhile",
                "move it away, then run 'consortium operation resume'");
}

/// Fills a folder beside its place, and puts it there when all of it is durable.
void make_log_folder(base::Path const& path, model::Object const& record, Services& services,
                     Identity const& self, port::Exchange const* exchange) {
    try {
        Staging const staging(path, record.name, disclosure_text(services.store, record));
        auto const into = services.exchange(staging.path().string());
        write_log_folder(services, self, record, *into, exchange);
        into->settle();
        std::filesystem::rename(staging.path(), path);
        base::sync_folder(path.parent_path());
    } catch (std::filesystem::filesystem_error const& error) {
        throw Error(Code::storage,
                    "cannot make the folder '" + path.string() + "': " + error.code().message());
    }
}

JsonValue write_folder(model::Step const& step, Services& services, Identity const& self) {
    constexpr int lock_seconds = 10;
    auto const& detail = *step.detail;
    auto const record = recorded(services.store, detail);
    auto const exchange = place_in(detail, services);
    base::Path const path = detail.at("path").get<std::string>();
    base::FileLock const held(self.workspace / "disclosure.lock", lock_seconds);
    if (base::exists(path)) {
        check_written(path, disclosure_text(services.store, record));
    } else {
        make_log_folder(path, record, services, self, exchange.get());
    }
    return JsonValue(Json{{"path", path.string()}, {"entries", record.data->at("entries")}});
}

/// Without a '/' at its end: what grows beside it must not be in it.
base::Path target_of(Json const& arguments) {
    auto const path = std::filesystem::absolute(arguments.at("to").get<std::string>()).lexically_normal();
    return path.has_filename() ? path : path.parent_path();
}

void plan_file(State const& state, Json const& arguments, std::string const& recipient, model::Plan& plan) {
    auto const scope = find_scope(state, arguments.at("scope").get<std::string>());
    EpochSpan const span{arguments.value("epochs-from", std::uint64_t{0}), state.joined().number};
    auto const content = content_text(gather(state, scope, recipient, span));
    if (content.size() > journal::max_dossier)
        throw Error(Code::refused, "this is more than one file of evidence may hold (256 MiB)",
                    "take a part of it");
    auto const path = std::filesystem::absolute(arguments.at("to").get<std::string>()).string();
    if (!names_head_key(state, span.last)) plan.warnings.emplace_back(unnamed_head_key);
    Disclosure disclosure{recipient, scope.stated, scope.indexes.size(), base::sha256(content)};
    plan.steps.push_back(record_step(disclosure));
    Json detail{
        {"disclosure", name_of(disclosure)}, {"for", recipient},     {"scope", *scope.stated},
        {"indexes", runs_of(scope.indexes)}, {"opens", scope.opens}, {"files", scope.files},
        {"epochs", {span.first, span.last}}, {"path", path},         {"exchange", place_of(arguments)}};
    auto const summary = fmt::format("write {} entries{} to {}, and how to verify them to {}.txt",
                                     scope.indexes.size(), scope.opens ? ", opened," : "", path, path);
    plan.steps.push_back({"evidence", path, summary, JsonValue(std::move(detail))});
}

void plan_folder(State const& state, Json const& arguments, std::string const& recipient, model::Plan& plan) {
    auto const path = target_of(arguments);
    if (base::exists(path))
        throw Error(Code::conflict, "'" + path.string() + "' exists", "name a folder that is to be made");
    auto const head = state.store.head();
    Disclosure disclosure;
    disclosure.recipient = recipient;
    disclosure.scope = JsonValue(Json{{"kind", "all"}, {"size", head.size}});
    disclosure.entries = head.size;
    disclosure.content = head.root;
    plan.steps.push_back(record_step(disclosure));
    Json detail{
        {"disclosure", name_of(disclosure)}, {"path", path.string()}, {"exchange", place_of(arguments)}};
    plan.steps.push_back({"evidence.folder", path.string(),
                          "write the whole log as files into the new folder " + path.string(),
                          JsonValue(std::move(detail))});
}

}  // namespace

Json to_json(Disclosure const& disclosure) {
    return {{"to", disclosure.recipient},
            {"scope", *disclosure.scope},
            {"entries", disclosure.entries},
            {"content", disclosure.content.hex()}};
}

model::Plan plan_audit_export(State const& state, model::Request const& request) {
    auto const& arguments = *request.arguments;
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    auto const recipient = recipient_of(arguments);
    bool const all = arguments.value("all", false);
    if (all == arguments.contains("scope"))
        throw Error(Code::usage, "what is exported is either a scope or all", "give --scope or --all");
    if (all) {
        plan_folder(state, arguments, recipient, plan);
    } else {
        plan_file(state, arguments, recipient, plan);
    }
    return plan;
}

Applier const disclosure_applier{.append = append_disclosure};
Applier const evidence_applier{.remote = write_evidence};
Applier const evidence_folder_applier{.remote = write_folder};

}  // namespace consortium::flow
