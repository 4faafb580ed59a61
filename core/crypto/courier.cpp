#include "core/crypto/courier.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/crypto/age.h"
#include "core/crypto/signer.h"
#include "core/crypto/x25519.h"

#include <algorithm>

namespace consortium::crypto {

namespace {

using base::Bytes;
using base::Code;
using base::Error;
using base::Path;
using base::Secret;

constexpr std::size_t max_key_file = 65'536, identity_bytes = x25519_bytes;
constexpr std::string_view private_ending = ".age.pem", public_ending = ".age.pub";
Path file_of(Path const& folder, std::string_view name, std::string_view ending) {
    return folder / (std::string(name) + std::string(ending));
}

/// Sorted, whether or not the files can be read.
std::vector<std::string> names_in(Path const& folder) {
    std::vector<std::string> out;
    std::error_code ignored;
    for (auto const& file : std::filesystem::directory_iterator(folder, ignored)) {
        auto name = file.path().filename().string();
        if (!name.ends_with(private_ending)) continue;
        name.resize(name.size() - private_ending.size());
        if (base::is_name(name) && base::exists(file_of(folder, name, public_ending)))
            out.push_back(std::move(name));
    }
    std::sort(out.begin(), out.end());
    return out;
}

AgeIdentity read_identity(Path const& folder, std::string const& name) {
    AgeIdentity out;
    out.name = name;
    out.recipient = base::trimmed(base::read_text(file_of(folder, name, public_ending), max_key_file));
    Secret const pem(base::read_file(file_of(folder, name, private_ending), max_key_file));
    out.encrypted = is_encrypted(pem.view(), name);
    return out;
}

class AgeCourier : public port::Courier {
public:
    AgeCourier(Path folder, port::Keyring::Passphrase passphrase,
               std::map<std::string, std::string> recipients, port::Entropy& entropy)
        : m_folder(std::move(folder)),
          m_passphrase(std::move(passphrase)),
          m_recipients(std::move(recipients)),
          m_entropy(entropy) {}

    std::vector<std::string> members() const override {
        std::vector<std::string> out;
        out.reserve(m_recipients.size());
        for (auto const& [member, recipient] : m_recipients) out.push_back(member);
        return out;
    }

    Bytes seal(base::BytesView content, std::vector<std::string> const& to) override {
        std::vector<std::string> recipients;
        recipients.reserve(to.size());
        for (auto const& member : to) {
            auto const found = m_recipients.find(member);
            if (found == m_recipients.end())
                throw Error(Code::not_found, "no recipient of '" + member + "' is known here");
            auto const& recipient = found->second;
            if (!is_age_recipient(recipient))
                throw Error(Code::configuration, "'peer." + member + ".recipient' is no recipient",
                            "a recipient begins with age1; 'consortium key show' prints it there");
            recipients.push_back(recipient);
        }
        return age_encrypt(recipients, content, m_entropy);
    }

    bool has_identity() const override { return !names_in(m_folder).empty(); }

    std::vector<std::string> unencrypted() const override {
        std::vector<std::string> out;
        for (auto const& name : names_in(m_folder)) try {
                if (!read_identity(m_folder, name).encrypted) out.push_back(name);
            } catch (Error const&) {
                continue;  // what cannot be read opens nothing
            }
        return out;
    }

    std::optional<Secret> open(base::BytesView sealed) override {
        if (!m_held) m_held = held();
        std::optional<Error> why;
        for (auto& one : *m_held) {
            unlock(one);
            if (one.why) {
                why = one.why;
            } else if (auto content = decrypt(*one.key, sealed)) {
                return content;
            }
        }
        if (why) throw Error(*why);
        return std::nullopt;
    }

private:
    /// An identity of the folder: its key once it was opened, or why it could not be.
    struct Held {
        std::string name;
        bool encrypted = true;
        std::optional<Secret> key = {};
        std::optional<Error> why = {};
    };

    /// Those that ask nobody come first.
    std::vector<Held> held() const {
        std::vector<Held> out;
        for (auto const& name : names_in(m_folder)) {
            Held one;
            one.name = name;
            try {
                one.encrypted = read_identity(m_folder, name).encrypted;
            } catch (Error const& error) {
                one.why = error;
            }
            out.push_back(std::move(one));
        }
        std::stable_partition(out.begin(), out.end(), [](Held const& one) { return !one.encrypted; });
        return out;
    }

    /// Asks once, whatever the answer.
    void unlock(Held& one) const {
        if (one.key || one.why) return;
        try {
            one.key = open_age_identity(m_folder, {one.name, {}, one.encrypted}, m_passphrase);
        } catch (Error const& error) {
            one.why = error;
        }
    }

    static std::optional<Secret> decrypt(Secret const& identity, base::BytesView sealed) {
        try {
            return age_decrypt(identity, sealed);
        } catch (Error const& error) {
            if (error.code() != Code::malformed) throw;
            throw Error(Code::verification_failed, error.message());
        }
    }

    Path m_folder;
    port::Keyring::Passphrase m_passphrase;
    std::map<std::string, std::string> m_recipients;
    port::Entropy& m_entropy;
    std::optional<std::vector<Held>> m_held;
};

}  // namespace

AgeIdentity create_age_identity(Path const& folder, std::string_view name, Secret const& passphrase,
                                port::Entropy& entropy) {
    base::check_name(name, "key");
    auto const secret_file = file_of(folder, name, private_ending);
    auto const public_file = file_of(folder, name, public_ending);
    if (base::exists(secret_file) || base::exists(public_file))
        throw Error(Code::conflict, "a key '" + std::string(name) + "' exists in " + folder.string(),
                    "choose another name; keys are never overwritten");
    Secret const identity(entropy.bytes(identity_bytes));
    AgeIdentity out;
    out.name = name;
    out.recipient = age_recipient(identity);
    out.encrypted = !passphrase.empty();
    auto const pem = private_pem(x25519_to_pkcs8(identity), passphrase);
    if (!base::exists(folder)) base::make_folder(folder, base::FileMode::owner);
    // The public part first: a private one without it would not be found again.
    base::create_file(public_file, base::as_bytes(out.recipient + "\n"), base::FileMode::shared);
    base::create_file(secret_file, pem.view(), base::FileMode::owner);
    return out;
}

Secret open_age_identity(Path const& folder, AgeIdentity const& identity,
                         port::Keyring::Passphrase const& ask) {
    auto const& name = identity.name;
    Secret const pem(base::read_file(file_of(folder, name, private_ending), max_key_file));
    auto const passphrase = identity.encrypted && ask ? ask(name) : Secret();
    if (identity.encrypted && passphrase.empty())
        throw Error(Code::not_authorized, "key '" + name + "' needs its passphrase",
                    "name the file that holds it with --passphrase-file");
    return x25519_from_pkcs8(private_from_pem(pem.view(), passphrase, name), name);
}

std::vector<AgeIdentity> age_identities(Path const& folder) {
    std::vector<AgeIdentity> out;
    for (auto const& name : names_in(folder)) out.push_back(read_identity(folder, name));
    return out;
}

std::unique_ptr<port::Courier> make_courier(Path folder, port::Keyring::Passphrase passphrase,
                                            std::map<std::string, std::string> recipients,
                                            port::Entropy& entropy) {
    return std::make_unique<AgeCourier>(std::move(folder), std::move(passphrase), std::move(recipients),
                                        entropy);
}

}  // namespace consortium::crypto
