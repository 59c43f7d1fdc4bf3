// Package discover lists the files of the sources, and opens them one by one.
package discover

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pidledger/pidledger/ingest/digest"
	"github.com/pidledger/pidledger/ingest/source"
)

// File is one input file as the listing shows it.
type File struct {
	Path     string // as it is opened
	Name     string // as it is shown and kept: relative to Options.Base where it lies below it, slash-separated
	Root     string // the source folder that it lies in
	Size     int64
	Modified time.Time
	Source   *Source
	Trouble  string // why the file, or folder, cannot be listed; empty: nothing is wrong
}

// unfinished are the marks of files that a copy tool is still writing; they come back under their final name.
var unfinished = []string{".tmp", ".part", ".partial", ".crdownload", ".download", "~", ".swp", ".filepart", ".azdownload"}

// Sources is where export files are read from.
type Sources struct {
	Base string // folder that paths of files below it are written relative to, so that the whole may be moved; absolute
	List []Source
}

// Files lists the files of all sources in path order, each once. It opens none of them. Hidden files, unfinished copies and what is no
// file (pipes, sockets, devices) are left out. What cannot be listed has its Trouble. A source that is not there is an error; those that
// hold nothing are returned.
func (s Sources) Files() (out []File, empty []string, err error) {
	l := listing{sources: s, seen: map[string]bool{}, names: map[string]bool{}}
	for i := range s.List {
		roots, err := expand(s.List[i].Path)
		if err != nil {
			return nil, nil, err
		}
		l.some = false
		for _, root := range roots {
			if err := l.walk(root, &s.List[i]); err != nil {
				return nil, nil, err
			}
		}
		if !l.some {
			empty = append(empty, s.List[i].Path)
		}
	}
	sort.Slice(l.out, func(i, j int) bool { return l.out[i].Name < l.out[j].Name })
	return l.out, empty, nil
}

// listing is the state of Files.
type listing struct {
	sources Sources
	seen    map[string]bool // paths
	names   map[string]bool
	some    bool // the source holds something
	out     []File
}

// never stands for the time of what has none that is known.
var never = time.Unix(0, 0).UTC()

// walk lists a file, or a folder with all below it. Links below it are followed to files, not to folders, so that none can loop, and never
// out of the source: what an exporter can write into must not bring in files from elsewhere.
func (l *listing) walk(root string, s *Source) error {
	home, err := filepath.EvalSymlinks(root)
	if err != nil { // a link among those that a pattern names
		l.add(File{Path: root, Root: filepath.Dir(root), Source: s, Modified: never, Trouble: "it cannot be listed: " + reasonOf(err)})
		return nil
	}
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil && path == root {
			return fmt.Errorf("list %s: %w", path, err)
		}
		if path != root && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		f := File{Path: path, Root: root, Source: s, Modified: never}
		if path == root {
			f.Root = filepath.Dir(root)
		}
		var info fs.FileInfo
		switch {
		case err != nil:
		case d.IsDir() || isUnfinished(d.Name()):
			return nil
		case d.Type()&fs.ModeSymlink != 0 && path != root:
			info, f.Trouble, err = follow(path, home)
		default:
			info, err = os.Stat(path)
		}
		switch {
		case errors.Is(err, fs.ErrNotExist) && d.Type()&fs.ModeSymlink == 0:
			return nil // it went while the folder was listed
		case err != nil:
			f.Trouble = "it cannot be listed: " + reasonOf(err)
		case f.Trouble != "":
		case !info.Mode().IsRegular():
			return nil
		default:
			f.Size, f.Modified = info.Size(), info.ModTime().UTC().Truncate(time.Microsecond)
		}
		l.add(f)
		return nil
	})
}

// follow looks where a link leads. A link to a folder is passed over when that lies in the source, where it is listed under its own name.
func follow(path, home string) (info fs.FileInfo, trouble string, err error) {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, "", err
	}
	if rel, apart := filepath.Rel(home, target); apart != nil || !filepath.IsLocal(rel) {
		return nil, "it is a link that leads out of the source: name the place it leads to under `sources`", nil //nolint:nilerr // two paths without a relative one lie apart
	}
	info, err = os.Stat(target)
	return info, "", err
}

// reasonOf is what the system said, without the call and the path.
func reasonOf(err error) string {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err.Error()
	}
	return err.Error()
}

func (l *listing) add(f File) {
	l.some = true
	if l.seen[f.Path] {
		return
	}
	l.seen[f.Path] = true
	f.Name = l.sources.Spell(f.Path)
	for l.names[f.Name] { // only of names that are not UTF-8
		f.Name += "'"
	}
	l.names[f.Name] = true
	l.out = append(l.out, f)
}

// Spell writes a path as it is kept in the ledger. A ledger that is moved together with its exports knows them again. Bytes that are no
// UTF-8, which no table can hold, are written as \xff.
func (s Sources) Spell(path string) string {
	if rel, err := filepath.Rel(s.Base, path); s.Base != "" && err == nil && filepath.IsLocal(rel) {
		path = rel
	}
	path = filepath.ToSlash(path)
	if utf8.ValidString(path) {
		return path
	}
	var b strings.Builder
	for len(path) > 0 {
		r, n := utf8.DecodeRuneInString(path)
		if r == utf8.RuneError && n == 1 {
			fmt.Fprintf(&b, `\x%02x`, path[0])
		} else {
			b.WriteString(path[:n])
		}
		path = path[n:]
	}
	return b.String()
}

// expand turns a source path into the files and folders it names. A folder that is named by a link is entered.
func expand(path string) ([]string, error) {
	roots := []string{path}
	if _, err := os.Lstat(path); err != nil {
		if roots, err = filepath.Glob(path); err != nil {
			return nil, &SourceError{Path: path, Reason: "is not a glob pattern: " + err.Error()}
		}
		if len(roots) == 0 {
			return nil, &SourceError{Path: path, Reason: "is not there"}
		}
	} else if _, err := os.Stat(path); err != nil {
		return nil, &SourceError{Path: path, Reason: "cannot be read: " + reasonOf(err)}
	}
	for i, root := range roots {
		link, err := os.Lstat(root)
		if err != nil || link.Mode()&fs.ModeSymlink == 0 {
			continue // walk says what is wrong
		}
		if info, err := os.Stat(root); err == nil && info.IsDir() {
			if roots[i], err = filepath.EvalSymlinks(root); err != nil {
				return nil, &SourceError{Path: root, Reason: err.Error()}
			}
		}
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

// Source is one place that export files are read from.
type Source struct {
	Path         string            // a file, a folder (read with all below it) or a glob pattern; absolute
	Format       string            // one of SourceFormats; empty: recognised by content
	Columns      map[string]string // with Format "requests": canonical name -> name in the file (SPEC 2)
	Subscription string            // lower-case GUID for files that name no subscription; empty: none
	CostBasis    string            // one of CostBases for files that do not tell theirs; empty: found out
}

// SourceFormats are the formats that a source can be declared to have. Everything else is recognised by content.
var SourceFormats = []string{"requests"}

// RequestColumns are the canonical names that Source.Columns can map.
var RequestColumns = []string{"time", "method", "url", "resource_id", "status", "user_agent", "correlation_id"}

// CostBases are the cost bases of usage exports (SPEC 5.J), the preferred one first.
var CostBases = []string{"focus", "amortized", "actual", "usage"}

// Digest tells apart the settings under which the files of a source are read.
func (s *Source) Digest() string {
	if s.Format == "" && len(s.Columns) == 0 && s.Subscription == "" && s.CostBasis == "" {
		return ""
	}
	keys := make([]string, 0, len(s.Columns))
	for k, v := range s.Columns {
		keys = append(keys, k+"="+v)
	}
	slices.Sort(keys)
	return digest.Of(append(keys, s.Format, s.Subscription, s.CostBasis)...)[:16]
}

// Open opens a listed file. The error is a *source.ChangedError when it is not as it was listed: an export that is being copied, or a
// folder that is being tidied up, while the run goes on.
func (f File) Open() (*source.File, error) {
	file, err := source.Open(f.Path, source.Limits{})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &source.ChangedError{How: "it was deleted"}
	}
	if err != nil {
		return nil, err
	}
	if err := file.CheckListed(f.Size, f.Modified); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// maxManifest is far above what a manifest of a year of parts takes, in bytes of text.
const maxManifest = 16 << 20

// ReadManifest reads a listed file that is named like a manifest.
func (f File) ReadManifest() ([]byte, error) {
	file, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file.Reader(), maxManifest+1))
	if len(data) > maxManifest {
		data, err = nil, fmt.Errorf("it is longer than %d MB, which no manifest is: have the export run again, or copy its files once more", maxManifest>>20)
	}
	if err == nil {
		err = source.CheckValues(data)
	}
	if changed := file.CheckUnchanged(); changed != nil {
		err = changed
	}
	return data, err
}
