#include "core/crypto/crl.h"
#include "core/crypto/der.h"
#include "core/crypto/signed_hash.h"

namespace consortium::crypto {

using base::BytesView;
using base::Code;
using base::Error;

namespace {

EVP_MD const* hash_for(std::string const& algorithm) {
    int digest = NID_undef;
    int type = NID_undef;
    OBJ_find_sigid_algs(OBJ_sn2nid(algorithm.c_str()), &digest, &type);
    return digest == NID_undef ? nullptr : EVP_get_digestbynid(digest);
}

}  // namespace

std::string algorithm_name(BytesView identifier) {
    auto const algorithm = decoded<AlgorithmPtr>(d2i_X509_ALGOR, identifier, "an algorithm");
    int const kind = OBJ_obj2nid(algorithm->algorithm);
    return kind == NID_undef ? "unknown" : OBJ_nid2sn(kind);
}

SignedParts signed_parts(BytesView der) {
    der::Reader whole(der);
    der::Reader parts(whole.next(der::sequence).content);
    SignedParts out;
    out.tbs = parts.next(der::sequence).whole;
    out.identifier = parts.next(der::sequence).whole;
    auto const bits = parts.next(der::bit_string).content;
    if (!whole.at_end() || !parts.at_end() || bits.empty() || bits.front() != 0) {
        throw Error(Code::malformed, "this is not the DER of a signed object");
    }
    out.signature = bits.subspan(1);
    out.algorithm = algorithm_name(out.identifier);
    return out;
}

PiecesVerified verify_pieces(port::Pieces const& message, std::string const& algorithm, BytesView signature,
                             EVP_PKEY* key) {
    auto const* const kind = hash_for(algorithm);
    if (kind == nullptr) {
        auto const whole = port::joined(message);
        return {base::sha256(whole), verify_whole(whole, signature, key)};
    }
    auto const hash = hash_of(message, kind);
    auto const digest = EVP_MD_get_type(kind) == NID_sha256 ? hash : hash_of(message, EVP_sha256());
    return {base::Digest::from_bytes(digest), verify_hash(hash, kind, signature, key)};
}

}  // namespace consortium::crypto
