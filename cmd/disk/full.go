// Package disk has what the commands need from the file system: writing files whole or not at all, folders within folders, errors that name a full
// disk, and files that nobody else can read.
package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/report/human"
)

// FullError says which disk has no space left.
type FullError struct {
	folder string // on that disk
	free   int64  // bytes; -1: not known
	err    error
}

func (e *FullError) Error() string {
	free := ""
	if e.free >= 0 {
		free = fmt.Sprintf(" (%s free)", human.Bytes(e.free))
	}
	return fmt.Sprintf("the disk of %s is full%s: %v", e.folder, free, e.err)
}

func (e *FullError) Unwrap() error { return e.err }

// Try returns the way out.
func (e *FullError) Try() string {
	if e.folder == filepath.Clean(os.TempDir()) {
		return "free some space on that disk, or set TMPDIR to another folder for temporary files"
	}
	return "free some space on that disk and run again; what was committed before is kept, and the reports are a complete set"
}

// Full names the disk in an error that comes from a full one, and returns every other error unchanged. Ledger, reports, log and temporary files may
// be on different disks. The file that could not be written tells which; if none is named, it is the fullest of the given folders. The first of
// these is the one that the engine spills to.
func Full(err error, ours ...string) error {
	var already *FullError
	if err == nil || errors.As(err, &already) {
		return err
	}
	if said := noSpill.FindString(err.Error()); said != "" {
		free, _ := freeSpace(ours[0])
		return &FullError{ours[0], free, fmt.Errorf("no space for what does not fit into memory: %s", said)}
	}
	if !isFull(err) && !fullText.MatchString(err.Error()) {
		return err
	}
	e := &FullError{free: -1, err: err}
	if file := fullFile(err); file != "" {
		if file == os.Stdout.Name() {
			e.folder = "standard output"
			return e
		}
		e.folder = nearest(filepath.Dir(file))
		for _, folder := range ours { // new reports are written beside the old ones
			if folder != "" && (Within(file, folder) || strings.HasPrefix(file, folder+".")) {
				e.folder = folder
				break
			}
		}
		if free, ok := freeSpace(file); ok {
			e.free = free
		}
		return e
	}
	for _, folder := range ours {
		if free, ok := freeSpace(folder); ok && (e.folder == "" || free < e.free) {
			e.folder, e.free = folder, free
		}
	}
	if e.folder == "" {
		return err
	}
	return e
}

// isFull reports whether a system error means that the disk is full, for everybody or for this user.
func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }

// fullText matches the engine's message, which is only text and usually names the file.
var fullText = regexp.MustCompile(`(?:"([^"]+)": )?(?:No space left on device|Disk quota exceeded)`)

// noSpill matches the engine's message when the space left on the ledger's disk is not enough to spill to.
var noSpill = regexp.MustCompile(`Out of Memory Error: failed to offload data block[^\n]*`)

// fullFile is the file that did not fit on a full disk; empty if the error does not tell.
func fullFile(err error) string {
	switch e := err.(type) { //nolint:errorlint // it walks the wrapped errors itself: of several the one that tells of a full disk
	case *fs.PathError:
		if isFull(e.Err) {
			return e.Path
		}
	case *os.LinkError:
		if isFull(e.Err) {
			return e.New
		}
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			return fullFile(inner)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			if file := fullFile(inner); file != "" {
				return file
			}
		}
	}
	if m := fullText.FindStringSubmatch(err.Error()); m != nil {
		return m[1]
	}
	return ""
}

// freeSpace is the free space on the disk of a path, which may be gone by now.
func freeSpace(path string) (int64, bool) {
	free, err := ledger.FreeSpace(nearest(path))
	return free, err == nil
}

// nearest is a path, or its nearest parent that still exists.
func nearest(path string) string {
	for filepath.Dir(path) != path {
		if _, err := os.Stat(path); err == nil {
			break
		}
		path = filepath.Dir(path)
	}
	return path
}
