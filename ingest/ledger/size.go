package ledger

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
)

// Size is the space that a ledger takes on disk, in bytes.
type Size struct {
	Database int64 `json:"database"` // with its write-ahead log
	Usage    int64 `json:"usage"`    // slices
	Other    int64 `json:"other"`    // what can be made again from these two, and what a run is working on
}

// SizeOf adds up the files of the ledger. One that a run removes meanwhile does not count.
func SizeOf(folder string) (Size, error) {
	var s Size
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		switch top, _, _ := strings.Cut(filepath.ToSlash(name), "/"); top {
		case databaseFile, databaseFile + ".wal":
			s.Database += info.Size()
		case UsageFolder:
			s.Usage += info.Size()
		default:
			s.Other += info.Size()
		}
		return nil
	})
	return s, err
}
