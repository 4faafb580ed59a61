#include "cli/place.h"

#include "cli/settings.h"
#include "core/base/error.h"
#include "core/driver/transport.h"
#include "core/exchange/places.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

exchange::Place read_place(std::function<std::string(std::string_view)> const& text,
                           base::Path const& workspace) {
    auto const file = [&](std::string_view key) {
        auto const name = text(key);
        return name.empty() ? base::Path() : workspace / name;
    };
    exchange::Place place;
    place.at = text("place");
    place.security.bearer_file = file("bearer-file");
    place.security.authorities = file("authorities");
    place.security.certificate = file("certificate");
    place.security.key = file("key-file");
    place.credentials = file("credentials-file");
    place.endpoint = text("endpoint");
    place.region = text("region");
    return place;
}

/// A file of settings, without the line.
std::string_view file_of(Settings::Value const& value) {
    return std::string_view(value.origin).substr(0, value.origin.rfind(':'));
}

/// What belongs to the place that 'exchange' names: a token set for one place must not be sent to another one
/// that was named elsewhere. A place from the environment has none; of two files neither is taken for meant.
std::string text_beside_place(Settings const& settings, std::string_view key) {
    auto const name = "exchange-" + std::string(key);
    auto const& value = settings.at(name);
    auto const& place = settings.at("exchange");
    if (key == "authorities") return value.text;  // whom to trust is no secret
    if (value.text.empty() || place.text.empty() || file_of(value) == file_of(place)) return value.text;
    if (place.origin == "CONSORTIUM_EXCHANGE") return {};
    throw base::Error(base::Code::configuration,
                      "'" + name + "' (" + value.origin + ") is not set beside 'exchange' (" + place.origin +
                          "): it may belong to another place",
                      "set both in the same file");
}

}  // namespace

Configured configured_places(Settings const& settings, base::Path const& workspace) {
    Configured places;
    places.home = read_place(
        [&](std::string_view key) {
            return key == "place" ? settings.text("exchange") : text_beside_place(settings, key);
        },
        workspace);
    for (auto const& [member, values] : settings.peers()) {
        if (!values.contains("place")) continue;  // only a recipient of what is private
        auto const text = [&](std::string_view key) {
            auto const found = values.find(key);
            return found == values.end() ? std::string() : found->second.text;
        };
        places.peers[member] = read_place(text, workspace);
    }
    return places;
}

std::unique_ptr<port::Exchange> open_places(Configured const& places, std::string_view where,
                                            exchange::Means const& means) {
    if (where.empty()) {
        if (places.peers.empty()) return exchange::open(places.home, means);
        return std::make_unique<exchange::Places>(places.home, places.peers, means);
    }
    if (places.home.at == where) return exchange::open(places.home, means);
    for (auto const& [member, place] : places.peers)
        if (place.at == where) return exchange::open(place, means);
    exchange::Place other;
    other.at = where;
    return exchange::open(other, means);
}

bool has_exchange_place(Session& session, model::Request const& request) {
    return request.arguments->contains("with") ||
           !configured_places(session.settings(), session.workspace()).is_empty();
}

flow::Over exchanged_over(model::Request const& request) {
    return request.arguments->contains("with") ? flow::Over::another_place : flow::Over::places_set;
}

std::unique_ptr<port::Exchange> exchange_place(Session& session, model::Request const& request) {
    if (!has_exchange_place(session, request)) {
        throw base::Error(
            base::Code::usage, "no place to exchange over is known",
            "give --with PLACE, or set 'exchange' in consortium.toml: see consortium-exchange(7)");
    }
    return session.services().exchange(request.arguments->value("with", std::string()));
}

PlaceIfReached place_if_reached(Session& session, model::Request const& request) {
    PlaceIfReached out;
    if (!has_exchange_place(session, request)) return out;
    try {
        out.place = exchange_place(session, request);
    } catch (base::Error const& error) {
        if (error.code() == base::Code::usage) throw;
        out.unread = error.message();
    }
    return out;
}

LonePlace::LonePlace(Session& session, std::string_view where, base::Path cache, std::string writer) {
    exchange::Means means;
    means.member = std::move(writer);
    means.cache = std::move(cache);
    means.timeout = *session.common().timeout;
    means.clock = &m_clock;
    means.transport = [this, timeout = means.timeout]() -> port::Transport& {
        if (!m_transport) m_transport = driver::make_transport(timeout);
        return *m_transport;
    };
    exchange::Place place;
    place.at = where;
    m_tree = exchange::open(place, means);
}

}  // namespace consortium::cli
