#pragma once

#include "core/base/file.h"

#include <functional>
#include <vector>

namespace consortium::cli {

using Files = std::vector<std::pair<std::string, std::string>>;  // path below the folder, content

/// Makes a folder of these files, and of what `also` puts into it: under a name of its own until it is whole;
/// a rename takes the place of nothing but an empty folder. Throws Error(conflict) if something is there.
void write_new_folder(base::Path const& target, Files const& files,
                      std::function<void(base::Path const& made)> const& also = {});

}  // namespace consortium::cli
