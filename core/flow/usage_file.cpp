#include "core/flow/usage_file.h"

#include "core/base/error.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace consortium::flow {

using base::Code;
using base::Error;

namespace {

/// Small enough to stay in the second-level cache between hashing and parsing.
constexpr std::size_t chunk_size = 1u << 18;

[[noreturn]] void fail(base::Path const& path, int reason) {
    auto const code = reason == ENOENT || reason == ENOTDIR ? Code::not_found : Code::storage;
    throw Error(code, "cannot read '" + path.string() + "': " + std::strerror(reason), {},
                {{"file", path.string()}});
}

/// A readable file, or standard input, which stays open.
class Input {
public:
    explicit Input(base::Path const& path) : m_path(path) {
        if (path == "-") return;
        m_descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (m_descriptor < 0) fail(path, errno);
        struct stat found {};
        if (::fstat(m_descriptor, &found) == 0 && S_ISDIR(found.st_mode)) {
            ::close(m_descriptor);
            fail(path, EISDIR);
        }
    }
    ~Input() {
        if (m_descriptor != STDIN_FILENO) ::close(m_descriptor);
    }
    Input(Input const&) = delete;
    Input& operator=(Input const&) = delete;

    std::string_view next(std::span<char> buffer) const {
        for (;;) {
            auto const count = ::read(m_descriptor, buffer.data(), buffer.size());
            if (count >= 0) return {buffer.data(), static_cast<std::size_t>(count)};
            if (errno != EINTR) fail(m_path, errno);
        }
    }

private:
    base::Path m_path;
    int m_descriptor = STDIN_FILENO;
};

}  // namespace

model::Usage read_usage(base::Path const& path, account::UsageRules rules) {
    rules.source = path == "-" ? "standard input" : path.filename().string();
    Input const input(path);
    account::UsageReader reader(std::move(rules));
    base::Sha256 hash;
    std::vector<char> buffer(chunk_size);
    for (auto part = input.next(buffer); !part.empty(); part = input.next(buffer)) {
        hash.update(part);
        reader.feed(part);
    }
    return reader.finish(hash.finish());
}

}  // namespace consortium::flow
