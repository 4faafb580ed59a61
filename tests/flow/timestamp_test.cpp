#include "core/flow/timestamp.h"

#include "core/journal/checkpoint.h"
#include "tests/support/audited.h"
#include "tests/support/stamped.h"

using namespace consortium;
using test::Founded;

namespace {

std::vector<flow::StampedHead> stamps_over(Founded& journal, std::uint64_t size) {
    return flow::stamps_over(journal.store(), size, journal.store().head().size);
}

std::vector<std::uint64_t> sizes(std::vector<flow::StampedHead> const& heads) {
    std::vector<std::uint64_t> out;
    for (auto const& head : heads) out.push_back(head.checkpoint.size);
    return out;
}

}  // namespace

TEST_CASE("evidence brings the first and the last stamped head that contain all of it") {
    Founded journal;
    std::vector<std::uint64_t> stamped;
    for (char const* name : {"t-d", "t-c", "t-b", "t-a"}) {
        auto const head = journal.store().head();
        stamped.push_back(head.size);
        record_stamp(journal.store(), head.checkpoint, name);
    }
    CHECK(sizes(flow::stamped_heads(journal.store())) == stamped);
    CHECK(sizes(stamps_over(journal, 0)) == std::vector{stamped[0], stamped[3]});
    CHECK(sizes(stamps_over(journal, stamped[1] + 1)) == std::vector{stamped[2], stamped[3]});
    CHECK(sizes(stamps_over(journal, stamped[3])) == std::vector{stamped[3]});
    CHECK(stamps_over(journal, stamped[3] + 1).empty());
    // Nor one that somebody had stamped after this head was read.
    CHECK(sizes(flow::stamps_over(journal.store(), 0, stamped[3] - 1)) ==
          std::vector{stamped[0], stamped[2]});
}

TEST_CASE("a head that an earlier origin of the journal had stamped goes into no evidence of this one") {
    Founded journal;
    auto const head = journal.store().head();
    TestSigner former("the former log key");
    record_stamp(journal.store(),
                 journal::sign_checkpoint({"consortium/acme/00000000", head.size, head.root}, former),
                 "t-former");
    CHECK(flow::stamped_heads(journal.store()).size() == 1);
    CHECK(stamps_over(journal, 0).empty());
}
