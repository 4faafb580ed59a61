// What nodes and people hand over of an EVM network: RLP, signed transactions, typed data, enodes.

#include "core/crypto/keccak.h"
#include "core/driver/evm/enode.h"
#include "core/driver/evm/rlp.h"
#include "core/driver/evm/transaction.h"
#include "core/driver/evm/typed_data.h"
#include "tests/fuzz/fuzz.h"

using namespace consortium;
namespace evm = consortium::driver::evm;

namespace {

bool equal(base::BytesView left, base::BytesView right) {
    return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin());
}

// As deep as read_whole() lets lists be.
base::Bytes written(evm::rlp::Item const& item) {
    if (!item.is_list) return evm::rlp::string(item.content);
    std::vector<base::Bytes> parts;
    for (auto const& part : evm::rlp::items(item, 1u << 20)) parts.push_back(written(part));
    return evm::rlp::list(parts);
}

void check_transaction(base::BytesView bytes) {
    auto const out = evm::read_transaction(bytes, 1, &crypto::keccak256);
    fuzz::require(equal(evm::encode(out.transaction, out.signature), bytes));
    auto const digest = evm::digest_to_sign(out.transaction, &crypto::keccak256);
    auto const& r = out.signature.r.word();
    auto const& s = out.signature.s.word();
    fuzz::require(evm::finish_signature(digest, r, s, out.sender, &crypto::keccak256) == out.signature);
    fuzz::require(evm::intrinsic_gas(out.transaction) >= 21'000);
}

void check_enode(std::string_view text) {
    for (auto const names : {evm::HostNames::allowed, evm::HostNames::refused}) {
        auto const out = evm::read_enode(text, names);
        fuzz::require(evm::read_enode(out.text(), names) == out && evm::is_same_peer(out, out));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    base::BytesView const bytes(data, size);
    fuzz::probe([&] { fuzz::require(equal(written(evm::rlp::read_whole(bytes)), bytes)); });
    fuzz::probe([&] { check_transaction(bytes); });
    fuzz::probe([&] { check_enode(base::as_text(bytes)); });
    return fuzz::probe([&] {
        auto const out = evm::hash_typed_data(base::as_text(bytes), &crypto::keccak256);
        fuzz::require(out.encoded_type.find('(') != std::string::npos);
    });
}
