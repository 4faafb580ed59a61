#include "core/flow/log_folder_words.h"

#include <fmt/format.h>

namespace consortium::flow {

namespace {

// clang-format off
constexpr std::string_view readme = R"words(The log of '{origin}' with {size} entries, disclosed to: {recipient}

Nothing here needs the program that made it. Check it in this order, in this folder.

1. That no file was changed since the folder was made:

       sha256sum --quiet -c SHA256SUMS

2. That the log has signed its head. Get the key by another way and compare it: the first line of vkeys.txt has it
   for C2SP tools, keys/log.pem for openssl (3.0 or later):

       openssl pkeyutl -verify -pubin -inkey keys/log.pem -rawin -in checkpoint.body -sigfile checkpoint.sig

   checkpoint is the same head as a signed note (C2SP tlog-checkpoint). cosigned/, where it is there, has heads that
   other members have cosigned; the other lines of vkeys.txt are their keys.

3. That the entries are those under the head. tile/entries/ has them in bundles, tile/ the hashes of the tree (C2SP
   tlog-tiles, RFC 6962). With Go (Debian's packages golang-go and golang-golang-x-mod-dev):

       GO111MODULE=off GOPATH=/usr/share/gocode go run check.go "$(head -n 1 vkeys.txt)"

4. That an act was signed by whom it names. index.csv lists the entries; an act has its content in acts/INDEX.json,
   the bytes that were signed in acts/INDEX.pae, the signature in acts/INDEX.sig, and the column 'key' of index.csv
   names the file of its key below keys/. Scheme 'raw' with an Ed25519 key:

       openssl pkeyutl -verify -pubin -inkey keys/KEY.pem -rawin -in acts/INDEX.pae -sigfile acts/INDEX.sig

   scheme 'raw' with a P-256 key (for P-384 say -sha384):

       openssl dgst -sha256 -verify keys/KEY.pem -signature acts/INDEX.sig acts/INDEX.pae

   scheme 'sshsig':

       ssh-keygen -Y verify -f allowed_signers -I KEY -n consortium -s acts/INDEX.sig < acts/INDEX.pae

   INDEX.pae is INDEX.json after the words 'DSSEv1', the length and the name of its type, and its own length.

5. That the key is that member's. epochs/NUMBER.json is what the members had agreed on. Each act names one by number
   and hash, and that hash is the file's:

       sha256sum epochs/*.json

   Epoch 0 is the genesis, whose hash identifies the consortium: compare it with what a member tells you. Every
   other epoch names the one before in 'previous'; the acts of kind 'commit' that name its hash, signed by the seats
   of a quorum of the members of the one before, made it final.

6. When it was there. timestamps/, where it is there, has earlier heads of this log, each named by its size, and in
   SIZE.tsr what a time-stamping authority signed about it (RFC 3161). With the authority's root in CA.pem:

       openssl ts -verify -token_in -in timestamps/SIZE.tsr -data timestamps/SIZE -CAfile CA.pem
       openssl ts -reply -token_in -in timestamps/SIZE.tsr -text

Events of the log's owner are commitments: the SHA-256 of "consortium event v1", a line feed, 32 bytes of salt and
the event. Their bodies are not here, but for the record of this disclosure, in disclosure.json: at {recorded} entries
the tree had the root that it names as 'content'.
)words";

constexpr std::string_view program = R"words(// Recomputes the tree of this folder and compares it with its signed head.
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range indexes {
		out = append(out, h[i])
	}
	return out, nil
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "does not hold:", err)
		os.Exit(1)
	}
}

func bundle(number, width int64) string {
	text := fmt.Sprintf("%03d", number%1000)
	for number >= 1000 {
		number /= 1000
		text = fmt.Sprintf("x%03d/%s", number%1000, text)
	}
	if width < 256 {
		text += fmt.Sprintf(".p/%d", width)
	}
	return "tile/entries/" + text
}

func main() {
	verifier, err := note.NewVerifier(os.Args[1])
	must(err)
	text, err := os.ReadFile("checkpoint")
	must(err)
	head, err := note.Open(text, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(head.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	var tree hashes
	for index := int64(0); index < size; {
		width := min(size-index, 256)
		rest, err := os.ReadFile(bundle(index/256, width))
		must(err)
		for ; len(rest) > 0; index++ {
			length := 2 + int(binary.BigEndian.Uint16(rest))
			more, err := tlog.StoredHashes(index, rest[2:length], tree)
			must(err)
			tree, rest = append(tree, more...), rest[length:]
		}
	}
	found, err := tlog.TreeHash(size, tree)
	must(err)
	if found != root {
		must(fmt.Errorf("the entries have the root %v, the head has %v", found, root))
	}
	fmt.Println(size, "entries are those under the head of", lines[0])
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}
)words";
// clang-format on

}  // namespace

std::string log_folder_readme(LogFolderWords const& words) {
    return fmt::format(fmt::runtime(readme), fmt::arg("origin", words.origin), fmt::arg("size", words.size),
                       fmt::arg("recipient", words.recipient), fmt::arg("recorded", words.recorded));
}

std::string_view log_folder_program() {
    return program;
}

}  // namespace consortium::flow
