#pragma once

#include "core/flow/dossier_verify.h"
#include "core/flow/timestamp.h"

#include <memory>

namespace consortium::flow {

/// What a file turned out to show.
struct Shown {
    Shown();

    std::string form;
    std::string words;  // the first sentence
    journal::SignedCheckpoint head;
    std::string note;                  // the head's
    std::shared_ptr<base::Json> data;  // an object: what only files of this form have
    Findings findings;
    std::vector<journal::SignedCheckpoint> older;  // heads that it continues, by size
    std::vector<std::string> uncounted;            // witnesses whose keys were removed, and since when
    std::uint64_t recorded =
        0;                    // how many a head must have to contain the record of a disclosure; 0: no such
    std::uint64_t needs = 0;  // how many entries a head must have to contain what is shown
};

/// "'ORIGIN' at N entries".
std::string at_entries(journal::Checkpoint const& checkpoint);
/// Adds whoever has cosigned the head, as records.
void add_witnesses(journal::SignedCheckpoint const& head, base::Json& witnesses);
/// Says of a token that it was looked at, or would have been: `stamping` null.
void tell_stamp(Stamping const* stamping, base::BytesView token, std::string_view note,
                journal::Checkpoint const& checkpoint, Shown& shown);

/// Evidence, verified. Throws Error(malformed, verification_failed, or usage where nothing was told to check
/// it with).
Shown show_dossier(std::string const& text, Told const& told, port::Verifier const& verifier,
                   Stamping const* stamping);

}  // namespace consortium::flow
