#include "core/flow/exchange_read.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>

namespace consortium::flow {

using base::Code;
using base::Error;

namespace {

constexpr std::size_t max_file = 16u << 20;

}  // namespace

std::vector<std::string> member_folders(port::Exchange const& exchange) {
    auto folders = exchange.list("");
    std::erase_if(folders, [](std::string const& name) { return !base::is_name(name); });
    return folders;
}

std::optional<std::string> read_if_sound(port::Exchange const& exchange, std::string const& path,
                                         std::size_t max) {
    try {
        return exchange.read(path, max);
    } catch (Error const& error) {
        if (error.code() != Code::malformed && error.code() != Code::unavailable) throw;
        return std::nullopt;
    }
}

FileFetcher::FileFetcher(port::Exchange const& exchange)
    : m_exchange(exchange), m_folders(member_folders(exchange)) {}

std::optional<std::string> FileFetcher::find(base::Digest const& digest) const {
    for (auto const& folder : m_folders) {
        auto content = read_if_sound(m_exchange, folder + "/files/" + digest.hex(), max_file);
        if (content && base::sha256(*content) == digest) return content;
    }
    return std::nullopt;
}

std::vector<std::string> FileFetcher::fetch(std::vector<base::Digest> const& wanted) {
    std::vector<std::string> files;
    for (auto const& digest : wanted) {
        if (m_files == 0) break;
        auto content = find(digest);
        if (!content || content->size() > m_bytes) continue;
        m_bytes -= content->size();
        --m_files;
        files.push_back(*std::move(content));
    }
    return files;
}

}  // namespace consortium::flow
