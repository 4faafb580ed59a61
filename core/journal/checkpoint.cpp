#include "core/journal/checkpoint.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <charconv>

namespace consortium::journal {

using base::Code;
using base::Error;

namespace {

std::uint64_t parse_size(std::string_view text) {
    std::uint64_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || (text.size() > 1 && text[0] == '0'))
        throw Error(Code::malformed, "checkpoint: line 2 is not a tree size");
    return value;
}

bool is_origin_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == '/';
}

}  // namespace

bool is_origin(std::string_view text) {
    if (text.empty() || text.size() > 200 || !std::ranges::all_of(text, is_origin_character)) return false;
    auto const parts = base::split(text, '/');
    return std::ranges::none_of(
        parts, [](std::string const& part) { return part.empty() || part == "." || part == ".."; });
}

std::string Checkpoint::body() const {
    return origin + "\n" + std::to_string(size) + "\n" + base::to_base64(root.view()) + "\n";
}

Checkpoint Checkpoint::parse(std::string_view body) {
    auto const lines = base::split(body, '\n');
    if (lines.size() != 4 || !lines[3].empty())
        throw Error(Code::malformed, "checkpoint: there must be three lines: origin, size, root");
    Checkpoint checkpoint;
    checkpoint.origin = lines[0];
    if (!is_origin(checkpoint.origin))
        throw Error(Code::malformed, "checkpoint: line 1 is not the name of a log");
    checkpoint.size = parse_size(lines[1]);
    auto const root = base::from_base64(lines[2]);
    if (root.size() != 32) throw Error(Code::malformed, "checkpoint: line 3 is not a root of 32 bytes");
    checkpoint.root = Digest::from_bytes(root);
    if (checkpoint.size == 0 && checkpoint.root != empty_root())
        throw Error(Code::malformed, "checkpoint: the root of an empty tree is the hash of nothing");
    return checkpoint;
}

std::string sign_checkpoint(Checkpoint const& checkpoint, port::Signer& log_key) {
    Note note{checkpoint.body(), {}};
    note.signatures.push_back(sign_note(checkpoint.origin, note.body, log_key));
    return note.text();
}

SignedCheckpoint open_checkpoint(std::string_view text, std::vector<NoteKey> const& keys,
                                 port::Verifier const& verifier) {
    auto const note = Note::parse(text);
    SignedCheckpoint opened{Checkpoint::parse(note.body), verified_signers(note, keys, verifier)};
    auto const by_log = std::ranges::any_of(opened.signers, [&](NoteSigner const& signer) {
        return signer.key.type == NoteKeyType::log && signer.key.name == opened.checkpoint.origin;
    });
    if (!by_log)
        throw Error(Code::verification_failed,
                    "the checkpoint of '" + opened.checkpoint.origin + "' is not signed by the log's key");
    return opened;
}

}  // namespace consortium::journal
