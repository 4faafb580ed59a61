#include "core/crypto/key_folder.h"

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/crypto/key_command.h"
#include "core/crypto/keystore.h"
#include "core/crypto/pkcs11/uri.h"
#include "core/crypto/public_key.h"
#include "core/crypto/signer.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace consortium::crypto {

using base::Code;
using base::Error;
using base::Json;
using base::Path;

namespace {

std::string read_line(Path const& file) {
    auto line = base::read_text(file, max_key_file);
    if (line.size() < 2 || line.find('\n') != line.size() - 1)
        throw Error(Code::malformed, "'" + file.string() + "' is not one line", "restore it from a backup");
    line.pop_back();
    return line;
}

base::Bytes public_of_private(Path const& file, base::Secret const& passphrase) {
    base::Secret const pem(base::read_file(file, max_key_file));
    return make_signer(private_from_pem(pem.view(), passphrase, file.string()))->public_key();
}

}  // namespace

Path file_of(Path const& folder, std::string_view name, std::string_view ending) {
    return folder / (std::string(name) + std::string(ending));
}

Path private_file(Path const& folder, std::string_view name) {
    for (auto const ending : {private_ending, pkcs11_ending, command_ending})
        if (auto file = file_of(folder, name, ending); base::exists(file)) return file;
    return {};
}

bool has_key(Path const& folder, std::string_view name) {
    return !private_file(folder, name).empty() || base::exists(file_of(folder, name, public_ending)) ||
           base::exists(file_of(folder, name, ssh_ending));
}

void refuse_taken(Path const& folder, std::string_view name) {
    base::check_name(name, "key");
    if (has_key(folder, name))
        throw Error(Code::conflict, "a key '" + std::string(name) + "' exists in " + folder.string(),
                    "choose another name; keys are never overwritten");
}

void write_pair(Path const& folder, std::string_view name, std::string_view ending,
                base::BytesView private_part, base::BytesView spki) {
    auto const file = file_of(folder, name, ending);
    if (!base::exists(folder)) base::make_folder(folder, base::FileMode::owner);
    base::create_file(file, private_part, base::FileMode::owner);
    try {
        base::create_file(file_of(folder, name, public_ending), base::as_bytes(model::public_pem(spki)),
                          base::FileMode::shared);
    } catch (...) {
        std::error_code ignored;
        std::filesystem::remove(file, ignored);
        throw;
    }
}

void restore_pair(Path const& folder, std::string_view name, base::Secret const& pkcs8,
                  base::Secret const& passphrase) {
    auto const spki = make_signer(pkcs8)->public_key();
    auto const file = file_of(folder, name, private_ending), shown = file_of(folder, name, public_ending);
    bool const half = base::exists(file) != base::exists(shown);
    if (!half || private_file(folder, name) != (base::exists(file) ? file : Path())) {
        refuse_taken(folder, name);
        return write_pair(folder, name, private_ending, private_pem(pkcs8, passphrase).view(), spki);
    }
    auto const said = base::exists(file) ? file.string() : shown.string();
    auto const left = base::exists(file) ? public_of_private(file, passphrase) : read_public(folder, name);
    if (left != spki)
        throw Error(Code::conflict, "'" + said + "' is of another key",
                    "keep it under another name, and run "
                    "the command again");
    if (base::exists(file))
        base::create_file(shown, base::as_bytes(model::public_pem(spki)), base::FileMode::shared);
    else
        base::create_file(file, private_pem(pkcs8, passphrase).view(), base::FileMode::owner);
}

std::optional<KeyPlace> read_place(Path const& folder, std::string_view name) {
    auto const file = private_file(folder, name);
    auto const ending = file.extension();
    if (ending == pkcs11_ending) return KeyPlace{KeyPlace::Sort::token, read_line(file)};
    if (ending == command_ending) return KeyPlace{KeyPlace::Sort::command, read_line(file)};
    return std::nullopt;
}

std::string words_of(KeyPlace const& place) {
    return place.sort == KeyPlace::Sort::token ? pkcs11::to_text(pkcs11::parse_uri(place.line))
                                               : words_of(key_command_from_text(place.line));
}

base::Digest digest_of(KeyPlace const& place, std::string_view name, base::BytesView spki) {
    return base::digest_of(Json{{"place", place.line},
                                {"sort", place.sort == KeyPlace::Sort::token ? "pkcs11" : "command"},
                                {"name", name},
                                {"key", base::sha256(spki).hex()}});
}

void note_place(Path const& folder, std::string_view name, KeyPlace const& place, base::BytesView spki,
                TrustedPlaces const& trusted) {
    trusted.add(digest_of(place, name, spki), std::string(name) + ": " + words_of(place));
    write_pair(folder, name, place.sort == KeyPlace::Sort::token ? pkcs11_ending : command_ending,
               base::as_bytes(place.line + "\n"), spki);
}

std::string elsewhere(Path const& folder, std::string_view name) {
    auto const place = read_place(folder, name);
    if (!place) return {};
    try {
        return words_of(*place);
    } catch (Error const& error) {
        throw error.with("file", private_file(folder, name).string());
    }
}

base::Bytes read_public(Path const& folder, std::string_view name) {
    return model::public_from_pem(base::read_text(file_of(folder, name, public_ending), max_key_file));
}

std::string trust_place(Path const& folder, std::string_view name, TrustedPlaces const& trusted) {
    auto const place = read_place(folder, name);
    if (!place)
        throw Error(Code::not_found,
                    "key '" + base::printable(name) + "' is not on a token or behind a command",
                    "run 'consortium key list'");
    auto words = elsewhere(folder, name);
    trusted.add(digest_of(*place, name, read_info(folder, name).public_key),
                std::string(name) + ": " + words);
    return words;
}

port::KeyInfo read_info(Path const& folder, std::string_view name) {
    port::KeyInfo info;
    info.name = name;
    info.public_key = read_public(folder, name);
    info.algorithm = sound_algorithm_of(info.public_key);
    info.id = base::sha256(info.public_key);
    if (auto const place = read_place(folder, name)) {
        info.place = elsewhere(folder, name);  // sound, or it throws
        info.encrypted = place->sort == KeyPlace::Sort::token;
        return info;
    }
    base::Secret const pem(base::read_file(private_file(folder, name), max_key_file));
    info.encrypted = is_encrypted(pem.view(), name);
    return info;
}

}  // namespace consortium::crypto
