#pragma once

#include "core/flow/apply.h"

/// What the journal keeps of a batch: object batch/<id>, with how far it has come, and batch-chunk/<id>/<n>,
/// with the serials of a chunk in the order of its rows.
namespace consortium::flow {

struct BatchProgress {
    std::size_t chunks = 0;
    std::size_t issued = 0;    // certificates in them
    base::JsonValue result{};  // null: it is not done
};

/// `detail` is that of the batch's step.
model::Object batch_object(base::Json const& detail, BatchProgress const& progress);
/// The object of a batch that is done; none of one that is not.
std::optional<model::Object> batch_done(base::Json const& detail, port::Store const& store);
/// How many chunks are on file.
std::size_t chunks_on_file(port::Store const& store, std::string const& batch);

model::Object chunk_object(std::string const& batch, std::size_t number, std::vector<std::string> serials);
/// The certificates of a chunk that is on file.
std::vector<model::Object> chunk_certificates(port::Store const& store, std::string const& batch,
                                              std::size_t number);

}  // namespace consortium::flow
