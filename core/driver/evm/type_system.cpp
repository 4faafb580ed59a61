#include "core/driver/evm/type_system.h"

#include "core/base/text.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::driver::evm::typed {

using base::Code;
using base::Error;
using base::Json;

namespace {

constexpr std::size_t max_structures = 64;
constexpr std::size_t max_members = 64;
constexpr std::size_t max_dimensions = 8;

bool is_identifier(std::string_view text) {
    static constexpr std::string_view digits = "0123456789";
    static constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$";
    return !text.empty() && text.size() <= 100 && digits.find(text[0]) == std::string_view::npos &&
           std::all_of(text.begin(), text.end(), [](char each) {
               return digits.find(each) != std::string_view::npos ||
                      letters.find(each) != std::string_view::npos;
           });
}

// Decimal digits without leading zeros.
std::optional<int> number_of(std::string_view digits) {
    int out = 0;
    auto const* end = digits.data() + digits.size();
    auto const [stop, error] = std::from_chars(digits.data(), end, out);
    bool const good = !digits.empty() && digits[0] >= '1' && digits[0] <= '9' && error == std::errc();
    return good && stop == end ? std::optional(out) : std::nullopt;
}

// A type that the standard itself has; none for any other name.
std::optional<Type> atomic(std::string_view text) {
    auto const made = [&](Type::Kind kind, int size) { return Type{kind, size, std::string(text), {}}; };
    if (text == "bool") return made(Type::Kind::boolean, 0);
    if (text == "address") return made(Type::Kind::address, 0);
    if (text == "string") return made(Type::Kind::text, 0);
    if (text == "bytes") return made(Type::Kind::bytes, 0);
    for (auto const& [prefix, kind] :
         {std::pair<std::string_view, Type::Kind>{"uint", Type::Kind::unsigned_integer},
          {"int", Type::Kind::signed_integer}}) {
        auto const bits = text.starts_with(prefix) ? number_of(text.substr(prefix.size())) : std::nullopt;
        if (bits && *bits <= 256 && *bits % 8 == 0) return made(kind, *bits);
    }
    auto const size = text.starts_with("bytes") ? number_of(text.substr(5)) : std::nullopt;
    if (size && *size <= 32) return made(Type::Kind::fixed_bytes, *size);
    return std::nullopt;
}

// What looks like a type of the standard but is none: uint, int7, bytes33.
bool is_reserved(std::string_view text) {
    for (std::string_view const prefix : {"uint", "int", "bytes"}) {
        if (!text.starts_with(prefix)) continue;
        auto const rest = text.substr(prefix.size());
        return std::all_of(rest.begin(), rest.end(), [](char each) { return each >= '0' && each <= '9'; });
    }
    return atomic(text).has_value();
}

Type read_type(std::string_view text, std::string const& place) {
    auto const open = std::min(text.find('['), text.size());
    auto const name = text.substr(0, open);
    auto type = atomic(name).value_or(Type{Type::Kind::structure, 0, std::string(name), {}});
    auto rest = text.substr(open);
    while (!rest.empty()) {
        auto const close = rest.find(']');
        if (rest[0] != '[' || close == std::string_view::npos) fail(place, "not a type");
        auto const inside = rest.substr(1, close - 1);
        auto const size = number_of(inside);
        if (!inside.empty() && !size) fail(place, "a list has no such size");
        if (type.dimensions.size() == max_dimensions) fail(place, "lists too deep in lists");
        type.dimensions.push_back(size ? std::optional(static_cast<std::size_t>(*size)) : std::nullopt);
        rest = rest.substr(close + 1);
    }
    return type;
}

std::vector<Member> read_members(Json const& list, std::string const& place) {
    if (!list.is_array()) fail(place, "not a list of members");
    if (list.size() > max_members) fail(place, fmt::format("more than {} members", max_members));
    std::vector<Member> out;
    std::set<std::string> names;
    out.reserve(list.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
        auto const at = fmt::format("{}/{}", place, i);
        base::JsonReader in(list[i], at);
        Member member;
        member.name = in.text("name", 100);
        member.text = in.text("type", 200);
        in.done();
        if (!is_identifier(member.name)) fail(at + "/name", "not an identifier");
        if (!names.insert(member.name).second) fail(at + "/name", "a second member of this name");
        member.type = read_type(member.text, at + "/type");
        out.push_back(std::move(member));
    }
    return out;
}

std::string encode_one(std::string const& name, std::vector<Member> const& members) {
    std::vector<std::string> parts;
    parts.reserve(members.size());
    for (auto const& member : members) parts.push_back(member.text + " " + member.name);
    return name + "(" + base::join(parts, ",") + ")";
}

}  // namespace

void fail(std::string_view place, std::string_view what) {
    throw Error(Code::malformed, fmt::format("not typed data: {}", what), {},
                {{"pointer", base::printable(place.substr(0, 500))}});
}

TypeSystem::TypeSystem(Json const& types) {
    if (!types.is_object()) fail("/types", "not an object");
    if (types.size() > max_structures) fail("/types", fmt::format("more than {} types", max_structures));
    for (auto const& [name, list] : types.items()) {
        auto const place = "/types/" + name;
        if (!is_identifier(name)) fail(place, "not an identifier");
        if (is_reserved(name)) fail(place, "the standard has a type of this name, or none that is so named");
        m_members[name] = read_members(list, place);
    }
    for (auto const& [name, members] : m_members) {
        auto text = encode_one(name, members);
        for (auto const& other : needed(name)) text += encode_one(other, m_members.at(other));
        m_encoded[name] = std::move(text);
    }
}

// Goes no deeper than there are structures.
std::vector<std::string> const& TypeSystem::needed(std::string const& name) {
    auto const [place, is_new] = m_done.emplace(name, false);
    if (!is_new) {
        if (!place->second) fail("/types/" + name, "a structure that is made of itself");
        return m_needed.at(name);
    }
    std::set<std::string> all;
    for (auto const& member : m_members.at(name)) {
        if (member.type.kind != Type::Kind::structure) continue;
        auto const& other = member.type.text;
        if (!has(other))
            fail(fmt::format("/types/{}/{}", name, member.name), "of a type that is not declared");
        all.insert(other);
        auto const& more = needed(other);
        all.insert(more.begin(), more.end());
    }
    m_done.at(name) = true;
    return m_needed[name] = {all.begin(), all.end()};
}

void TypeSystem::check_domain() const {
    static std::map<std::string, std::string> const known{{"name", "string"},
                                                          {"version", "string"},
                                                          {"chainId", "uint256"},
                                                          {"verifyingContract", "address"},
                                                          {"salt", "bytes32"}};
    auto const place = fmt::format("/types/{}", domain_name);
    auto const found = m_members.find(std::string(domain_name));
    if (found == m_members.end() || found->second.empty()) fail(place, "declares no domain");
    for (auto const& member : found->second) {
        auto const standard = known.find(member.name);
        if (standard == known.end() || standard->second != member.text) {
            fail(place + "/" + member.name, "no field that the standard has in a domain");
        }
    }
}

}  // namespace consortium::driver::evm::typed
