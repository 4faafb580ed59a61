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

   It also compares with the entries what lies in acts/ and index.csv, so that nothing stands there that is not in the
   log, the key of each act below keys/ with the epoch that the act names, and the heads in cosigned/ and timestamps/
   with the tree, so that they are earlier heads of this log. One column of index.csv it cannot compare: 'received' is
   the word of the log's owner.

4. That an act was signed by whom it names. index.csv lists the entries; an act has its content in acts/INDEX.json,
   the bytes that were signed in acts/INDEX.pae, the signature in acts/INDEX.sig, and the column 'key' of index.csv
   names the file of its key below keys/. Scheme 'raw' with an Ed25519 key:

       openssl pkeyutl -verify -pubin -inkey keys/KEY.pem -rawin -in acts/INDEX.pae -sigfile acts/INDEX.sig

   scheme 'raw' with a P-256 key (for P-384 say -sha384):

       openssl dgst -sha256 -verify keys/KEY.pem -signature acts/INDEX.sig acts/INDEX.pae

   scheme 'sshsig':

       ssh-keygen -Y verify -f allowed_signers -I KEY -n consortium -s acts/INDEX.sig < acts/INDEX.pae

   INDEX.pae is INDEX.json after the words 'DSSEv1', the length and the name of its type, and its own length.

5. That the key is that member's. epochs/NUMBER.json is what the members had agreed on: members, officers and their
   keys. Each act names one by number and hash, and that hash is the file's:

       sha256sum epochs/*.json

   check.go has found the key of each act there as its author's (of an application: in the invitation that it
   answers). Epoch 0 is the genesis, whose hash identifies the consortium and is printed by check.go: compare it with
   what a member tells you. Every other epoch names the one before in 'previous'; the acts of kind 'commit' that name its hash, signed by the seats
   of a quorum of the members of the one before, made it final.

6. When it was there. timestamps/, where it is there, has earlier heads of this log, each named by its size, and in
   SIZE.tsr what a time-stamping authority signed about it (RFC 3161). With the authority's root in CA.pem:

       openssl ts -verify -token_in -in timestamps/SIZE.tsr -data timestamps/SIZE -CAfile CA.pem
       openssl ts -reply -token_in -in timestamps/SIZE.tsr -text

Events of the log's owner are commitments: the SHA-256 of "consortium event v1", a line feed, 32 bytes of salt and
the event. Their bodies are not here, but for the record of this disclosure, in disclosure.json: at {recorded} entries
the tree had the root that it names as 'content'.
)words";

constexpr std::string_view program = R"words(// Recomputes the tree of this folder and compares it with its signed head; then compares with its entries what else
// lies here: acts, index, keys and earlier heads. Signatures of acts are left to openssl and ssh-keygen, cosignatures
// to C2SP tools.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
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

func require(holds bool, format string, words ...interface{}) {
	if !holds {
		must(fmt.Errorf(format, words...))
	}
}

func file(name string) []byte {
	content, err := os.ReadFile(name)
	must(err)
	return content
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func decoded(text string) []byte {
	content, err := base64.StdEncoding.DecodeString(text)
	must(err)
	return content
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

type key struct{ ID, Algorithm, Spki, Member string }

type epoch struct {
	Previous string
	Keys     []key
	Officers []struct{ ID, Member, Key string }
	Members  []struct{ ID, Seat string }
	hash     string
}

type act struct {
	Epoch                      struct{ Number, Hash interface{} }
	Kind, Member, Officer, Key string
	Refs                       []string
	Body                       struct {
		Member string
		Key    json.RawMessage
	}
}

type folder struct {
	epochs      []epoch
	invitations map[string]act
	rows        *csv.Reader
	acts        int
}

// Each epoch names the hash of the one before.
func (f *folder) readEpochs() {
	names, err := os.ReadDir("epochs")
	must(err)
	previous := strings.Repeat("0", 64)
	for number := range names {
		content := file(fmt.Sprintf("epochs/%d.json", number))
		one := epoch{hash: digest(content)}
		must(json.Unmarshal(content, &one))
		require(one.Previous == previous, "epoch %d does not follow the one before", number)
		previous = one.hash
		f.epochs = append(f.epochs, one)
	}
	require(len(f.epochs) > 0, "there is no epoch")
}

// The key with which whoever an act names signs in the epoch that it names.
func (f *folder) keyOf(a act) (key, bool) {
	if a.Kind == "submit" && len(a.Refs) > 0 {
		invited := f.invitations[a.Refs[0]]
		var k key
		must(json.Unmarshal(invited.Body.Key, &k))
		k.ID = a.Key
		return k, invited.Body.Member == a.Member
	}
	for number, e := range f.epochs {
		if fmt.Sprint(number) != fmt.Sprint(a.Epoch.Number) || e.hash != a.Epoch.Hash {
			continue
		}
		signs := false
		for _, m := range e.Members {
			signs = signs || a.Officer == "" && m.ID == a.Member && m.Seat == a.Key
		}
		for _, o := range e.Officers {
			signs = signs || o.ID == a.Officer && o.Member == a.Member && o.Key == a.Key
		}
		for _, k := range e.Keys {
			if signs && k.ID == a.Key && k.Member == a.Member {
				return k, true
			}
		}
	}
	return key{}, false
}

// That the file which openssl or ssh-keygen is given is that key.
func checkKeyFile(k key) {
	spki := decoded(k.Spki)
	require(digest(spki) == k.ID, "the key %s is not what its id says", k.ID)
	if k.Algorithm == "ssh" {
		words := strings.Fields(string(file("keys/" + k.ID + ".pub")))
		require(len(words) == 2 && words[1] == k.Spki, "keys/%s.pub is another key", k.ID)
		line := k.ID + ` namespaces="consortium" ` + strings.Join(words, " ") + "\n"
		text := "\n" + string(file("allowed_signers"))
		require(strings.Count(text, "\n"+k.ID+" ") == 1 && strings.Contains(text, "\n"+line),
			"allowed_signers has another key for %s", k.ID)
		return
	}
	block, rest := pem.Decode(file("keys/" + k.ID + ".pem"))
	require(block != nil && len(rest) == 0 && bytes.Equal(block.Bytes, spki), "keys/%s.pem is another key", k.ID)
}

func signature(name, scheme string) []byte {
	content := file(name)
	if scheme != "sshsig" {
		return content
	}
	block, _ := pem.Decode(content)
	require(block != nil, "%s is no signature", name)
	return block.Bytes
}

// One entry: what lies in acts and in its row of the index are what its leaf says.
func (f *folder) checkEntry(index int64, leaf []byte, row []string) {
	hash := tlog.RecordHash(leaf)
	require(len(row) == 10 && row[0] == fmt.Sprint(index) && row[8] == hex.EncodeToString(hash[:]),
		"row %d of index.csv is of another entry", index)
	var entry struct {
		Payload, PayloadType, Kind, Checkpoint, Peer string
		Signatures                                   []struct{ Sig, Scheme string }
	}
	must(json.Unmarshal(leaf, &entry))
	// What the row says from the type up to the key; the owner alone knows when it was received.
	says := func(words ...string) {
		for i, value := range words {
			require(row[1+i] == value, "row %d of index.csv says '%s' where the entry says '%s'", index, row[1+i], value)
		}
	}
	if entry.PayloadType == "" {
		if entry.Checkpoint != "" {
			says("checkpoint", "checkpoint", entry.Peer, "", "", "", "")
		} else {
			says("event", entry.Kind, "", "", "", "", "")
		}
		return
	}
	f.acts++
	name := fmt.Sprintf("acts/%d", index)
	payload := decoded(entry.Payload)
	kind := entry.PayloadType
	pae := []byte(fmt.Sprintf("DSSEv1 %d %s %d %s", len(kind), kind, len(payload), payload))
	require(len(entry.Signatures) == 1, "entry %d has not one signature", index)
	scheme := entry.Signatures[0].Scheme
	if scheme == "" {
		scheme = "raw"
	}
	require(bytes.Equal(file(name+".json"), payload) && bytes.Equal(file(name+".pae"), pae) &&
		bytes.Equal(signature(name+".sig", scheme), decoded(entry.Signatures[0].Sig)),
		"%s is not entry %d", name, index)
	var a act
	must(json.Unmarshal(payload, &a))
	id := digest(pae)
	says("act", a.Kind, a.Member, a.Officer, id, scheme, a.Key)
	if a.Kind == "invite" {
		f.invitations[id] = a
	}
	k, found := f.keyOf(a)
	require(found, "entry %d: its key is not of '%s' in epoch %v", index, a.Member, a.Epoch.Number)
	checkKeyFile(k)
}

// A head that the log has signed: its origin, size and root.
func readHead(name string, verifier note.Verifier) (string, int64, tlog.Hash) {
	head, err := note.Open(file(name), note.VerifierList(verifier))
	must(err)
	lines := strings.Split(head.Text, "\n")
	require(len(lines) > 3, "%s is no head", name)
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	require(size > 0, "%s is of an empty log", name)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	return lines[0], size, root
}

// The heads in this folder, each under its size, are earlier ones of the log.
func checkEarlier(in string, verifier note.Verifier, origin string, size int64, tree hashes) {
	names, err := os.ReadDir(in)
	if os.IsNotExist(err) {
		return
	}
	must(err)
	for _, one := range names {
		name := in + "/" + strings.TrimSuffix(one.Name(), ".tsr") // a timestamp lies beside its head
		of, earlier, root := readHead(name, verifier)
		require(name == fmt.Sprintf("%s/%d", in, earlier) && of == origin && earlier <= size,
			"%s is no earlier head of %s", name, origin)
		found, err := tlog.TreeHash(earlier, tree)
		must(err)
		require(found == root, "the first %d entries have the root %v, %s has %v", earlier, found, name, root)
	}
}

// The hashes of the tree over all entries, each of which is checked.
func (f *folder) readEntries(size int64) hashes {
	var tree hashes
	for at := int64(0); at < size; {
		width := size - at
		if width > 256 {
			width = 256
		}
		name := bundle(at/256, width)
		rest := file(name)
		for end := at + width; at < end; at++ {
			require(len(rest) >= 2, "%s is cut short", name)
			length := 2 + int(binary.BigEndian.Uint16(rest))
			require(len(rest) >= length, "%s is cut short", name)
			more, err := tlog.StoredHashes(at, rest[2:length], tree)
			must(err)
			row, err := f.rows.Read()
			must(err)
			f.checkEntry(at, rest[2:length], row)
			tree, rest = append(tree, more...), rest[length:]
		}
		require(len(rest) == 0, "%s has more than %d entries", name, width)
	}
	return tree
}

func main() {
	verifier, err := note.NewVerifier(os.Args[1])
	must(err)
	origin, size, root := readHead("checkpoint", verifier)
	index, err := os.Open("index.csv")
	must(err)
	f := folder{invitations: map[string]act{}, rows: csv.NewReader(index)}
	_, err = f.rows.Read() // the names of the columns
	must(err)
	f.readEpochs()
	tree := f.readEntries(size)
	found, err := tlog.TreeHash(size, tree)
	must(err)
	require(found == root, "the entries have the root %v, the head has %v", found, root)
	_, err = f.rows.Read()
	require(err == io.EOF, "index.csv has rows that are of no entry")
	files, err := os.ReadDir("acts")
	must(err)
	require(len(files) == 3*f.acts, "acts has files that are of no entry")
	checkEarlier("cosigned", verifier, origin, size, tree)
	checkEarlier("timestamps", verifier, origin, size, tree)
	fmt.Println(size, "entries are those under the head of", origin)
	fmt.Println(f.acts, "acts are among them, with keys of their members in the epochs that begin with", f.epochs[0].hash)
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
