#pragma once

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/port/signer.h"

#include <map>

namespace consortium::flow {

/// A file that a web server is to give.
struct SiteFile {
    std::string path;                           // below the folder
    std::string type;                           // of its content (MIME)
    std::optional<base::Instant> expires = {};  // when there is a newer one at the latest
};

/// A folder for a web server. Each file is replaced as a whole. manifest.json says of each its digest, its
/// type and when it expires; by it the next run knows what it may remove: what was written here, is not
/// written again, and was changed by nobody.
class SiteFolder {
public:
    explicit SiteFolder(base::Path folder);

    enum class Sync { now, at_end };  // what is one of thousands waits for finish()
    /// Throws Error(storage).
    void put(SiteFile const& file, std::string_view content, Sync sync = Sync::now);
    /// The same of content of any length, which is never in memory as a whole. Returns its digest.
    base::Digest put(SiteFile const& file, port::Pieces const& content);
    std::size_t size() const { return m_written.size(); }
    /// Removes what is over and writes the manifest; returns its digest.
    base::Digest finish();

private:
    base::Path place(SiteFile const& file) const;
    void note(SiteFile const& file, base::Digest const& digest);
    void remove_old() const;

    base::Path m_folder;
    std::map<std::string, base::Digest> m_before;  // of an earlier run, by path
    std::map<std::string, base::JsonValue> m_written;
    std::vector<base::Path> m_unsynced;
};

}  // namespace consortium::flow
