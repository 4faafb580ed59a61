/* Preloaded by the peer 'ceremony': ends the process without warning just before the KILL_AT-th call by which
 * something becomes durable or visible, as a power cut would. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static void boundary(void) {
    static atomic_int seen;
    char const* wanted = getenv("KILL_AT");
    if (wanted != NULL && atomic_fetch_add(&seen, 1) + 1 == atoi(wanted)) kill(getpid(), SIGKILL);
}

#define BEFORE(type, name, parameters, arguments)                    \
    type name parameters {                                           \
        static type(*next) parameters;                               \
        if (next == NULL) next = (type(*) parameters)dlsym(RTLD_NEXT, #name); \
        boundary();                                                  \
        return next arguments;                                       \
    }

BEFORE(int, fsync, (int file), (file))
BEFORE(int, fdatasync, (int file), (file))
BEFORE(int, rename, (char const* from, char const* to), (from, to))
BEFORE(int, renameat2, (int a, char const* from, int b, char const* to, unsigned flags), (a, from, b, to, flags))
BEFORE(int, unlink, (char const* path), (path))
