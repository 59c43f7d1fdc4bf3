package ingest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// found is one input file as the listing shows it.
type found struct {
	Path     string // as it is opened
	Name     string // as it is shown and kept: relative to Options.Base where it lies below it, slash-separated
	Root     string // the source folder that it lies in
	Size     int64
	Modified time.Time
	Source   *Source
}

// unfinished are the marks of files that a copy tool is still writing; they come back under their final name.
var unfinished = []string{".tmp", ".part", ".partial", ".crdownload", ".download", "~", ".swp", ".filepart", ".azdownload"}

// discover lists the files of all sources in path order, each once. It opens none of them. Hidden files and unfinished copies are
// left out. A source that is not there is an error; those that hold nothing are returned.
func discover(base string, sources []Source) (out []found, empty []string, err error) {
	seen := map[string]bool{}
	for i := range sources {
		s := &sources[i]
		roots, err := expand(s.Path)
		if err != nil {
			return nil, nil, err
		}
		n := 0
		for _, root := range roots {
			err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
				if err != nil {
					return fmt.Errorf("list %s: %w", path, err)
				}
				if path != root && strings.HasPrefix(d.Name(), ".") {
					if d.IsDir() {
						return filepath.SkipDir
					}
					return nil
				}
				if d.IsDir() || isUnfinished(d.Name()) {
					return nil
				}
				info, err := os.Stat(path) // follows a link to a file; links to folders are not entered, so none can loop
				if errors.Is(err, fs.ErrNotExist) {
					return nil
				}
				if err != nil {
					return fmt.Errorf("list %s: %w", path, err)
				}
				if !info.Mode().IsRegular() {
					return nil
				}
				n++
				if seen[path] {
					return nil
				}
				seen[path] = true
				folder := root
				if path == root {
					folder = filepath.Dir(root)
				}
				out = append(out, found{Path: path, Name: spell(base, path), Root: folder, Size: info.Size(), Modified: info.ModTime().UTC().Truncate(time.Microsecond), Source: s})
				return nil
			})
			if err != nil {
				return nil, nil, err
			}
		}
		if n == 0 {
			empty = append(empty, s.Path)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out, empty, nil
}

// spell writes a path as it is kept in the ledger. A ledger that is moved together with its exports knows them again.
func spell(base, path string) string {
	if rel, err := filepath.Rel(base, path); base != "" && err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(path)
}

// expand turns a source path into the files and folders it names.
func expand(path string) ([]string, error) {
	if _, err := os.Lstat(path); err == nil {
		resolved, err := filepath.EvalSymlinks(path)
		if err != nil {
			return nil, &SourceError{Path: path, Reason: err.Error()}
		}
		if resolved != path {
			if info, err := os.Stat(resolved); err == nil && info.IsDir() {
				return []string{resolved}, nil
			}
		}
		return []string{path}, nil
	}
	roots, err := filepath.Glob(path)
	if err != nil {
		return nil, &SourceError{Path: path, Reason: "is no glob pattern: " + err.Error()}
	}
	if len(roots) == 0 {
		return nil, &SourceError{Path: path, Reason: "is not there"}
	}
	return roots, nil
}

func isUnfinished(name string) bool {
	lower := strings.ToLower(name)
	for _, mark := range unfinished {
		if strings.HasSuffix(lower, mark) {
			return true
		}
	}
	return false
}

// SourceError says that a source cannot be read from at all.
type SourceError struct{ Path, Reason string }

func (e *SourceError) Error() string { return fmt.Sprintf("source %s %s", e.Path, e.Reason) }

// Try returns the way out.
func (e *SourceError) Try() string {
	return "put the exports there, or correct `sources` in the config or --source"
}
