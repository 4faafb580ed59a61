#pragma once

#include "core/journal/tile.h"
#include "tests/support/acts.h"
#include "tests/support/journal.h"

#include <cerrno>
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace consortium::test {

inline std::string act_number(TestSigner& signer, int number) {
    return signed_envelope(plain_act("ballot"), signer, number);
}

inline base::Digest id_of(std::string const& envelope) {
    return model::act_id(model::envelope_from_text(envelope));
}

/// Storage, tree and projection hold, and the root is the one of the entries.
inline void check_whole(port::Store const& store) {
    for (auto const& damage : store.inspect()) FAIL_CHECK(damage.where << ": " << damage.what);
    CHECK(store.compare_projection().empty());
    journal::Frontier frontier;
    store.entries(0, store.head().size,
                  [&](model::Entry const& entry) { frontier.append(journal::leaf_hash(entry.leaf)); });
    CHECK(frontier.size() == store.head().size);
    CHECK(frontier.root() == store.head().root);
}

/// Runs `work` in a process of its own, which ends with its result.
inline pid_t in_child(std::function<int()> const& work) {
    pid_t const child = ::fork();
    REQUIRE(child >= 0);
    if (child != 0) return child;
    int result = 99;
    try {
        result = work();
    } catch (...) {
        result = 98;
    }
    ::_exit(result);
}

inline int result_of(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace consortium::test
