#include "cli/data.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace consortium::cli {

namespace {

using base::Code;
using base::Error;

constexpr std::size_t largest_template = 1u << 20;

std::vector<base::Path> candidates() {
    std::vector<base::Path> folders;
    auto const* chosen = std::getenv("CONSORTIUM_DATA_DIR");
    if (chosen != nullptr && *chosen != '\0') return {chosen};
    std::error_code failure;
    auto const program = std::filesystem::read_symlink("/proc/self/exe", failure);
    auto const folder = program.parent_path();
    folders.push_back(folder / "../share/consortium");
    folders.emplace_back(CONSORTIUM_DATA_DIR);
    folders.push_back(folder / "../..");  // build/PRESET in the source tree
    return folders;
}

}  // namespace

flow::Software software() {
    constexpr std::size_t piece = 1u << 20;
    std::ifstream file("/proc/self/exe", std::ios::binary);
    base::Sha256 hash;
    std::string buffer(piece, '\0');
    while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || file.gcount() > 0)
        hash.update(std::string_view(buffer).substr(0, static_cast<std::size_t>(file.gcount())));
    if (!file.eof())
        throw Error(Code::storage, "the program's own file cannot be read", "mount /proc, then try again");
    return {CONSORTIUM_VERSION, hash.finish()};
}

base::Path data_folder() {
    for (auto const& folder : candidates()) {
        if (base::exists(folder / "templates")) return folder.lexically_normal();
    }
    throw Error(Code::not_found, "the templates that come with this program are not there",
                "install it whole, or set CONSORTIUM_DATA_DIR");
}

base::Path template_file(std::string_view name) {
    auto const names = template_names();
    if (std::ranges::find(names, name) == names.end()) {
        // Whoever leaves the folder or the ending out means the one that has them.
        auto const meant = std::ranges::find_if(names, [&](std::string const& each) {
            return base::Path(each).stem() == base::Path(name).stem();
        });
        auto const near = meant != names.end() ? *meant : base::nearest(name, names);
        throw Error(Code::not_found, "no template '" + base::printable(name) + "'",
                    near.empty() ? "run 'consortium template list'" : "did you mean '" + near + "'?");
    }
    return data_folder() / "templates" / name;
}

std::string template_text(std::string_view name) {
    return base::read_text(template_file(name), largest_template);
}

std::vector<std::string> template_names() {
    auto const folder = data_folder() / "templates";
    std::vector<std::string> names;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file())
            names.push_back(entry.path().lexically_relative(folder).generic_string());
    }
    std::ranges::sort(names);
    return names;
}

}  // namespace consortium::cli
