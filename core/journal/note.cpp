#include "core/journal/note.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>

namespace consortium::journal {

namespace {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;

constexpr std::size_t max_note = 16'384;
constexpr std::string_view dash = "\xe2\x80\x94 ";  // U+2014 and a blank

/// RFC 8410: SubjectPublicKeyInfo of an Ed25519 key, up to its 32 raw bytes.
constexpr std::array<std::uint8_t, 12> ed25519_prefix{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                                      0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

[[noreturn]] void bad(std::string const& what) {
    throw Error(Code::malformed, "signed note: " + what);
}

bool is_key_name(std::string_view name) {
    return !name.empty() && base::is_utf8(name) && std::ranges::none_of(name, [](char c) {
        return c == '+' || static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
    });
}

Bytes typed(NoteKeyType type, BytesView raw) {
    Bytes out{static_cast<std::uint8_t>(type)};
    out.insert(out.end(), raw.begin(), raw.end());
    return out;
}

std::uint32_t read_u32(BytesView bytes) {
    return std::uint32_t(bytes[0]) << 24 | std::uint32_t(bytes[1]) << 16 | std::uint32_t(bytes[2]) << 8 |
           std::uint32_t(bytes[3]);
}

Bytes u32_bytes(std::uint32_t value) {
    return {static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
            static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

std::string cosigned_message(std::string_view body, std::uint64_t seconds) {
    return "cosignature/v1\ntime " + std::to_string(seconds) + "\n" + std::string(body);
}

NoteSignature parse_signature(std::string_view line) {
    if (!line.starts_with(dash)) bad("a signature line does not begin with an em dash and a blank");
    line.remove_prefix(dash.size());
    auto const blank = line.find(' ');
    if (blank == std::string_view::npos) bad("a signature line has no signature");
    NoteSignature signature;
    signature.name = line.substr(0, blank);
    if (!is_key_name(signature.name)) bad("a signature line has a bad key name");
    auto const bytes = base::from_base64(line.substr(blank + 1));
    if (bytes.size() < 5) bad("a signature is too short");
    signature.id = read_u32(bytes);
    signature.bytes.assign(bytes.begin() + 4, bytes.end());
    return signature;
}

void check_characters(std::string_view text) {
    if (text.size() > max_note) bad("larger than 16 KiB");
    if (!base::is_utf8(text)) bad("not UTF-8");
    if (std::ranges::any_of(
            text, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f; }))
        bad("holds a control character");
}

/// The time of the signature if it holds; no value where it does not.
std::optional<NoteSigner> check(NoteKey const& key, NoteSignature const& signature, std::string_view body,
                                port::Verifier const& verifier) {
    auto const spki = key.spki();
    BytesView bytes = signature.bytes;
    if (key.type == NoteKeyType::log) {
        if (!verifier.verify("raw", spki, base::as_bytes(body), bytes)) return std::nullopt;
        return NoteSigner{key, std::nullopt};
    }
    if (bytes.size() != 8 + 64) return std::nullopt;
    auto const seconds = base::read_u64(bytes);
    auto const message = cosigned_message(body, seconds);
    if (seconds >> 62 != 0 || !verifier.verify("raw", spki, base::as_bytes(message), bytes.subspan(8)))
        return std::nullopt;
    return NoteSigner{key, base::Instant{static_cast<std::int64_t>(seconds)}};
}

}  // namespace

std::uint32_t NoteKey::id() const {
    auto message = base::to_bytes(name + "\n");
    auto const tail = typed(type, raw);
    message.insert(message.end(), tail.begin(), tail.end());
    return read_u32(base::sha256(BytesView(message)).view());
}

std::string NoteKey::vkey() const {
    return name + "+" + base::to_hex(u32_bytes(id())) + "+" + base::to_base64(typed(type, raw));
}

Bytes NoteKey::spki() const {
    Bytes out(ed25519_prefix.begin(), ed25519_prefix.end());
    out.insert(out.end(), raw.begin(), raw.end());
    return out;
}

NoteKey NoteKey::from_vkey(std::string_view text) {
    auto const first = text.find('+');
    auto const second = first == std::string_view::npos ? first : text.find('+', first + 1);
    if (second == std::string_view::npos)
        throw Error(Code::malformed, "a verifier key has the form name+id+key");
    NoteKey key;
    key.name = text.substr(0, first);
    auto const id = base::from_hex(text.substr(first + 1, second - first - 1));
    auto const bytes = base::from_base64(text.substr(second + 1));
    if (!is_key_name(key.name) || id.size() != 4 || bytes.size() != 33 || (bytes[0] != 1 && bytes[0] != 4))
        throw Error(Code::malformed, "this is not an Ed25519 verifier key");
    key.type = static_cast<NoteKeyType>(bytes[0]);
    key.raw.assign(bytes.begin() + 1, bytes.end());
    if (key.id() != read_u32(id))
        throw Error(Code::malformed, "the id of the verifier key '" + key.name + "' does not fit its key");
    if (key.vkey() != text)
        throw Error(Code::malformed, "the verifier key '" + key.name + "' is not in lower case");
    return key;
}

NoteKey NoteKey::from_spki(std::string name, NoteKeyType type, BytesView spki) {
    if (!is_key_name(name)) throw Error(Code::malformed, "'" + name + "' cannot name a key of a signed note");
    if (spki.size() != 44 || !std::ranges::equal(spki.first(12), ed25519_prefix))
        throw Error(Code::malformed, "the key of '" + name + "' is not an Ed25519 key");
    return {std::move(name), type, Bytes(spki.begin() + 12, spki.end())};
}

std::string Note::text() const {
    auto out = body + "\n";
    for (auto const& signature : signatures) out += signature_line(signature);
    return out;
}

Note Note::parse(std::string_view text) {
    check_characters(text);
    auto const end = text.rfind("\n\n");
    if (end == std::string_view::npos || end == 0) bad("no blank line before the signatures");
    if (!text.ends_with('\n')) bad("the last line has no end");
    Note note;
    note.body = text.substr(0, end + 1);
    auto lines = text.substr(end + 2);
    while (!lines.empty()) {
        auto const stop = lines.find('\n');
        note.signatures.push_back(parse_signature(lines.substr(0, stop)));
        if (note.signatures.size() > max_note_signatures) bad("more than 64 signatures");
        lines.remove_prefix(stop + 1);
    }
    if (note.signatures.empty()) bad("no signature");
    return note;
}

NoteSignature sign_note(std::string const& name, std::string_view body, port::Signer& signer) {
    auto const key = NoteKey::from_spki(name, NoteKeyType::log, signer.public_key());
    return {name, key.id(), signer.sign(base::as_bytes(body))};
}

NoteSignature cosign_note(std::string const& name, std::string_view body, base::Instant time,
                          port::Signer& signer) {
    auto const key = NoteKey::from_spki(name, NoteKeyType::cosigner, signer.public_key());
    auto const seconds = static_cast<std::uint64_t>(time.seconds);
    Bytes bytes;
    base::append_u64(bytes, seconds);
    auto const signature = signer.sign(base::as_bytes(cosigned_message(body, seconds)));
    bytes.insert(bytes.end(), signature.begin(), signature.end());
    return {name, key.id(), bytes};
}

std::string signature_line(NoteSignature const& signature) {
    auto bytes = u32_bytes(signature.id);
    bytes.insert(bytes.end(), signature.bytes.begin(), signature.bytes.end());
    return std::string(dash) + signature.name + " " + base::to_base64(bytes) + "\n";
}

std::vector<NoteSigner> verified_signers(Note const& note, std::vector<NoteKey> const& keys,
                                         port::Verifier const& verifier) {
    std::vector<NoteSigner> signers;
    for (auto const& signature : note.signatures) {
        auto const known = std::ranges::find_if(
            keys, [&](NoteKey const& key) { return key.name == signature.name && key.id() == signature.id; });
        if (known == keys.end()) continue;
        auto signer = check(*known, signature, note.body, verifier);
        if (!signer)
            throw Error(Code::verification_failed, "the signature of '" + known->name + "' does not hold", {},
                        {{"key", known->vkey()}});
        auto const seen = std::ranges::any_of(
            signers, [&](NoteSigner const& other) { return other.key.vkey() == known->vkey(); });
        if (!seen) signers.push_back(std::move(*signer));
    }
    return signers;
}

}  // namespace consortium::journal
