#include "core/model/founder.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::model {

using base::Code;
using base::Error;
using base::Json;
using base::JsonReader;

namespace {

constexpr std::string_view schema = "consortium.founder/1";

Json members_part(Member const& member) {
    return {{"id", member.id},
            {"name", member.name},
            {"tier", member.tier},
            {"control_group", member.control_group}};
}

Member read_member(JsonReader in) {
    Member member;
    member.id = in.name("id");
    member.name = in.text("name", 200);
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
    officer.roles = in.texts("roles", 10);
    officer.key = in.digest("key");
    in.done();
    return officer;
}

Key read_key(JsonReader& in, std::string const& member) {
    Key key;
    key.algorithm = in.name("algorithm");
    key.spki = in.base64("spki", 2048);
    key.owner = in.name("owner");
    key.member = member;
    key.id = base::sha256(key.spki);
    in.done();
    return key;
}

void check(Founder const& founder) {
    for (auto const& officer : founder.officers) {
        if (founder.key_of(officer.id).id != officer.key) {
            throw Error(Code::malformed, "officer '" + officer.id + "' names another key than it brings", "",
                        {{"pointer", "/officers"}});
        }
    }
    for (auto const& key : founder.keys) {
        bool const role_key = key.owner == "seat" || key.owner == "log" || key.owner == "witness";
        bool const officers_key =
            std::any_of(founder.officers.begin(), founder.officers.end(),
                        [&](Officer const& officer) { return officer.id == key.owner; });
        if (!role_key && !officers_key) {
            throw Error(Code::malformed, "key of '" + key.owner + "', who is not an officer here", "",
                        {{"pointer", "/keys"}});
        }
    }
    if (founder.officers.empty()) throw Error(Code::malformed, "no officer", "", {{"pointer", "/officers"}});
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

Json to_json(Founder const& founder) {
    Json officers = Json::array();
    for (auto const& officer : founder.officers) {
        officers.push_back({{"id", officer.id},
                            {"person", officer.person},
                            {"roles", officer.roles},
                            {"key", officer.key.hex()}});
    }
    Json keys = Json::array();
    for (auto const& key : founder.keys) {
        keys.push_back(
            {{"algorithm", key.algorithm}, {"spki", base::to_base64(key.spki)}, {"owner", key.owner}});
    }
    return {
        {"schema", schema}, {"member", members_part(founder.member)}, {"officers", officers}, {"keys", keys}};
}

Founder founder_from_json(Json const& value) {
    JsonReader in(value);
    if (in.text("schema") != schema) in.fail("schema", "must be '" + std::string(schema) + "'");
    Founder founder;
    founder.member = read_member(in.object("member"));
    in.objects(
        "officers",
        [&](JsonReader& each) { founder.officers.push_back(read_officer(each, founder.member.id)); }, 100);
    in.objects(
        "keys", [&](JsonReader& each) { founder.keys.push_back(read_key(each, founder.member.id)); }, 110);
    in.done();
    founder.member.seat = founder.key_of("seat").id;
    founder.member.log = founder.key_of("log").id;
    founder.member.witness = founder.key_of("witness").id;
    check(founder);
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
    for (auto const& officer : founder.officers) {
        if (epoch.officer(officer.id) != nullptr) {
            throw Error(Code::conflict, "an officer '" + officer.id + "' exists already");
        }
        epoch.officers.push_back(officer);
    }
    epoch.members.push_back(std::move(member));
    sort_by_id(epoch.members);
    sort_by_id(epoch.officers);
    sort_by_id(epoch.keys);
}

}  // namespace consortium::model
