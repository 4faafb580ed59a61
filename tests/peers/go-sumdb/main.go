// Checks a journal's checkpoint or .tlog-proof with the Go team's own packages, which share no code with ours:
//
//	main VKEY FILE
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
	var path tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return "", err
		}
		path = append(path, hash)
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

func check(vkey, path string) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(string(content), "c2sp.org/tlog-proof@v1\n") {
		return checkProof(vkey, string(content))
	}
	signed, err := openHead(vkey, string(content))
	return fmt.Sprintf("head %d of %s", signed.size, signed.origin), err
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: main VKEY FILE")
		os.Exit(2)
	}
	words, err := check(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
	fmt.Println(words)
}
