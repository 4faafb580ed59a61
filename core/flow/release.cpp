#include "core/flow/release.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/steps.h"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

std::string const kind = "release";
constexpr std::size_t max_version = 200;

// Node images are larger than memory should hold: the file is read as a stream.
base::Digest digest_of_file(base::Path const& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in || !std::filesystem::is_regular_file(path)) {
        throw Error(Code::not_found, "cannot read '" + path.string() + "'", {}, {{"file", path.string()}});
    }
    base::Sha256 hash;
    std::vector<char> block(1u << 20);
    while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0) {
        hash.update(std::string_view(block.data(), static_cast<std::size_t>(in.gcount())));
    }
    if (in.bad()) throw Error(Code::storage, "cannot read '" + path.string() + "' to its end");
    return hash.finish();
}

// As names elsewhere, with dots: "r-2.1".
void check_release_name(std::string const& name) {
    auto plain = name;
    std::replace(plain.begin(), plain.end(), '.', '-');
    base::check_name(plain, "release");
}

Release read_request(model::Request const& request) {
    base::JsonReader in(*request.arguments);
    Release release;
    release.name = in.text("operand");
    check_release_name(release.name);
    release.version = in.text("version", max_version);
    auto const digest = in.optional_digest("digest");
    release.file = in.optional_text("file");
    if (digest.has_value() == release.file.has_value()) {
        throw Error(Code::usage, "give either --digest or --file", "run 'consortium help release add'");
    }
    release.digest = digest ? *digest : digest_of_file(*release.file);
    if (release.version.empty() || base::printable(release.version) != release.version) {
        throw Error(Code::usage, "--version must be the text that nodes report, without control characters");
    }
    return release;
}

model::Fields fields(Release const& release) {
    return {{{"release", release.name},
             {"version", release.version},
             {"digest", release.digest.hex()},
             {"file", release.file.value_or("-")}}};
}

}  // namespace

Json to_json(Release const& release) {
    return {{"name", release.name},
            {"version", release.version},
            {"digest", release.digest.hex()},
            {"file", release.file ? Json(*release.file) : Json()}};
}

Release release_from_json(Json const& value) {
    base::JsonReader in(value);
    Release release{in.text("name"), in.text("version"), in.digest("digest"), in.optional_text("file")};
    in.done();
    return release;
}

Release find_release(port::Store const& store, std::string const& name) {
    auto const object = store.object(kind, name);
    if (!object) {
        throw Error(Code::not_found, "no release '" + name + "' here",
                    "run 'consortium release add " + name + " --version V --file FILE'");
    }
    return release_from_json(*object->data);
}

model::Plan plan_release_add(State const& state, model::Request const& request) {
    auto const release = read_request(request);
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    auto const known = state.store.object(kind, release.name);
    plan.pins[kind + "/" + release.name] = known ? known->version : 0;
    if (known) {
        auto const earlier = release_from_json(*known->data);
        if (earlier.digest == release.digest && earlier.version == release.version) return plan;
        throw Error(Code::conflict, "release '" + release.name + "' is another one here",
                    "run 'consortium release show " + release.name + "', or choose another name",
                    {{"added", earlier.digest.hex()}, {"given", release.digest.hex()}});
    }
    model::Object object{kind, release.name, "added", state.self.member, {}, {}, 0};
    object.data = JsonValue(to_json(release));
    plan.steps.push_back(event_step("release.added", {{"release", release.name}}, {object},
                                    kind + "/" + release.name,
                                    fmt::format("add release {}, version {}, digest {}", release.name,
                                                release.version, release.digest.brief())));
    return plan;
}

model::Outcome release_list(State const& state, model::Request const&) {
    model::Table table{{"release", "version", "digest"}, {}, "no release has been added"};
    Json items = Json::array();
    port::ObjectQuery query;
    query.kind = kind;
    state.store.objects(query, [&](model::Object const& object) {
        auto const release = release_from_json(*object.data);
        items.push_back(to_json(release));
        table.rows.push_back({release.name, release.version, release.digest.brief()});
    });
    model::Outcome outcome;
    outcome.schema = "consortium.release/1";
    outcome.data = JsonValue(Json{{"items", std::move(items)}});
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

model::Outcome release_show(State const& state, model::Request const& request) {
    auto const release = find_release(state.store, base::JsonReader(*request.arguments).text("operand"));
    model::Outcome outcome;
    outcome.schema = "consortium.release/1";
    outcome.data = JsonValue(to_json(release));
    outcome.text.emplace_back(fields(release));
    return outcome;
}

model::Outcome release_verify(State const& state, model::Request const& request) {
    base::JsonReader in(*request.arguments);
    auto const release = find_release(state.store, in.text("operand"));
    auto const file = in.text("file");
    auto const found = digest_of_file(file);
    bool const same = found == release.digest;
    model::Outcome outcome;
    outcome.schema = "consortium.release.verification/1";
    outcome.data = JsonValue(Json{{"release", release.name},
                                  {"file", file},
                                  {"digest", release.digest.hex()},
                                  {"found", found.hex()},
                                  {"same", same}});
    outcome.text.emplace_back(same ? fmt::format("'{}' is release {}", file, release.name)
                                   : fmt::format("'{}' is not release {}: its digest is {}, not {}", file,
                                                 release.name, found.hex(), release.digest.hex()));
    if (!same) outcome.status = Code::verification_failed;
    return outcome;
}

}  // namespace consortium::flow
