#include "core/crypto/crl.h"

namespace consortium::crypto {

base::Digest judge_crl(model::CrlFacts const& facts, port::Pieces const& tbs, base::BytesView signature,
                       X509* issuer) {
    auto const verified = verify_pieces(tbs, facts.signature, signature, X509_get0_pubkey(issuer));
    if (!verified.holds) {
        throw base::Error(base::Code::verification_failed,
                          "the signature of this revocation list does not hold", "",
                          {{"issuer", facts.issuer}});
    }
    auto const der = encoded<X509>(i2d_X509, issuer);
    refuse_broken(lint_crl(facts, read_facts(issuer, der)), "the revocation list of " + facts.issuer);
    return verified.digest;
}

model::CrlFacts DerCrlForm::accept(Frame const& list, port::Pieces const& entries, std::size_t known,
                                   base::BytesView issuer) const {
    auto read = read_crl_pieces(list, entries, known);
    auto const above = parse_certificate(issuer);
    auto const tbs = [&](auto const& each) {
        each(read.tbs_front);
        entries(each);
        each(read.tbs_end);
    };
    read.facts.tbs = judge_crl(read.facts, tbs, read.signature, above.get());
    return std::move(read.facts);
}

}  // namespace consortium::crypto
