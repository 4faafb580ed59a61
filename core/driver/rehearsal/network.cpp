#include "core/driver/rehearsal/network.h"

#include "core/base/text.h"
#include "core/driver/rehearsal/format.h"
#include "core/driver/rehearsal/seal.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::driver::rehearsal {

using base::Code;
using base::Error;

namespace {

constexpr std::string_view scheme = "rehearsal:";
constexpr int lock_seconds = 30;
constexpr std::size_t max_file = 1u << 20;
constexpr std::size_t max_effects = 1000;

[[noreturn]] void bad_location(std::string_view url, std::string_view what) {
    throw Error(Code::malformed, fmt::format("'{}' is not a rehearsal node: {}", url, what),
                "write rehearsal:PATH#NODE");
}

int read_count(std::string_view url, std::string_view text, int max) {
    int value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > max) {
        bad_location(url, fmt::format("'{}' is not a number from 1 to {}", text, max));
    }
    return value;
}

void read_option(std::string_view url, std::string_view option, Location& out) {
    auto const equals = option.find('=');
    auto const name = option.substr(0, equals);
    auto const value = equals == std::string_view::npos ? std::string_view() : option.substr(equals + 1);
    if (name == "validators") {
        out.validators = read_count(url, value, 100);
    } else if (name == "period") {
        out.period = read_count(url, value, 5);
    } else if (name == "version" && !value.empty()) {
        out.version = value;
    } else {
        bad_location(url, fmt::format("unknown option '{}'", option));
    }
}

base::Json read_json(base::Path const& file) {
    return base::parse_json(base::read_text(file, max_file), base::relaxed_limits(max_file));
}

base::Path checked(base::Path const& folder) {
    if (base::exists(folder / "network.json")) return folder;
    throw Error(Code::unavailable, "no rehearsal network at '" + folder.string() + "'",
                "'consortium node add' with its URL makes one", {{"folder", folder.string()}});
}

}  // namespace

Location read_location(std::string_view url) {
    if (!url.starts_with(scheme)) bad_location(url, "it does not begin with 'rehearsal:'");
    auto rest = url.substr(scheme.size());
    auto const hash = rest.rfind('#');
    if (hash == std::string_view::npos) bad_location(url, "no '#NODE' at its end");
    Location out;
    out.node = rest.substr(hash + 1);
    base::check_name(out.node, "node");
    rest = rest.substr(0, hash);
    auto const mark = rest.find('?');
    out.folder = base::Path(rest.substr(0, mark));
    if (out.folder.empty()) bad_location(url, "no path");
    if (mark != std::string_view::npos) {
        for (auto const& option : base::split(rest.substr(mark + 1), '&')) read_option(url, option, out);
    }
    return out;
}

Network::Network(base::Path const& folder, port::Clock const& clock)
    : m_folder(checked(folder)), m_lock(m_folder / "lock", lock_seconds), m_clock(clock) {
    load();
    advance();
}

void Network::create(Location const& location, port::Clock const& clock, port::Entropy& entropy) {
    base::make_folder(location.folder);
    base::FileLock const held(location.folder / "lock", lock_seconds);
    if (base::exists(location.folder / "network.json")) return;
    base::make_folder(location.folder / "nodes");
    base::make_folder(location.folder / "blocks");
    Genesis const genesis{location.validators, location.period, clock.now(), base::to_hex(entropy.bytes(16))};
    base::write_file(location.folder / "network.json", base::pretty(to_json(genesis)));
}

void Network::load() {
    m_genesis = genesis_from_json(read_json(m_folder / "network.json"));
    for (auto const& file : std::filesystem::directory_iterator(m_folder / "nodes")) {
        if (file.path().extension() != ".json") continue;
        auto node = node_from_json(read_json(file.path()));
        m_nodes.emplace(node.id, std::move(node));
    }
    auto const state = m_folder / "state.json";
    if (base::exists(state)) m_head = head_from_json(read_json(state));
}

void Network::save_head() const {
    base::write_file(m_folder / "state.json", base::pretty(to_json(m_head)));
}

void Network::save(Node const& node) const {
    base::write_file(m_folder / "nodes" / (node.id + ".json"), base::pretty(to_json(node)));
}

std::string Network::identity() const {
    return base::digest_of(to_json(m_genesis)).hex();
}

Node const& Network::join(Location const& location, std::string const& member, port::Entropy& entropy) {
    auto const known = m_nodes.find(location.node);
    if (known != m_nodes.end()) {
        if (known->second.member == member) return known->second;
        throw Error(
            Code::conflict,
            fmt::format("node '{}' of this network belongs to '{}'", location.node, known->second.member),
            "choose another name after '#'");
    }
    base::Secret const seed(entropy.bytes(32));
    Node node;
    node.id = location.node;
    node.member = member;
    node.version = location.version;
    node.public_key = public_key(seed);
    node.address = address_of(node.public_key);
    base::write_file(m_folder / "nodes" / (node.id + ".seed"), base::to_hex(seed.view()));
    save(node);
    auto const& added = m_nodes.emplace(node.id, std::move(node)).first->second;
    advance();
    return added;
}

Node const& Network::running(std::string const& id) const {
    auto const found = m_nodes.find(id);
    if (found == m_nodes.end()) {
        throw Error(Code::unavailable, fmt::format("the network has no node '{}'", id), {},
                    {{"folder", m_folder.string()}});
    }
    if (!found->second.running) {
        throw Error(
            Code::unavailable, fmt::format("node '{}' is stopped", id),
            fmt::format("set \"running\" to true in '{}'", (m_folder / "nodes" / (id + ".json")).string()));
    }
    return found->second;
}

Node& Network::told(std::string const& id) {
    static_cast<void>(running(id));
    return m_nodes.at(id);
}

// The operation id that makes a repeated call harmless.
bool Network::obey(Node& node, std::string const& what, std::string const& intent) {
    auto effect = what + " " + intent;
    if (std::find(node.effects.begin(), node.effects.end(), effect) != node.effects.end()) return false;
    node.effects.push_back(std::move(effect));
    if (node.effects.size() > max_effects) node.effects.erase(node.effects.begin());
    return true;
}

void Network::propose(std::string const& id, consensus::Vote const& vote, std::string const& intent) {
    auto& node = told(id);
    if (!obey(node, "propose", intent)) return;
    node.proposals[vote.subject] = vote.add;
    save(node);
}

void Network::discard(std::string const& id, std::string const& subject, std::string const& intent) {
    auto& node = told(id);
    if (!obey(node, "discard", intent)) return;
    node.proposals.erase(subject);
    save(node);
}

void Network::upgrade(std::string const& id, std::string const& version, std::string const& intent) {
    auto& node = told(id);
    if (!obey(node, "upgrade", intent)) return;
    node.version = version;
    save(node);
}

}  // namespace consortium::driver::rehearsal
