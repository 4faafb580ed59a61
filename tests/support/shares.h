#pragma once

#include "core/model/share.h"
#include "tests/support/acts.h"
#include "tests/support/members.h"

namespace consortium::test {

/// A deal as it could be, to the officers of these members; its commitments are of nothing.
inline model::ShareDeal some_deal(std::vector<std::string> const& members, std::int64_t threshold = 2) {
    model::ShareDeal deal;
    deal.id = base::Bytes(model::share_id_bytes, 7);
    deal.key = "ca-root-g1";
    deal.algorithm = "p384";
    deal.key_id = base::sha256("key");
    deal.version = 1;
    deal.threshold = threshold;
    deal.kek = base::sha256("kek");
    deal.wrapped = base::sha256("wrapped");
    for (auto const& member : members) {
        base::Bytes point(32);
        auto const seed = base::sha256(member);
        std::copy(seed.bytes.begin(), seed.bytes.end(), point.begin());
        deal.custodians.push_back({officer_of(member),
                                   member,
                                   {"x25519", point},
                                   base::sha256("share of " + member),
                                   TestSigner("share of " + member).public_key()});
    }
    return deal;
}

}  // namespace consortium::test
