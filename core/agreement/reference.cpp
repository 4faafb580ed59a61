#include "core/agreement/reference.h"

#include "core/agreement/document.h"
#include "core/agreement/statement.h"
#include "core/model/candidate.h"
#include "core/model/ceremony.h"
#include "core/model/countersignature.h"
#include "core/model/dispute.h"
#include "core/model/invoice.h"
#include "core/model/share_act.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace consortium::agreement {

namespace {

using base::Digest;

void add(std::vector<Digest>& to, std::vector<Digest> const& more) {
    to.insert(to.end(), more.begin(), more.end());
}

void sort_unique(std::vector<Digest>& ids) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

void name_proposal(port::Evidence const&, model::Act const& act, Named& out) {
    auto const proposal = model::proposal_from_json(*act.body);
    add(out.acts, model::named_acts(proposal.action));
    add(out.files, model::named_files(proposal.action));
    if (proposal.ratifies) out.acts.push_back(*proposal.ratifies);
    if (proposal.finding) out.acts.push_back(*proposal.finding);
}

void name_statement(port::Evidence const& evidence, model::Act const& act, Named& out) {
    auto const file = model::statement_from_json(*act.body).file;
    if (!file) return;
    out.files.push_back(*file);
    if (!evidence.has_file(*file)) return;
    for (auto const& listing : listings(evidence, act)) out.acts.push_back(listing.id);
}

void name_choice(port::Evidence const&, model::Act const& act, Named& out) {
    out.files.push_back(model::choice_from_json(*act.body).document);
}

// A candidate names its document, and through it all that the document pins: nobody can check it without.
void name_candidate(port::Evidence const& evidence, model::Act const& act, Named& out) {
    auto const candidate = model::candidate_from_json(*act.body);
    add(out.acts, candidate.skips);
    out.files.push_back(candidate.choice.document);
    auto const epoch = load_document(evidence, candidate.choice.document);
    if (!epoch) return;
    add(out.acts, epoch->own_changes);
    for (auto const& result : epoch->results) {
        out.acts.push_back(result.proposal);
        add(out.acts, result.statements);
    }
}

void name_skip(port::Evidence const&, model::Act const& act, Named& out) {
    auto const carried = model::skip_from_json(*act.body).carried;
    if (carried) out.files.push_back(carried->document);
}

void name_founding(port::Evidence const&, model::Act const& act, Named& out) {
    out.files.push_back(model::found_from_json(*act.body).document);
}

void name_allocation(port::Evidence const&, model::Act const& act, Named& out) {
    out.files.push_back(model::allocation_notice_from_json(*act.body).document);
}

void name_countersigned(port::Evidence const&, model::Act const& act, Named& out) {
    for (auto const& each : model::countersigning_from_json(*act.body).signatures)
        out.files.push_back(each.document);
}

void name_exhibits(port::Evidence const&, model::Act const& act, Named& out) {
    add(out.files, model::published_exhibits(act.kind, *act.body));
}

void name_ceremony(port::Evidence const&, model::Act const& act, Named& out) {
    add(out.files, model::ceremony_notice_from_json(*act.body).files);
}

void name_deal(port::Evidence const&, model::Act const& act, Named& out) {
    out.files.push_back(model::share_act_from_json(*act.body).deal);
}

struct Row {
    std::string_view kind;
    void (*name)(port::Evidence const&, model::Act const&, Named&);
};
constexpr std::array rows{Row{"proposal", name_proposal},   Row{"seen", name_statement},
                          Row{"candidate", name_candidate}, Row{"prepare", name_choice},
                          Row{"commit", name_choice},       Row{"skip", name_skip},
                          Row{"dispute", name_exhibits},    Row{"plea", name_exhibits},
                          Row{"ruling", name_exhibits},     Row{"appeal", name_exhibits},
                          Row{"found", name_founding},      Row{"allocation", name_allocation},
                          Row{"ceremony", name_ceremony},   Row{"countersign", name_countersigned},
                          Row{"share", name_deal}};

}  // namespace

Named named_by(port::Evidence const& evidence, model::Act const& act) {
    Named out;
    out.acts = act.refs;
    for (auto const& row : rows)
        if (row.kind == act.kind) row.name(evidence, act, out);
    sort_unique(out.acts);
    sort_unique(out.files);
    return out;
}

std::vector<Digest> missing_references(port::Evidence const& evidence, model::Act const& act) {
    auto const named = named_by(evidence, act);
    std::vector<Digest> missing;
    for (auto const& id : named.acts)
        if (!evidence.has_act(id)) missing.push_back(id);
    for (auto const& id : named.files)
        if (!evidence.has_file(id)) missing.push_back(id);
    return missing;
}

}  // namespace consortium::agreement
