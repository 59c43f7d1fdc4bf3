package export

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Run is one complete delivery of one export: its manifest and every file it lists are there.
type Run struct {
	// Group holds the runs that replace one another: scope, type and export name; for a legacy CSV its month folder.
	Group string
	// Key names the run within a ledger; two copies of one run have the same key.
	Key string
	// Token changes when the run's content does (SPEC 3.2, "a run already loaded is skipped").
	Token string

	Scope       string // see Manifest.Scope; ScopeRank tells how wide it is
	Type        string // export type, empty when unknown
	Basis       string // actual, amortized, focus, usage; empty when the type is unknown
	Name        string // export name
	DataVersion string
	TimeFrame   string
	RunID       string
	Submitted   time.Time // UTC, cut to the microseconds a ledger keeps; path level or modification time where the manifest has none
	Month       Day       // first day of the month of Start
	Start, End  Day       // declared range, both included
	Whole       bool      // replaces its whole month, not only its days

	DataRowCount *int64 // nil: unknown, nothing to check
	Manifest     string // path, empty for a legacy CSV
	Blobs        []RunBlob
	Legacy       bool // a CSV that lies directly in a YYYYMMDD-YYYYMMDD folder
}

// RunBlob is one data file of a run.
type RunBlob struct {
	Name         string // as the manifest names it; for a legacy CSV its file name
	Path         string // as listed
	Size         int64  // as listed
	DataRowCount *int64 // nil: unknown
}

// Declared is the range the run says it covers; two exports overlap where their declared ranges do (SPEC 3.2).
func (r Run) Declared() Span { return Span{r.Start, r.End} }

// span is every day on which rows of this run are its own: the days of its month for a run that replaces the month (and
// on to its end date when its period is no calendar month), else the declared days. Rows outside are rare; they stay
// with the run.
func (r Run) span() Span {
	switch {
	case !r.Whole:
		return r.Declared()
	case r.Legacy, reachOf(r.TimeFrame) == reachPeriod:
		return Span{r.Month, max(r.Month.LastOfMonth(), r.End)}
	}
	return Span{r.Month, r.Month.LastOfMonth()}
}

// newRun makes a run of a manifest whose blobs are all found.
func newRun(m Manifest, blobs []RunBlob, fallback time.Time) Run {
	r := Run{
		Scope: m.Scope, Type: m.Type, Basis: Basis(m.Type), Name: m.ExportName, DataVersion: m.DataVersion,
		TimeFrame: m.TimeFrame, RunID: m.RunID, Submitted: m.Submitted, Start: m.Start, End: m.End,
		DataRowCount: m.DataRowCount, Manifest: m.Path, Blobs: blobs,
	}
	if r.Submitted.IsZero() {
		r.Submitted = fallback.UTC()
	}
	submitted := r.Submitted // in full: manifests have seven digits
	r.Submitted = submitted.Truncate(time.Microsecond)
	r.Group = strings.Join([]string{r.Scope, strings.ToLower(r.Type), strings.ToLower(r.Name)}, "|")
	r.Month = r.Start.FirstOfMonth()
	r.Key = strings.Join([]string{r.Group, r.Month.Month(), r.RunID}, "|")
	r.Whole = reachOf(r.TimeFrame) != reachDays
	// A manifest without sizes cannot tell a part that was still being copied: the sizes that were read make the difference.
	sizes := slices.Clone(m.Blobs)
	for i := range sizes {
		if sizes[i].ByteCount == nil {
			sizes[i].ByteCount = &blobs[i].Size
		}
	}
	r.Token = token(sizes, m.DataVersion, submitted)
	return r
}

// newLegacyRun makes a run of a CSV that lies directly in a month folder.
func newLegacyRun(f FileInfo, at Facts) Run {
	r := Run{
		Scope: folderScope(at.Dir), Name: at.Export, TimeFrame: "MonthToDate", Submitted: f.ModTime.UTC().Truncate(time.Microsecond),
		Start: at.Range.From, End: at.Range.To, Legacy: true,
		Blobs: []RunBlob{{Name: baseOf(f.Path), Path: f.Path, Size: f.Size}},
	}
	r.Group = "legacy|" + at.RangeFolder
	r.Key = "legacy|" + f.Path
	r.RunID = r.Blobs[0].Name
	r.Month = r.Start.FirstOfMonth()
	r.Whole = true // the folder is the slice, whatever range it names
	size := f.Size
	r.Token = token([]Blob{{Name: r.Blobs[0].Name, ByteCount: &size}}, "", f.ModTime)
	return r
}

// token is sha256 over the sorted blobs with their counts, the data version and the time of the run. Every part is
// written with its length, so that no two lists run together.
func token(blobs []Blob, dataVersion string, submitted time.Time) string {
	blobs = slices.Clone(blobs)
	slices.SortFunc(blobs, func(a, b Blob) int { return strings.Compare(a.Name, b.Name) })
	h := sha256.New()
	part := func(s string) {
		h.Write([]byte(strconv.Itoa(len(s)) + ":" + s + "\n"))
	}
	number := func(n *int64) {
		if n == nil {
			part("null")
			return
		}
		part(strconv.FormatInt(*n, 10))
	}
	part(strconv.Itoa(len(blobs)))
	for _, b := range blobs {
		part(b.Name)
		number(b.ByteCount)
		number(b.DataRowCount)
	}
	part(dataVersion)
	part(submitted.UTC().Format(time.RFC3339Nano))
	return hex.EncodeToString(h.Sum(nil))
}

// path is where the run lies: its manifest, or a legacy run's only file.
func (r Run) path() string {
	if r.Manifest == "" && len(r.Blobs) > 0 {
		return r.Blobs[0].Path
	}
	return r.Manifest
}
