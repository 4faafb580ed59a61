#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/certificate.h"
#include "core/model/public_key.h"
#include "core/model/ssh_certificate.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <bit>
#include <charconv>

namespace consortium::model {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;

namespace {

constexpr std::size_t max_line = 98'304;  // a certificate of 64 KiB in base64, with its type and a comment
constexpr std::size_t max_application = 256;
constexpr std::size_t least_rsa = 3072, most_rsa = 16'384;
constexpr std::size_t max_user = 64;

struct Curve {
    std::string_view name;
    std::size_t point;  // octets of one that is not compressed
};
constexpr Curve curves[] = {{"nistp256", 65}, {"nistp384", 97}, {"nistp521", 133}};

[[noreturn]] void fail(std::string_view what) {
    throw Error(Code::malformed, "not an SSH public key: " + std::string(what),
                "give the .pub file of one, as 'ssh-keygen' writes it");
}

[[noreturn]] void refuse(std::string const& what) {
    throw Error(Code::refused, what, "make another with 'ssh-keygen -t ed25519'");
}

/// RFC 4251 section 5: an mpint that is positive, without leading zeros but for the sign. Empty: it is not.
BytesView positive(BytesView number) {
    if (number.empty() || (number.front() & 0x80U) != 0) return {};
    if (number.front() != 0) return number;
    return number.size() > 1 && (number[1] & 0x80U) != 0 ? number.subspan(1) : BytesView();
}

std::size_t bits_of(BytesView number) {
    return number.empty() ? 0 : 8 * (number.size() - 1) + static_cast<std::size_t>(std::bit_width(number[0]));
}

void read_rsa(SshReader& in, SshKeyParts& out) {
    out.exponent = positive(in.string());
    out.modulus = positive(in.string());
    if (out.exponent.empty() || out.modulus.empty()) fail("its numbers cannot be read");
    auto const bits = bits_of(out.modulus);
    if (bits < least_rsa || bits > most_rsa)
        refuse("an RSA key of " + std::to_string(bits) + " bits; it needs 3072 to 16384");
    // NIST SP 800-56B section 6.2: odd, above 2^16, below 2^256.
    bool const usual = bits_of(out.exponent) >= 17 && bits_of(out.exponent) <= 256;
    if (!usual || (out.exponent.back() & 1U) == 0 || (out.modulus.back() & 1U) == 0)
        refuse("an RSA key with unsound numbers");
}

void read_curve(SshReader& in, SshKeyParts& out) {
    out.curve = in.text();
    out.point = in.string();
    for (auto const& curve : curves) {
        if (out.curve != curve.name || out.type.find(curve.name) == std::string::npos) continue;
        if (out.point.size() == curve.point && out.point.front() == 4) return;
    }
    fail("its point or curve cannot be read");
}

void read_edwards(SshReader& in, SshKeyParts& out) {
    out.point = in.string();
    if (out.point.size() != 32 || !spki_of("ed25519", out.point)) fail("its point is unsound");
}

struct Kind {
    std::string_view type;
    void (*read)(SshReader&, SshKeyParts&);
};
constexpr Kind kinds[] = {
    {"ssh-ed25519", read_edwards},
    {"sk-ssh-ed25519@openssh.com", read_edwards},
    {"ecdsa-sha2-nistp256", read_curve},
    {"ecdsa-sha2-nistp384", read_curve},
    {"ecdsa-sha2-nistp521", read_curve},
    {"sk-ecdsa-sha2-nistp256@openssh.com", read_curve},
    {"ssh-rsa", read_rsa},
};

struct Line {
    std::string_view type;
    Bytes blob;
};

/// One line of a .pub file: its first two words.
Line split_line(std::string_view text) {
    text = base::trimmed(text);
    if (text.starts_with("-----BEGIN"))
        fail(text.find("PRIVATE") == std::string_view::npos ? "it is in PEM form" : "it is a private key");
    if (text.size() > max_line || text.find('\n') != std::string_view::npos) fail("it is not one line");
    auto const blank = text.find(' ');
    if (blank == std::string_view::npos) fail("it is not of the form 'TYPE BASE64 COMMENT'");
    auto rest = text.substr(blank + 1);
    rest = rest.substr(0, rest.find(' '));
    return {text.substr(0, blank), base::from_base64(rest)};
}

void check_type(Line const& line) {
    if (SshReader(line.blob).text() != line.type) fail("the line names one type and holds another");
}

bool is_user(std::string_view name) {
    // What shells, sshd's patterns and lists of principals give a meaning is left out.
    return !name.empty() && name.size() <= max_user && name.front() != '-' &&
           std::ranges::all_of(name, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      std::string_view("._-@+").find(c) != std::string_view::npos;
           });
}

}  // namespace

SshKeyParts read_ssh_key(BytesView blob) {
    SshReader in(blob);
    SshKeyParts out;
    out.type = in.text();
    if (out.type == "ssh-dss") refuse("a DSA key is too weak");
    auto const* const kind = std::ranges::find(kinds, out.type, &Kind::type);
    if (kind == std::end(kinds)) {
        fail(out.type.find("-cert-") != std::string::npos ? "it is a certificate already"
                                                          : "its type is not known");
    }
    kind->read(in, out);
    if (out.type.starts_with("sk-")) {
        out.application = in.text();
        if (out.application.empty() || out.application.size() > max_application)
            fail("its application cannot be read");
    }
    if (!in.done()) fail("it is cut off, or something follows it");
    return out;
}

SshPublicKey ssh_key_from_line(std::string_view text) {
    auto line = split_line(text);
    auto type = read_ssh_key(line.blob).type;
    check_type(line);
    return {std::move(type), std::move(line.blob)};
}

SignedSshCertificate ssh_certificate_from_line(std::string_view text) {
    auto const line = split_line(text);
    auto out = read_ssh_certificate(line.blob);
    check_type(line);
    return out;
}

std::string ssh_line(BytesView blob, std::string_view comment) {
    auto out = std::string(SshReader(blob).text()) + " " + base::to_base64(blob);
    if (!comment.empty()) out += " " + std::string(comment);
    return out;
}

bool is_ssh_principal(SshUse use, std::string_view name) {
    return use == SshUse::user ? is_user(name) : is_host_name(name) || is_ip_address(name);
}

bool is_address_range(std::string_view text) {
    auto const slash = text.find('/');
    std::string const address(text.substr(0, slash));
    if (!is_ip_address(address)) return false;
    if (slash == std::string_view::npos) return true;
    bool const wide = address.find(':') != std::string::npos;
    unsigned mask = 0;
    auto const digits = text.substr(slash + 1);
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), mask);
    if (error != std::errc() || end != digits.data() + digits.size() ||
        (digits.size() > 1 && digits[0] == '0'))
        return false;
    std::array<unsigned char, 16> bytes{};
    if (mask > (wide ? 128U : 32U) ||
        inet_pton(wide ? AF_INET6 : AF_INET, address.c_str(), bytes.data()) != 1)
        return false;
    // sshd refuses a certificate with bits beyond the mask.
    for (std::size_t bit = mask; bit < 128; ++bit)
        if ((bytes[bit / 8] >> (7 - bit % 8) & 1U) != 0) return false;
    return true;
}

}  // namespace consortium::model
