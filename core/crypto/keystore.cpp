#include "core/crypto/keystore.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/crypto/destroy.h"
#include "core/crypto/key_command.h"
#include "core/crypto/key_folder.h"
#include "core/crypto/pkcs11/key.h"
#include "core/crypto/signer.h"
#include "core/crypto/ssh_agent.h"
#include "core/crypto/sshsig.h"
#include "core/model/public_key.h"

#include <algorithm>
#include <map>

namespace consortium::crypto {

namespace {

using base::Code;
using base::Error;
using base::Path;

/// The names N for which the folder holds N<ending>, sorted.
std::vector<std::string> names_with(Path const& folder, std::string_view ending) {
    std::vector<std::string> out;
    std::error_code ignored;
    for (auto const& file : std::filesystem::directory_iterator(folder, ignored)) {
        auto name = file.path().filename().string();
        if (!name.ends_with(ending)) continue;
        name.resize(name.size() - ending.size());
        if (base::is_name(name)) out.push_back(std::move(name));
    }
    std::sort(out.begin(), out.end());
    return out;
}

base::Secret ask(std::string_view name, port::Keyring::Passphrase const& passphrase) {
    auto out = passphrase ? passphrase(name) : base::Secret();
    if (out.empty())
        throw Error(Code::not_authorized, "key '" + std::string(name) + "' needs its passphrase",
                    "name the file that holds it with --passphrase-file");
    return out;
}

base::Secret read_private(Path const& folder, port::KeyInfo const& key,
                          port::Keyring::Passphrase const& passphrase) {
    base::Secret const pem(base::read_file(private_file(folder, key.name), max_key_file));
    auto const word = key.encrypted ? ask(key.name, passphrase) : base::Secret();
    return private_from_pem(pem.view(), word, key.name);
}

class FolderKeyring : public port::Keyring {
public:
    FolderKeyring(Path folder, Passphrase passphrase, KeyMeans means)
        : m_folder(std::move(folder)),
          m_passphrase(std::move(passphrase)),
          m_means(std::move(means)),
          m_tokens(m_means.pin) {}

    std::vector<port::KeyInfo> list() const override {
        std::vector<port::KeyInfo> out;
        for (auto const& name : names()) out.push_back(known(name));
        return out;
    }

    port::KeyInfo info(std::string_view name) const override {
        if (!base::is_name(name) || private_file(m_folder, name).empty())
            throw Error(Code::not_found,
                        "no key '" + base::printable(name) + "' in " + m_folder.string() + suggestion(name),
                        "run 'consortium key list'");
        return known(name);
    }

    bool has(base::Digest const& id) const override { return !name_of(id.hex()).empty() || ssh_key(id); }

    std::optional<port::KeyInfo> find(std::string_view digits) const override {
        auto const name = name_of(digits);
        if (name.empty()) return std::nullopt;
        return known(name);
    }

    std::shared_ptr<port::Signer> open(std::string_view name) override {
        auto const known = m_open.find(name);
        if (known != m_open.end()) return known->second;
        auto const expected = info(name);
        auto const place = read_place(m_folder, name);
        auto signer = place ? open_elsewhere(expected, *place)
                            : make_signer(read_private(m_folder, expected, m_passphrase));
        if (signer->id() != expected.id)
            throw Error(Code::verification_failed, "key '" + std::string(name) +
                                                       "' is not the private key of '" +
                                                       file_of(m_folder, name, public_ending).string() + "'");
        m_open.emplace(name, signer);
        return signer;
    }

    std::shared_ptr<port::Signer> open(base::Digest const& id) override {
        auto const name = name_of(id.hex());
        if (!name.empty()) return open(name);
        if (auto const key = ssh_key(id)) return open_in_agent(*key);
        throw Error(Code::not_found, "no private key " + id.brief() + " in " + m_folder.string(),
                    "run 'consortium key list'");
    }

    port::KeyInfo create(std::string_view name, std::string_view algorithm,
                         base::Secret const& passphrase) override {
        base::check_name(name, "key");
        return import_key(m_folder, name, generate_key(algorithm), passphrase);
    }

    void destroy(std::string_view name) override {
        base::check_name(name, "key");
        auto const file = private_file(m_folder, name);
        auto const place = read_place(m_folder, name);
        if (place && place->sort == KeyPlace::Sort::command)
            throw Error(Code::unsupported,
                        "key '" + std::string(name) + "' is behind '" + words_of(*place) +
                            "', which cannot be asked to destroy it",
                        "have it destroyed there, then remove '" + file.string() + "'");
        m_open.erase(std::string(name));
        if (place) pkcs11::destroy_key(pkcs11::parse_uri(place->line), m_means.pin);
        // Under another name first: half of a key must not be taken for one.
        auto const dying = file_of(m_folder, name, dying_ending);
        if (!file.empty()) {
            std::filesystem::rename(file, dying);
            base::sync_folder(m_folder);
        }
        destroy_file(dying);
    }

    port::LooseKey generate(std::string_view algorithm, base::Secret const& passphrase) const override {
        auto key = generate_pair(algorithm);
        return {private_pem(key.pkcs8, passphrase), std::move(key.public_key)};
    }

private:
    std::vector<std::string> names() const {
        auto out = names_with(m_folder, public_ending);
        std::erase_if(out, [&](std::string const& name) { return private_file(m_folder, name).empty(); });
        return out;
    }

    /// Read once a process: keys are never overwritten.
    port::KeyInfo const& known(std::string_view name) const {
        auto const found = m_known.find(name);
        if (found != m_known.end()) return found->second;
        return m_known.emplace(name, read_info(m_folder, name)).first->second;
    }

    /// Keys of certificates may be many, and are known by their names: they are looked at last.
    std::string name_of(std::string_view digits) const {
        auto all = names_with(m_folder, public_ending);
        std::ranges::stable_partition(all, [](auto const& name) { return !name.starts_with("cert-"); });
        for (auto const& name : all) {
            if (id_of(name).starts_with(digits) && !private_file(m_folder, name).empty()) return name;
        }
        return {};
    }

    std::string const& id_of(std::string const& name) const {
        auto found = m_ids.find(name);
        if (found == m_ids.end())
            found = m_ids.emplace(name, base::sha256(read_public(m_folder, name)).hex()).first;
        return found->second;
    }

    std::shared_ptr<port::Signer> open_elsewhere(port::KeyInfo const& key, KeyPlace const& place) {
        if (!m_means.trusted.has(digest_of(place, key.name, key.public_key)))
            throw Error(Code::refused,
                        "this user has not said yet that what key '" + key.name + "' names may be " +
                            (place.sort == KeyPlace::Sort::token ? "loaded" : "run"),
                        "if it is yours, run 'consortium key trust " + key.name + "'",
                        {{"place", words_of(place)}});
        if (place.sort == KeyPlace::Sort::command)
            return make_command_signer(key_command_from_text(place.line), key.name, key.public_key);
        auto const uri = pkcs11::parse_uri(place.line);
        return pkcs11::make_signer(m_tokens.open(uri), {uri, key.public_key}, key.name);
    }

    std::optional<port::KeyInfo> ssh_key(base::Digest const& id) const {
        for (auto& key : ssh_keys(m_folder))
            if (key.id == id) return std::move(key);
        return std::nullopt;
    }

    /// Not kept: an agent may lose the key at any time, and says so when it is asked again.
    std::shared_ptr<port::Signer> open_in_agent(port::KeyInfo const& key) const {
        return make_agent_signer(key, m_means);
    }

    std::string suggestion(std::string_view name) const {
        auto const all = names();
        auto const near = base::nearest(name, all);
        return near.empty() ? "" : "; did you mean '" + near + "'?";
    }

    Path m_folder;
    Passphrase m_passphrase;
    KeyMeans m_means;
    pkcs11::Tokens m_tokens;
    std::map<std::string, std::shared_ptr<port::Signer>, std::less<>> m_open;
    mutable std::map<std::string, port::KeyInfo, std::less<>> m_known;
    mutable std::map<std::string, std::string, std::less<>> m_ids;  // hexadecimal, by name
};

}  // namespace

std::unique_ptr<port::Keyring> open_keyring(Path folder, port::Keyring::Passphrase passphrase,
                                            KeyMeans means) {
    return std::make_unique<FolderKeyring>(std::move(folder), std::move(passphrase), std::move(means));
}

base::Secret private_key(Path const& folder, std::string_view name,
                         port::Keyring::Passphrase const& passphrase) {
    auto const key = FolderKeyring(folder, {}, {}).info(name);
    if (auto const place = elsewhere(folder, name); !place.empty())
        throw Error(Code::unsupported, "key '" + std::string(name) + "' does not leave its place: " + place,
                    "whoever uses the certificate uses the key there");
    return read_private(folder, key, passphrase);
}

port::KeyInfo import_key(Path const& folder, std::string_view name, base::Secret const& pkcs8,
                         base::Secret const& passphrase) {
    refuse_taken(folder, name);
    auto const spki = make_signer(pkcs8)->public_key();
    auto const pem = private_pem(pkcs8, passphrase);
    write_pair(folder, name, private_ending, pem.view(), spki);
    return read_info(folder, name);
}

std::vector<std::string> untrusted_places(Path const& folder, TrustedPlaces const& trusted) {
    std::vector<std::string> out;
    for (auto const& name : names_with(folder, public_ending)) {
        auto const place = read_place(folder, name);
        if (place && !trusted.has(digest_of(*place, name, read_info(folder, name).public_key)))
            out.push_back(name);
    }
    return out;
}

port::KeyInfo add_ssh_key(Path const& folder, std::string_view name, std::string_view line) {
    refuse_taken(folder, name);
    auto const blob = ssh_public_key(line);
    if (!base::exists(folder)) base::make_folder(folder, base::FileMode::owner);
    auto const canonical = ssh_type(blob) + " " + base::to_base64(blob) + " " + std::string(name) + "\n";
    base::create_file(file_of(folder, name, ssh_ending), base::as_bytes(canonical), base::FileMode::shared);
    return {std::string(name), "ssh", base::sha256(blob), blob, false, {}};
}

std::vector<port::KeyInfo> ssh_keys(Path const& folder) {
    std::vector<port::KeyInfo> out;
    for (auto const& name : names_with(folder, ssh_ending)) {
        auto blob = ssh_public_key(base::read_text(file_of(folder, name, ssh_ending), max_key_file));
        auto const id = base::sha256(blob);
        out.push_back({name, "ssh", id, std::move(blob), false, {}});
    }
    return out;
}

}  // namespace consortium::crypto
