#include "core/base/text.h"
#include "core/flow/root_keys.h"
#include "core/flow/root_record.h"
#include "core/flow/root_shares.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;

namespace {

/// What one person does, and what must be seen before it is ticked.
struct Line {
    std::string_view stage;  // of which it is part
    std::string_view who;
    std::string_view what;
    std::string_view command;
    std::string_view see;
};

constexpr std::string_view accept_command = "consortium share accept FILE";

// Of every ceremony, in an emergency too.
constexpr Line approve_line{"1 prepare", "every approver", "Approve that digest.",
                            "consortium approval sign gN --rule root", "the approval's act"};
constexpr Line sign_line{"1 prepare", "administrator", "Sign what was approved.",
                         "consortium root sign DIGEST", "every object read back and verified"};
constexpr Line deal_line{"1 prepare", "administrator", "Deal the new key to the custodians of the plan.",
                         "consortium share deal ca-root-gN", "a sealed share for each"};
constexpr Line accept_line{"1 prepare", "custodians",
                           "Receive, check and acknowledge the shares of the new key.", accept_command,
                           "a receipt of each"};
constexpr Line forget_line{"6 destroy", "custodians", "Destroy the shares of the old key.",
                           "consortium share destroy ca-root-gO", "a statement of each"};

constexpr Line planned_lines[]{
    {"0 propose", "administrator", "Read the plan to all: generations, key type, lifetime, roster, dates.",
     "consortium root rotate", "the digest of the plan"},
    {"0 propose", "every member", "Vote on the plan.", "consortium vote cast PROPOSAL",
     "passed, in an epoch"},
    {"1 prepare", "administrator",
     "Set the clock of the ceremony machine by a second source; note the difference.", "date -u",
     "less than a minute"},
    {"1 prepare", "administrator",
     "Compare the program's SHA-256 with the one that all have agreed on before.",
     "sha256sum $(command -v consortium)", "the same digest"},
    {"1 prepare", "administrator", "Make the new key and fix everything that will be signed.",
     "consortium root prepare", "the digest, read aloud"},
    {"1 prepare", "every approver",
     "Read each object in one's own workspace, and compare the digest word by word.",
     "consortium root verify ceremony-gN.json", "the same words"},
    approve_line,
    sign_line,
    deal_line,
    accept_line,
    {"2 trust", "every member", "Decide on the bundle with both roots.", "consortium root distribute",
     "passed, in an epoch"},
    {"2 trust", "owners of nodes", "Bring the bundle to all nodes, one at a time, in the order listed.",
     "consortium root nodes", "'node trust NODE' after each"},
    {"2 trust", "every member", "Say so of all nodes.", "consortium root ack",
     "'root show' names nobody as missing"},
    {"3 switch", "administrator", "Prepare, have approved and sign the switch; members decide.",
     "consortium root switch", "chains under the new root"},
    {"3 switch", "owners of nodes",
     "Install the new chain with the link, one node at a time, in the order listed.", "consortium root nodes",
     "'node trust NODE': old only, new only and both say yes"},
    {"3 switch", "every member", "Say so of all nodes.", "consortium root ack",
     "'root show' names nobody as missing"},
    {"4 soak", "administrator", "Wait as long as the plan says, and look daily.", "consortium root soak",
     "nothing depends on the old root alone"},
    {"5 distrust", "administrator", "Prepare, have approved and sign; members decide.",
     "consortium root distrust", "the new root alone"},
    {"5 distrust", "owners of nodes", "Take the old root from all nodes, one at a time, in the order listed.",
     "consortium root nodes", "'root soak' names no endpoint"},
    {"6 destroy", "administrator", "Prepare the destruction. Until it is done, 'root rollback' leads back.",
     "consortium root prepare", "the digest, read aloud"},
    {"6 destroy", "every approver", "Approve that digest.", "consortium approval sign gN --rule root",
     "the approval's act"},
    {"6 destroy", "witnesses", "Attest in person.", "consortium root witness", "the witness's act"},
    {"6 destroy", "administrator", "Destroy the old root's key. Nothing leads back.",
     "consortium root destroy", "the key is not there any more"},
    forget_line,
};

constexpr Line emergency_lines[]{
    {"0 propose", "administrator", "Say what happened and since when; call every member by telephone.",
     "consortium root rotate --emergency", "the digest of the plan"},
    {"1 prepare", "administrator", "Make the new key and fix everything; do not wait for the vote.",
     "consortium root prepare", "the digest, read aloud"},
    {"1 prepare", "every approver",
     "Compare the new root's fingerprint by telephone: the old root vouches for nothing.",
     "consortium root verify ceremony-gN.json", "the same words"},
    approve_line,
    sign_line,
    deal_line,
    accept_line,
    {"2 trust", "every member", "Decide on the bundle of the new root alone, by the emergency rule.",
     "consortium root distribute", "passed, in an epoch"},
    {"2 trust", "every member",
     "Bring the bundle to all nodes at once, as 'root nodes' lists it, and say so.", "consortium root ack",
     "'root show' names nobody as missing"},
    {"2 trust", "every member", "Keep those nodes out that have not followed, as is listed for each.",
     "consortium root soak", "it names nobody"},
    {"6 destroy", "administrator", "Prepare the destruction of the old key; have it approved and witnessed.",
     "consortium root prepare", "the digest, read aloud"},
    {"6 destroy", "administrator", "Destroy the old root's key.", "consortium root destroy",
     "the key is not there any more"},
    forget_line,
};

template <std::size_t N>
Json lines_of(Line const (&lines)[N], std::string const& generation, std::string const& old) {
    Json out = Json::array();
    std::size_t number = 0;
    for (auto const& each : lines) {
        std::string command(each.command);
        if (auto const at = command.find("gN"); at != std::string::npos) command.replace(at, 2, generation);
        if (auto const at = command.find("gO"); at != std::string::npos) command.replace(at, 2, old);
        out.push_back({{"number", ++number},
                       {"stage", each.stage},
                       {"who", each.who},
                       {"what", each.what},
                       {"command", command},
                       {"see", each.see}});
    }
    return out;
}

/// Who has not said yet to keep a share; whether a receipt proves it, 'root show' says.
void name_custodians(State const& state, Rotation const& rotation, Json& steps) {
    auto const shares = new_root_shares(state, receipts_as_said(), rotation);
    auto const& missing = shares.missing;
    for (auto& step : steps) {
        if (shares.agreed.officers.empty() || step["command"] != accept_command) continue;
        step["see"] = missing.empty() ? "a receipt of each: all are there"
                                      : "a receipt of each; not yet: " + base::join(missing, ", ");
    }
}

}  // namespace

Json ceremony_script(State const& state) {
    auto const found = rotation(state);
    auto out = ceremony_facts(state, found);
    out["type"] = "consortium.ceremony-script/1";
    auto const plan = rotation_plan(state.store, found);
    auto const old = fmt::format("g{}", plan.from);
    out["steps"] = plan.emergency ? lines_of(emergency_lines, found.name, old)
                                  : lines_of(planned_lines, found.name, old);
    name_custodians(state, found, out["steps"]);
    out["keys"] = key_views(stated_keys(state, found));
    out["prepared"] = nullptr;
    if (found.state == "prepared") {
        auto const prepared = manifest(state.store, found);
        Json items = Json::array();
        for (auto const& each : prepared.items)
            items.push_back({{"name", each.name}, {"signer", each.signer}, {"digest", each.digest.hex()}});
        out["prepared"] = {{"stage", prepared.stage},
                           {"digest", found.approve->hex()},
                           {"words", base::spoken(*found.approve)},
                           {"items", items}};
    }
    return out;
}

}  // namespace consortium::flow
