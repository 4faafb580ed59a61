#include "core/journal/proof.h"

#include "core/base/error.h"

#include <charconv>

namespace consortium::journal {

using base::Code;
using base::Error;

namespace {

constexpr std::string_view header = "c2sp.org/tlog-proof@v1";

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

std::uint64_t parse_index(std::string_view line) {
    constexpr std::string_view word = "index ";
    if (!line.starts_with(word)) bad("no index");
    line.remove_prefix(word.size());
    std::uint64_t value = 0;
    auto const [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
    if (error != std::errc() || end != line.data() + line.size() || (line.size() > 1 && line[0] == '0'))
        bad("the index is not a number");
    return value;
}

}  // namespace

std::string Proof::text() const {
    std::string out = std::string(header) + "\n";
    if (!extra.empty()) out += "extra " + base::to_base64(base::as_bytes(extra)) + "\n";
    out += "index " + std::to_string(index) + "\n";
    for (auto const& hash : hashes) out += base::to_base64(hash.view()) + "\n";
    return out + "\n" + checkpoint;
}

Proof Proof::parse(std::string_view text) {
    if (text.size() > 256 * 1024) bad("larger than 256 KiB");
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
    proof.index = parse_index(line);
    for (line = take_line(text); !line.empty(); line = take_line(text)) {
        auto const hash = base::from_base64(line);
        if (hash.size() != 32 || proof.hashes.size() == 64) bad("a line of the path is not a hash");
        proof.hashes.push_back(Digest::from_bytes(hash));
    }
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

}  // namespace consortium::journal
