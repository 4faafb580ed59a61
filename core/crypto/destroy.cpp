#include "core/crypto/destroy.h"

#include "core/base/error.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace consortium::crypto {

namespace {

[[noreturn]] void fail_file(std::string const& what, base::Path const& file) {
    throw base::Error(base::Code::storage,
                      "cannot " + what + " '" + file.string() + "': " + std::strerror(errno),
                      "mend that, then run the command again");
}

bool overwrite(int descriptor) {
    struct stat facts {};
    if (::fstat(descriptor, &facts) != 0) return false;
    base::Bytes const nothing(static_cast<std::size_t>(facts.st_size));
    return ::write(descriptor, nothing.data(), nothing.size()) == static_cast<ssize_t>(nothing.size()) &&
           ::fsync(descriptor) == 0;
}

}  // namespace

void destroy_file(base::Path const& file) {
    int const descriptor = ::open(file.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0 && errno != ENOENT) fail_file("open", file);
    if (descriptor >= 0) {
        bool const written = overwrite(descriptor);
        int const reason = errno;
        ::close(descriptor);
        errno = reason;
        if (!written) fail_file("overwrite", file);
        if (::unlink(file.c_str()) != 0 && errno != ENOENT) fail_file("remove", file);
    }
    auto const folder = file.parent_path();
    if (base::exists(folder)) base::sync_folder(folder);
}

}  // namespace consortium::crypto
