#include "core/driver/evm/contract.h"

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::driver::evm {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;
using base::Json;
using base::JsonReader;

namespace {

constexpr std::size_t max_file = std::size_t{32} << 20;
constexpr std::size_t max_code = std::size_t{1} << 20;
constexpr std::size_t immutable_size = 32;
constexpr std::uint8_t push32 = 0x7f;

Bytes read_code(JsonReader& in, std::string_view key) {
    auto const text = in.text(key, 2 * max_code);
    if (text.find("__") != std::string::npos) in.fail(key, "a library is not linked");
    try {
        return base::from_hex(text);
    } catch (Error const&) {
        in.fail(key, "not hexadecimal digits");
    }
}

// An immutable is the operand of a PUSH32 that the compiler left zero: what is masked elsewhere could hide
// other code.
void check_place(ContractBuild const& build, CodeRange const& place, JsonReader const& in) {
    auto const body = build.deployed.size() - metadata_size(build.deployed);
    auto const refuse = [&](std::string_view what) { in.fail(std::to_string(place.start), what); };
    if (place.length != immutable_size) refuse("an immutable that is not 32 bytes long");
    if (place.start == 0 || place.start > build.deployed.size() ||
        place.length > build.deployed.size() - place.start) {
        refuse("an immutable outside the code");
    }
    if (place.start + place.length > body) refuse("an immutable inside the metadata");
    auto const operand = BytesView(build.deployed).subspan(place.start, place.length);
    bool const zero = std::all_of(operand.begin(), operand.end(), [](auto byte) { return byte == 0; });
    if (build.deployed[place.start - 1] != push32 || !zero) {
        refuse("an immutable where the code has something else");
    }
}

void check_overlaps(ContractBuild const& build, JsonReader const& in) {
    std::vector<std::size_t> starts;
    for (auto const& [id, places] : build.immutables) {
        for (auto const& place : places) starts.push_back(place.start);
    }
    std::sort(starts.begin(), starts.end());
    for (std::size_t i = 1; i < starts.size(); ++i) {
        if (starts[i] - starts[i - 1] < immutable_size) in.fail("", "immutables that overlap");
    }
}

void read_immutables(ContractBuild& build, JsonReader in) {
    for (auto const& [id, list] : in.whole().items()) {
        auto& places = build.immutables[id];
        in.objects(id, [&](JsonReader& each) {
            auto const most = static_cast<std::int64_t>(max_code);
            CodeRange const place{static_cast<std::size_t>(each.integer("start", 0, most)),
                                  static_cast<std::size_t>(each.integer("length", 0, most))};
            each.done();
            check_place(build, place, in);
            places.push_back(place);
        });
        if (places.empty()) in.fail(id, "an immutable without a place");
        std::sort(places.begin(), places.end(),
                  [](auto const& a, auto const& b) { return a.start < b.start; });
    }
    check_overlaps(build, in);
    in.done();
}

// Fields of solc's that nothing is read from.
void skip(JsonReader& in, std::initializer_list<std::string_view> keys) {
    for (auto const key : keys) {
        if (in.has(key)) static_cast<void>(in.value(key));
    }
}

constexpr auto beside_code = {"functionDebugData", "generatedSources", "opcodes", "sourceMap", "ethdebug"};

void refuse_links(JsonReader& in) {
    if (!in.has("linkReferences")) return;
    if (!in.value("linkReferences").empty()) in.fail("linkReferences", "a library is not linked");
}

Bytes read_bytecode(JsonReader in) {
    for (std::string_view const key : beside_code) skip(in, {key});
    refuse_links(in);
    auto code = read_code(in, "object");
    in.done();
    return code;
}

void read_deployed(ContractBuild& build, JsonReader in) {
    for (std::string_view const key : beside_code) skip(in, {key});
    refuse_links(in);
    build.deployed = read_code(in, "object");
    if (in.has("immutableReferences")) read_immutables(build, in.object("immutableReferences"));
    in.done();
}

// The compiler's own account of what it compiled: JSON in a text.
void read_metadata(ContractBuild& build, JsonReader& in) {
    auto const metadata = base::parse_json(in.text("metadata", max_file), base::relaxed_limits(max_file));
    JsonReader outer(metadata, in.pointer() + "/metadata");
    build.compiler = "solc " + outer.object("compiler").text("version", 100);
    auto settings = outer.value("settings");
    if (!settings.is_object()) outer.fail("settings", "not a table");
    settings.erase("compilationTarget");  // the one thing that differs between the contracts of a build
    build.settings = base::digest_of(settings);
    skip(outer, {"language", "output", "sources", "version"});
    outer.done();
}

ContractBuild read_standard_contract(JsonReader in) {
    ContractBuild build;
    skip(in, {"abi", "devdoc", "userdoc", "ir", "irAst", "irOptimized", "irOptimizedAst", "storageLayout",
              "transientStorageLayout", "ewasm"});
    if (!in.has("metadata") || !in.has("evm")) {
        throw Error(Code::malformed, "the build lacks what is needed of each contract",
                    "let the compiler's outputSelection name metadata, evm.bytecode and "
                    "evm.deployedBytecode",
                    {{"pointer", in.pointer()}});
    }
    auto evm = in.object("evm");
    skip(evm, {"assembly", "legacyAssembly", "methodIdentifiers", "gasEstimates"});
    build.creation = read_bytecode(evm.object("bytecode"));
    read_deployed(build, evm.object("deployedBytecode"));
    evm.done();
    if (build.deployed.empty()) {
        skip(in, {"metadata"});
    } else {
        read_metadata(build, in);
    }
    in.done();
    return build;
}

void refuse_errors(JsonReader& in) {
    if (!in.has("errors")) return;
    for (auto const& error : in.value("errors")) {
        if (!error.is_object() || error.value("severity", "error") != "error") continue;
        throw Error(Code::malformed,
                    "the compiler reports an error: " +
                        base::printable(error.value("formattedMessage", "no words").substr(0, 400)));
    }
}

std::vector<ContractBuild> read_standard(JsonReader& in) {
    std::vector<ContractBuild> out;
    skip(in, {"sources"});
    auto files = in.object("contracts");
    for (auto const& [file, contracts] : files.whole().items()) {
        auto names = files.object(file);
        for (auto const& [name, contract] : contracts.items()) {
            auto build = read_standard_contract(names.object(name));
            build.source = file;
            build.name = name;
            if (!build.deployed.empty()) out.push_back(std::move(build));
        }
    }
    return out;
}

std::vector<ContractBuild> read_plain(JsonReader& in) {
    auto const compiler = in.text("compiler", 100);
    auto const settings = base::digest_of(in.value("settings"));
    skip(in, {"source", "openzeppelin"});
    std::vector<ContractBuild> out;
    auto contracts = in.object("contracts");
    for (auto const& [name, unused] : contracts.whole().items()) {
        auto each = contracts.object(name);
        ContractBuild build{{}, name, read_code(each, "bytecode"), {}, {}, compiler, settings};
        read_deployed(build, each.object("deployedBytecode"));
        each.done();
        out.push_back(std::move(build));
    }
    return out;
}

}  // namespace

std::vector<ContractBuild> read_builds(std::string_view text) {
    auto const value = base::parse_json(text, base::relaxed_limits(max_file));
    JsonReader in(value);
    refuse_errors(in);
    auto out = in.has("compiler") ? read_plain(in) : read_standard(in);
    in.done();
    if (out.empty()) throw Error(Code::malformed, "the build has no contract with code");
    return out;
}

ContractBuild const& find_build(std::vector<ContractBuild> const& builds, std::string_view name) {
    ContractBuild const* found = nullptr;
    std::vector<std::string> names;
    names.reserve(builds.size());
    for (auto const& build : builds) {
        auto const full = build.source + ":" + build.name;
        names.push_back(build.name);
        if (build.name != name && full != name) continue;
        if (found) {
            throw Error(Code::usage, fmt::format("the build has several contracts '{}'", name),
                        fmt::format("name its file: {}:{} or {}", found->source, found->name, full));
        }
        found = &build;
    }
    if (found) return *found;
    auto const near = base::nearest(name, names);
    throw Error(Code::not_found, fmt::format("the build has no contract '{}'", name),
                near.empty() ? "" : fmt::format("did you mean '{}'?", near));
}

std::optional<BytesView> constructor_arguments(ContractBuild const& build, BytesView data) {
    auto const size = build.creation.size();
    if (size == 0 || data.size() < size ||
        !std::equal(build.creation.begin(), build.creation.end(), data.begin()))
        return std::nullopt;
    return data.subspan(size);
}

}  // namespace consortium::driver::evm
