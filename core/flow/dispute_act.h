#pragma once

#include "core/flow/dispute.h"

/// What the planners of disputes share.
namespace consortium::flow {

enum class Salt { none, commit, reveal };

/// One act of a step.
struct DisputeAct {
    model::Draft draft;
    Salt salt = Salt::none;
    bool follows = false;  // refers to the acts before it in the step too
};

/// A file that is published with an act: read, and compared with its digest, when the step is applied.
struct DisputeFile {
    std::string path;
    base::Digest digest;
};

/// What a party or a panel says, from --text (or `text`), --exhibit and --sealed.
struct Said {
    model::Claim claim;
    std::vector<DisputeFile> files;
};
Said read_said(model::Request const& request, char const* text);

/// A plan with one step of these acts. What the others would refuse of the first is refused here, with their
/// words; so is what this officer may not sign.
model::Plan dispute_plan(State const& state, model::Request const& request,
                         std::vector<DisputeAct> const& acts, std::string target, std::string summary,
                         std::vector<DisputeFile> const& files = {});

template <typename Body>
model::Draft dispute_draft(std::string kind, std::vector<base::Digest> refs, Body const& body) {
    return {std::move(kind), std::move(refs), base::JsonValue(model::to_json(body)), false};
}

/// Whether this workspace keeps the salt of a commitment.
bool keeps_salt(State const& state, base::Digest const& commitment);

/// [stage, …more]
std::vector<base::Digest> after(agreement::Stage const& stage, std::vector<base::Digest> more);
/// [assign, ruling…]: what is held of the panel; empty: there is none.
std::vector<base::Digest> ruled(agreement::StageView const& part);
/// The same with the acts by which the panel's time passed: what puts its ruling in force.
std::vector<base::Digest> in_force_by(agreement::StageView const& part);

}  // namespace consortium::flow
