#pragma once

#include "core/base/bytes.h"

#include <filesystem>
#include <optional>

namespace consortium::base {

using Path = std::filesystem::path;

enum class FileMode { shared = 0644, owner = 0600 };

/// Reads a whole regular file (or standard input for "-"). Throws not_found, storage, or malformed when it
/// is larger than `max`.
Bytes read_file(Path const& path, std::size_t max);
std::string read_text(Path const& path, std::size_t max);

/// Writes beside the target, syncs, renames, syncs the folder: the target has the old or the new content,
/// never a part. A device or a pipe is written to instead. Throws Error(storage).
void write_file(Path const& path, BytesView bytes, FileMode mode = FileMode::shared);
void write_file(Path const& path, std::string_view text, FileMode mode = FileMode::shared);
/// As write_file, but for what may be lost in a power cut until sync_file and sync_folder have been called:
/// the target has the old or the new content for every reader, and at once.
void replace_file(Path const& path, std::string_view text, FileMode mode = FileMode::shared);
/// As write_file, but throws Error(conflict) if the target exists: keys are never overwritten.
void create_file(Path const& path, BytesView bytes, FileMode mode);

void make_folder(Path const& path, FileMode mode = FileMode::shared);  // owner: 0700
void sync_folder(Path const& path);
void sync_file(Path const& path);
bool exists(Path const& path);

/// An exclusive flock(2) on a file, held while this lives. Throws Error(busy) after `seconds`.
class FileLock {
public:
    FileLock(Path const& path, int seconds);
    ~FileLock();
    FileLock(FileLock const&) = delete;
    FileLock& operator=(FileLock const&) = delete;

private:
    int m_descriptor = -1;
};

/// A folder that is removed with all it holds when this goes; for staging and tests.
class TemporaryFolder {
public:
    explicit TemporaryFolder(Path const& parent = {});
    ~TemporaryFolder();
    TemporaryFolder(TemporaryFolder const&) = delete;
    TemporaryFolder& operator=(TemporaryFolder const&) = delete;
    Path const& path() const { return m_path; }

private:
    Path m_path;
};

}  // namespace consortium::base
