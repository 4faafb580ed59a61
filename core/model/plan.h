#pragma once

#include "core/model/act.h"
#include "core/model/verdict.h"

#include <map>

namespace consortium::model {

/// A command and its arguments, read and typed: what a plan is made from, again and again.
struct Request {
    std::string command;        // "vote cast"
    base::JsonValue arguments;  // {"operand":"p-3fa9c1","choice":"yes"}: canonical; no secrets
};

/// One intended change. `action` names the applier ("act", "event", "file", "certificate", "node", …);
/// `detail` is all that the applier needs; both are pinned by the plan's digest.
struct Step {
    std::string action;
    std::string target;   // what it changes, for people
    std::string summary;  // one line, in plain words
    base::JsonValue detail;
};

/// What people do at a node's machine, since no endpoint does it. It goes with a plan, in order, and changes
/// nothing by itself.
struct ManualStep {
    std::string node;
    std::string summary;  // one line, in plain words
    std::string check;    // the command that must be content before the next one; empty: go on
};

/// Request -> Plan is a pure function of (state, epoch, instant). What only applying can know (nonce, time,
/// signature, serial) is not part of it.
struct Plan {
    Request request;
    EpochReference epoch;                       // pinned
    std::map<std::string, std::uint64_t> pins;  // "kind/name" -> version of each object read (0: absent)
    std::vector<Step> steps;                    // none: nothing to do
    Verdict verdict;
    std::string danger;     // non-empty: the name that --confirm must repeat
    std::string operation;  // id; chosen by the caller or drawn
    std::vector<std::string> warnings;
    std::vector<ManualStep> by_hand;
};

base::Json to_json(std::vector<ManualStep> const& steps);
/// Without "by_hand" where there is nothing of it.
base::Json to_json(Plan const& plan);
Plan plan_from_json(base::Json const& value);
/// SHA-256 over everything but the operation id, the warnings, what is done by hand and what goes into
/// private parts: it is journaled, and a digest of a name tells the name to who can guess it (G28). Two
/// requests that differ only in those are the same request.
base::Digest digest(Plan const& plan);
base::Digest digest(Request const& request);

}  // namespace consortium::model
