#include "core/model/ssh_certificate.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>

namespace consortium::model {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;

namespace {

constexpr std::size_t max_certificate = 65'536;
constexpr std::size_t max_principals = 256;  // as OpenSSH
constexpr std::size_t max_options = 64;
constexpr std::string_view openssh = "@openssh.com", certificate_ending = "-cert-v01@openssh.com";

[[noreturn]] void fail(std::string_view what) {
    throw Error(Code::malformed, "not an SSH certificate: " + std::string(what));
}

/// "sk-ssh-ed25519@openssh.com" -> "sk-ssh-ed25519-cert-v01@openssh.com"
std::string certificate_type(std::string_view key_type) {
    if (key_type.ends_with(openssh)) key_type.remove_suffix(openssh.size());
    return std::string(key_type) + std::string(certificate_ending);
}

/// The key's type, and how many strings of it stand in a certificate.
struct KeyForm {
    std::string_view type;
    int strings;
};
constexpr KeyForm key_forms[] = {
    {"ssh-ed25519", 1},
    {"sk-ssh-ed25519@openssh.com", 2},
    {"ecdsa-sha2-nistp256", 2},
    {"ecdsa-sha2-nistp384", 2},
    {"ecdsa-sha2-nistp521", 2},
    {"sk-ecdsa-sha2-nistp256@openssh.com", 3},
    {"ssh-rsa", 2},
};

std::map<std::string, Bytes> read_options(BytesView packed) {
    SshReader in(packed);
    std::map<std::string, Bytes> out;
    while (!in.done()) {
        std::string name(in.text());
        auto const data = in.string();
        if (in.failed() || name.empty() || out.size() == max_options) fail("its options cannot be read");
        // "Options must be lexically ordered by name … Each named option may only appear once."
        if (!out.empty() && out.rbegin()->first >= name) fail("its options are out of order");
        out.emplace(std::move(name), Bytes(data.begin(), data.end()));
    }
    return out;
}

void append_options(Bytes& out, std::map<std::string, Bytes> const& options) {
    Bytes packed;
    for (auto const& [name, data] : options) {
        append_ssh_string(packed, name);
        append_ssh_string(packed, data);
    }
    append_ssh_string(out, packed);
}

std::vector<std::string> read_principals(BytesView packed) {
    SshReader in(packed);
    std::vector<std::string> out;
    while (!in.done()) {
        out.emplace_back(in.text());
        if (in.failed() || out.size() > max_principals) fail("its principals cannot be read");
    }
    return out;
}

/// The blob of the key that stands in a certificate behind the nonce.
Bytes read_certified_key(SshReader& in, std::string_view type) {
    for (auto const& form : key_forms) {
        if (type != certificate_type(form.type)) continue;
        Bytes blob;
        append_ssh_string(blob, form.type);
        for (int i = 0; i < form.strings; ++i) append_ssh_string(blob, in.string());
        if (in.failed()) fail("it is cut off");
        static_cast<void>(read_ssh_key(blob));
        return blob;
    }
    fail("its type '" + base::printable(type.substr(0, 64)) + "' is not known");
}

}  // namespace

std::string_view word(SshUse use) {
    return use == SshUse::user ? "user" : "host";
}

SshUse ssh_use(std::string_view word) {
    if (word == "user") return SshUse::user;
    if (word == "host") return SshUse::host;
    throw Error(Code::malformed, "certificates of SSH are for a user or a host");
}

Bytes ssh_option(std::string_view value) {
    Bytes out;
    append_ssh_string(out, value);
    return out;
}

std::optional<std::string> ssh_option_value(BytesView data) {
    SshReader in(data);
    std::string value(in.text());
    if (!in.done()) return std::nullopt;
    return value;
}

Bytes ssh_certificate_tbs(SshCertificate const& certificate) {
    SshReader key(certificate.key);
    Bytes out;
    append_ssh_string(out, certificate_type(key.text()));
    append_ssh_string(out, certificate.nonce);
    out.insert(out.end(), key.rest().begin(), key.rest().end());
    base::append_u64(out, certificate.serial);
    append_ssh_integer(out, static_cast<std::uint32_t>(certificate.use));
    append_ssh_string(out, certificate.key_id);
    Bytes principals;
    for (auto const& each : certificate.principals) append_ssh_string(principals, each);
    append_ssh_string(out, principals);
    base::append_u64(out, certificate.valid_after);
    base::append_u64(out, certificate.valid_before);
    append_options(out, certificate.critical);
    append_options(out, certificate.extensions);
    append_ssh_string(out, std::string_view());  // reserved
    append_ssh_string(out, certificate.authority);
    return out;
}

Bytes join_ssh_certificate(Bytes tbs, BytesView signature) {
    append_ssh_string(tbs, signature);
    return tbs;
}

SignedSshCertificate read_ssh_certificate(BytesView blob) {
    if (blob.size() > max_certificate) fail("it is larger than 64 KiB");
    SshReader in(blob);
    SignedSshCertificate out;
    auto& content = out.content;
    auto const type = in.text();
    auto const nonce = in.string();
    content.nonce.assign(nonce.begin(), nonce.end());
    content.key = read_certified_key(in, type);
    content.serial = in.long_integer();
    auto const use = in.integer();
    content.key_id = in.text();
    content.principals = read_principals(in.string());
    content.valid_after = in.long_integer();
    content.valid_before = in.long_integer();
    content.critical = read_options(in.string());
    content.extensions = read_options(in.string());
    auto const reserved = in.string();
    auto const authority = in.string();
    auto const end = in.rest().size();
    auto const signature = in.string();
    if (in.failed()) fail("it is cut off");
    if (!in.done()) fail("something follows its signature");
    if (use != 1 && use != 2) fail("it is neither a user's nor a host's");
    if (!reserved.empty()) fail("it has something where nothing may be");
    content.use = static_cast<SshUse>(use);
    content.authority.assign(authority.begin(), authority.end());
    out.tbs.assign(blob.begin(), blob.end() - static_cast<std::ptrdiff_t>(end));
    out.signature.assign(signature.begin(), signature.end());
    return out;
}

}  // namespace consortium::model
