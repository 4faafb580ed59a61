#include "core/flow/apply.h"

#include "core/base/error.h"
#include "core/flow/authority_revoke.h"
#include "core/flow/ca.h"
#include "core/flow/certificate.h"
#include "core/flow/certificate_batch.h"
#include "core/flow/certificate_pending.h"
#include "core/flow/crl.h"
#include "core/flow/disclosure.h"
#include "core/flow/dispute.h"
#include "core/flow/execution.h"
#include "core/flow/exit.h"
#include "core/flow/genesis.h"
#include "core/flow/member.h"
#include "core/flow/node.h"
#include "core/flow/operation.h"
#include "core/flow/privacy.h"
#include "core/flow/proposal.h"
#include "core/flow/recover.h"
#include "core/flow/root.h"
#include "core/flow/root_countersign.h"
#include "core/flow/root_transcript.h"
#include "core/flow/seat.h"
#include "core/flow/share.h"
#include "core/flow/ssh.h"
#include "core/flow/steps.h"
#include "core/flow/token.h"

#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

struct Row {
    std::string_view action;
    Applier applier;
};

// Each noun that has actions of its own adds its row here.
Row const rows[] = {
    {"act", act_applier},
    {"event", event_applier},
    {"output", output_applier},
    {"found", found_applier},
    {"propose", propose_applier},
    {"submit", submit_applier},
    {"authority.revoke", authority_revoke_applier},
    {"ca.add", ca_add_applier},
    {"ca.adopt", ca_adopt_applier},
    {"ca.init", ca_init_applier},
    {"ca.publish", ca_publish_applier},
    {"ca.request", ca_request_applier},
    {"certificate.batch", certificate_batch_applier},
    {"certificate.issue", certificate_issue_applier},
    {"certificate.prepare", certificate_prepare_applier},
    {"certificate.request", certificate_request_applier},
    {"certificate.revoke", certificate_revoke_applier},
    {"certificate.sign", certificate_sign_applier},
    {"countersign", countersign_applier},
    {"crl.issue", crl_issue_applier},
    {"disclosure", disclosure_applier},
    {"dispute", dispute_applier},
    {"epoch.skip", epoch_skip_applier},
    {"evidence", evidence_applier},
    {"evidence.folder", evidence_folder_applier},
    {"exit.report", exit_report_applier},
    {"privacy.order", privacy_order_applier},
    {"privacy.erase", privacy_erase_applier},
    {"privacy.readmit", privacy_readmit_applier},
    {"root.destroy", root_destroy_applier},
    {"root.manifest", root_manifest_applier},
    {"root.prepare", root_prepare_applier},
    {"root.sign", root_sign_applier},
    {"root.state", root_state_applier},
    {"root.transcript", root_transcript_applier},
    {"share.accept", share_accept_applier},
    {"share.close", share_close_applier},
    {"share.deal", share_deal_applier},
    {"share.destroy", share_destroy_applier},
    {"share.drill", share_drill_applier},
    {"share.forget", share_forget_applier},
    {"share.hand-out", share_handout_applier},
    {"share.hand-over", share_submitted_applier},
    {"share.open", share_open_applier},
    {"share.recover", share_recover_applier},
    {"share.submit", share_submit_applier},
    {"share.wipe", share_wipe_applier},
    {"node", node_applier},
    {"node.add", node_add_applier},
    {"operation.abandon", abandon_applier},
    {"ssh.init", ssh_init_applier},
    {"ssh.issue", ssh_issue_applier},
    {"ssh.revoke", ssh_revoke_applier},
    {"token.issue", token_issue_applier},
    {"token.revoke", token_revoke_applier},
    {"journal.origin", journal_origin_applier},
    {"journal.newest", journal_newest_applier},
    {"workspace.origin", workspace_origin_applier},
};

std::string const kind = "operation";

void check_pins(model::Plan const& plan, port::Store const& store) {
    auto const latest = store.latest();
    if (latest && model::reference(*latest) != plan.epoch) {
        throw base::Error(base::Code::conflict, "a new epoch became final while this was being decided",
                          "run the command again", {{"epoch", std::to_string(latest->number)}});
    }
    for (auto const& [name, version] : plan.pins) {
        auto const slash = name.find('/');
        auto const object = store.object(name.substr(0, slash), name.substr(slash + 1));
        if ((object ? object->version : 0) != version) {
            throw base::Error(base::Code::conflict, "'" + name + "' changed while this was being decided",
                              "run the command again");
        }
    }
}

model::Object record(std::string const& id, std::string state, Json data) {
    model::Object object;
    object.kind = kind;
    object.name = id;
    object.state = std::move(state);
    object.data = JsonValue(std::move(data));
    return object;
}

void journal(port::Transaction& transaction, Services& services, model::Object object,
             std::string_view event) {
    model::Event entry;
    entry.kind = std::string(event);
    entry.time = services.clock.now();
    entry.body = JsonValue(Json{{"operation", object.name}});
    entry.writes.push_back(std::move(object));
    transaction.append_event(entry);
}

bool is_local(model::Step const& step) {
    return applier(step.action).append != nullptr;
}

std::vector<JsonValue> prepare_local(model::Plan const& plan, Services& services, Identity const& self) {
    std::vector<JsonValue> prepared;
    for (auto const& step : plan.steps) {
        auto const& how = applier(step.action);
        prepared.push_back(how.prepare != nullptr ? how.prepare(step, services, self) : JsonValue());
    }
    return prepared;
}

// Everything that is only ours to write becomes durable at once, together with the operation's record.
Json apply_local(model::Plan const& plan, std::string const& id, Services& services, Identity const& self) {
    auto const prepared = prepare_local(plan, services, self);
    Json data;
    services.store.write([&](port::Transaction& transaction) {
        check_pins(plan, services.store);
        Json results = Json::array();
        bool remote = false;
        for (std::size_t i = 0; i < plan.steps.size(); ++i) {
            auto const& step = plan.steps[i];
            if (is_local(step)) {
                results.push_back(*applier(step.action).append(step, prepared[i], services, transaction));
            } else {
                results.push_back(nullptr);
                remote = true;
            }
        }
        data = {{"command", plan.request.command},
                {"operation", id},
                {"request", digest(plan.request).hex()},
                {"plan", digest(plan).hex()},
                {"results", results}};
        if (remote) data["steps"] = to_json(plan)["steps"];
        journal(transaction, services, record(id, remote ? "open" : "done", data),
                remote ? "operation.begun" : "operation.done");
    });
    return data;
}

// What came before is durable: a disk that is full now leaves an operation that can be taken up again.
JsonValue run_remote(model::Step const& step, std::string const& id, Services& services,
                     Identity const& self) {
    try {
        return applier(step.action).remote(step, services, self);
    } catch (base::Error const& error) {
        if (error.code() != base::Code::storage) throw;
        auto details = error.details();
        details.emplace_back("operation", id);
        throw base::Error(base::Code::partial, error.message(),
                          "mend that, then run 'consortium operation resume " + id + "'", details);
    }
}

// Remote steps run one by one; a step that has a result is never run again.
Json apply_remote(model::Plan const& plan, Json data, Services& services, Identity const& self) {
    auto const id = data["operation"].get<std::string>();
    bool ran = false;
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        auto const& step = plan.steps[i];
        if (is_local(step) || !data["results"][i].is_null()) continue;
        data["results"][i] = *run_remote(step, id, services, self);
        ran = true;
    }
    if (!ran) return data;
    data.erase("steps");
    services.store.write([&](port::Transaction& transaction) {
        journal(transaction, services, record(id, "done", data), "operation.done");
    });
    return data;
}

std::optional<Json> earlier(model::Plan const& plan, std::string const& id, port::Store const& store) {
    auto const object = store.object(kind, id);
    if (!object) return std::nullopt;
    if (object->data->at("request") != digest(plan.request).hex()) {
        throw base::Error(base::Code::conflict, "operation '" + id + "' was another request",
                          "choose another --operation id, or see 'consortium operation show " + id + "'");
    }
    return *object->data;
}

std::vector<model::Step> steps_from_json(Json const& list) {
    std::vector<model::Step> out;
    for (auto const& item : list) {
        base::JsonReader in(item, "/steps");
        out.push_back(
            {in.text("action"), in.text("target"), in.text("summary"), JsonValue(in.value("detail"))});
    }
    return out;
}

}  // namespace

Applier const& applier(std::string_view action) {
    for (auto const& row : rows) {
        if (row.action == action) return row.applier;
    }
    throw base::Error(base::Code::internal, "no applier for step action '" + std::string(action) + "'");
}

JsonValue apply(model::Plan const& plan, Services& services, Identity const& self) {
    auto const id = plan.operation.empty() ? "o-" + base::to_hex(services.entropy.bytes(8)) : plan.operation;
    auto const known = earlier(plan, id, services.store);
    if (known && !known->contains("steps")) return JsonValue(*known);
    if (!known) return JsonValue(apply_remote(plan, apply_local(plan, id, services, self), services, self));
    // What was begun is what goes on, whatever would be planned by now.
    model::Plan begun;
    begun.steps = steps_from_json(known->at("steps"));
    return JsonValue(apply_remote(begun, *known, services, self));
}

std::vector<model::Step> open_steps(model::Object const& operation) {
    if (!operation.data->contains("steps")) return {};
    return steps_from_json(operation.data->at("steps"));
}

JsonValue resume(std::string const& operation, Services& services, Identity const& self) {
    auto const object = services.store.object(kind, operation);
    if (!object) {
        throw base::Error(base::Code::not_found, "no operation '" + operation + "' here",
                          "run 'consortium operation list'");
    }
    if (object->state != "open") return object->data;
    model::Plan plan;
    plan.steps = open_steps(*object);
    return JsonValue(apply_remote(plan, *object->data, services, self));
}

}  // namespace consortium::flow
