#include "core/model/private_part.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::model {

namespace {

using base::Json;

constexpr std::string_view domain = "consortium/private-part/v1\n";
constexpr std::size_t salt_bytes = 32;
constexpr std::size_t max_reason = 2000, max_note = 2000, max_name = 200, max_contact = 500;

constexpr PrivateField table[]{
    {"ballot", "reason", max_reason, "vote cast/reason"},
    {"ballot", "reason", max_reason, "vote prepare/reason"},
    {"recuse", "reason", max_reason, "vote recuse/reason"},
    {"withdraw", "reason", max_reason, "proposal withdraw/reason"},
    {"suspend", "reason", max_reason, "officer suspend/reason"},
    {"check", "note", max_note, "member check/note"},
    {"own", "name", max_name, "officer add/name"},
    {"own", "contact", max_contact, "officer add/contact"},
};

PrivateField const* find_field(std::string_view kind, std::string_view name) {
    for (auto const& field : table)
        if (field.kind == kind && field.name == name) return &field;
    return nullptr;
}

[[noreturn]] void fail(std::string const& what) {
    throw base::Error(base::Code::malformed, "a private part " + what);
}

}  // namespace

std::span<PrivateField const> private_fields() {
    return table;
}

bool has_private_fields(std::string_view kind) {
    return std::any_of(std::begin(table), std::end(table),
                       [&](PrivateField const& field) { return field.kind == kind; });
}

void check_private(PrivatePart const& part) {
    auto const& kind = part.kind;
    if (part.salt.size() != salt_bytes) fail("has a salt of 32 bytes");
    if (!base::is_name(part.subject)) fail("is about one person, named by a pseudonym");
    if (part.words.empty()) fail("says something");
    for (auto const& [name, words] : part.words) {
        auto const* field = find_field(kind, name);
        if (field == nullptr)
            fail("of a '" + base::printable(kind) + "' has no field '" + base::printable(name) + "'");
        if (words.empty() || words.size() > field->most)
            fail("has 1 to " + std::to_string(field->most) + " bytes as '" + name + "', this one " +
                 std::to_string(words.size()));
    }
}

std::string to_bytes(PrivatePart const& part) {
    std::string out(domain);
    out += base::as_text(part.salt);
    out += base::canonical(Json{{"fields", part.words},
                                {"kind", part.kind},
                                {"member", part.member},
                                {"nonce", part.nonce},
                                {"officer", part.officer},
                                {"subject", part.subject}});
    return out;
}

void bind(PrivatePart& part, Act const& act) {
    part.kind = act.kind;
    part.member = act.member;
    part.officer = act.officer;
    part.nonce = act.nonce;
}

bool is_bound(PrivatePart const& part, Act const& act) {
    return part.kind == act.kind && part.member == act.member && part.officer == act.officer &&
           part.nonce == act.nonce;
}

PrivatePart private_part_from_bytes(std::string_view bytes) {
    if (!bytes.starts_with(domain) || bytes.size() < domain.size() + salt_bytes)
        fail("begins with its domain and a salt");
    bytes.remove_prefix(domain.size());
    PrivatePart part;
    auto const salt = base::as_bytes(bytes.substr(0, salt_bytes));
    part.salt.assign(salt.begin(), salt.end());
    auto const value = base::parse_canonical(std::string(bytes.substr(salt_bytes)));
    base::JsonReader in(value, "/private");
    part.kind = in.text("kind", 32);
    part.member = in.name("member");
    part.nonce = in.text("nonce", 32);
    part.officer = in.text("officer", 63);
    part.subject = in.name("subject");
    auto const fields = in.value("fields");
    in.done();
    if (!fields.is_object()) fail("has an object of fields");
    for (auto const& [name, words] : fields.items()) {
        if (!words.is_string()) fail("has texts as fields");
        part.words[name] = words.get<std::string>();
    }
    check_private(part);
    return part;
}

base::Digest commitment(PrivatePart const& part) {
    return base::sha256(to_bytes(part));
}

std::vector<std::string> private_arguments(std::string_view command, base::Json const& arguments) {
    std::vector<std::string> out;
    for (auto const& field : table) {
        auto const slash = field.argument.find('/');
        if (field.argument.substr(0, slash) != command) continue;
        std::string name(field.argument.substr(slash + 1));
        if (!arguments.value(name, std::string()).empty()) out.push_back(std::move(name));
    }
    return out;
}

base::Json without_private_arguments(std::string_view command, base::Json arguments) {
    for (auto const& field : table) {
        auto const slash = field.argument.find('/');
        if (field.argument.substr(0, slash) == command)
            arguments.erase(std::string(field.argument.substr(slash + 1)));
    }
    return arguments;
}

}  // namespace consortium::model
