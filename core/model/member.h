#pragma once

#include "core/model/founder.h"

namespace consortium::model {

/// Bodies of the acts by which an organization joins: `invite`, `submit`, `check`.

/// Body of an act of kind `invite`, by a governance officer: who may apply, with which key. Until the
/// organization is admitted that key signs `submit` for this invitation and nothing else (PROTOCOL P2).
///   {"member","name","tier","key":{"algorithm","spki"}}
struct Invitation {
    std::string member;
    std::string name;
    std::string tier;
    std::string algorithm;
    base::Bytes spki;  // of the applicant's officer

    base::Digest key() const { return base::sha256(spki); }
};

/// One document that shows that one item of a gate is met. The document itself is
/// handed over privately.
struct Evidence {
    std::string gate;
    std::string item;
    base::Digest digest;  // SHA-256 of the file
};

/// Where a node of the applicant is to be found, and the validator's identity if it is to be one.
struct ApplicantNode {
    std::string network;
    std::string address;
};

/// Body of an act of kind `submit`, refs [invitation]; member and officer are the applicant's own, the key is
/// the one that the invitation names.
///   {"invitation","applicant":{consortium.founder/1},"evidence":[{"gate","item","digest"}],
///    "nodes":[{"network","address"}]}
struct Submission {
    base::Digest invitation;
    Founder applicant;
    std::vector<Evidence> evidence;
    std::vector<ApplicantNode> nodes;
};

/// Body of an act of kind `check`, refs [submission], by an officer whose role the gate names.
///   {"submission","gate","result","evidence":[digest]}       result: pass | fail; a note is said in the
///   private part
struct Check {
    base::Digest submission;
    std::string gate;
    std::string result;
    std::vector<base::Digest> evidence;  // what the checker looked at or wrote
};

base::Json to_json(Invitation const& invitation);
base::Json to_json(Submission const& submission);
base::Json to_json(Check const& check);
/// All throw Error(malformed) with detail "pointer".
Invitation invitation_from_json(base::Json const& value, std::string pointer = "/body");
Submission submission_from_json(base::Json const& value, std::string const& pointer = "/body");
Check check_from_json(base::Json const& value, std::string pointer = "/body");

}  // namespace consortium::model
