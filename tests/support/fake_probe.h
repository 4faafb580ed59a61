#pragma once

#include "core/port/tls_probe.h"

#include <map>

/// What endpoints show, by host and port; whoever is not listed refuses the connection.
class FakeProbe : public consortium::port::TlsProbe {
public:
    std::vector<consortium::port::TlsShown> look(std::vector<consortium::port::TlsPlace> const& places,
                                                 consortium::base::Duration deadline) override {
        asked += places.size();
        waited = deadline;
        std::vector<consortium::port::TlsShown> out;
        out.reserve(places.size());
        for (auto const& place : places) {
            auto const found = shown.find(place.host + ":" + std::to_string(place.port));
            out.push_back(found == shown.end() ? refused() : found->second);
        }
        return out;
    }

    /// A handshake that ended well, with this chain.
    static consortium::port::TlsShown presenting(std::vector<consortium::base::Bytes> chain) {
        consortium::port::TlsShown out;
        out.chain = std::move(chain);
        out.protocol = "TLSv1.3";
        return out;
    }

    std::map<std::string, consortium::port::TlsShown> shown;
    std::size_t asked = 0;
    consortium::base::Duration waited{};

private:
    static consortium::port::TlsShown refused() {
        consortium::port::TlsShown out;
        out.failure = "refused";
        out.words = "nobody listens there";
        return out;
    }
};
