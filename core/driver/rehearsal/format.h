#pragma once

#include "core/driver/rehearsal/network.h"

namespace consortium::driver::rehearsal {

base::Json to_json(Genesis const& genesis);
Genesis genesis_from_json(base::Json const& value);
base::Json to_json(Node const& node);
Node node_from_json(base::Json const& value);
base::Json to_json(Head const& head);
Head head_from_json(base::Json const& value);

/// The hashed part of a block: everything but hash and seals.
base::Json hashed_part(consensus::Header const& header);
/// A block's header with what its seals prove.
consensus::Header header_from_json(base::Json const& block);
/// What a seal signs.
std::string seal_message(std::string const& hash);
/// "0x" and the first 20 bytes of SHA-256 of the public key.
std::string address_of(base::BytesView public_key);

}  // namespace consortium::driver::rehearsal
