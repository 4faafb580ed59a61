// Checks what a journal publishes with the Go team's own packages, which share no code with ours:
//
//	main VKEY FILE            a checkpoint or a .tlog-proof
//	main VKEY FILE HEAD       a proof of growth that begins at the signed HEAD
//	main VKEY FOLDER HEAD...  a whole published log, which continues each signed HEAD
//
// Ends with 0 and one line of words if it holds, with 1 and the reason if it does not.
package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type head struct {
	origin string
	size   int64
	root   tlog.Hash
}

func openHead(vkey, text string) (head, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return head{}, err
	}
	opened, err := note.Open([]byte(text), note.VerifierList(verifier))
	if err != nil {
		return head{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return head{}, errors.New("not a checkpoint of that log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return head{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return head{lines[0], size, root}, err
}

// readHead opens the signed head in a file.
func readHead(vkey, path string) (head, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return head{}, err
	}
	return openHead(vkey, string(text))
}

func parseHashes(lines []string) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		out = append(out, hash)
	}
	return out, nil
}

func checkProof(vkey, text string) (string, error) {
	front, checkpoint, found := strings.Cut(text, "\n\n")
	lines := strings.Split(front, "\n")
	if !found || len(lines) < 3 || !strings.HasPrefix(lines[1], "extra ") || !strings.HasPrefix(lines[2], "index ") {
		return "", errors.New("not a proof with its entry")
	}
	entry, err := base64.StdEncoding.DecodeString(lines[1][6:])
	if err != nil {
		return "", err
	}
	index, err := strconv.ParseInt(lines[2][6:], 10, 64)
	if err != nil {
		return "", err
	}
	path, err := parseHashes(lines[3:])
	if err != nil {
		return "", err
	}
	signed, err := openHead(vkey, checkpoint)
	if err != nil {
		return "", err
	}
	if err := tlog.CheckRecord(path, signed.size, signed.root, index, tlog.RecordHash(entry)); err != nil {
		return "", err
	}
	return fmt.Sprintf("entry %d of %d in %s", index, signed.size, signed.origin), nil
}

func check(vkey, path string, heads []string) (string, error) {
	if about, err := os.Stat(path); err == nil && about.IsDir() {
		return checkLog(vkey, path, heads)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	text := string(content)
	switch {
	case len(heads) == 1:
		return checkGrowth(vkey, text, heads[0])
	case len(heads) > 1:
		return "", errors.New("a proof of growth begins at one head")
	case strings.HasPrefix(text, "c2sp.org/tlog-proof@v1\n"):
		return checkProof(vkey, text)
	}
	signed, err := openHead(vkey, text)
	return fmt.Sprintf("head %d of %s", signed.size, signed.origin), err
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: main VKEY FILE|FOLDER [HEAD...]")
		os.Exit(2)
	}
	words, err := check(os.Args[1], os.Args[2], os.Args[3:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
	fmt.Println(words)
}
