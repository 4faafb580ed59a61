#pragma once

#include "core/exchange/place.h"

namespace consortium::exchange {

/// A tree that a web server serves: read only, by name only. https, or http on this machine; certificates
/// verified, redirects not followed, each answer bounded.
class Web : public port::Exchange {
public:
    /// Throws Error(usage) for a URL that must not be used.
    Web(Place place, Means const& means);

    std::string location() const override { return m_place.at; }
    std::optional<Names> list(std::string const&) const override { return std::nullopt; }
    std::optional<std::string> read(std::string const& path, std::size_t max) const override;
    void write(std::string const& path, std::string_view content) override;
    bool is_read_only() const override { return true; }
    bool has(std::string const& path) const override;
    void remove(std::string const& path) override;

private:
    Place m_place;
    std::function<port::Transport&()> m_transport;
    mutable std::optional<base::Error> m_down;  // no answer came: told again, not tried again
};

/// Throws Error(usage) unless the text is a URL that may be asked: https, or http on this machine; without
/// password, query or fragment.
void check_url(std::string_view url);

/// Asks, and names the place in the failure where no answer came; after that throws the same without asking.
port::HttpAnswer ask(port::Transport& transport, port::HttpRequest const& request, std::string const& place,
                     std::optional<base::Error>& down);

/// What an answer that is neither good nor "not found" means: 401 and 403 not_authorized, else unavailable.
base::Error refusal(port::HttpAnswer const& answer, std::string const& url, std::string const& place);

/// A blob of at most `max` bytes from an answer to GET; none if it is absent.
std::optional<std::string> blob_of(port::HttpAnswer answer, std::string const& url, std::string const& place,
                                   std::size_t max);

}  // namespace consortium::exchange
