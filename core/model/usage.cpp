#include "core/model/usage.h"

#include "core/base/error.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::model {

using base::Json;

namespace {

Json to_json(MemberUsage const& usage) {
    return {{"member", usage.member},
            {"rows", usage.rows},
            {"first", usage.first.text()},
            {"last", usage.last.text()},
            {"quantities", quantities_to_json(usage.quantities)}};
}

MemberUsage member_usage_from(base::JsonReader& in) {
    MemberUsage usage;
    usage.member = in.name("member");
    usage.rows = static_cast<std::uint64_t>(in.integer("rows", 0, std::int64_t{1} << 53));
    usage.first = base::Day::from_text(in.text("first", 10));
    usage.last = base::Day::from_text(in.text("last", 10));
    usage.quantities = quantities_from_json(in.value("quantities"), in.pointer() + "/quantities");
    in.done();
    return usage;
}

}  // namespace

MemberUsage const* Usage::member(std::string_view id) const {
    auto const found = std::find_if(members.begin(), members.end(),
                                    [&](MemberUsage const& usage) { return usage.member == id; });
    return found == members.end() ? nullptr : &*found;
}

std::int64_t whole_number(std::string_view text, std::string_view what) {
    std::int64_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        throw base::Error(base::Code::malformed,
                          std::string(what) + " must be a whole number of at most 63 bits");
    return value;
}

Json quantities_to_json(std::map<std::string, std::int64_t> const& quantities) {
    Json out = Json::object();
    for (auto const& [column, value] : quantities) out[column] = std::to_string(value);
    return out;
}

std::map<std::string, std::int64_t> quantities_from_json(Json const& value, std::string const& pointer) {
    base::JsonReader in(value, pointer);
    std::map<std::string, std::int64_t> out;
    for (auto const& [column, text] : value.items())
        out[column] = whole_number(in.text(column, 20), fmt::format("{}/{}", pointer, column));
    in.done();
    return out;
}

Json to_json(Usage const& usage) {
    Json members = Json::array();
    for (auto const& member : usage.members) members.push_back(to_json(member));
    return {{"month", usage.month}, {"file", usage.file.hex()}, {"source", usage.source},
            {"rows", usage.rows},   {"columns", usage.columns}, {"members", members}};
}

Usage usage_from_json(Json const& value) {
    base::JsonReader in(value);
    Usage usage;
    usage.month = in.text("month", 7);
    usage.file = in.digest("file");
    usage.source = in.text("source", 255);
    usage.rows = static_cast<std::uint64_t>(in.integer("rows", 0, std::int64_t{1} << 53));
    usage.columns = in.texts("columns", 64);
    in.objects("members", [&](base::JsonReader& each) { usage.members.push_back(member_usage_from(each)); });
    in.done();
    return usage;
}

}  // namespace consortium::model
