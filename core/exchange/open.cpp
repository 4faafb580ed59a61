#include "core/exchange/open.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/exchange/directory.h"

#include <algorithm>

namespace consortium::exchange {

using base::Code;
using base::Error;

namespace {

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
}

bool is_part(std::string const& part) {
    return !part.empty() && part != "." && part != ".." && std::all_of(part.begin(), part.end(), is_plain);
}

}  // namespace

void check_path(std::string_view path) {
    auto const parts = base::split(path, '/');
    if (path.size() > 200 || !std::all_of(parts.begin(), parts.end(), is_part)) {
        throw Error(Code::malformed, "'" + base::printable(path) + "' is not a path of an exchange");
    }
}

std::unique_ptr<port::Exchange> open(std::string_view where) {
    constexpr std::string_view file = "file://";
    if (where.starts_with(file)) where.remove_prefix(file.size());
    if (where.find("://") != std::string_view::npos || where.starts_with("git@")) {
        throw Error(Code::unsupported, "'" + base::printable(where) + "' is not a folder",
                    "exchange over a folder: mount it, or synchronize it by other means");
    }
    return std::make_unique<Directory>(base::Path(where));
}

}  // namespace consortium::exchange
