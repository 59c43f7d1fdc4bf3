package disk

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Replace writes a file whole or not at all. An existing file keeps its mode, a new one gets the given mode; a link stays a link.
func Replace(name string, data []byte, mode fs.FileMode) error {
	return WriteWhole(name, mode, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// WriteWhole writes a file whole or not at all: through a temporary file in the same folder, which takes its place when write is done. An existing
// file keeps its mode, a new one gets the given mode; a link stays a link. A pipe or a terminal is written to directly.
func WriteWhole(name string, mode fs.FileMode, write func(io.Writer) error) error {
	if to, err := filepath.EvalSymlinks(name); err == nil {
		name = to
	}
	if info, err := os.Stat(name); err == nil {
		mode = info.Mode().Perm()
		if !info.Mode().IsRegular() && !info.IsDir() {
			f, err := os.OpenFile(name, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			return errors.Join(write(f), f.Close())
		}
	}
	sweepNew(name)
	tmp, err := os.CreateTemp(filepath.Dir(name), newPrefix(name)+"*")
	if err != nil {
		return err
	}
	err = write(tmp)
	if err == nil {
		err = errors.Join(tmp.Chmod(mode), tmp.Sync())
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

// Create writes a file that is not there; the error of one that is there is fs.ErrExist.
func Create(name string, data []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// newPrefix is the beginning of the name of a file's temporary file.
func newPrefix(name string) string { return "." + filepath.Base(name) + ".new-" }

// sweepNew removes a file's temporary files whose writers were killed: a live writer has written within a day.
func sweepNew(name string) {
	entries, err := os.ReadDir(filepath.Dir(name))
	if err != nil {
		return // writing there reports it
	}
	for _, e := range entries {
		digits, ours := strings.CutPrefix(e.Name(), newPrefix(name))
		if !ours || strings.Trim(digits, "0123456789") != "" || !e.Type().IsRegular() {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			os.Remove(filepath.Join(filepath.Dir(name), e.Name())) //nolint:errcheck // best effort: the next one tries again
		}
	}
}
