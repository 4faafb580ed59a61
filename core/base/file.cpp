#include "core/base/file.h"

#include "core/base/error.h"
#include "core/base/file_place.h"
#include "core/base/file_writer.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace consortium::base {

namespace {

[[noreturn]] void fail(std::string_view what, Path const& path, int reason, Code code = Code::storage) {
    std::string const why = std::generic_category().message(reason);
    std::string const hint = reason == ENOSPC || reason == EDQUOT
                                 ? "free some space there, then run the command again"
                             : reason == EROFS || reason == EACCES ? "check who may write there"
                                                                   : "";
    throw Error(code, fmt::format("cannot {} '{}': {}", what, path.string(), why), hint,
                {{"path", path.string()}});
}

/// A file descriptor that is closed when it goes.
class Descriptor {
public:
    explicit Descriptor(int number) : m_number(number) {}
    ~Descriptor() {
        if (m_number >= 0) ::close(m_number);
    }
    Descriptor(Descriptor const&) = delete;
    Descriptor& operator=(Descriptor const&) = delete;
    int number() const { return m_number; }
    /// Closing can be the first to tell that a write failed.
    void close(Path const& path) {
        int const number = m_number;
        m_number = -1;
        if (::close(number) != 0) fail("write", path, errno);
    }

private:
    int m_number;
};

Path folder_of(Path const& path) {
    return path.has_parent_path() ? path.parent_path() : Path(".");
}

void write_all(Descriptor const& file, BytesView bytes, Path const& path) {
    while (!bytes.empty()) {
        ssize_t const written = ::write(file.number(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail("write", path, errno);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

[[noreturn]] void fail_existing(Path const& path) {
    throw Error(Code::conflict, fmt::format("'{}' exists already and is not overwritten", path.string()), {},
                {{"path", path.string()}});
}

enum class Durable { now, later };

/// A file beside its target, removed unless it has become the target.
class Staged {
public:
    Staged(Path target, FileMode mode)
        : m_target(std::move(target)),
          m_name((folder_of(m_target) / ".tmp-XXXXXX").string()),
          m_file(::mkostemp(m_name.data(), O_CLOEXEC)) {
        if (m_file.number() < 0) fail("write", m_target, errno);
        if (::fchmod(m_file.number(), static_cast<mode_t>(mode)) == 0) return;
        int const reason = errno;
        ::unlink(m_name.c_str());
        fail("write", m_target, reason);
    }
    /// A finished one.
    Staged(Path const& target, BytesView bytes, FileMode mode, Durable durable = Durable::now)
        : Staged(target, mode) {
        write(bytes);
        close(durable);
    }
    ~Staged() {
        if (!m_name.empty()) ::unlink(m_name.c_str());
    }
    Staged(Staged const&) = delete;
    Staged& operator=(Staged const&) = delete;

    void write(BytesView bytes) { write_all(m_file, bytes, m_target); }
    void close(Durable durable) {
        if (durable == Durable::now && ::fsync(m_file.number()) != 0) fail("write", m_target, errno);
        m_file.close(m_target);
    }
    void become_target() {
        if (::rename(m_name.c_str(), m_target.c_str()) != 0) fail("write", m_target, errno);
        m_name.clear();
    }
    char const* name() const { return m_name.c_str(); }
    Path const& target() const { return m_target; }

private:
    Path m_target;
    std::string m_name;
    Descriptor m_file;
};

/// Without a name until it is whole: whenever the process is ended, nothing of a key is left beside its
/// place. False where the file system cannot, or the name cannot be given.
bool create_unnamed(Path const& path, BytesView bytes, FileMode mode) {
    Descriptor file(::open(folder_of(path).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
    if (file.number() < 0 || ::fchmod(file.number(), static_cast<mode_t>(mode)) != 0) return false;
    write_all(file, bytes, path);
    if (::fsync(file.number()) != 0) fail("write", path, errno);
    auto const name = fmt::format("/proc/self/fd/{}", file.number());
    if (::linkat(AT_FDCWD, name.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0) return true;
    if (errno == EEXIST) fail_existing(path);
    return false;
}

/// A device or a pipe: it takes what is written, and must not be replaced by a file.
bool is_special(Path const& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

void write_through(Path const& path, BytesView bytes) {
    // Without O_NONBLOCK, opening a pipe that nobody reads would wait for ever; a slow reader is waited for.
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (file.number() < 0 || ::fcntl(file.number(), F_SETFL, 0) != 0) fail("write", path, errno);
    write_all(file, bytes, path);
    file.close(path);
}

// Of a file as large as expected nothing is left behind in memory that was outgrown: it may be a key.
Bytes read_descriptor(int descriptor, Path const& path, std::size_t max, std::size_t expected) {
    std::size_t const block = 65'536;
    Bytes out(std::min(expected, max) + 1);
    std::size_t held = 0;
    for (;;) {
        if (held == out.size()) out.resize(std::min(held + block, max + 1));
        ssize_t const got = ::read(descriptor, out.data() + held, out.size() - held);
        if (got < 0 && errno != EINTR) fail("read", path, errno);
        held += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
        if (got == 0) {
            out.resize(held);
            return out;
        }
        if (held > max) {
            throw Error(Code::malformed, fmt::format("'{}' is larger than {} bytes", path.string(), max), {},
                        {{"path", path.string()}});
        }
    }
}

}  // namespace

Bytes read_file(Path const& path, std::size_t max) {
    if (path == "-") return read_descriptor(STDIN_FILENO, "standard input", max, 65'535);
    // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
    Descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.number() < 0) {
        fail("read", path, errno, errno == ENOENT || errno == ENOTDIR ? Code::not_found : Code::storage);
    }
    struct stat status {};
    if (::fstat(file.number(), &status) != 0) fail("read", path, errno);
    if (!S_ISREG(status.st_mode)) {
        throw Error(Code::malformed, fmt::format("'{}' is not a regular file", path.string()), {},
                    {{"path", path.string()}});
    }
    return read_descriptor(file.number(), path, max, static_cast<std::size_t>(status.st_size));
}

std::string read_text(Path const& path, std::size_t max) {
    Bytes const bytes = read_file(path, max);
    return {bytes.begin(), bytes.end()};
}

void write_file(Path const& path, BytesView bytes, FileMode mode) {
    if (is_special(path)) return write_through(path, bytes);
    Staged staged(path, bytes, mode);
    staged.become_target();
    sync_folder(folder_of(path));
}

void write_file(Path const& path, std::string_view text, FileMode mode) {
    write_file(path, as_bytes(text), mode);
}

void replace_file(Path const& path, std::string_view text, FileMode mode) {
    Staged staged(path, as_bytes(text), mode, Durable::later);
    staged.become_target();
}

void create_file(Path const& path, BytesView bytes, FileMode mode) {
    if (create_unnamed(path, bytes, mode)) return sync_folder(folder_of(path));
    Staged const staged(path, bytes, mode);
    // Unlike rename, link never replaces: two that create at once cannot both succeed.
    if (::link(staged.name(), path.c_str()) != 0) {
        if (errno != EEXIST) fail("write", path, errno);
        fail_existing(path);
    }
    sync_folder(folder_of(path));
}

struct FileWriter::State {
    State(Path target, FileMode mode) : staged(std::move(target), mode) {}
    Staged staged;
};

FileWriter::FileWriter(Path target, FileMode mode)
    : m_state(std::make_unique<State>(std::move(target), mode)) {}

FileWriter::~FileWriter() = default;

void FileWriter::write(BytesView piece) {
    m_state->staged.write(piece);
}

void FileWriter::finish() {
    m_state->staged.close(Durable::now);
    m_state->staged.become_target();
    sync_folder(folder_of(m_state->staged.target()));
}

void write_new(Path const& path, std::string_view text, FileMode mode) {
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, static_cast<mode_t>(mode)));
    if (file.number() < 0 && errno == EEXIST) fail_existing(path);
    if (file.number() < 0 || ::fchmod(file.number(), static_cast<mode_t>(mode)) != 0)
        fail("write", path, errno);
    write_all(file, as_bytes(text), path);
    file.close(path);
}

bool place_file(Path const& from, Path const& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
    int reason = errno;
    if (reason == ENOENT && !base::exists(from)) return false;
    // Not every file system renames without replacing; link never replaces.
    if (reason == EINVAL || reason == ENOSYS) reason = ::link(from.c_str(), to.c_str()) == 0 ? 0 : errno;
    std::error_code ignored;
    if (reason == EEXIST && !std::filesystem::equivalent(from, to, ignored)) fail_existing(to);
    if (reason != 0 && reason != EEXIST) fail("write", to, reason);
    if (::unlink(from.c_str()) != 0) fail("remove", from, errno);
    return true;
}

void make_folder(Path const& path, FileMode mode) {
    if (path.empty() || std::filesystem::is_directory(path)) return;
    make_folder(path.parent_path(), FileMode::shared);
    if (::mkdir(path.c_str(), mode == FileMode::owner ? 0700 : 0755) != 0 && errno != EEXIST) {
        fail("make the folder", path, errno);
    }
    if (!std::filesystem::is_directory(path)) fail("make the folder", path, ENOTDIR);
    sync_folder(folder_of(path));
}

void sync_file(Path const& path) {
    Descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.number() < 0) fail("open", path, errno);
    if (::fsync(file.number()) != 0) fail("write", path, errno);
}

void sync_file_system(Path const& folder) {
    Descriptor const opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.number() < 0) fail("open the folder", folder, errno);
    if (::syncfs(opened.number()) != 0) fail("write", folder, errno);
}

void sync_folder(Path const& path) {
    Descriptor const folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.number() < 0) fail("open the folder", path, errno);
    // Some file systems cannot sync a folder and say so; they have nothing to lose by it.
    if (::fsync(folder.number()) != 0 && errno != EINVAL && errno != ENOTSUP)
        fail("sync the folder", path, errno);
}

bool exists(Path const& path) {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
}

FileLock::FileLock(Path const& path, int seconds)
    : m_descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (m_descriptor < 0) fail("lock", path, errno);
    int tries = seconds * 100;  // one each 10 ms
    while (::flock(m_descriptor, LOCK_EX | LOCK_NB) != 0) {
        int const reason = errno;
        if (reason == EINTR) continue;
        if (reason == EWOULDBLOCK && tries-- > 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
            continue;
        }
        ::close(m_descriptor);
        if (reason != EWOULDBLOCK) fail("lock", path, reason);
        throw Error(Code::busy,
                    fmt::format("another process holds '{}' for more than {} s", path.string(), seconds),
                    "wait for it to end, then run the command again", {{"path", path.string()}});
    }
}

FileLock::~FileLock() {
    ::close(m_descriptor);
}

TemporaryFolder::TemporaryFolder(Path const& parent) {
    std::string name =
        ((parent.empty() ? std::filesystem::temp_directory_path() : parent) / "consortium-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) fail("make the folder", name, errno);
    m_path = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(m_path, ignored);
}

}  // namespace consortium::base
