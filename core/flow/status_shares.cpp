#include "core/flow/share_case.h"
#include "core/flow/status_parts.h"

#include <fmt/format.h>

namespace consortium::flow::status_parts {

// Whether the proofs of receipts hold, `share show` says: what waits for an officer is known without.
void add_shares(View const& view, std::vector<Line>& lines) {
    std::size_t count = 0;
    for (auto const& one : share_cases(view.store, receipts_as_said())) {
        auto const own = one.deal.index_of(view.self.officer);
        if (own == 0 || one.next || count >= most_lines) continue;
        if (one.key_destroyed && !one.destroyed.contains(own)) {
            ++count;
            lines.push_back({"waits for you", "share " + one.deal.key,
                             "its key was destroyed with its root: destroy the share",
                             "share destroy " + one.name()});
        }
        if (one.key_destroyed) continue;
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
