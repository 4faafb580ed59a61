#include "core/crypto/vault.h"

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/crypto/aes_gcm.h"
#include "core/crypto/destroy.h"

#include <algorithm>

namespace consortium::crypto {

namespace {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;
using base::Path;
using base::Secret;

constexpr std::uint8_t version = 1;
constexpr std::size_t key_bytes = 32, name_bytes = 8;
constexpr std::size_t head_bytes = 1 + name_bytes + gcm_nonce_bytes;
constexpr std::string_view ending = ".key";

/// Which key something was sealed under: another one than the present where a workspace was restored.
Bytes name_of(Secret const& key) {
    auto const digest = base::sha256(key.view());
    return {digest.bytes.begin(), digest.bytes.begin() + name_bytes};
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
        auto const nonce = m_entropy.bytes(gcm_nonce_bytes);
        out.insert(out.end(), nonce.begin(), nonce.end());
        auto const body = gcm_seal(key, nonce, context, plain);
        out.insert(out.end(), body.begin(), body.end());
        return out;
    }

    std::optional<Secret> open(std::string_view subject, std::string_view context,
                               BytesView sealed) const override {
        if (sealed.size() < head_bytes + gcm_tag_bytes || sealed[0] != version) fail_sealed(subject);
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

    void destroy(std::string_view subject) override { destroy_file(file_of(subject)); }

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
        auto const nonce = sealed.subspan(1 + name_bytes, gcm_nonce_bytes);
        auto out = gcm_open(key, nonce, context, sealed.subspan(head_bytes));
        if (!out) fail_sealed(subject);
        return *std::move(out);
    }

    Path m_folder;
    port::Entropy& m_entropy;
};

}  // namespace

std::unique_ptr<port::Vault> open_vault(Path folder, port::Entropy& entropy) {
    return std::make_unique<FolderVault>(std::move(folder), entropy);
}

}  // namespace consortium::crypto
