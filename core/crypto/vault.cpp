#include "core/crypto/vault.h"

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/crypto/openssl.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace consortium::crypto {

namespace {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;
using base::Path;
using base::Secret;

using CipherContextPtr = std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>>;

constexpr std::uint8_t version = 1;
constexpr std::size_t key_bytes = 32, name_bytes = 8, nonce_bytes = 12, tag_bytes = 16;
constexpr std::size_t head_bytes = 1 + name_bytes + nonce_bytes;
constexpr std::string_view ending = ".key";

/// Which key something was sealed under: another one than the present where a workspace was restored.
Bytes name_of(Secret const& key) {
    auto const digest = base::sha256(key.view());
    return {digest.bytes.begin(), digest.bytes.begin() + name_bytes};
}

[[noreturn]] void fail_file(std::string const& what, Path const& file) {
    throw Error(Code::storage, "cannot " + what + " '" + file.string() + "': " + std::strerror(errno),
                "mend that, then run the command again");
}

int length(std::size_t size) {
    return static_cast<int>(size);
}

class FolderVault : public port::Vault {
public:
    FolderVault(Path folder, port::Entropy& entropy) : m_folder(std::move(folder)), m_entropy(entropy) {}

    std::vector<std::string> subjects() const override {
        std::vector<std::string> out;
        std::error_code ignored;
        for (auto const& file : std::filesystem::directory_iterator(m_folder, ignored)) {
            auto name = file.path().filename().string();
            if (!name.ends_with(ending)) continue;
            name.resize(name.size() - ending.size());
            if (base::is_name(name)) out.push_back(std::move(name));
        }
        std::sort(out.begin(), out.end());
        return out;
    }

    Bytes seal(std::string_view subject, std::string_view context, BytesView plain) override {
        auto const key = key_to_seal(subject);
        Bytes out{version};
        auto const name = name_of(key);
        out.insert(out.end(), name.begin(), name.end());
        auto const nonce = m_entropy.bytes(nonce_bytes);
        out.insert(out.end(), nonce.begin(), nonce.end());
        out.resize(head_bytes + plain.size() + tag_bytes);
        auto const cipher = need(CipherContextPtr(EVP_CIPHER_CTX_new()), "AES-256-GCM");
        need_one(
            EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.view().data(), nonce.data()),
            "AES-256-GCM");
        int done = 0;
        need_one(EVP_EncryptUpdate(cipher.get(), nullptr, &done, base::as_bytes(context).data(),
                                   length(context.size())),
                 "AES-256-GCM");
        need_one(EVP_EncryptUpdate(cipher.get(), out.data() + head_bytes, &done, plain.data(),
                                   length(plain.size())),
                 "AES-256-GCM");
        need_one(EVP_EncryptFinal_ex(cipher.get(), out.data() + head_bytes + done, &done), "AES-256-GCM");
        need_one(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes,
                                     out.data() + head_bytes + plain.size()),
                 "AES-256-GCM");
        return out;
    }

    std::optional<Secret> open(std::string_view subject, std::string_view context,
                               BytesView sealed) const override {
        if (sealed.size() < head_bytes + tag_bytes || sealed[0] != version) fail_sealed(subject);
        auto const key = read_key(subject);
        if (!key) return std::nullopt;
        auto const name = name_of(*key);
        if (!std::equal(name.begin(), name.end(), sealed.begin() + 1)) return std::nullopt;
        return decrypt(*key, subject, context, sealed);
    }

    bool has_key_of(std::string_view subject, BytesView sealed) const override {
        auto const key = read_key(subject);
        if (!key || sealed.size() < head_bytes) return false;
        auto const name = name_of(*key);
        return std::equal(name.begin(), name.end(), sealed.begin() + 1);
    }

    void destroy(std::string_view subject) override {
        auto const file = file_of(subject);
        int const descriptor = ::open(file.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
        if (descriptor < 0 && errno != ENOENT) fail_file("open", file);
        if (descriptor >= 0) {
            Bytes const nothing(key_bytes);
            bool const written = ::write(descriptor, nothing.data(), nothing.size()) == length(key_bytes) &&
                                 ::fsync(descriptor) == 0;
            int const reason = errno;
            ::close(descriptor);
            errno = reason;
            if (!written) fail_file("overwrite", file);
            if (::unlink(file.c_str()) != 0 && errno != ENOENT) fail_file("remove", file);
        }
        if (base::exists(m_folder)) base::sync_folder(m_folder);
    }

private:
    Path file_of(std::string_view subject) const {
        base::check_name(subject, "person");
        return m_folder / (std::string(subject) + std::string(ending));
    }

    [[noreturn]] static void fail_sealed(std::string_view subject) {
        throw Error(Code::verification_failed,
                    "what is sealed under the key of '" + std::string(subject) + "' is damaged",
                    "run 'consortium audit verify'");
    }

    std::optional<Secret> read_key(std::string_view subject) const {
        auto const file = file_of(subject);
        if (!base::exists(file)) return std::nullopt;
        Secret key(base::read_file(file, key_bytes));
        // An erasure that was stopped half-way leaves the file and no key in it.
        if (key.view().size() != key_bytes ||
            std::all_of(key.view().begin(), key.view().end(), [](std::uint8_t byte) { return byte == 0; }))
            return std::nullopt;
        return key;
    }

    Secret key_to_seal(std::string_view subject) {
        if (auto key = read_key(subject)) return std::move(*key);
        base::make_folder(m_folder, base::FileMode::owner);
        auto const file = file_of(subject);
        if (base::exists(file)) destroy(subject);  // of a length or a content that no key has
        Secret key(m_entropy.bytes(key_bytes));
        base::create_file(file, key.view(), base::FileMode::owner);
        return key;
    }

    static Secret decrypt(Secret const& key, std::string_view subject, std::string_view context,
                          BytesView sealed) {
        auto const nonce = sealed.subspan(1 + name_bytes, nonce_bytes);
        auto const text = sealed.subspan(head_bytes, sealed.size() - head_bytes - tag_bytes);
        Bytes tag(sealed.end() - tag_bytes, sealed.end());
        Bytes plain(text.size());
        auto const cipher = need(CipherContextPtr(EVP_CIPHER_CTX_new()), "AES-256-GCM");
        need_one(
            EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.view().data(), nonce.data()),
            "AES-256-GCM");
        int done = 0;
        need_one(EVP_DecryptUpdate(cipher.get(), nullptr, &done, base::as_bytes(context).data(),
                                   length(context.size())),
                 "AES-256-GCM");
        need_one(EVP_DecryptUpdate(cipher.get(), plain.data(), &done, text.data(), length(text.size())),
                 "AES-256-GCM");
        need_one(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, tag.data()),
                 "AES-256-GCM");
        Secret out(std::move(plain));
        std::uint8_t rest[16];
        if (EVP_DecryptFinal_ex(cipher.get(), rest, &done) != 1) fail_sealed(subject);
        return out;
    }

    Path m_folder;
    port::Entropy& m_entropy;
};

}  // namespace

std::unique_ptr<port::Vault> open_vault(Path folder, port::Entropy& entropy) {
    return std::make_unique<FolderVault>(std::move(folder), entropy);
}

}  // namespace consortium::crypto
