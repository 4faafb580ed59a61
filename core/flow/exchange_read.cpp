#include "core/flow/exchange_read.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/application.h"
#include "core/flow/genesis.h"

#include <algorithm>
#include <set>

namespace consortium::flow {

using base::Code;
using base::Error;

namespace {

constexpr std::size_t max_file = 16u << 20;

/// Of what lies at a place, or of the place: what others have done there must not stop this workspace.
bool is_theirs(Error const& error) {
    return error.code() == Code::malformed || error.code() == Code::unavailable ||
           !port::place_of(error).empty();
}

}  // namespace

std::vector<std::string> member_folders(Services const& services, port::Exchange const& exchange) {
    std::set<std::string> folders;
    if (auto const epoch = known_epoch(services.store))
        for (auto const& member : epoch->members) folders.insert(member.id);
    for (auto& member : invited(services)) folders.insert(std::move(member));
    for (auto& name : list_if_reached(exchange, ""))
        if (base::is_name(name)) folders.insert(std::move(name));
    return {folders.begin(), folders.end()};
}

port::Exchange::Names list_if_reached(port::Exchange const& exchange, std::string const& folder) {
    try {
        return exchange.list(folder).value_or(port::Exchange::Names{});
    } catch (Error const& error) {
        if (!is_theirs(error)) throw;
        return {};  // told where it matters: by who reads or writes there
    }
}

std::optional<std::string> read_if_sound(port::Exchange const& exchange, std::string const& path,
                                         std::size_t max) {
    try {
        return exchange.read(path, max);
    } catch (Error const& error) {
        if (!is_theirs(error)) throw;
        return std::nullopt;
    }
}

std::optional<std::string> read_own(port::Exchange const& exchange, std::string const& path,
                                    std::size_t max) {
    try {
        return exchange.read(path, max);
    } catch (Error const& error) {
        if (error.code() != Code::malformed || !port::place_of(error).empty()) throw;
        return std::nullopt;
    }
}

std::string why_read_only(port::Exchange const& exchange) {
    auto const where = exchange.location();
    return where.empty() ? "no place of its own is set ('exchange')"
                         : "'" + base::printable(where) + "' can only be read";
}

FileFetcher::FileFetcher(Services const& services, port::Exchange const& exchange, std::string_view likely)
    : m_services(services), m_exchange(exchange), m_likely(likely) {}

std::optional<std::string> FileFetcher::find(base::Digest const& digest) {
    for (auto const& folder : m_folders) {
        if (m_asks == 0) break;
        --m_asks;
        auto content = read_if_sound(m_exchange, folder + "/files/" + digest.hex(), max_file);
        if (content && base::sha256(*content) == digest) return content;
    }
    return std::nullopt;
}

/// Where to begin among `count`.
std::size_t FileFetcher::anywhere(std::size_t count) const {
    std::uint64_t number = 0;
    for (auto const byte : m_services.entropy.bytes(8)) number = number << 8 | byte;
    return number % count;
}

std::vector<std::string> FileFetcher::fetch(std::vector<base::Digest> const& wanted) {
    std::vector<std::string> files;
    if (wanted.empty()) return files;
    if (m_folders.empty()) {
        m_folders = member_folders(m_services, m_exchange);
        std::stable_partition(m_folders.begin(), m_folders.end(),
                              [&](std::string const& folder) { return folder == m_likely; });
    }
    bool const is_all = wanted.size() * m_folders.size() <= m_asks;
    auto const begin = is_all ? 0 : anywhere(wanted.size());
    for (std::size_t i = 0; i < wanted.size() && m_files > 0 && m_asks > 0; ++i) {
        auto content = find(wanted[(begin + i) % wanted.size()]);
        if (!content || content->size() > m_bytes) continue;
        m_bytes -= content->size();
        --m_files;
        files.push_back(*std::move(content));
    }
    return files;
}

}  // namespace consortium::flow
