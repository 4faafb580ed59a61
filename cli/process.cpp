#include "cli/process.h"

#include "cli/terminal.h"

#include <csignal>
#include <fcntl.h>
#include <malloc.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace consortium::cli {

namespace {

constexpr int interrupted = 130;
constexpr int terminated = 143;

extern "C" void stop(int signal) {
    restore_echo();
    std::string_view const words =
        signal == SIGINT ? "\nconsortium: interrupted\n" : "consortium: terminated\n";
    [[maybe_unused]] auto const written = ::write(STDERR_FILENO, words.data(), words.size());
    ::_exit(signal == SIGINT ? interrupted : terminated);
}

void handle(int signal, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    ::sigaction(signal, &action, nullptr);
}

void forbid_core_dumps() {
    rlimit const none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__  // its leak check must attach to this process
    ::prctl(PR_SET_DUMPABLE, 0);
#endif
}

/// A closed descriptor 0, 1 or 2 would be given to the next file that is opened, a key for instance.
void open_standard_streams() {
    for (int descriptor = 0; descriptor <= STDERR_FILENO; ++descriptor) {
        if (::fcntl(descriptor, F_GETFD) < 0) {
            [[maybe_unused]] int const opened = ::open("/dev/null", O_RDWR);
        }
    }
}

/// Pieces of lists, files and journals are some hundred KiB, and follow each other by the thousand: glibc
/// would give the memory of each back to the kernel, and have it anew, page by page, for the next.
void keep_freed_memory() {
#ifdef __GLIBC__
    ::mallopt(M_MMAP_THRESHOLD, 4 << 20);
    ::mallopt(M_TRIM_THRESHOLD, 32 << 20);
#endif
}

}  // namespace

void prepare_process() {
    open_standard_streams();
    forbid_core_dumps();
    keep_freed_memory();
    handle(SIGPIPE, SIG_IGN);
    handle(SIGXFSZ, SIG_IGN);  // a file-size limit is told as a full disk is, by the failing write
    handle(SIGINT, stop);
    handle(SIGTERM, stop);
}

}  // namespace consortium::cli
