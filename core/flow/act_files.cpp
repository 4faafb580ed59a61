#include "core/flow/act_files.h"

#include "core/model/ssh_key.h"

#include <fmt/format.h>

namespace consortium::flow {

std::string armoured(base::Bytes const& signature) {
    constexpr std::size_t width = 70;
    auto const text = base::to_base64(signature);
    std::string out = "-----BEGIN SSH SIGNATURE-----\n";
    for (std::size_t at = 0; at < text.size(); at += width) out += text.substr(at, width) + "\n";
    return out + "-----END SSH SIGNATURE-----\n";
}

std::string ssh_line(base::BytesView blob) {
    auto const key = model::parse_ssh_key(blob);
    return (key ? key->type : std::string("unknown")) + " " + base::to_base64(blob);
}

std::string allowed_signer(std::string_view name, base::BytesView blob) {
    return fmt::format("{} namespaces=\"consortium\" {}\n", name, ssh_line(blob));
}

}  // namespace consortium::flow
