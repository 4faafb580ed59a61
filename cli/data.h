#pragma once

#include "core/base/file.h"
#include "core/flow/root_record.h"

#include <string>
#include <vector>

namespace consortium::cli {

/// Folder of the data that comes with the program: CONSORTIUM_DATA_DIR, ../share/consortium beside the
/// binary, where it was installed, or the source tree. Throws Error(not_found).
base::Path data_folder();

/// "report/exit" -> the text of the template. Throws Error(not_found), with did-you-mean.
std::string template_text(std::string_view name);
base::Path template_file(std::string_view name);

/// Version and SHA-256 of the program that runs.
flow::Software software();

/// Names of all templates, "charter/equal-three.toml", in byte order.
std::vector<std::string> template_names();

}  // namespace consortium::cli
