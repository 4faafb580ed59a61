#pragma once

#include "core/flow/services.h"
#include "core/model/outcome.h"
#include "core/model/plan.h"

namespace consortium::flow {

/// What an upgrade proposal is about: a name, the version that nodes report, the digest of what is installed.
struct Release {
    std::string name;
    std::string version;
    base::Digest digest;
    std::optional<std::string> file;  // where the digest was computed from
};

base::Json to_json(Release const& release);
Release release_from_json(base::Json const& value);

/// The release by its name. Throws Error(not_found) with the next command.
Release find_release(port::Store const& store, std::string const& name);

/// `release add NAME --version V (--digest D | --file F)`
model::Plan plan_release_add(State const& state, model::Request const& request);
model::Outcome release_list(State const& state, model::Request const& request);
model::Outcome release_show(State const& state, model::Request const& request);
/// `release verify NAME --file F`: whether the file is what was added; the answer "no" has status
/// verification_failed.
model::Outcome release_verify(State const& state, model::Request const& request);

}  // namespace consortium::flow
