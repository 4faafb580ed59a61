#pragma once

#include "core/base/bytes.h"
#include "core/base/error.h"

#include <optional>

namespace consortium::port {

/// A tree of named blobs that organizations share: a directory, a git remote, an object store, a web server.
/// Paths are relative, '/'-separated, checked: no "..", no leading '/', no empty part. An error that says
/// something of the place itself (not reached, no access, settings) rather than of what lies in it names it
/// in its detail `place_detail`.
class Exchange {
public:
    virtual ~Exchange() = default;
    virtual std::string location() const = 0;
    using Names = std::vector<std::string>;
    /// The names in a folder, sorted; an empty list if it is absent. None where the place cannot list what it
    /// holds (a web server): ask for what is known by name.
    virtual std::optional<Names> list(std::string const& folder) const = 0;
    /// None if absent. Throws Error(malformed) if larger than `max` or not to be trusted (a link),
    /// Error(unavailable) if it cannot be read.
    virtual std::optional<std::string> read(std::string const& path, std::size_t max) const = 0;
    /// Whole or not at all (by rename); creates folders. Survives a power cut once settle() has returned.
    virtual void write(std::string const& path, std::string_view content) = 0;
    /// The same for what the writer compares and writes again: settle() does not wait for it.
    virtual void write_again(std::string const& path, std::string_view content) { write(path, content); }
    /// What is written from now on is never seen without what was written, or removed, before.
    virtual void separate() { settle(); }
    /// Returns when all that was written and removed so far is durable and can be seen by others; throws
    /// Error(storage), or Error(unavailable) if the place cannot be reached.
    virtual void settle() {}
    /// Whether nothing can be written here: a web server that shows what others put there.
    virtual bool is_read_only() const { return false; }
    /// Whether reading waits for no network, so that a transaction may stay open meanwhile.
    virtual bool is_near() const { return false; }
    virtual bool has(std::string const& path) const = 0;
    /// Removes a blob, and the folder that it leaves empty; nothing if absent. Throws Error(storage).
    virtual void remove(std::string const& path) = 0;
};

/// The key of an error's detail that names the place which could not be used.
inline constexpr std::string_view place_detail = "place";

/// The place that an error is about; empty if it is about what lies there.
inline std::string place_of(base::Error const& error) {
    for (auto const& [key, value] : error.details())
        if (key == place_detail) return value;
    return {};
}

}  // namespace consortium::port
