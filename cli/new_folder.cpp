#include "cli/new_folder.h"

#include "core/base/error.h"

namespace consortium::cli {

void write_new_folder(base::Path const& target, Files const& files,
                      std::function<void(base::Path const& made)> const& also) {
    auto const absolute = std::filesystem::absolute(target).lexically_normal();
    auto const place = absolute.has_filename() ? absolute : absolute.parent_path();
    base::TemporaryFolder const staging(place.parent_path());
    auto const made = staging.path() / place.filename();
    for (auto const& [path, content] : files) {
        base::make_folder((made / path).parent_path());
        base::write_file(made / path, content);
    }
    if (also) also(made);
    std::error_code failed;
    std::filesystem::rename(made, place, failed);
    if (failed) {
        throw base::Error(base::Code::conflict, place.string() + ": " + failed.message(),
                          "name a folder that does not exist yet");
    }
    base::sync_folder(place.parent_path());
}

}  // namespace consortium::cli
