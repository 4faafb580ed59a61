#pragma once

#include "cli/clock.h"
#include "cli/session.h"
#include "core/exchange/open.h"
#include "core/flow/exchange.h"

namespace consortium::cli {

/// Where this workspace exchanges, by its settings.
struct Configured {
    exchange::Place home;                          // 'exchange' and 'exchange-…'; empty: none
    std::map<std::string, exchange::Place> peers;  // 'peer.MEMBER'

    bool is_empty() const { return home.at.empty() && peers.empty(); }
};

/// File names in settings are meant from the workspace on.
Configured configured_places(Settings const& settings, base::Path const& workspace);

/// All configured places as one tree; or only the one at `where`, if that is not empty: with the credentials
/// that belong to it if it is configured, with none if not.
std::unique_ptr<port::Exchange> open_places(Configured const& places, std::string_view where,
                                            exchange::Means const& means);

/// Where this command exchanges: its flag --with, else what is set. Throws Error(usage) if neither is given.
std::unique_ptr<port::Exchange> exchange_place(Session& session, model::Request const& request);

/// The same for what must work without it too: null where none is set, or where it cannot be opened, and then
/// `unread` says why not.
struct PlaceIfReached {
    std::unique_ptr<port::Exchange> place;
    std::string unread;
};
PlaceIfReached place_if_reached(Session& session, model::Request const& request);

/// Whether those places are the ones that are set.
flow::Over exchanged_over(model::Request const& request);

/// Whether it has anywhere to exchange.
bool has_exchange_place(Session& session, model::Request const& request);

/// The one place at `where`, for a command that has no workspace: with no credentials of its own.
class LonePlace {
public:
    /// `cache` is for private copies of what is there; `writer` is below whose name is written, if anything
    /// is.
    LonePlace(Session& session, std::string_view where, base::Path cache, std::string writer);
    port::Exchange& tree() { return *m_tree; }

private:
    SystemClock m_clock;
    std::unique_ptr<port::Transport> m_transport;
    std::unique_ptr<port::Exchange> m_tree;
};

}  // namespace consortium::cli
