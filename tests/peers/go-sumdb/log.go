package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// A published log: tlog's tiles under the paths of C2SP's tlog-tiles, which say no height.
type published string

func (p published) Height() int                     { return height }
func (p published) SaveTiles([]tlog.Tile, [][]byte) {}

func (p published) read(tile tlog.Tile) ([]byte, error) {
	path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
	return os.ReadFile(filepath.Join(string(p), strings.Replace(path, "tile/data/", "tile/entries/", 1)))
}

func (p published) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		content, err := p.read(tile)
		if err != nil {
			return nil, err
		}
		all = append(all, content)
	}
	return all, nil
}

// The hashes of a tree as tlog numbers them.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range indexes {
		out = append(out, s[i])
	}
	return out, nil
}

// inShares calls work for the shares of [0, size) on all processors; returns an error of one that failed.
func inShares(size, share int64, work func(begin, end int64) error) error {
	begins := make(chan int64)
	failures := make([]error, runtime.NumCPU())
	var group sync.WaitGroup
	for i := range failures {
		group.Add(1)
		go func(failure *error) {
			defer group.Done()
			for begin := range begins {
				end := begin + share
				if end > size {
					end = size
				}
				if err := work(begin, end); err != nil {
					*failure = err
				}
			}
		}(&failures[i])
	}
	for begin := int64(0); begin < size; begin += share {
		begins <- begin
	}
	close(begins)
	group.Wait()
	for _, failure := range failures {
		if failure != nil {
			return failure
		}
	}
	return nil
}

// readTree reads every hash of the tree; TileHashReader refuses a tile that is not under the head.
func readTree(log published, signed head) (stored, error) {
	reader := tlog.TileHashReader(tlog.Tree{N: signed.size, Hash: signed.root}, log)
	tree := make(stored, tlog.StoredHashCount(signed.size))
	return tree, inShares(int64(len(tree)), 1024, func(begin, end int64) error {
		var indexes []int64
		for i := begin; i < end; i++ {
			indexes = append(indexes, i)
		}
		hashes, err := reader.ReadHashes(indexes)
		copy(tree[begin:], hashes)
		return err
	})
}

// checkBundle proves each entry of a bundle to be in the tree, at its index.
func checkBundle(log published, signed head, tree stored, begin, end int64) error {
	rest, err := log.read(tlog.Tile{H: height, L: -1, N: begin >> height, W: int(end - begin)})
	if err != nil {
		return err
	}
	for index := begin; index < end; index++ {
		if len(rest) < 2 || len(rest) < 2+int(binary.BigEndian.Uint16(rest)) {
			return fmt.Errorf("entry %d is cut short", index)
		}
		length := 2 + int(binary.BigEndian.Uint16(rest))
		proof, err := tlog.ProveRecord(signed.size, index, tree)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, signed.size, signed.root, index, tlog.RecordHash(rest[2:length])); err != nil {
			return fmt.Errorf("entry %d: %v", index, err)
		}
		rest = rest[length:]
	}
	if len(rest) != 0 {
		return fmt.Errorf("more than %d entries in a bundle", end-begin)
	}
	return nil
}

// checkHeads proves that each head continues the ones before it, up to the log's own.
func checkHeads(tree stored, heads []head) error {
	for j := range heads {
		for i := 0; i < j; i++ {
			older, newer := heads[i], heads[j]
			if older.size > newer.size || older.origin != newer.origin {
				return errors.New("the heads are not given in order")
			}
			proof, err := tlog.ProveTree(newer.size, older.size, tree)
			if err != nil {
				return err
			}
			if err := tlog.CheckTree(proof, newer.size, newer.root, older.size, older.root); err != nil {
				return fmt.Errorf("from %d to %d: %v", older.size, newer.size, err)
			}
		}
	}
	return nil
}

// checkLog checks the tree, each entry, and that the log has only grown since the heads.
func checkLog(vkey, folder string, paths []string) (string, error) {
	var heads []head
	for _, path := range append(paths, filepath.Join(folder, "checkpoint")) {
		opened, err := readHead(vkey, path)
		if err != nil {
			return "", err
		}
		heads = append(heads, opened)
	}
	signed, log := heads[len(heads)-1], published(folder)
	tree, err := readTree(log, signed)
	if err != nil {
		return "", err
	}
	if err := checkHeads(tree, heads); err != nil {
		return "", err
	}
	err = inShares(signed.size, 1<<height, func(begin, end int64) error {
		return checkBundle(log, signed, tree, begin, end)
	})
	return fmt.Sprintf("%d entries, %d heads of %s", signed.size, len(heads), signed.origin), err
}

// checkGrowth checks a proof of ours that the log only grew since the head in a file.
func checkGrowth(vkey, text, path string) (string, error) {
	older, err := readHead(vkey, path)
	if err != nil {
		return "", err
	}
	front, checkpoint, found := strings.Cut(text, "\n\n")
	lines := strings.Split(front, "\n")
	begins := fmt.Sprintf("old %d %v", older.size, older.root)
	if !found || len(lines) < 2 || lines[0] != "consortium/consistency@v1" || lines[1] != begins {
		return "", errors.New("not a proof that begins at this head")
	}
	proof, err := parseHashes(lines[2:])
	if err != nil {
		return "", err
	}
	newer, err := openHead(vkey, checkpoint)
	if err != nil {
		return "", err
	}
	err = tlog.CheckTree(proof, newer.size, newer.root, older.size, older.root)
	return fmt.Sprintf("%d entries continue %d in %s", newer.size, older.size, newer.origin), err
}
