package export

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Run is one complete delivery of one export: its manifest and every file that the manifest lists.
type Run struct {
	// Group holds the runs that replace one another: scope, type and export name; for a legacy CSV the folder of its export.
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
	Submitted   time.Time // UTC, cut to microseconds as the ledger keeps it; from the path or the modification time if the manifest has none
	Month       Day       // first day of the month of Start
	Start, End  Day       // declared range, both included
	Whole       bool      // replaces its whole month, not only its days

	DataRowCount *int64 // nil: unknown, not checked
	Manifest     string // path, empty for a legacy CSV
	Blobs        []RunBlob
	Legacy       bool // a CSV that lies directly in a YYYYMMDD-YYYYMMDD folder

	Content Content // what its rows tell
}

// Content is what the rows of a run tell about it. The zero value means that nothing is known yet.
type Content struct {
	Accounts  []string // billing accounts they name (see AccountOf), sorted; empty: none
	Agreement string   // kind of the billing agreement (see AgreementOf), empty when their columns do not tell
	Days      []Span   // their days, in order; nil: not read; empty but not nil: the run holds no rows
}

// meets reports whether two contents can hold the same charges. Rows that name different billing accounts, or else different agreements, never
// replace each other; rows that name none match any.
func (c Content) meets(o Content) bool {
	if len(c.Accounts) > 0 && len(o.Accounts) > 0 {
		return slices.ContainsFunc(c.Accounts, func(a string) bool { return slices.Contains(o.Accounts, a) })
	}
	return c.Agreement == "" || o.Agreement == "" || c.Agreement == o.Agreement
}

// payer is a key of the contents that may replace each other.
func (c Content) payer() string { return c.Agreement + "|" + strings.Join(c.Accounts, "|") }

// RunBlob is one data file of a run.
type RunBlob struct {
	Name         string // as the manifest names it; for a legacy CSV its file name
	Path         string // as listed
	Size         int64  // as listed
	DataRowCount *int64 // nil: unknown
}

// Declared is the range that the run claims to cover. Two exports overlap where their declared ranges do (SPEC 3.2).
func (r Run) Declared() Span { return Span{r.Start, r.End} }

// Own is the span of days that this run owns: for a run that replaces its month, that month (up to its end date if its period is not a calendar
// month), else the declared days; if the declared range is wrong, the days from its first row to its last. Rows outside are rare; they count, too.
func (r Run) Own() Span {
	switch {
	case r.Misdeclared():
		return Span{r.Content.Days[0].From, r.Content.Days[len(r.Content.Days)-1].To}
	case !r.Whole:
		return r.Declared()
	case reachOf(r.TimeFrame) == reachPeriod:
		return Span{r.Month, max(r.Month.LastOfMonth(), r.End)}
	}
	return Span{r.Month, r.Month.LastOfMonth()}
}

// Misdeclared reports whether all rows lie in one month other than the declared one (finops-toolkit#584); then the rows decide. A month-to-date run
// with rows only of an earlier month is not misdeclared: on the first days of a month there may be nothing but late usage.
func (r Run) Misdeclared() bool {
	d := r.Content.Days
	if len(d) == 0 || d[0].From.FirstOfMonth() != d[len(d)-1].To.FirstOfMonth() {
		return false
	}
	month := d[0].From.FirstOfMonth()
	declared := Span{r.Start.FirstOfMonth(), r.End.LastOfMonth()}
	if r.Whole {
		declared = Span{r.Month, max(r.Month.LastOfMonth(), r.End)}
	}
	late := r.Whole && month < declared.From && DayOf(r.Submitted) <= declared.To
	return !declared.Contains(month) && !late
}

// Label names the run to a person: its export, its id and when it was submitted.
func (r Run) Label() string {
	return "run " + r.RunID + " of " + r.Submitted.Format(time.DateOnly) + " of export " + r.Name
}

// newRun makes a run of a manifest whose blobs have all been found.
func newRun(m Manifest, blobs []RunBlob, fallback time.Time) Run {
	r := Run{
		Scope: m.Scope, Type: m.Type, Basis: Basis(m.Type), Name: m.ExportName, DataVersion: m.DataVersion,
		TimeFrame: m.TimeFrame, RunID: m.RunID, Submitted: m.Submitted, Start: m.Start, End: m.End,
		DataRowCount: m.DataRowCount, Manifest: m.Path, Blobs: blobs,
	}
	if r.Submitted.IsZero() {
		r.Submitted = fallback.UTC()
	}
	submitted := r.Submitted // in full: manifests give a second seven digits
	r.Submitted = submitted.Truncate(time.Microsecond)
	r.Group = groupOf(r.Scope, r.Type, r.Name)
	r.Month = r.Start.FirstOfMonth()
	r.Key = strings.Join([]string{r.Group, r.Month.Month(), r.RunID}, "|")
	r.Whole = reachOf(r.TimeFrame) != reachDays
	// A manifest without sizes does not show that a part was still being copied: use the sizes that were listed.
	sizes := slices.Clone(m.Blobs)
	for i := range sizes {
		if sizes[i].ByteCount == nil {
			sizes[i].ByteCount = &blobs[i].Size
		}
	}
	r.Token = token(sizes, m.DataVersion, submitted)
	return r
}

// newLegacyRun makes a run of a CSV that lies directly in a date range folder. It belongs to the export whose folder holds the range folder, as do
// runs of manifest version 2021-01-01 that lie there.
func newLegacyRun(f FileInfo, at Facts) Run {
	r := Run{
		Scope: folderScope(at.Dir), Name: at.Export, TimeFrame: frameOf(at.Range), Submitted: f.ModTime.UTC().Truncate(time.Microsecond),
		Start: at.Range.From, End: at.Range.To, Legacy: true,
		Blobs: []RunBlob{{Name: baseOf(f.Path), Path: f.Path, Size: f.Size}},
	}
	r.Group = groupOf(r.Scope, r.Type, r.Name)
	r.Key = "legacy|" + f.Path
	r.RunID = r.Blobs[0].Name
	r.Month = r.Start.FirstOfMonth()
	r.Whole = reachOf(r.TimeFrame) != reachDays
	size := f.Size
	r.Token = token([]Blob{{Name: r.Blobs[0].Name, ByteCount: &size}}, "", f.ModTime)
	return r
}

// Regroup updates a run that an older pidledger stored: its export and what it replaces follow from the rest.
func (r *Run) Regroup() {
	r.Group = groupOf(r.Scope, r.Type, r.Name)
	if r.Manifest == "" || r.Type == "" && strings.HasPrefix(r.Scope, folderScope("")) {
		r.TimeFrame = frameOf(r.Declared())
	}
	r.Whole = reachOf(r.TimeFrame) != reachDays
}

// groupOf names the runs that replace one another.
func groupOf(scope, exportType, name string) string {
	return strings.Join([]string{scope, strings.ToLower(exportType), strings.ToLower(name)}, "|")
}

// frameOf is the time frame that a range folder implies if nothing names one: a whole month is delivered again and again, any other range replaces
// only its days.
func frameOf(s Span) string {
	if s.From == s.From.FirstOfMonth() && s.To == s.From.LastOfMonth() {
		return "MonthToDate"
	}
	return "Custom"
}

// token is sha256 over the sorted blobs with their counts, the data version and the time of the run. Every part is written with its length, so that
// no two lists give the same text.
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

// path is the run's manifest, or the only file of a legacy run.
func (r Run) path() string {
	if r.Manifest == "" && len(r.Blobs) > 0 {
		return r.Blobs[0].Path
	}
	return r.Manifest
}
