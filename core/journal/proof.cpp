#include "core/journal/proof.h"

#include "core/base/error.h"

#include <charconv>

namespace consortium::journal {

using base::Code;
using base::Error;

namespace {

constexpr std::string_view header = "c2sp.org/tlog-proof@v1";
constexpr std::string_view consistency_header = "consortium/consistency@v1";
constexpr std::size_t max_text = 256u << 10;
constexpr std::size_t max_hashes = 64;

[[noreturn]] void bad(std::string const& what) {
    throw Error(Code::malformed, "proof: " + what);
}

std::string_view take_line(std::string_view& text) {
    auto const end = text.find('\n');
    if (end == std::string_view::npos) bad("ends inside a line");
    auto const line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

/// What follows the word on its line.
std::string_view after(std::string_view word, std::string_view line) {
    if (!line.starts_with(word)) bad("there is no line '" + std::string(word) + "…'");
    line.remove_prefix(word.size());
    return line;
}

std::uint64_t parse_number(std::string_view text) {
    std::uint64_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || (text.size() > 1 && text[0] == '0'))
        bad("'" + std::string(text.substr(0, 32)) + "' is not a number");
    return value;
}

Digest parse_hash(std::string_view text) {
    auto const hash = base::from_base64(text);
    if (hash.size() != 32) bad("a line of the path is not a hash");
    return Digest::from_bytes(hash);
}

/// The hashes up to the blank line, which is taken too.
std::vector<Digest> take_hashes(std::string_view& text) {
    std::vector<Digest> hashes;
    for (auto line = take_line(text); !line.empty(); line = take_line(text)) {
        if (hashes.size() == max_hashes) bad("its path is longer than any tree is high");
        hashes.push_back(parse_hash(line));
    }
    return hashes;
}

std::string lines_of(std::vector<Digest> const& hashes) {
    std::string out;
    for (auto const& hash : hashes) out += base::to_base64(hash.view()) + "\n";
    return out;
}

}  // namespace

std::string Proof::text() const {
    std::string out = std::string(header) + "\n";
    if (!extra.empty()) out += "extra " + base::to_base64(base::as_bytes(extra)) + "\n";
    out += "index " + std::to_string(index) + "\n";
    return out + lines_of(hashes) + "\n" + checkpoint;
}

Proof Proof::parse(std::string_view text) {
    if (text.size() > max_text) bad("larger than 256 KiB");
    if (take_line(text) != header) bad("does not begin with '" + std::string(header) + "'");
    Proof proof;
    constexpr std::string_view word = "extra ";
    auto line = take_line(text);
    if (line.starts_with(word)) {
        auto const bytes = base::from_base64(line.substr(word.size()));
        if (bytes.empty()) bad("the line 'extra' has nothing in it");
        proof.extra = std::string(base::as_text(bytes));
        line = take_line(text);
    }
    proof.index = parse_number(after("index ", line));
    proof.hashes = take_hashes(text);
    proof.checkpoint = text;
    return proof;
}

SignedCheckpoint verify_proof(Proof const& proof, std::string_view entry, std::vector<NoteKey> const& keys,
                              port::Verifier const& verifier) {
    auto opened = open_checkpoint(proof.checkpoint, keys, verifier);
    auto const& checkpoint = opened.checkpoint;
    if (!verify_inclusion(proof.index, checkpoint.size, leaf_hash(entry), proof.hashes, checkpoint.root))
        throw Error(Code::verification_failed,
                    "the proof does not show entry " + std::to_string(proof.index) + " in the tree of '" +
                        checkpoint.origin + "' with " + std::to_string(checkpoint.size) + " entries");
    return opened;
}

std::string ConsistencyProof::text() const {
    return std::string(consistency_header) + "\nold " + std::to_string(old_size) + " " +
           base::to_base64(old_root.view()) + "\n" + lines_of(hashes) + "\n" + checkpoint;
}

bool ConsistencyProof::is_one(std::string_view text) {
    return text.starts_with(consistency_header);
}

ConsistencyProof ConsistencyProof::parse(std::string_view text) {
    if (text.size() > max_text) bad("larger than 256 KiB");
    if (take_line(text) != consistency_header)
        bad("does not begin with '" + std::string(consistency_header) + "'");
    ConsistencyProof proof;
    auto const old = after("old ", take_line(text));
    auto const blank = old.find(' ');
    if (blank == std::string_view::npos) bad("the old tree has no root");
    proof.old_size = parse_number(old.substr(0, blank));
    proof.old_root = parse_hash(old.substr(blank + 1));
    if (proof.old_size == 0) bad("every tree continues the empty one");
    proof.hashes = take_hashes(text);
    proof.checkpoint = text;
    return proof;
}

std::optional<ConsistencyProof> prove_growth(std::uint64_t old_size, Checkpoint const& head,
                                             std::string const& note, SubtreeReader const& tiles) {
    ConsistencyProof proof;
    proof.old_size = old_size;
    proof.checkpoint = note;
    if (old_size == head.size) {
        proof.old_root = head.root;
        return proof;
    }
    proof.hashes = consistency_proof(old_size, head.size, tiles);
    proof.old_root = frontier_at(old_size, tiles).root();
    // The root at the right edge alone says nothing of the tiles below that only the path reads.
    if (!verify_consistency(old_size, head.size, proof.old_root, head.root, proof.hashes))
        return std::nullopt;
    return proof;
}

SignedCheckpoint verify_proof(ConsistencyProof const& proof, std::vector<NoteKey> const& keys,
                              port::Verifier const& verifier) {
    auto opened = open_checkpoint(proof.checkpoint, keys, verifier);
    auto const& checkpoint = opened.checkpoint;
    if (!verify_consistency(proof.old_size, checkpoint.size, proof.old_root, checkpoint.root, proof.hashes))
        throw Error(Code::verification_failed, "the proof does not show that '" + checkpoint.origin +
                                                   "' with " + std::to_string(checkpoint.size) +
                                                   " entries continues the tree of " +
                                                   std::to_string(proof.old_size));
    return opened;
}

}  // namespace consortium::journal
