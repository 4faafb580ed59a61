#pragma once

#include "core/base/json.h"

namespace consortium::model {

/// One named rule and whether it holds, in words.
struct Rule {
    std::string name;
    bool holds = false;
    std::string words;
};

/// The answer of a rule: allowed, refused or pending, with the rules that were looked at and who is missing.
struct [[nodiscard]] Verdict {
    enum class Ruling { allowed, refused, pending };
    Ruling ruling = Ruling::allowed;
    std::vector<Rule> rules;
    std::string state;                 // for multi-party work: "2 of 3 approvals"
    std::vector<std::string> missing;  // members, officers or items
    std::optional<base::Instant> deadline;
    std::string next;  // the next command

    bool allowed() const { return ruling == Ruling::allowed; }
    /// Adds a rule; one that does not hold makes the verdict refused (or pending).
    void require(std::string name, bool holds, std::string words, Ruling otherwise = Ruling::refused);
};

base::Json to_json(Verdict const& verdict);
Verdict verdict_from_json(base::Json const& value, std::string const& pointer = "");

}  // namespace consortium::model
