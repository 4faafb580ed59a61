#include "core/crypto/age.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/crypto/bech32.h"
#include "core/crypto/hkdf.h"
#include "core/crypto/x25519.h"

#include <algorithm>
#include <array>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/hmac.h>

namespace consortium::crypto {

namespace {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;
using base::Secret;

using CipherContextPtr = std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>>;

constexpr std::string_view version_line = "age-encryption.org/v1\n";
constexpr std::string_view stanza_start = "-> X25519 ";
constexpr std::string_view recipient_prefix = "age";
constexpr std::size_t point_bytes = x25519_bytes, file_key_bytes = 16, tag_bytes = 16,
                      payload_nonce_bytes = 16;
// The longest header of as many stanzas as are looked at.
constexpr std::size_t max_header = 256 + max_age_recipients * 256;

[[noreturn]] void fail_format(std::string const& what) {
    throw Error(Code::malformed, "not an age file: " + what);
}

/// RFC 4648 without padding, as the format wants it.
std::string unpadded(BytesView bytes) {
    auto text = base::to_base64(bytes);
    text.erase(text.find_last_not_of('=') + 1);
    return text;
}

Bytes from_unpadded(std::string_view text, std::size_t wanted) {
    std::string padded(text);
    if (padded.find('=') != std::string::npos) fail_format("base64 with padding");
    while (padded.size() % 4 != 0) padded += '=';
    Bytes bytes;
    try {
        bytes = base::from_base64(padded);
    } catch (Error const&) {
        fail_format("base64 that is not canonical");
    }
    if (bytes.size() != wanted) fail_format("a part of another length");
    return bytes;
}

/// ChaCha20-Poly1305 with a nonce of 12 bytes.
Bytes seal(BytesView key, BytesView nonce, BytesView plain) {
    auto const cipher = need(CipherContextPtr(EVP_CIPHER_CTX_new()), "ChaCha20-Poly1305");
    Bytes out(plain.size() + tag_bytes);
    int done = 0;
    need_one(EVP_EncryptInit_ex(cipher.get(), EVP_chacha20_poly1305(), nullptr, key.data(), nonce.data()),
             "ChaCha20-Poly1305");
    need_one(EVP_EncryptUpdate(cipher.get(), out.data(), &done, plain.data(), static_cast<int>(plain.size())),
             "ChaCha20-Poly1305");
    need_one(EVP_EncryptFinal_ex(cipher.get(), out.data() + done, &done), "ChaCha20-Poly1305");
    need_one(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, tag_bytes, out.data() + plain.size()),
             "ChaCha20-Poly1305");
    return out;
}

std::optional<Secret> open(BytesView key, BytesView nonce, BytesView sealed) {
    if (sealed.size() < tag_bytes) return std::nullopt;
    auto const text = sealed.first(sealed.size() - tag_bytes);
    Bytes tag(sealed.end() - tag_bytes, sealed.end());
    Bytes plain(text.size());
    auto const cipher = need(CipherContextPtr(EVP_CIPHER_CTX_new()), "ChaCha20-Poly1305");
    int done = 0;
    need_one(EVP_DecryptInit_ex(cipher.get(), EVP_chacha20_poly1305(), nullptr, key.data(), nonce.data()),
             "ChaCha20-Poly1305");
    need_one(EVP_DecryptUpdate(cipher.get(), plain.data(), &done, text.data(), static_cast<int>(text.size())),
             "ChaCha20-Poly1305");
    need_one(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, tag_bytes, tag.data()),
             "ChaCha20-Poly1305");
    Secret out(std::move(plain));
    std::uint8_t rest[16];
    if (EVP_DecryptFinal_ex(cipher.get(), rest, &done) == 1) return out;
    ERR_clear_error();
    return std::nullopt;
}

/// The key that wraps the file key: salt is the ephemeral share, then the recipient.
Secret wrap_key(Secret const& shared, BytesView share, BytesView recipient) {
    Bytes salt(share.begin(), share.end());
    salt.insert(salt.end(), recipient.begin(), recipient.end());
    return hkdf(shared.view(), salt, "age-encryption.org/v1/X25519");
}

constexpr std::array<std::uint8_t, 12> no_nonce{};
/// Of the first chunk, being the last: a counter of eleven bytes, then 1.
constexpr std::array<std::uint8_t, 12> last_chunk{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

std::string stanza(std::string const& recipient, Secret const& file_key, port::Entropy& entropy) {
    auto const point = from_bech32(recipient_prefix, recipient);
    Secret const ephemeral(entropy.bytes(point_bytes));
    auto const own = x25519_private(ephemeral);
    auto const share = x25519_point(own.get());
    auto const shared = point && point->size() == point_bytes
                            ? shared_secret(own.get(), x25519_public(*point).get())
                            : std::nullopt;
    if (!shared)
        throw Error(Code::malformed, "'" + base::printable(recipient) + "' is no recipient",
                    "a recipient begins with age1; 'consortium key show' prints one's own");
    auto const body = seal(wrap_key(*shared, share, *point).view(), no_nonce, file_key.view());
    return std::string(stanza_start) + unpadded(share) + "\n" + unpadded(body) + "\n";
}

Bytes header_mac(Secret const& file_key, std::string_view header) {
    auto const key = hkdf(file_key.view(), {}, "header");
    Bytes out(32);
    unsigned size = 0;
    auto const bytes = base::as_bytes(header);
    if (HMAC(EVP_sha256(), key.view().data(), static_cast<int>(key.view().size()), bytes.data(), bytes.size(),
             out.data(), &size) == nullptr)
        fail_openssl("HMAC");
    return out;
}

/// One line without its end; takes it away.
std::string_view take_line(std::string_view& rest) {
    auto const end = rest.find('\n');
    if (end > 1000) fail_format("a header line that does not end");
    auto const line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return line;
}

struct Stanza {
    Bytes share, body;
};

struct Parsed {
    std::vector<Stanza> stanzas;  // of type X25519
    std::string_view header;      // what the MAC is of
    Bytes mac;
    BytesView payload;
};

/// The body of a stanza: lines of 64 characters, and a last one that is shorter.
std::string take_body(std::string_view& rest) {
    std::string body;
    for (;;) {
        auto const line = take_line(rest);
        if (line.size() > 64) fail_format("a line of a stanza that is too long");
        body += line;
        if (line.size() < 64) return body;
    }
}

Parsed parse(BytesView file) {
    auto const text = base::as_text(file);
    auto rest = text.substr(0, std::min(text.size(), max_header));
    if (!rest.starts_with(version_line)) fail_format("another first line");
    rest.remove_prefix(version_line.size());
    Parsed out;
    for (std::size_t count = 0;; ++count) {
        auto const line = take_line(rest);
        if (line.starts_with("--- ")) {
            auto const at = static_cast<std::size_t>(line.data() - text.data());
            out.header = text.substr(0, at + 3);
            out.mac = from_unpadded(line.substr(4), 32);
            break;
        }
        if (!line.starts_with("-> ") || count == max_age_recipients) fail_format("a header that is none");
        auto const body = take_body(rest);
        if (line.starts_with(stanza_start))
            out.stanzas.push_back({from_unpadded(line.substr(stanza_start.size()), point_bytes),
                                   from_unpadded(body, file_key_bytes + tag_bytes)});
    }
    out.payload = file.subspan(static_cast<std::size_t>(rest.data() - text.data()));
    return out;
}

std::optional<Secret> unwrap(Secret const& identity, Parsed const& file) {
    auto const own = x25519_private(identity);
    auto const recipient = x25519_point(own.get());
    for (auto const& one : file.stanzas) {
        auto const shared = shared_secret(own.get(), x25519_public(one.share).get());
        if (!shared) fail_format("a share of small order");
        if (auto key = open(wrap_key(*shared, one.share, recipient).view(), no_nonce, one.body)) return key;
    }
    return std::nullopt;
}

[[noreturn]] void fail_changed() {
    throw Error(Code::verification_failed, "an age file was changed on its way");
}

}  // namespace

std::string age_recipient(Secret const& identity) {
    return bech32(recipient_prefix, x25519_point(x25519_private(identity).get()));
}

bool is_age_recipient(std::string_view text) {
    auto const point = from_bech32(recipient_prefix, text);
    return point && point->size() == point_bytes;
}

Bytes age_encrypt(std::vector<std::string> const& recipients, BytesView content, port::Entropy& entropy) {
    if (recipients.empty() || recipients.size() > max_age_recipients || content.size() > max_age_content)
        throw Error(Code::malformed, "an age file here has 1 to 200 recipients and at most 64 KiB");
    Secret const file_key(entropy.bytes(file_key_bytes));
    std::string header(version_line);
    for (auto const& recipient : recipients) header += stanza(recipient, file_key, entropy);
    header += "---";
    auto const mac = header_mac(file_key, header);
    header += " " + unpadded(mac) + "\n";
    auto const nonce = entropy.bytes(payload_nonce_bytes);
    auto const sealed = seal(hkdf(file_key.view(), nonce, "payload").view(), last_chunk, content);
    auto out = base::to_bytes(header);
    out.insert(out.end(), nonce.begin(), nonce.end());
    out.insert(out.end(), sealed.begin(), sealed.end());
    return out;
}

std::optional<Secret> age_decrypt(Secret const& identity, BytesView file) {
    auto const parsed = parse(file);
    auto const file_key = unwrap(identity, parsed);
    if (!file_key) return std::nullopt;
    auto const mac = header_mac(*file_key, parsed.header);
    if (CRYPTO_memcmp(mac.data(), parsed.mac.data(), mac.size()) != 0) fail_changed();
    if (parsed.payload.size() < payload_nonce_bytes ||
        parsed.payload.size() > payload_nonce_bytes + max_age_content + tag_bytes)
        fail_format("a content of more than 64 KiB, or none");
    auto const nonce = parsed.payload.first(payload_nonce_bytes);
    auto content = open(hkdf(file_key->view(), nonce, "payload").view(), last_chunk,
                        parsed.payload.subspan(payload_nonce_bytes));
    if (!content) fail_changed();
    return content;
}

}  // namespace consortium::crypto
