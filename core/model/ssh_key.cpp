#include "core/model/ssh_key.h"

#include "core/model/public_key.h"

#include <algorithm>
#include <array>

namespace consortium::model {

namespace {

/// RFC 8410 and RFC 5480: what comes before the point in the SPKI, and the curve's name in the blob.
struct SshForm {
    std::string_view type, curve, prefix;
};
constexpr std::array<SshForm, 4> forms{{
    {"ssh-ed25519", "", "302a300506032b6570032100"},
    {ssh_security_key, "", "302a300506032b6570032100"},
    {"ecdsa-sha2-nistp256", "nistp256", "3059301306072a8648ce3d020106082a8648ce3d030107034200"},
    {"ecdsa-sha2-nistp384", "nistp384", "3076301006072a8648ce3d020106052b81040022036200"},
}};

}  // namespace

void append_ssh_integer(base::Bytes& out, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

void append_ssh_string(base::Bytes& out, base::BytesView value) {
    append_ssh_integer(out, static_cast<std::uint32_t>(value.size()));
    out.insert(out.end(), value.begin(), value.end());
}

void append_ssh_string(base::Bytes& out, std::string_view value) {
    append_ssh_string(out, base::as_bytes(value));
}

bool is_ssh_type(std::string_view type) {
    return std::any_of(forms.begin(), forms.end(), [&](SshForm const& form) { return form.type == type; });
}

std::optional<SshKey> parse_ssh_key(base::BytesView blob) {
    SshReader in(blob);
    SshKey key;
    key.type = in.text();
    for (auto const& form : forms) {
        if (key.type != form.type) continue;
        if (!form.curve.empty() && in.text() != form.curve) return std::nullopt;
        key.spki = base::from_hex(form.prefix);
        auto const point = in.string();
        key.spki.insert(key.spki.end(), point.begin(), point.end());
        if (form.type == ssh_security_key) key.application = in.text();
        if (!in.done() || !spki_algorithm(key.spki)) return std::nullopt;
        return key;
    }
    return std::nullopt;
}

std::string ssh_fingerprint(base::Digest const& id) {
    auto text = base::to_base64(id.view());
    while (text.ends_with('=')) text.pop_back();
    return "SHA256:" + text;
}

}  // namespace consortium::model
