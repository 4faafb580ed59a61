#include "core/model/own_change.h"

#include "core/base/text.h"
#include "core/model/charter.h"
#include "core/model/public_key.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace consortium::model {

namespace {

using base::Json;
using base::JsonReader;

/// Which fields each kind uses, after "kind"; the JSON holds exactly these.
struct Shape {
    std::string_view kind;
    std::string_view fields;  // separated by blanks
};
constexpr std::array<Shape, 6> shapes{Shape{"officer.add", "officer"},
                                      Shape{"officer.roles", "subject roles ends"},
                                      Shape{"officer.rotate", "subject key cause"},
                                      Shape{"officer.remove", "subject cause"},
                                      Shape{"key.replace", "subject key cause"},
                                      Shape{"endpoint.pin", "subject url pin"}};

std::vector<std::string> read_roles(JsonReader& in) {
    auto roles = in.texts("roles", known_roles().size());
    if (roles.empty()) in.fail("roles", "is empty");
    for (auto const& role : roles)
        if (!is_role(role)) in.fail("roles", "has the unknown role '" + base::printable(role) + "'");
    std::sort(roles.begin(), roles.end());
    if (std::adjacent_find(roles.begin(), roles.end()) != roles.end()) in.fail("roles", "names a role twice");
    return roles;
}

void read_field(OwnChange& change, std::string const& field, JsonReader& in) {
    if (field == "subject") change.subject = in.name("subject");
    if (field == "officer") change.officer = new_officer_from_json(in.value("officer"), "/body/officer");
    if (field == "roles") change.roles = read_roles(in);
    if (field == "ends") change.ends = read_ends(in, change.roles);
    if (field == "key") change.key = new_key_from_json(in.value("key"), "/body/key");
    if (field == "url") change.url = in.text("url", 500);
    if (field == "pin") change.pin = in.text("pin", 200);
    if (field == "cause") {
        change.cause = in.text("cause", 16);
        if (!change.cause.empty() && change.cause != "compromise")
            in.fail("cause", "is not '' or 'compromise'");
    }
}

Shape const* find_shape(std::string_view kind) {
    for (auto const& shape : shapes)
        if (shape.kind == kind) return &shape;
    return nullptr;
}

}  // namespace

bool is_role(std::string_view role) {
    auto const roles = known_roles();
    return std::find(roles.begin(), roles.end(), role) != roles.end();
}

base::Json to_json(NewKey const& key) {
    return {{"algorithm", key.algorithm}, {"spki", base::to_base64(key.spki)}};
}

NewKey new_key_from_json(base::Json const& value, std::string const& pointer) {
    JsonReader in(value, pointer);
    NewKey key;
    key.algorithm = in.text("algorithm", 16);
    key.spki = in.base64("spki", 1024);
    if (!is_public_key(key.algorithm, key.spki))
        in.fail("spki", "is not a sound key of the algorithm that is named");
    in.done();
    return key;
}

base::Json to_json(NewOfficer const& officer) {
    Json out = {{"id", officer.id},
                {"person", officer.person},
                {"roles", officer.roles},
                {"key", to_json(officer.key)}};
    write_ends(out, officer.ends);
    return out;
}

NewOfficer new_officer_from_json(base::Json const& value, std::string const& pointer) {
    JsonReader in(value, pointer);
    NewOfficer officer;
    officer.id = in.name("id");
    officer.person = in.name("person");
    officer.roles = read_roles(in);
    officer.key = new_key_from_json(in.value("key"), pointer + "/key");
    officer.ends = read_ends(in, officer.roles);
    in.done();
    return officer;
}

base::Json to_json(OwnChange const& change) {
    Json out = {{"kind", change.kind}};
    auto const* shape = find_shape(change.kind);
    if (shape == nullptr) return out;
    for (auto const& field : base::split(shape->fields, ' ')) {
        if (field == "subject") out["subject"] = change.subject;
        if (field == "officer" && change.officer) out["officer"] = to_json(*change.officer);
        if (field == "roles") out["roles"] = change.roles;
        if (field == "ends") write_ends(out, change.ends);
        if (field == "key" && change.key) out["key"] = to_json(*change.key);
        if (field == "cause") out["cause"] = change.cause;
        if (field == "url") out["url"] = change.url;
        if (field == "pin") out["pin"] = change.pin;
    }
    return out;
}

OwnChange own_change_from_json(base::Json const& value) {
    JsonReader in(value, "/body");
    OwnChange change;
    change.kind = in.text("kind", 63);
    auto const* shape = find_shape(change.kind);
    if (shape == nullptr) in.fail("kind", "is not a change that a member makes by itself");
    for (auto const& field : base::split(shape->fields, ' ')) read_field(change, field, in);
    in.done();
    return change;
}

}  // namespace consortium::model
