// Package discover lists the files of the sources, and opens them one by one.
package discover

import (
	"context"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pidledger/pidledger/ingest/blob"
	"github.com/pidledger/pidledger/ingest/digest"
	"github.com/pidledger/pidledger/ingest/source"
)

// File is one input file as the listing shows it.
type File struct {
	Path     string // as it is opened; of a blob its location, az://...
	Name     string // as it is shown and kept: relative to Options.Base where it lies below it, slash-separated
	Root     string // the source folder that it lies in
	Size     int64
	Modified time.Time
	Source   *Source
	ETag     string // of a blob: changes with every write; empty: a file of this machine
	Trouble  string // why the file, or folder, cannot be listed; empty: nothing is wrong

	place Place
	blob  *blob.Blob // nil: a file of this machine
}

// unfinished are the marks of files that a copy tool is still writing; they come back under their final name.
var unfinished = []string{".tmp", ".part", ".partial", ".crdownload", ".download", "~", ".swp", ".filepart", ".azdownload"}

// Sources is where export files are read from.
type Sources struct {
	Base  string // folder that paths of files below it are written relative to, so that the whole may be moved; absolute
	List  []Source
	Blobs *Blobs // for sources in Blob Storage; nil: there are none
}

// Place is a kind of place that the files of sources lie in. What stands above it sees files, wherever they are.
type Place interface {
	// List gives every file of a source that is to be read, hidden files and unfinished copies left out. It opens none.
	List(ctx context.Context, s *Source, add func(File)) error
	// Open opens a file as it was listed. The error is a *source.ChangedError when it is another one by now.
	Open(ctx context.Context, f File) (*source.File, error)
	// Ahead says which files will be opened next, in this order.
	Ahead(ctx context.Context, files []File) (stop func())
	// Check tells whether files that lie together are all as they were listed. The error is a *source.ChangedError when one is not.
	Check(ctx context.Context, files []File) error
}

// Files lists the files of all sources in path order, each once. It opens none of them. Hidden files, unfinished copies and what is no
// file (pipes, sockets, devices) are left out. What cannot be listed has its Trouble. A source that is not there is an error; those that
// hold nothing are returned.
func (s Sources) Files(ctx context.Context) (out []File, empty []string, err error) {
	l := listing{sources: s, seen: map[string]bool{}, names: map[string]bool{}}
	for i := range s.List {
		l.some = false
		if err := s.place(&s.List[i]).List(ctx, &s.List[i], l.add); err != nil {
			return nil, nil, err
		}
		if !l.some {
			empty = append(empty, s.List[i].Path)
		}
	}
	sort.Slice(l.out, func(i, j int) bool { return l.out[i].Name < l.out[j].Name })
	return l.out, empty, nil
}

// place is the kind of place that a source is.
func (s Sources) place(of *Source) Place {
	if blob.IsLocation(of.Path) {
		return s.Blobs
	}
	return folders{}
}

// Ahead says which files will be opened next, in this order.
func (s Sources) Ahead(ctx context.Context, files []File) (stop func()) {
	byPlace := map[Place][]File{}
	for _, f := range files {
		byPlace[f.place] = append(byPlace[f.place], f)
	}
	var stops []func()
	for place, files := range byPlace {
		stops = append(stops, place.Ahead(ctx, files))
	}
	return func() {
		for _, stop := range stops {
			stop()
		}
	}
}

// Check tells whether files that were listed together are all as they were listed. The error is a *source.ChangedError when one is not.
func Check(ctx context.Context, files []File) error {
	if len(files) == 0 {
		return nil
	}
	return files[0].place.Check(ctx, files)
}

// listing is the state of Files.
type listing struct {
	sources Sources
	seen    map[string]bool // paths
	names   map[string]bool
	some    bool // the source holds something
	out     []File
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
type SourceError struct{ Path, Reason, Hint string }

func (e *SourceError) Error() string { return fmt.Sprintf("source %s %s", e.Path, e.Reason) }

// Try returns the way out.
func (e *SourceError) Try() string {
	if e.Hint != "" {
		return e.Hint
	}
	return "put the exports there (pidledger help exports: how to get them), or correct `sources` in the config or --source"
}

// Source is one place that export files are read from.
type Source struct {
	Path         string            // a file, a folder (read with all below it) or a glob pattern, absolute; or a location in Blob Storage
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
func (f File) Open(ctx context.Context) (*source.File, error) { return f.place.Open(ctx, f) }

// IsRemote tells whether the file lies in Blob Storage.
func (f File) IsRemote() bool { return f.blob != nil }

// Matches tells whether a pattern matches the name of the file or of a folder above it: a path, or one with *, ? and [a-z], none of which stands
// for a slash. The error is a *PatternError.
func (f File) Matches(pattern string) (bool, error) {
	pattern = strings.TrimSuffix(filepath.ToSlash(pattern), "/")
	if _, err := path.Match(pattern, ""); err != nil && pattern != f.Name {
		return false, &PatternError{pattern, err}
	}
	for name := f.Name; name != "." && name != "/"; name = path.Dir(name) {
		if matches, err := path.Match(pattern, name); matches && err == nil || name == pattern {
			return true, nil
		}
	}
	return false, nil
}

// PatternError says that a text is not a glob pattern.
type PatternError struct {
	Pattern string
	err     error
}

func (e *PatternError) Error() string {
	return fmt.Sprintf("%q is not a glob pattern: %v", e.Pattern, e.err)
}

// Try returns the way out.
func (e *PatternError) Try() string {
	return `* stands for anything but a slash, ? for one character, [a-z] for one of these; \ before any of them takes it as it is`
}

// maxManifest is far above what a manifest of a year of parts takes, in bytes of text.
const maxManifest = 16 << 20

// ReadManifest reads a listed file that is named like a manifest.
func (f File) ReadManifest(ctx context.Context) ([]byte, error) {
	file, err := f.Open(ctx)
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
