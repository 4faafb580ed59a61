#include "core/driver/http/credential.h"

#include "core/base/error.h"
#include "core/base/secret.h"
#include "core/base/text.h"

#include <algorithm>

namespace consortium::driver::http {

namespace {

constexpr std::size_t max_token = 16u << 10;

}  // namespace

void check_private(base::Path const& file) {
    using std::filesystem::perms;
    std::error_code failure;
    auto const status = std::filesystem::status(file, failure);
    // A file that is not there is told by whoever opens it.
    if (failure || !std::filesystem::exists(status)) return;
    if ((status.permissions() & perms::others_read) == perms::none) return;
    throw base::Error(base::Code::configuration,
                      "'" + file.string() + "' holds a secret and can be read by everybody",
                      "run 'chmod 600' on it", {{"file", file.string()}});
}

std::string read_token(base::Path const& file) {
    check_private(file);
    auto text = base::read_text(file, max_token);
    std::string token(base::trimmed(text));
    base::wipe(text);
    bool const graphic = std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (!token.empty() && graphic) return token;
    base::wipe(token);
    throw base::Error(base::Code::configuration, "'" + file.string() + "' does not hold a token", {},
                      {{"file", file.string()}});
}

}  // namespace consortium::driver::http
