package export

import (
	"strings"
	"time"

	"github.com/pidledger/pidledger/ingest/azure"
)

// Facts are what a path tells about the export run that a file belongs to. Azure's layout is not a contract, so a fact is used only where a
// manifest is silent.
type Facts struct {
	Dir         string    // folders above the export's own folder
	Export      string    // export name: the folder above the date range, in hub order the folder below it
	Range       Span      // YYYYMMDD-YYYYMMDD, last day included; meaningful when RangeFolder is set
	RangeFolder string    // path of that folder, empty when there is none
	Taken       time.Time // YYYYMMDDHHMM level (UTC), zero when there is none
	RunID       string    // GUID folder, lower case, empty when there is none
	RunFolder   string    // path of that folder
}

// PathFacts reads a file's path in the known orders: dir/export/range[/time]/guid/file, range/export/time/guid/file (FinOps hubs) and
// dir/export/range/file (legacy). Below a range any GUID folder is a run folder; without a range only the folder the file lies in is one.
func PathFacts(path string) Facts {
	segments := strings.Split(path, "/")
	dirs := segments[:len(segments)-1]
	upTo := func(i int) string { return strings.Join(dirs[:i+1], "/") }
	above := func(i int) string { return strings.Join(dirs[:max(i, 0)], "/") }

	var f Facts
	at := -1
	for i, d := range dirs {
		if r, ok := parseRange(d); ok {
			at, f.Range, f.RangeFolder = i, r, upTo(i)
		}
	}
	if at < 0 {
		last := len(dirs) - 1
		if last >= 0 && azure.IsGUID(dirs[last]) {
			f.RunID, f.RunFolder = strings.ToLower(dirs[last]), upTo(last)
			last--
			if last >= 0 {
				if t, ok := parseStamp(dirs[last]); ok {
					f.Taken = t
					last--
				}
			}
		}
		f.Dir = above(last + 1)
		return f
	}
	for i := at + 1; i < len(dirs); i++ {
		if t, ok := parseStamp(dirs[i]); ok {
			f.Taken = t
		} else if azure.IsGUID(dirs[i]) {
			f.RunID, f.RunFolder = strings.ToLower(dirs[i]), upTo(i)
		}
	}
	if below := at + 1; below < len(dirs) && !azure.IsGUID(dirs[below]) {
		if _, stamp := parseStamp(dirs[below]); !stamp {
			f.Export, f.Dir = dirs[below], above(at)
			return f
		}
	}
	if at > 0 {
		f.Export = dirs[at-1]
	}
	f.Dir = above(at - 1)
	return f
}

// parseRange reads a folder name YYYYMMDD-YYYYMMDD.
func parseRange(name string) (Span, bool) {
	from, to, ok := strings.Cut(name, "-")
	if !ok || len(name) != 17 {
		return Span{}, false
	}
	a, errA := time.Parse("20060102", from)
	b, errB := time.Parse("20060102", to)
	if errA != nil || errB != nil || b.Before(a) || isMissing(a) {
		return Span{}, false
	}
	return Span{DayOf(a), DayOf(b)}, true
}

// parseStamp reads a folder name YYYYMMDDHHMM.
func parseStamp(name string) (time.Time, bool) {
	if len(name) != 12 {
		return time.Time{}, false
	}
	t, err := time.Parse("200601021504", name)
	return t, err == nil && !isMissing(t)
}

// dirOf is the folder of a path, empty for a file at the top.
func dirOf(path string) string {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i]
	}
	return ""
}

// baseOf is the last part of a path.
func baseOf(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
