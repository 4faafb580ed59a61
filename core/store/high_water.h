#pragma once

#include "core/base/file.h"
#include "core/journal/checkpoint.h"

#include <memory>

namespace consortium::store {

/// The newest head that this journal is known to have had, as a signed checkpoint in a file outside the
/// workspace: a workspace restored from a backup is below it and must not append, or it would fork (G24).
class HighWater {
public:
    /// `state_folder` empty: nothing is kept.
    HighWater(base::Path const& state_folder, std::string const& origin);

    std::optional<std::string> text() const;
    /// Held from check() to raise(): of two copies of one workspace on a host, the second sees what the first
    /// wrote. Null where nothing is kept. Throws Error(busy) after `seconds`.
    std::unique_ptr<base::FileLock> lock(int seconds) const;
    /// Throws Error(refused) when this log has ended, and when the tree of `size` leaves is below the mark or
    /// does not contain it, and Error(verification_failed) when the mark is not signed by the log key.
    void check(std::uint64_t size, journal::SubtreeReader const& read, journal::NoteKey const& key,
               port::Verifier const& verifier) const;
    /// Durable before it returns.
    void raise(std::string const& checkpoint) const;
    /// From now on nothing goes on under this origin, on this host: not even a copy that has exactly this
    /// mark. Durable before it returns.
    void end(std::string const& successor) const;
    /// The origin that it went on under; empty where it has not ended.
    std::string successor() const;

    /// The signed note beside it that says up to where everything was verified.
    std::optional<std::string> verified() const;
    void keep_verified(std::string const& note) const;

private:
    base::Path beside(char const* name) const { return m_path.parent_path() / name; }

    base::Path m_path;
};

}  // namespace consortium::store
