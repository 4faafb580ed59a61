#include "core/flow/share_case.h"
#include "core/flow/status_parts.h"

#include <fmt/format.h>

namespace consortium::flow::status_parts {

namespace {

/// Whether the proofs of receipts hold, `share show` says: what waits for an officer is known without.
class Unasked : public port::Verifier {
public:
    bool verify(std::string_view, base::BytesView, base::BytesView, base::BytesView) const override {
        return true;
    }
};

}  // namespace

void add_shares(View const& view, std::vector<Line>& lines) {
    std::size_t count = 0;
    for (auto const& one : share_cases(view.store, Unasked())) {
        auto const own = one.deal.index_of(view.self.officer);
        if (own == 0 || one.next || count >= most_lines) continue;
        if (!one.accepted.contains(own)) {
            ++count;
            lines.push_back({"waits for you", "share " + one.deal.key,
                             fmt::format("dealt by {} of {}, not kept yet", one.officer, one.member),
                             "share accept FILE"});
        }
        for (auto const& session : one.sessions) {
            if (!session.is_open(view.now) || session.submitted.contains(own)) continue;
            ++count;
            lines.push_back({"waits for you", "share " + one.deal.key,
                             fmt::format("{} of {} opened a {}, until {}", session.officer, session.member,
                                         session.purpose, session.closes.text()),
                             "share submit " + session.name()});
        }
    }
}

}  // namespace consortium::flow::status_parts
