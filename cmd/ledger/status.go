package ledger

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/status"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/summary"
)

type statusOptions struct {
	json  bool
	check bool
}

func newStatusCommand(p *cli.Program, app App) *cobra.Command {
	var o statusOptions
	cmd := &cobra.Command{
		Use:     "status",
		GroupID: cli.GroupLook,
		Short:   "Tell how the ledger stands: last run, fresh sources, gaps",
		Long: `Tells when the last run was and how it ended (also one that was killed), through which
day there is usage, how fresh each export and each kind of evidence is, which days and months
an export lacks between its first and last day, which export runs are waiting, and what the
ledger takes on disk. Writes nothing to the ledger. While a run holds the ledger it says so
and tells what can be known without it.

--check exits with 4 when an export missed its cadence. The cadence is the median gap between
the times at which its runs were submitted, at least one day; the export is late when nothing
came for more than twice its cadence and one day more. An export with fewer than two
deliveries has no cadence. While a run holds the ledger --check exits with 5.`,
		Example: `  pidledger status
  pidledger status --check --quiet
  pidledger status --json | jq '.exports[] | select(.stale)'`,
		Args:        cli.NoArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.Check, exit.InUse, exit.Interrupted)},
		RunE:        func(cmd *cobra.Command, _ []string) error { return runStatus(cmd.Context(), p, app, o) },
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "everything as a JSON object")
	cmd.Flags().BoolVar(&o.check, "check", false, "fail when an export missed its cadence")
	return cmd
}

func runStatus(ctx context.Context, p *cli.Program, app App, o statusOptions) error {
	st, err := cli.AskLedger(p, func(c night.Options) (*status.Status, error) { return app.Status(ctx, c) })
	if err != nil {
		return err
	}
	if o.json {
		err = p.WriteJSON(st)
	} else {
		err = WriteStatus(p.Out, p.Color(p.Out), st)
	}
	if err == nil && o.check {
		err = st.CheckCadence()
	}
	return err
}

// WriteStatus writes the status as text, one section per question.
func WriteStatus(w io.Writer, color bool, st *status.Status) error {
	out := human.NewPrinter(w, color)
	for _, line := range out.Lines(statusFacts(st)) {
		out.Line(human.Plain, line)
	}
	showExports(out, st)
	for _, part := range []struct {
		title string
		table *human.Table
	}{{"Evidence", evidenceTable(st)}, {"Files", filesTable(st)}} {
		if !part.table.Empty() {
			out.Section(part.title)
			out.Table(part.table)
		}
	}
	showWaiting(out, st)
	return out.Err()
}

func statusFacts(st *status.Status) *human.Table {
	t := &human.Table{}
	switch {
	case st.Running != nil:
		h := st.Running
		who := h.String()
		if h.RunID != "" {
			who = fmt.Sprintf("%s (%s), %s", h.RunID, h.Command, who)
		}
		if !h.Started.IsZero() {
			who += fmt.Sprintf(" (%s)", age(st.Now.Sub(h.Started)))
		}
		fact(t, human.Yellow, "In progress", "a run holds the ledger: "+who)
	case st.Older != 0:
		fact(t, human.Yellow, "Last run", "of an older pidledger; the next run brings the ledger up to date, then everything is shown again")
	case st.LastRun == nil:
		fact(t, human.Yellow, "Last run", "there was none")
	default:
		runRows(t, "Last run", st.LastRun)
		switch {
		case st.LastDone == nil:
			fact(t, human.Yellow, "Last done", "none was completed")
		case st.LastDone.ID != st.LastRun.ID:
			runRows(t, "Last done", st.LastDone)
		}
	}
	if st.Reports == nil {
		fact(t, human.Plain, "Reports", "none were written")
	} else {
		fact(t, human.Plain, "Reports", "of run "+st.Reports.RunID)
		fact(t, human.Plain, "Data through", human.OrDash(st.Reports.DataThrough))
		if n := st.Reports.NeverSeen; n > 0 {
			fact(t, human.Plain, "Never seen", fmt.Sprintf("%s of the registered ids; first_seen is empty in the report tracking_ids", human.Thousands(int64(n))))
		}
	}
	if len(st.Rejects) > 0 {
		var files []summary.RejectedFile
		for _, r := range st.Rejects {
			files = append(files, summary.RejectedFile{Path: r.Path, Rejected: r.Rows})
		}
		fact(t, human.Yellow, "Rejected", fmt.Sprintf("%s rows, missing in every report: %s", human.Thousands(summary.RejectedRows(files)), summary.RejectedIn(files)))
	}
	fact(t, human.Plain, "Ledger", fmt.Sprintf("%s: database %s, usage %s, other %s", st.Ledger,
		human.Bytes(st.Size.Database), human.Bytes(st.Size.Usage), human.Bytes(st.Size.Other)))
	return t
}

// fact adds a row whose text is broken to the width of a line.
func fact(t *human.Table, style human.Style, title, text string) {
	const column = 17 // where the texts begin, at most
	for _, line := range human.Wrapped(text, human.Width-column, 0) {
		t.Row(style, title, line)
		title = ""
	}
}

// resultTexts say what the results of a run mean to a person.
var resultTexts = map[string]string{
	ledger.ResultPartial:     "done, but some input was rejected or could not be read",
	ledger.ResultCheckFailed: "a check failed",
	ledger.ResultKilled:      "killed (it never said how it ended)",
}

// runRows tells about one run.
func runRows(t *human.Table, title string, r *status.RunRecord) {
	style := human.Red
	switch r.Result {
	case ledger.ResultDone:
		style = human.Plain
	case ledger.ResultPartial, ledger.ResultInterrupted:
		style = human.Yellow
	}
	took := ""
	if !r.Ended.IsZero() {
		took = fmt.Sprintf(", ended %s UTC (%s)", r.Ended.Format(time.DateTime), human.Duration(r.Ended.Sub(r.Started)))
	}
	fact(t, style, title, fmt.Sprintf("%s (%s), %s: started %s UTC%s", r.ID, r.Command, cmp.Or(resultTexts[r.Result], r.Result), r.Started.Format(time.DateTime), took))
	fact(t, human.Plain, "", fmt.Sprintf("%s files and %s rows read, %s rejected", human.Thousands(r.FilesRead), human.Thousands(r.RowsRead), human.Thousands(r.RowsRejected)))
}

// showExports writes a row for each export, and below it what is too long for a column.
func showExports(out *human.Printer, st *status.Status) {
	if len(st.Exports) == 0 {
		return
	}
	t := &human.Table{Indent: "  ", Width: human.Width, Short: []int{0}}
	t.Row(human.Bold, "export", "newest", "usage from", "to", "state")
	for _, e := range st.Exports {
		state, style := "", human.Plain
		switch {
		case e.Stale:
			state, style = "late", human.Red
		case e.Cadence > 0:
			state = "on time"
		}
		name, newest := e.Name, ""
		if name == "" {
			name = "(plain files)"
		}
		if e.Newest != nil {
			newest = e.Newest.Format(time.DateOnly)
		}
		t.Row(style, name, human.OrDash(newest), human.OrDash(e.FirstDay), human.OrDash(e.LastDay), human.OrDash(state))
	}
	out.Section("Usage")
	for i, line := range out.Lines(t) {
		out.Line(human.Plain, line)
		if i == 0 {
			continue
		}
		e := st.Exports[i-1]
		about := e.CostBasis
		if every := e.Every(); every != "" {
			about += ", every " + every
		}
		if gaps := missing(e); gaps != "" {
			about += ", missing " + gaps
		}
		out.Text(human.Plain, 4, about)
		if e.Scope != "" && e.Scope != e.Name {
			out.Line(human.Dim, "    "+human.Clean(e.Scope))
		}
	}
}

// missingShown is how many gaps of an export are named; --json has all.
const missingShown = 4

// missing names the first gaps of an export, months before days.
func missing(e status.ExportStatus) string {
	all := append([]string(nil), e.MissingMonths...)
	for _, s := range e.MissingDays {
		all = append(all, s.String())
	}
	if more := len(all) - missingShown; more > 0 {
		return fmt.Sprintf("%s; %s more gaps", strings.Join(all[:missingShown], "; "), human.Thousands(int64(more)))
	}
	return strings.Join(all, "; ")
}

func evidenceTable(st *status.Status) *human.Table {
	t := &human.Table{Indent: "  ", Right: map[int]bool{1: true, 2: true}}
	if len(st.Evidence) == 0 {
		return t
	}
	t.Row(human.Bold, "kind", "records", "subscriptions", "newest record")
	for _, e := range st.Evidence {
		newest := ""
		if e.Newest != nil {
			newest = e.Newest.Format("2006-01-02 15:04")
		}
		t.Row(human.Plain, e.Kind, human.Thousands(e.Records), human.Thousands(e.Subscriptions), human.OrDash(newest))
	}
	return t
}

func filesTable(st *status.Status) *human.Table {
	t := &human.Table{Indent: "  ", Right: map[int]bool{1: true}}
	for _, status := range ledger.Statuses {
		if n := st.Files[status]; n > 0 {
			t.Row(fileStyle(ledger.FileRecord{Status: status}), status, human.Thousands(n))
		}
	}
	return t
}

// showWaiting writes why export runs wait, and below each its folder.
func showWaiting(out *human.Printer, st *status.Status) {
	if len(st.Waiting) == 0 {
		return
	}
	out.Section("Export runs that are not complete")
	for _, w := range st.Waiting {
		out.Text(human.Plain, 2, fmt.Sprintf("%s for %s: %s", human.Plural(w.Files, "file"), age(st.Now.Sub(w.Since)), human.Clean(w.Reason)))
		out.Line(human.Dim, "    "+human.Clean(w.Folder))
	}
}

// age writes how long something is ago: days from two days on.
func age(d time.Duration) string {
	if d >= 48*time.Hour {
		return human.Thousands(int64(d/(24*time.Hour))) + " days"
	}
	return human.Duration(max(d, 0).Truncate(time.Second))
}
