#include "cli/session.h"
#include "cli/settings.h"
#include "cli/spec.h"
#include "core/crypto/keystore.h"
#include "core/flow/genesis.h"
#include "core/flow/workspace.h"
#include "core/store/journal.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Json;

base::Path target_of(model::Request const& request) {
    return std::filesystem::absolute(request.arguments->value("operand", std::string(".")));
}

bool is_workspace(base::Path const& folder) {
    return base::exists(folder / "consortium.toml");
}

void refuse_occupied(base::Path const& target) {
    if (is_workspace(target)) {
        throw base::Error(base::Code::conflict, "'" + target.string() + "' is a workspace already",
                          "run 'consortium status -C " + target.string() + "'");
    }
    if (base::exists(target) && !std::filesystem::is_empty(target)) {
        throw base::Error(base::Code::conflict, "'" + target.string() + "' is not empty",
                          "name a folder that does not exist yet");
    }
}

/// Everything is made beside the target and renamed into place: there is a whole workspace or none.
void create_workspace(Session& session, model::Request const& request, base::Path const& target) {
    refuse_occupied(target);
    auto const wanted = flow::new_workspace(request);
    auto const passphrase = request.arguments->value("no-passphrase", false)
                                ? base::Secret()
                                : session.new_passphrase("key '" + wanted.officer + "'");
    std::filesystem::create_directories(target.parent_path());
    base::TemporaryFolder const stage(target.parent_path());
    for (auto const* folder : {"keys", "private", "out"}) {
        base::make_folder(stage.path() / folder, base::FileMode::owner);
    }
    auto const keys = crypto::open_keyring(stage.path() / "keys",
                                           [](std::string_view) -> base::Secret { return base::Secret(); });
    auto const founder = flow::create_keys(wanted, *keys, passphrase);
    base::write_file(flow::founder_file(stage.path()), base::pretty(model::to_json(founder)) + "\n");
    base::write_file(stage.path() / "consortium.toml",
                     flow::settings_text(wanted, flow::journal_origin(founder.member)));
    store::create_journal(stage.path() / "journal.db");
    std::filesystem::rename(stage.path(), target);
}

model::Outcome describe_workspace(base::Path const& target) {
    auto const file = flow::founder_file(target);
    auto const founder = model::founder_from_json(base::parse_json(base::read_text(file, 1u << 20)));
    model::Outcome outcome;
    outcome.schema = "consortium.workspace/1";
    outcome.data = base::JsonValue(Json{{"workspace", target.string()},
                                        {"member", founder.member.id},
                                        {"officer", founder.officers.front().id},
                                        {"record", file.string()}});
    outcome.text.emplace_back("made the workspace of '" + founder.member.id + "' in " + target.string());
    outcome.text.emplace_back("its public record, for those who found the consortium or invite you: " +
                              file.string());
    outcome.next = {"consortium init --charter FILE --founder FILE", "consortium init --genesis FILE",
                    "consortium join --with WHERE --genesis HASH --epoch HASH"};
    return outcome;
}

constexpr char const* genesis_schema = "consortium.genesis/1";

model::Outcome describe_genesis(Session& session, model::Outcome outcome) {
    if (outcome.status || session.common().dry_run || !session.common().save_plan.empty()) return outcome;
    bool const final = flow::settle_genesis(session.services());
    auto const epoch = flow::known_epoch(session.services().store);
    auto const hash = model::reference(*epoch).hash;
    Json members = Json::array();
    for (auto const& member : epoch->members) members.push_back(member.id);
    outcome.schema = genesis_schema;
    outcome.data = base::JsonValue(Json{{"consortium", epoch->charter.name},
                                        {"genesis", hash.hex()},
                                        {"words", base::spoken(hash)},
                                        {"members", members},
                                        {"final", final}});
    model::Fields fields;
    fields.rows = {{"consortium", epoch->charter.name},
                   {"genesis", hash.hex()},
                   {"read aloud", base::spoken(hash)},
                   {"state", final ? "founded: every founder has signed" : "waiting for the other founders"}};
    outcome.text = {fields};
    outcome.next = {final ? "consortium status" : "consortium exchange sync"};
    return outcome;
}

void send_to_founders(model::Outcome& outcome, base::Path const& workspace) {
    outcome.text.emplace_back("send it to every other founder, who looks at it and signs it too: " +
                              (workspace / "out" / "genesis.json").string());
    outcome.next.insert(outcome.next.begin(), "consortium init --genesis genesis.json");
}

/// A workspace that was made for rehearsals founds and accepts rehearsals only, and no other does.
model::Request with_mode(Session& session, model::Request const& request) {
    Json arguments = *request.arguments;
    if (session.has_workspace() && session.settings().is_true("rehearsal")) arguments["rehearsal"] = true;
    return {request.command, base::JsonValue(std::move(arguments))};
}

model::Outcome init(Session& session, model::Request const& request) {
    auto const& arguments = *request.arguments;
    if (arguments.contains("charter")) flow::read_charter(arguments["charter"].get<std::string>());
    auto const target = target_of(request);
    bool const make = arguments.contains("member");
    if (make && (session.common().dry_run || !session.common().save_plan.empty())) {
        throw base::Error(
            base::Code::usage, "making a workspace has no plan: nothing is there yet",
            "leave out --dry-run and --save-plan; founding a consortium with --charter has one");
    }
    if (make) create_workspace(session, request, target);
    if (make || is_workspace(target)) session.enter(target);
    auto const wanted = with_mode(session, request);
    if (arguments.contains("genesis")) {
        return describe_genesis(session,
                                session.carry_out(flow::plan_genesis_acceptance(session.state(), wanted)));
    }
    if (arguments.contains("charter")) {
        auto outcome =
            describe_genesis(session, session.carry_out(flow::plan_genesis(session.state(), wanted)));
        bool const waits = outcome.schema == genesis_schema && !outcome.data->at("final").get<bool>();
        if (waits) send_to_founders(outcome, session.self().workspace);
        return outcome;
    }
    if (!make) {
        throw base::Error(base::Code::usage,
                          "nothing to do: neither --member, --charter nor --genesis is given",
                          "run 'consortium help init'");
    }
    return describe_workspace(target);
}

constexpr Flag flags[] = {
    {"--member", Kind::name, "ID", "make a workspace for this organization"},
    {"--name", Kind::text, "TEXT", "name of the organization"},
    {"--tier", Kind::name, "TIER", "tier of the charter that it asks for", Need::optional, {}, "member"},
    {"--control-group", Kind::name, "ID", "organizations under one control share it", Need::optional},
    {"--officer", Kind::name, "ID", "pseudonym of the officer who works here"},
    {"--person", Kind::name, "ID", "the person behind the officer, if that has several pseudonyms"},
    {"--role", Kind::choice, "ROLE", "a role of the officer", Need::repeatable,
     "governance|security|legal|operator|auditor|automation", "governance, security"},
    {"--type", Kind::choice, "TYPE", "algorithm of the officer's key", Need::optional, "ed25519|p256",
     "ed25519"},
    {"--no-passphrase", Kind::toggle, "", "keep the officer's key unencrypted"},
    {"--exchange", Kind::text, "WHERE", "where this workspace exchanges with the others"},
    {"--rehearsal", Kind::toggle, "",
     "a consortium for drills: its clock can be set, nobody else takes its evidence"},
    {"--charter", Kind::input, "FILE", "found a consortium under this charter"},
    {"--founder", Kind::input, "FILE", "the record of another founder", Need::repeatable},
    {"--genesis", Kind::input, "FILE", "sign a genesis that another founder composed"},
};

constexpr Example examples[] = {
    {"consortium init acme --member acme --officer acme-gov --exchange /srv/exchange",
     "make a workspace with its keys; its public record is acme/out/founder.json"},
    {"consortium init acme --charter charter.toml --founder globex.json --founder initech.json",
     "compose the genesis of three founders and sign it"},
    {"consortium init globex --genesis genesis.json --confirm HASH",
     "another founder signs the same genesis"},
};

constexpr base::Code codes[] = {base::Code::configuration, base::Code::conflict, base::Code::refused,
                                base::Code::not_authorized, base::Code::declined};

constexpr Command commands[] = {{
    .noun = "init",
    .verb = {},
    .effect = Effect::write,
    .summary = "make a workspace, or found a consortium",
    .operand = {"DIR", Kind::output, "the workspace; the current folder if left out", Need::optional},
    .flags = flags,
    .description =
        "With --member and --officer, makes a workspace: keys for the officer (under a passphrase), the "
        "seat, the log "
        "and the witness, settings, an empty journal, and the organization's public record "
        "out/founder.json.\n\n"
        "With --charter, composes epoch 0 from the charter and the founders' records, signs it and writes "
        "out/genesis.json for the other founders. Each of them looks at it and signs it with --genesis. The "
        "consortium exists once every founder's signature has been exchanged. Its identity is the hash of "
        "that "
        "document: compare it by telephone, it is also shown as words.",
    .examples = examples,
    .codes = codes,
    .handler = init,
}};

}  // namespace

extern Noun const init_noun;
constexpr Noun init_noun{"", "init", "make a workspace, or found a consortium", commands};

}  // namespace consortium::cli
