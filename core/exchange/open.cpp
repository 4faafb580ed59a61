#include "core/exchange/open.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/exchange/directory.h"
#include "core/exchange/git.h"
#include "core/exchange/object.h"

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

base::Error about_place(base::Error const& error, std::string const& place) {
    return port::place_of(error).empty() ? error.with(std::string(port::place_detail), place) : error;
}

std::unique_ptr<port::Exchange> open(Place const& place, Means const& means) {
    std::string_view where = place.at;
    constexpr std::string_view file = "file://";
    if (where.starts_with(file)) return std::make_unique<Directory>(base::Path(where.substr(file.size())));
    if (auto address = GitAddress::parse(where))
        return std::make_unique<Git>(place.at, *std::move(address), means);
    if (where.starts_with("s3://")) return std::make_unique<ObjectStore>(place, means);
    if (where.starts_with("https://") || where.starts_with("http://"))
        return std::make_unique<Web>(place, means);
    if (where.find("://") != std::string_view::npos) {
        throw Error(
            Code::unsupported, "'" + base::printable(where) + "' is no place to exchange over",
            "name a folder, git+https://…, git+ssh://…, user@host:path, https://… or s3://bucket/prefix");
    }
    return std::make_unique<Directory>(base::Path(where));
}

}  // namespace consortium::exchange
