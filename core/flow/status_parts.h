#pragma once

#include "core/flow/services.h"

/// The parts of `status` that say what waits for the officer. Each reads indexed rows only.
namespace consortium::flow::status_parts {

struct Line {
    std::string what;  // "waits for you", "expires", "wrong"
    std::string name;
    std::string words;
    std::string next;
};

constexpr std::size_t most_lines = 20;  // a heading: the rest is one command away

/// What is read, and from when: nothing here needs the whole epoch.
struct View {
    port::Store const& store;
    Identity const& self;
    base::Instant now;
    std::optional<model::EpochReference> epoch;  // the latest final one
    model::EpochOutline outline;                 // of it, or of the genesis that was accepted; else empty

    bool is_active() const { return epoch && outline.member_status == "active" && !self.officer.empty(); }
    bool has_role(std::vector<std::string> const& any) const;
    bool may_sign(std::string_view kind) const;
};

/// Open proposals on which the member has said nothing, if this officer may vote on them.
void add_proposals(View const& view, std::vector<Line>& lines);
/// What an emergency did and ends unless the ordinary vote ratifies it, while nobody has put that to the
/// vote.
void add_measures(View const& view, std::vector<Line>& lines);
/// What an open dispute asks of this member or officer, or of anybody who is no party once a time has passed.
void add_disputes(View const& view, std::vector<Line>& lines);
/// What was decided and is left to this member: upgrades and votes of its own nodes, steps that name it.
void add_duties(View const& view, std::vector<Line>& lines);
/// Digests that wait for this officer's approval.
void add_approvals(View const& view, std::vector<Line>& lines);
/// Certificates of this workspace that wait for approvals, or to be signed once they have them.
void add_pending_certificates(View const& view, std::vector<Line>& lines);
/// Applications with a gate that this officer may check, or that can be put to the vote; own invitations that
/// nobody has answered; the own application, while it is judged.
void add_applications(View const& view, std::vector<Line>& lines);
/// Shares that were dealt to this officer and are not kept, and sessions that ask for one.
void add_shares(View const& view, std::vector<Line>& lines);

}  // namespace consortium::flow::status_parts
