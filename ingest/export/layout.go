package export

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"
)

// FileInfo is one listed file.
type FileInfo struct {
	Path    string // slash-separated, spelled the same way in every run
	Size    int64
	ModTime time.Time
}

// Parsed is what ParseManifest said about one listed manifest.
type Parsed struct {
	Manifest Manifest
	Err      error
}

// Layout holds the files of one source, sorted out. Every listed file is in at least one list: as manifest or blob of a run or of a waiting run, in
// Notes, or in Other. All lists are sorted by path or key.
//
// The rules go by names, but content has the last word. A file of Waiting, a legacy run or an unlisted file whose content is not usage (an activity
// log kept in a folder named after a subscription) should still be loaded.
type Layout struct {
	Runs    []Run      // complete runs, legacy CSVs included; Resolve says which count
	Waiting []Waiting  // runs that do not count yet (SPEC 3.2); not an error
	Notes   []Note     // files that are not loaded, with the reason
	Other   []FileInfo // all others: recognised by content, each a slice of its own
}

// Waiting is an incomplete run folder.
type Waiting struct {
	Folder   string
	Manifest string // path, empty when there is none
	Reason   string
	Files    []string // data files that have arrived so far
}

// NoteStatus is the status of a Note.
type NoteStatus string

// Ignored is a file that is not meant to be loaded; Failed one that is broken.
const (
	Ignored NoteStatus = "ignored"
	Failed  NoteStatus = "failed"
)

// Note is a file that is not loaded.
type Note struct {
	Path   string
	Status NoteStatus
	Reason string
}

// Classify sorts the files of one source root. manifests holds, by path, the parse result of every listed file that IsManifest names; the folder of
// one that is missing there waits. Blobs are looked up only among files, so nothing outside the listing is ever reached. The result does not depend
// on the order of files.
func Classify(files []FileInfo, manifests map[string]Parsed) Layout {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b FileInfo) int { return strings.Compare(a.Path, b.Path) })
	files = slices.CompactFunc(files, func(a, b FileInfo) bool { return a.Path == b.Path })

	s := sorter{files: files, folders: map[string]*folder{}, taken: map[string]bool{}, waiting: map[string]*Waiting{}}
	s.readManifests(manifests)
	s.bindManifests()
	s.sortRest()
	return s.finish()
}

// sorter is the state of one Classify.
type sorter struct {
	files   []FileInfo         // sorted by path
	folders map[string]*folder // folders that hold manifests
	taken   map[string]bool    // paths that manifests account for
	waiting map[string]*Waiting
	out     Layout
}

// folder is a folder that holds manifests, and what they said.
type folder struct {
	manifests []listedManifest
	broken    string // path of a manifest that cannot be used
	foreign   bool   // a manifest of another service: it has nothing to do with the files beside it
	noUsage   string // why the files here hold no usage
}

type listedManifest struct {
	file   FileInfo
	parsed Parsed
}

func (s *sorter) readManifests(manifests map[string]Parsed) {
	for _, f := range s.files {
		if !IsManifest(f.Path) {
			continue
		}
		p, read := manifests[f.Path]
		if !read {
			p.Err = &ManifestError{Path: f.Path, Reason: "was not read"}
		}
		if errors.Is(p.Err, ErrNotManifest) || errors.Is(p.Err, ErrEmptyManifest) {
			continue // just a file of that name
		}
		dir := dirOf(f.Path)
		if s.folders[dir] == nil {
			s.folders[dir] = &folder{}
		}
		s.folders[dir].manifests = append(s.folders[dir].manifests, listedManifest{f, p})
	}
}

func (s *sorter) bindManifests() {
	ix := newIndex(s.files, s.folders)
	for _, f := range s.files {
		here := s.folders[dirOf(f.Path)]
		if here == nil {
			continue
		}
		i := slices.IndexFunc(here.manifests, func(m listedManifest) bool { return m.file.Path == f.Path })
		if i < 0 {
			continue
		}
		s.taken[f.Path] = true
		m, err := here.manifests[i].parsed.Manifest, here.manifests[i].parsed.Err
		switch {
		case err != nil:
			here.broken = f.Path
			s.note(f.Path, Failed, err.Error())
		case m.Foreign():
			here.foreign = true
			s.note(f.Path, Ignored, m.Refused)
		case m.NoUsage():
			here.noUsage = m.Refused
			s.note(f.Path, Ignored, m.Refused)
			blobs, _ := ix.bind(m)
			for _, b := range blobs {
				if !s.taken[b.Path] {
					s.taken[b.Path] = true
					s.note(b.Path, Ignored, m.Refused)
				}
			}
		default:
			blobs, missing := ix.bind(m)
			var found []string
			for _, b := range blobs {
				s.taken[b.Path] = true
				found = append(found, b.Path)
			}
			if missing != "" {
				s.out.Waiting = append(s.out.Waiting, Waiting{dirOf(f.Path), f.Path, missing, found})
				continue
			}
			s.out.Runs = append(s.out.Runs, newRun(m, blobs, f.ModTime))
		}
	}
}

// sortRest finds a place for every file that no manifest lists.
func (s *sorter) sortRest() {
	for _, f := range s.files {
		if s.taken[f.Path] {
			continue
		}
		at := PathFacts(f.Path)
		here := s.folders[dirOf(f.Path)]
		if here == nil && at.RunFolder != "" {
			here = s.folders[at.RunFolder]
		}
		// A manifest outside any run folder claims only the files beside it that are named like parts of an export.
		own := here != nil && !here.foreign && (at.RunFolder != "" || isPart(f.Path))
		switch {
		case !isData(f.Path, at):
			s.out.Other = append(s.out.Other, f)
		case here != nil && here.broken != "":
			s.wait(dirOf(here.broken), here.broken, "its manifest cannot be used", f.Path)
		case own && here.noUsage != "":
			s.note(f.Path, Ignored, here.noUsage)
		case own:
			s.note(f.Path, Ignored, "the manifest beside it does not list it")
		case here == nil && at.RunFolder != "":
			s.wait(at.RunFolder, "", "no manifest yet", f.Path)
		case at.RangeFolder != "" && at.RangeFolder == dirOf(f.Path) && isCSV(f.Path):
			s.out.Runs = append(s.out.Runs, newLegacyRun(f, at))
		default:
			s.out.Other = append(s.out.Other, f)
		}
	}
}

func (s *sorter) finish() Layout {
	for _, w := range s.waiting {
		s.out.Waiting = append(s.out.Waiting, *w)
	}
	slices.SortFunc(s.out.Runs, func(a, b Run) int {
		return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.path(), b.path()))
	})
	slices.SortFunc(s.out.Waiting, func(a, b Waiting) int {
		return cmp.Or(strings.Compare(a.Folder, b.Folder), strings.Compare(a.Manifest, b.Manifest))
	})
	slices.SortFunc(s.out.Notes, func(a, b Note) int { return strings.Compare(a.Path, b.Path) })
	return s.out
}

func (s *sorter) note(path string, status NoteStatus, reason string) {
	s.out.Notes = append(s.out.Notes, Note{path, status, reason})
}

func (s *sorter) wait(dir, manifest, reason, file string) {
	w := s.waiting[dir]
	if w == nil {
		w = &Waiting{Folder: dir, Manifest: manifest, Reason: reason}
		s.waiting[dir] = w
	}
	w.Files = append(w.Files, file)
}

// isData reports whether a file can be a data file of an export. Azure names the files of a run folder below a date
// range, so any name does there; elsewhere only names that exports are known to have. JSON is never export data.
func isData(path string, at Facts) bool {
	name := strings.ToLower(baseOf(path))
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || IsManifest(path) {
		return false
	}
	for _, suffix := range [...]string{".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".md"} {
		if strings.HasSuffix(name, suffix) {
			return false
		}
	}
	return isCSV(path) || strings.HasSuffix(name, ".parquet") || at.RangeFolder != "" && at.RunFolder != ""
}

// isCSV goes by the name; the content is looked at when the file is read.
func isCSV(path string) bool {
	name := strings.ToLower(baseOf(path))
	return strings.HasSuffix(name, ".csv") || strings.HasSuffix(name, ".csv.gz")
}

// isPart reports whether a file is named like a part of an export: part_0_0001.csv, part0.csv, 000001.csv.
func isPart(path string) bool {
	name := strings.ToLower(baseOf(path))
	name, _, dotted := strings.Cut(name, ".")
	digits := strings.TrimLeft(strings.TrimPrefix(name, "part"), "_")
	if !dotted || digits == "" || digits == name && len(name) != len("000001") {
		return false
	}
	return strings.Trim(digits, "0123456789_") == ""
}
