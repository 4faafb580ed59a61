#pragma once

#include "core/base/bytes.h"

#include <optional>

namespace consortium::port {

/// A tree of named blobs that organizations share: a directory, a git remote, an object store. Paths are
/// relative, '/'-separated, checked: no "..", no leading '/', no empty part.
class Exchange {
public:
    virtual ~Exchange() = default;
    virtual std::string location() const = 0;
    virtual std::vector<std::string> list(std::string const& folder) const = 0;  // names; none if absent
    /// None if absent. Throws Error(malformed) if larger than `max` or not to be trusted (a link),
    /// Error(unavailable) if it cannot be read.
    virtual std::optional<std::string> read(std::string const& path, std::size_t max) const = 0;
    /// Whole or not at all (by rename); creates folders. Survives a power cut once settle() has returned.
    virtual void write(std::string const& path, std::string_view content) = 0;
    /// The same for what the writer compares and writes again: settle() does not wait for it.
    virtual void write_again(std::string const& path, std::string_view content) { write(path, content); }
    /// Returns when all that was written so far is durable; throws Error(storage).
    virtual void settle() {}
    /// Whether reading waits for no network, so that a transaction may stay open meanwhile.
    virtual bool is_near() const { return false; }
    virtual bool has(std::string const& path) const = 0;
    /// Removes a blob, and the folder that it leaves empty; nothing if absent. Throws Error(storage).
    virtual void remove(std::string const& path) = 0;
};

}  // namespace consortium::port
