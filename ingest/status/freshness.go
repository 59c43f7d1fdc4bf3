package status

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pidledger/pidledger/ingest/export"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/chain"
	"github.com/pidledger/pidledger/queries/engine"
)

// ExportStatus is how fresh and how complete one export is: the runs of one name, scope and cost basis, or all plain usage files of one
// cost basis.
type ExportStatus struct {
	Name           string     `json:"export_name"` // empty: usage files that belong to no export run
	Scope          string     `json:"scope"`
	CostBasis      string     `json:"cost_basis"`
	Newest         *time.Time `json:"newest"`          // newest submission; of plain files the newest modification; nil: not known
	CoveredThrough string     `json:"covered_through"` // last day of the declared ranges, at most the day of Newest; empty: nothing is declared
	FirstDay       string     `json:"first_day"`       // first and last day with usage; empty: no usage
	LastDay        string     `json:"last_day"`
	MissingMonths  []string   `json:"missing_months"`  // YYYY-MM, between first and last day, without any usage
	MissingDays    []DaySpan  `json:"missing_days"`    // the same, for days outside of those months
	Runs           int        `json:"runs"`            // deliveries seen, including replaced ones
	Cadence        int64      `json:"cadence_seconds"` // see judge; 0: fewer than two deliveries
	Stale          bool       `json:"stale"`           // the next delivery is overdue
}

// DaySpan is a span of days, both included.
type DaySpan struct {
	From string `json:"from"`
	To   string `json:"to"`
}

func (s DaySpan) String() string {
	if s.From == s.To {
		return s.From
	}
	return s.From + ".." + s.To
}

// exportKey tells exports apart.
type exportKey struct{ scope, name, basis string }

// sliceRow is a slice that counts.
type sliceRow struct {
	Scope, ExportName, CostBasis string
	IsPlain                      bool // it belongs to no export run
	SubmittedAt                  time.Time
	RangeEnd                     *export.Day
	Path                         string    // of a file of it
	DeliveredAt                  time.Time // when its newest file was written
	ExportRunID                  string
}

func (s *sliceRow) key() exportKey { return exportKey{s.Scope, s.ExportName, s.CostBasis} }

func readSlices(ctx context.Context, l *ledger.Ledger) ([]sliceRow, error) {
	return engine.Ask[sliceRow](ctx, l.DB, queries.Text("ledger/status_slices.sql"))
}

// readExports finds out how fresh each export is, and for which days it has usage.
func readExports(ctx context.Context, l *ledger.Ledger, st *Status) error {
	at, err := readDeliveries(ctx, l, st)
	if err != nil {
		return err
	}
	return addDays(ctx, l, st.Exports, at)
}

// Freshness tells what the catalog knows about exports and evidence as of now: Exports without days and gaps, which would require reading all
// usage, and Evidence.
func Freshness(ctx context.Context, l *ledger.Ledger, now time.Time) (*Status, error) {
	st := &Status{Now: now.UTC()}
	if _, err := readDeliveries(ctx, l, st); err != nil {
		return nil, err
	}
	return st, readEvidence(ctx, l, st)
}

// readDeliveries lists the exports and gives the place of each in the list. It reads the slices that count and the files of replaced runs, which
// alone show how often an export delivers.
func readDeliveries(ctx context.Context, l *ledger.Ledger, st *Status) (map[exportKey]int, error) {
	times := map[exportKey][]time.Time{}
	at := map[exportKey]int{}
	folders := map[string][]exportKey{} // exports by the folder that their runs lie in
	slicesNow, err := readSlices(ctx, l)
	if err != nil {
		return nil, err
	}
	for _, sl := range slicesNow {
		submitted := sl.SubmittedAt
		if sl.IsPlain {
			submitted = sl.DeliveredAt
		}
		key := sl.key()
		i, known := at[key]
		if !known {
			i = len(st.Exports)
			at[key] = i
			st.Exports = append(st.Exports, ExportStatus{Scope: key.scope, Name: key.name, CostBasis: key.basis, MissingMonths: []string{}, MissingDays: []DaySpan{}})
		}
		e := &st.Exports[i]
		if e.Newest == nil || submitted.After(*e.Newest) {
			e.Newest = &submitted
		}
		if sl.IsPlain {
			continue
		}
		times[key] = append(times[key], submitted)
		if sl.RangeEnd != nil {
			e.CoveredThrough = max(e.CoveredThrough, min(*sl.RangeEnd, export.DayOf(submitted)).String())
		}
		if folder := exportFolder(sl.Path); folder != "" && !slices.Contains(folders[folder], key) {
			folders[folder] = append(folders[folder], key)
		}
	}
	if err := addReplaced(ctx, l, folders, times); err != nil {
		return nil, err
	}
	for key, i := range at {
		e := &st.Exports[i]
		// A run that was replaced was submitted before the newest: a later time is that of a copy.
		e.judge(st.Now, slices.DeleteFunc(times[key], func(t time.Time) bool { return t.After(*e.Newest) }))
	}
	return at, nil
}

// exportFolder names the folder of an export by the path of a file of one of its runs; empty when the path does not tell.
func exportFolder(name string) string {
	f := export.PathFacts(name)
	if f.RangeFolder == "" {
		return ""
	}
	return f.Dir + "/" + f.Export
}

// addReplaced adds the times of the runs that were replaced: that of the path, else of the file.
func addReplaced(ctx context.Context, l *ledger.Ledger, folders map[string][]exportKey, times map[exportKey][]time.Time) error {
	seen := map[string]bool{} // by run folder, because a run has several files
	files, err := engine.Ask[struct {
		Path       string
		ModifiedAt time.Time
	}](ctx, l.DB, queries.Text("ledger/status_replaced.sql"))
	for _, file := range files {
		f := export.PathFacts(file.Path)
		run := cmp.Or(f.RunFolder, file.Path)
		if seen[run] {
			continue
		}
		seen[run] = true
		when := f.Taken
		if when.IsZero() {
			when = file.ModifiedAt
		}
		for _, key := range folders[exportFolder(file.Path)] {
			times[key] = append(times[key], when)
		}
	}
	return err
}

// addDays finds the days for which each export has usage, and those it lacks.
func addDays(ctx context.Context, l *ledger.Ledger, exports []ExportStatus, at map[exportKey]int) error {
	if err := l.Usage.All(ctx); err != nil {
		return err
	}
	days := make([][]export.Day, len(exports))
	found, err := engine.Ask[struct {
		Scope, ExportName, CostBasis string
		UsageDate                    export.Day
	}](ctx, l.DB, queries.Text("ledger/status_days.sql"))
	if err != nil {
		return err
	}
	for _, d := range found {
		if i, ok := at[exportKey{d.Scope, d.ExportName, d.CostBasis}]; ok {
			days[i] = append(days[i], d.UsageDate)
		}
	}
	for i, d := range days {
		if len(d) > 0 {
			exports[i].FirstDay, exports[i].LastDay = d[0].String(), d[len(d)-1].String()
			exports[i].MissingMonths, exports[i].MissingDays = gaps(d)
		}
	}
	return nil
}

// gaps finds the months without any of the days, which are sorted, and the missing days of the other months. If all are the first of a month, usage
// is dated by month, and only months can be missing.
func gaps(days []export.Day) (months []string, spans []DaySpan) {
	months, spans = []string{}, []DaySpan{}
	monthly := true
	has := map[string]bool{}
	for _, d := range days {
		has[d.Month()] = true
		monthly = monthly && d == d.FirstOfMonth()
	}
	for i, next := range days[1:] {
		for from := days[i] + 1; from < next; {
			to := min(from.LastOfMonth(), next-1)
			switch month := from.Month(); {
			case !has[month]:
				months = append(months, month)
			case monthly:
			case len(spans) > 0 && spans[len(spans)-1].To == (from-1).String():
				spans[len(spans)-1].To = to.String()
			default:
				spans = append(spans, DaySpan{From: from.String(), To: to.String()})
			}
			from = to + 1
		}
	}
	return months, spans
}

const (
	day = 24 * time.Hour
	// sameDelivery is how close two submissions must be to count as one: copies carry the time of the copying.
	sameDelivery = time.Hour
)

// judge finds out how often an export delivers, and whether it is late: silent for more than twice its cadence plus a day. The cadence is the
// median gap between its deliveries, at least a day. With one delivery there is no cadence, and the export is never late.
func (e *ExportStatus) judge(now time.Time, times []time.Time) {
	slices.SortFunc(times, time.Time.Compare)
	times = slices.CompactFunc(times, func(a, b time.Time) bool { return b.Sub(a).Abs() < sameDelivery })
	if e.Runs = len(times); e.Runs < 2 {
		return
	}
	var between []time.Duration
	for i, t := range times[1:] {
		between = append(between, t.Sub(times[i]))
	}
	slices.Sort(between)
	n := len(between)
	cadence := max((between[(n-1)/2]+between[n/2])/2, day)
	e.Cadence = int64(cadence / time.Second)
	e.Stale = now.Sub(*e.Newest) > 2*cadence+day
}

// CheckCadence returns a *CheckError if an export missed its cadence. If that cannot be known, it returns an *InUseError (a run holds the ledger)
// or an *OlderLedgerError.
func (st *Status) CheckCadence() error {
	if st.Older != 0 {
		return &ledger.OlderLedgerError{Folder: st.Ledger, Version: st.Older, Known: ledger.SchemaVersion()}
	}
	if st.Running != nil {
		return &ledger.InUseError{Folder: st.Ledger, Holder: st.Running.String()}
	}
	var late []string
	for _, e := range st.Exports {
		if e.Stale {
			which := fmt.Sprintf("%s (scope %s)", e.Name, cmp.Or(e.Scope, "not known"))
			if e.Scope == chain.HiddenText {
				which = "an export " + chain.HiddenText
			}
			late = append(late, fmt.Sprintf("%s: nothing since %s UTC, expected every %s", which, e.Newest.Format("2006-01-02 15:04"), e.Every()))
		}
	}
	if len(late) == 0 {
		return nil
	}
	return &ledger.CheckError{
		Check: "cadence", Detail: strings.Join(late, "\n"),
		Hint: "check in the portal (Cost Management > Exports > Run history) that the export still runs, and that it is still copied into the sources",
	}
}

// Every returns the cadence in days; empty if there is none.
func (e *ExportStatus) Every() string {
	switch days := (time.Duration(e.Cadence)*time.Second + day/2) / day; days {
	case 0:
		return ""
	case 1:
		return "day"
	default:
		return fmt.Sprintf("%d days", days)
	}
}

// OverdueRuns reports each export run that has waited longer than its export takes from one delivery to the next (at least a day): what it lacks
// and what counts instead. What names a customer who opted out is not shown.
func OverdueRuns(ctx context.Context, l *ledger.Ledger, now time.Time) (notes []string, err error) {
	st := &Status{Now: now.UTC()}
	if err := readWaiting(ctx, l, st); err != nil || len(st.Waiting) == 0 {
		return nil, err
	}
	if _, err := readDeliveries(ctx, l, st); err != nil {
		return nil, err
	}
	cadence := map[exportKey]time.Duration{}
	for _, e := range st.Exports {
		cadence[exportKey{e.Scope, e.Name, e.CostBasis}] = time.Duration(e.Cadence) * time.Second
	}
	type delivery struct {
		key       exportKey
		run       string
		submitted time.Time
	}
	used := map[string]delivery{} // the newest run that counts, by the folder of its date range, else by the folder above its own
	slicesNow, err := readSlices(ctx, l)
	if err != nil {
		return nil, err
	}
	for _, sl := range slicesNow {
		d := delivery{sl.key(), sl.ExportRunID, sl.SubmittedAt}
		if place := placeOfRun(sl.Path); !sl.IsPlain && (used[place].run == "" || d.submitted.After(used[place].submitted)) {
			used[place] = d
		}
	}
	hidden, err := ledger.FindHidden(ctx, l.DB)
	if err != nil {
		return nil, err
	}
	for _, w := range st.Waiting {
		d, known := used[placeOfRun(w.Folder+"/x")]
		if now.Sub(w.Newest) <= max(cadence[d.key], day) {
			continue
		}
		folder := w.Folder
		if hidden.Names(folder+"/") || hidden.Names(w.Reason) {
			folder, w.Reason = chain.HiddenText, "not complete"
		}
		note := fmt.Sprintf("export run %s waits since %s: %s", folder, w.Newest.Format(time.DateOnly), w.Reason)
		switch {
		case folder == chain.HiddenText:
		case known:
			note += fmt.Sprintf("; run %s of %s counts instead", d.run, d.submitted.Format(time.DateOnly))
		default:
			note += "; nothing counts instead"
		}
		notes = append(notes, note+"; copy what is missing, or run the export again")
	}
	return notes, nil
}

// placeOfRun is the folder in which the runs of one export and date range lie.
func placeOfRun(path string) string {
	f := export.PathFacts(path)
	return cmp.Or(f.RangeFolder, f.Dir)
}

// LateExports counts the exports that missed their cadence, as Status tells it, on the open ledger.
func LateExports(ctx context.Context, l *ledger.Ledger, now time.Time) (late int64, err error) {
	st := &Status{Now: now.UTC()}
	if _, err := readDeliveries(ctx, l, st); err != nil {
		return 0, err
	}
	for _, e := range st.Exports {
		if e.Stale {
			late++
		}
	}
	return late, nil
}
