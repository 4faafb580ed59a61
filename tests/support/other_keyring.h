#pragma once

#include "core/port/keyring.h"

#include <map>

/// A keyring of which a test says otherwise what it tells of its keys, and who signs elsewhere.
class OtherKeyring : public consortium::port::Keyring {
public:
    using KeyInfo = consortium::port::KeyInfo;
    using Digest = consortium::base::Digest;
    using Signer = std::shared_ptr<consortium::port::Signer>;

    explicit OtherKeyring(Keyring& inner) : m_inner(inner) {}

    std::function<KeyInfo(KeyInfo)> told = [](KeyInfo key) { return key; };
    std::map<Digest, std::function<Signer()>> elsewhere;

    std::vector<KeyInfo> list() const override { return m_inner.list(); }
    KeyInfo info(std::string_view name) const override { return told(m_inner.info(name)); }
    bool has(Digest const& id) const override { return elsewhere.contains(id) || m_inner.has(id); }
    std::optional<KeyInfo> find(std::string_view digits) const override { return m_inner.find(digits); }
    Signer open(std::string_view name) override { return m_inner.open(name); }
    Signer open(Digest const& id) override {
        auto const found = elsewhere.find(id);
        return found == elsewhere.end() ? m_inner.open(id) : found->second();
    }
    KeyInfo create(std::string_view name, std::string_view algorithm,
                   consortium::base::Secret const& passphrase) override {
        return m_inner.create(name, algorithm, passphrase);
    }
    void destroy(std::string_view name) override { m_inner.destroy(name); }
    consortium::port::LooseKey generate(std::string_view algorithm,
                                        consortium::base::Secret const& passphrase) const override {
        return m_inner.generate(algorithm, passphrase);
    }

private:
    Keyring& m_inner;
};
