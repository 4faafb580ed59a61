#pragma once

#include "core/port/evidence.h"

#include <map>

namespace consortium::flow {

/// What one result did, in a sentence.
std::string in_words(model::Result const& result);

/// Who decided a result, as far as the acts are held here: proposer, choices of those whose ballot counted,
/// what was left out.
struct Deciders {
    std::string proposer, officer;                            // empty: the proposal is not held
    std::map<std::string, std::vector<std::string>> choices;  // choice -> members
    std::map<std::string, std::size_t> excluded;              // reason -> how many ballots
};
Deciders deciders(port::Evidence const& evidence, model::Result const& result);
/// "proposed by 'ada' of 'acme'; yes: acme, globex; no: initech; left out: 1 late".
std::string in_words(Deciders const& by);

/// What a member did to itself, in a sentence; "a change that is not held here" for one that is not.
std::string change_in_words(port::Evidence const& evidence, base::Digest const& id);

/// Who made an epoch final: the attempt, its leader, the members whose commits were seen here first.
struct Agreed {
    std::int64_t attempt = 0;
    std::string leader;
    std::vector<std::string> members;
};
Agreed agreed(port::Evidence const& evidence, model::Epoch const& epoch, std::int64_t attempt,
              std::vector<base::Digest> const& commits);

}  // namespace consortium::flow
