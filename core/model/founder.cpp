#include "core/model/founder.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/own_change.h"
#include "core/model/public_key.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::model {

namespace {

using base::Code;
using base::Error;
using base::Json;
using base::JsonReader;

constexpr std::string_view founder_schema = "consortium.founder/1";
constexpr std::size_t max_roles = 6;
constexpr std::size_t max_officers = 100;
constexpr std::size_t max_key = 1024;

Member read_member(JsonReader in) {
    Member member;
    member.id = in.name("id");
    member.name = in.text("name", 200);
    if (base::trimmed(member.name).empty()) in.fail("name", "is empty");
    member.tier = in.name("tier");
    member.control_group = in.name("control_group");
    in.done();
    return member;
}

Officer read_officer(JsonReader& in, std::string const& member) {
    Officer officer;
    officer.id = in.name("id");
    officer.member = member;
    officer.person = in.name("person");
    officer.roles = in.texts("roles", max_roles);
    officer.key = in.digest("key");
    if (officer.roles.empty()) in.fail("roles", "is empty");
    for (auto const& role : officer.roles)
        if (!is_role(role)) in.fail("roles", "has the unknown role '" + base::printable(role) + "'");
    std::sort(officer.roles.begin(), officer.roles.end());
    if (std::adjacent_find(officer.roles.begin(), officer.roles.end()) != officer.roles.end())
        in.fail("roles", "names a role twice");
    in.done();
    return officer;
}

Key read_key(JsonReader& in, std::string const& member) {
    Key key;
    key.algorithm = in.text("algorithm", 16);
    key.spki = in.base64("spki", max_key);
    if (!is_public_key(key.algorithm, key.spki)) in.fail("spki", "is not a sound " + key.algorithm + " key");
    key.owner = in.name("owner");
    key.member = member;
    key.id = base::sha256(key.spki);
    in.done();
    return key;
}

/// SSH keys are for people: seats, logs and witnesses sign without them.
base::Digest institutional(Founder const& founder, std::string_view owner, JsonReader const& in) {
    auto const& key = founder.key_of(owner);
    if (key.algorithm == "ssh") in.fail("keys", "gives '" + std::string(owner) + "' an ssh key");
    return key.id;
}

void check_officers(Founder const& founder, JsonReader const& in) {
    std::set<std::string> ids;
    for (auto const& officer : founder.officers) {
        if (officer.id == "seat" || officer.id == "log" || officer.id == "witness" ||
            !ids.insert(officer.id).second)
            in.fail("officers", "has the id '" + officer.id + "' twice, or it is reserved");
        if (founder.key_of(officer.id).id != officer.key)
            in.fail("officers", "names another key for '" + officer.id + "' than 'keys' does");
    }
    if (ids.empty()) in.fail("officers", "is empty");
}

void check_keys(Founder const& founder, JsonReader const& in) {
    std::set<base::Digest> ids;
    for (auto const& key : founder.keys)
        if (!ids.insert(key.id).second) in.fail("keys", "has the key of '" + key.owner + "' twice");
    if (founder.keys.size() != founder.officers.size() + 3)
        in.fail("keys", "has a second key of somebody, or one that nobody here owns");
}

template <typename T>
void sort_by_id(std::vector<T>& list) {
    std::sort(list.begin(), list.end(), [](T const& left, T const& right) { return left.id < right.id; });
}

}  // namespace

Key const& Founder::key_of(std::string_view owner) const {
    for (auto const& key : keys) {
        if (key.owner == owner) return key;
    }
    throw Error(Code::malformed,
                "no key of '" + std::string(owner) + "' in the record of '" + member.id + "'", "",
                {{"pointer", "/keys"}});
}

base::Json to_json(Founder const& founder) {
    Json officers = Json::array();
    for (auto const& officer : founder.officers)
        officers.push_back({{"id", officer.id},
                            {"person", officer.person},
                            {"roles", officer.roles},
                            {"key", officer.key.hex()}});
    Json keys = Json::array();
    for (auto const& key : founder.keys)
        keys.push_back(
            {{"algorithm", key.algorithm}, {"spki", base::to_base64(key.spki)}, {"owner", key.owner}});
    return {{"schema", founder_schema},
            {"member",
             {{"id", founder.member.id},
              {"name", founder.member.name},
              {"tier", founder.member.tier},
              {"control_group", founder.member.control_group}}},
            {"officers", officers},
            {"keys", keys}};
}

Founder founder_from_json(base::Json const& value, std::string pointer) {
    JsonReader in(value, std::move(pointer));
    Founder founder;
    if (in.text("schema", 64) != founder_schema) in.fail("schema", "is not consortium.founder/1");
    founder.member = read_member(in.object("member"));
    auto const& id = founder.member.id;
    in.objects(
        "officers", [&](JsonReader& item) { founder.officers.push_back(read_officer(item, id)); },
        max_officers);
    in.objects(
        "keys", [&](JsonReader& item) { founder.keys.push_back(read_key(item, id)); }, max_officers + 3);
    in.done();
    check_officers(founder, in);
    founder.member.seat = institutional(founder, "seat", in);
    founder.member.log = institutional(founder, "log", in);
    founder.member.witness = institutional(founder, "witness", in);
    check_keys(founder, in);
    return founder;
}

void enroll(Epoch& epoch, Founder const& founder, Seat seat, base::Instant joined_at) {
    Member member = founder.member;
    member.status = "active";
    member.joined = epoch.number;
    member.joined_at = joined_at;
    member.votes = seat == Seat::voting;
    if (epoch.member(member.id) != nullptr) {
        throw Error(Code::conflict, "'" + member.id + "' is a member already");
    }
    for (Key key : founder.keys) {
        if (epoch.key(key.id) != nullptr) {
            throw Error(Code::conflict,
                        "a key of '" + member.id + "' was registered before; each key once, ever");
        }
        key.since = epoch.number;
        epoch.keys.push_back(std::move(key));
    }
    for (auto officer : founder.officers) {
        if (epoch.officer(officer.id) != nullptr) {
            throw Error(Code::conflict, "an officer '" + officer.id + "' exists already");
        }
        for (auto const& role : officer.roles) {
            auto const* rule = epoch.charter.role(role);
            if (rule != nullptr && rule->term.seconds > 0) officer.ends[role] = joined_at + rule->term;
        }
        epoch.officers.push_back(std::move(officer));
    }
    epoch.members.push_back(std::move(member));
    sort_by_id(epoch.members);
    sort_by_id(epoch.officers);
    sort_by_id(epoch.keys);
}

}  // namespace consortium::model
