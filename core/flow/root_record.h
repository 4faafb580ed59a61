#pragma once

#include "core/flow/rotation.h"

namespace consortium::flow {

inline constexpr std::string_view transcript_type = "application/vnd.consortium.ceremony-transcript.v1+json";

/// Which program wrote a report.
struct Software {
    std::string version;
    base::Digest digest;  // of the program's file
};

/// What is to be done, by whom and in which order, with the digests as far as they are known: for paper,
/// before a ceremony. Type "consortium.ceremony-script/1".
base::Json ceremony_script(State const& state);

/// What script and transcript begin with: {"consortium","plan","rule","phase"}.
base::Json ceremony_facts(State const& state, Rotation const& rotation);

/// What was done: plan and roster, each stage with its manifest, approvals and decision, what nodes' owners,
/// witnesses and the keeper have stated, what was signed, and every act that it cites with a proof. Type
/// "consortium.ceremony-transcript/1". All fields are always present, so that templates can be strict.
base::Json ceremony_transcript(State const& state, Services& services, Software const& software);

}  // namespace consortium::flow
