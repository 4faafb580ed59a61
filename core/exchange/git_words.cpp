#include "core/exchange/git_words.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::exchange {

using base::Code;
using base::Error;

namespace {

bool says(base::Ended const& said, std::initializer_list<std::string_view> any) {
    return std::ranges::any_of(any, [&](std::string_view words) {
        return said.errors.find(words) != std::string::npos || said.output.find(words) != std::string::npos;
    });
}

}  // namespace

bool lacks_branch(base::Ended const& said) {
    return said.how == base::Ended::How::exited && says(said, {"couldn't find remote ref"});
}

Error git_failure(std::string const& place, GitAddress const& address, base::Ended const& said,
                  std::size_t max_file) {
    auto const error = [&](Code code, std::string const& why, std::string hint) {
        return Error(code, fmt::format("'{}' {}", place, why), std::move(hint),
                     {{std::string(port::place_detail), place}, {"git", base::last_words(said)}});
    };
    auto const look = "run 'git ls-remote " + address.url + "' to see what git needs";
    if (said.how == base::Ended::How::late)
        return error(Code::unavailable, "gave no end of an answer in the time that git was given",
                     "run the command again, or give it longer with --timeout");
    if (says(said, {"File too large", "signal 25"}))
        return error(Code::malformed, fmt::format("sends more than {} bytes at once", max_file),
                     "ask who pushes to it what lies there");
    if (says(said, {"Host key verification failed"}))
        return error(Code::verification_failed, "shows a host key that ssh does not know",
                     "compare its fingerprint with the owner, and add it to ~/.ssh/known_hosts");
    if (says(said, {"certificate verification failed", "SSL certificate problem", "SSL: no alternative"}))
        return error(Code::verification_failed, "shows a certificate that does not verify",
                     "ask its owner for the authorities; git's http.sslCAInfo names them");
    if (says(said, {"cannot run ssh"}))
        return error(Code::unsupported, "needs ssh, which is not installed",
                     "install the package openssh-client");
    if (says(said, {"Permission denied", "Authentication failed", "could not read Username", "error: 403",
                    "error: 401", "[remote rejected]", "protected branch", "access denied", "Access denied"}))
        return error(Code::not_authorized, "does not let this user in, or not write",
                     look + "; consortium-exchange(7) says which credentials it uses");
    if (says(said, {"fsck error", "bad object", "index-pack failed"}))
        return error(Code::malformed, "sends objects that git does not accept", "ask who pushes to it");
    return error(Code::unavailable, "cannot be reached by git", look);
}

}  // namespace consortium::exchange
