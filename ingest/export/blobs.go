package export

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// index finds the listed file that a blob name refers to.
type index struct {
	files   []FileInfo // sorted by path
	folders map[string]*folder
	byBase  map[string][]int // squeezed file name -> files, in path order
}

func newIndex(files []FileInfo, folders map[string]*folder) *index {
	ix := &index{files: files, folders: folders, byBase: map[string][]int{}}
	if len(folders) == 0 {
		return ix // nothing will be looked up
	}
	for i, f := range files {
		base := squeeze(baseOf(f.Path))
		ix.byBase[base] = append(ix.byBase[base], i)
	}
	return ix
}

// bind finds every blob of a manifest and returns what it finds in the manifest's order. missing says why the run is incomplete; it is empty for a
// complete run.
func (ix *index) bind(m Manifest) (found []RunBlob, missing string) {
	used := map[string]string{}
	for _, b := range m.Blobs {
		at, reason := ix.find(m.Path, b.Name)
		if at < 0 {
			if missing == "" {
				missing = reason
			}
			continue
		}
		f := ix.files[at]
		if other, twice := used[f.Path]; twice {
			if missing == "" {
				missing = fmt.Sprintf("blobs %s and %s both match only %s", other, b.Name, f.Path)
			}
			continue
		}
		used[f.Path] = b.Name
		found = append(found, RunBlob{Name: b.Name, Path: f.Path, Size: f.Size, DataRowCount: b.DataRowCount})
		if b.ByteCount != nil && *b.ByteCount != f.Size && missing == "" {
			missing = fmt.Sprintf("blob %s has %d bytes, the manifest says %d", b.Name, f.Size, *b.ByteCount)
		}
	}
	return found, missing
}

// find returns the file that a blob name refers to, or -1 and a reason. Names are relative to the container. The listing may hold only part of it,
// under another folder, so the longest common end of the two paths decides. Files in or below the manifest's own folder come first. Elsewhere the
// blob's folder must match, too, because every run has a part_0_0001.csv. Files beside another manifest belong to that manifest.
func (ix *index) find(manifest, name string) (at int, reason string) {
	want := strings.Split(name, "/")
	home := dirOf(manifest)
	near, far := pick{at: -1}, pick{at: -1}
	for _, i := range ix.byBase[squeeze(want[len(want)-1])] {
		path := ix.files[i].Path
		if path == manifest {
			continue
		}
		score := ix.score(path, want)
		if inOrBelow(path, home) {
			if !ix.ownedBelow(dirOf(path), home) {
				score.depth = strings.Count(path, "/")
				near.offer(i, score)
			}
		} else if score.parts >= 2 && ix.folders[dirOf(path)] == nil {
			far.offer(i, score)
		}
	}
	best := near
	if best.at < 0 {
		best = far
	}
	switch {
	case best.at < 0:
		return -1, fmt.Sprintf("blob %s is missing", name)
	case best.tied:
		return -1, fmt.Sprintf("blob %s is found more than once, first at %s", name, ix.files[best.at].Path)
	}
	return best.at, ""
}

// score says how well a path ends like a blob name.
type score struct {
	parts int // common parts, ignoring blanks
	exact int // those of them that are equal including blanks
	depth int // folders of the path; of two equally good files, the one nearer to the manifest wins
}

func (s score) compare(o score) int {
	if s.parts != o.parts {
		return s.parts - o.parts
	}
	if s.exact != o.exact {
		return s.exact - o.exact
	}
	return o.depth - s.depth
}

// pick keeps the best of the files offered.
type pick struct {
	at   int
	best score
	tied bool
}

func (p *pick) offer(at int, s score) {
	if p.at < 0 {
		p.at, p.best = at, s
		return
	}
	switch c := s.compare(p.best); {
	case c > 0:
		p.at, p.best, p.tied = at, s, false
	case c == 0:
		p.tied = true
	}
}

func (ix *index) score(path string, want []string) (s score) {
	have := strings.Split(path, "/")
	for i, j := len(have)-1, len(want)-1; i >= 0 && j >= 0; i, j = i-1, j-1 {
		if squeeze(have[i]) != squeeze(want[j]) {
			break
		}
		s.parts++
		if have[i] == want[j] {
			s.exact++
		}
	}
	return s
}

// ownedBelow reports whether a folder below home, or one between the two, holds a manifest of its own.
func (ix *index) ownedBelow(dir, home string) bool {
	for dir != home && dir != "" {
		if ix.folders[dir] != nil {
			return true
		}
		dir = dirOf(dir)
	}
	return false
}

func inOrBelow(path, dir string) bool {
	return dir == "" || strings.HasPrefix(path, dir) && len(path) > len(dir) && path[len(dir)] == '/'
}

// squeeze drops all blanks: the manifests in Azure's documentation have blanks that the blob names lack.
func squeeze(s string) string {
	if !slices.ContainsFunc([]rune(s), unicode.IsSpace) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}
