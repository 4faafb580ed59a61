#pragma once

#include "core/base/file.h"

#include <memory>

namespace consortium::base {

/// Writes a file of any length piece by piece, as write_file writes one that is in memory: beside the target,
/// which has the old or the new content, never a part. Throws Error(storage).
class FileWriter {
public:
    explicit FileWriter(Path target, FileMode mode = FileMode::shared);
    ~FileWriter();  // before finish() nothing has changed
    FileWriter(FileWriter const&) = delete;
    FileWriter& operator=(FileWriter const&) = delete;

    void write(BytesView piece);
    /// Makes it durable and puts it in the target's place.
    void finish();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace consortium::base
