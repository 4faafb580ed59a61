#include "core/exchange/places.h"

#include "core/base/error.h"

#include <algorithm>
#include <set>

namespace consortium::exchange {

using base::Code;
using base::Error;

namespace {

[[noreturn]] void no_home() {
    throw Error(Code::unsupported, "this workspace has no place of its own to publish at",
                "set 'exchange' in consortium.toml: a folder, a git repository or an object store");
}

}  // namespace

Places::Places(Place home, std::map<std::string, Place> const& peers, Means means)
    : m_means(std::move(means)) {
    if (peers.contains(m_means.member)) {
        throw Error(Code::configuration, "'peer." + m_means.member + "' is this workspace's own member",
                    "its place is the setting 'exchange'");
    }
    if (!home.at.empty()) {
        m_home.emplace();
        m_home->place = std::move(home);
    }
    for (auto const& [member, place] : peers) m_peers[member].place = place;
}

Places::~Places() = default;

std::string Places::location() const {
    return m_home ? m_home->place.at : std::string();
}

Places::Slot const& Places::slot_of(std::string_view path) const {
    auto const peer = m_peers.find(path.substr(0, path.find('/')));
    if (peer != m_peers.end()) return peer->second;
    if (!m_home) no_home();
    return *m_home;
}

port::Exchange& Places::open(Slot const& slot) const {
    if (slot.failure) throw Error(*slot.failure);
    if (slot.opened) return *slot.opened;
    try {
        slot.opened = exchange::open(slot.place, m_means);
    } catch (Error const& error) {
        slot.failure = about_place(error, slot.place.at);
        throw Error(*slot.failure);
    }
    return *slot.opened;
}

port::Exchange& Places::home() const {
    if (!m_home) no_home();
    return open(*m_home);
}

std::optional<port::Exchange::Names> Places::list(std::string const& folder) const {
    if (!folder.empty()) {
        if (!m_home && !m_peers.contains(folder.substr(0, folder.find('/')))) return Names{};
        return open(slot_of(folder)).list(folder);
    }
    auto const at_home = m_home ? home().list("") : Names{};
    if (!at_home && m_peers.empty()) return std::nullopt;
    std::set<std::string> names;
    if (at_home) names.insert(at_home->begin(), at_home->end());
    for (auto const& [member, slot] : m_peers) names.insert(member);
    return Names(names.begin(), names.end());
}

std::optional<std::string> Places::read(std::string const& path, std::size_t max) const {
    if (!m_home && !m_peers.contains(path.substr(0, path.find('/')))) return std::nullopt;
    return open(slot_of(path)).read(path, max);
}

bool Places::has(std::string const& path) const {
    if (!m_home && !m_peers.contains(path.substr(0, path.find('/')))) return false;
    return open(slot_of(path)).has(path);
}

void Places::write(std::string const& path, std::string_view content) {
    home().write(path, content);
}

void Places::write_again(std::string const& path, std::string_view content) {
    home().write_again(path, content);
}

void Places::separate() {
    home().separate();
}

void Places::settle() {
    home().settle();
}

void Places::remove(std::string const& path) {
    home().remove(path);
}

bool Places::remembers() const {
    return port::remembers(home());
}

void Places::remember() {
    port::remember(home());
}

bool Places::is_near() const {
    auto const is_slot_near = [&](Slot const& slot) {
        try {
            return open(slot).is_near();
        } catch (Error const&) {
            return true;  // it is not waited for
        }
    };
    return (!m_home || is_slot_near(*m_home)) &&
           std::ranges::all_of(m_peers, [&](auto const& peer) { return is_slot_near(peer.second); });
}

bool Places::is_read_only() const {
    return !m_home || home().is_read_only();
}

}  // namespace consortium::exchange
