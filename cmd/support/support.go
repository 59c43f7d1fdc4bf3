// Package support packs what a support request needs, without a word that names a customer.
package support

import (
	"archive/zip"
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/status"
	"github.com/pidledger/pidledger/ingest/token"
	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/report/human"
)

//go:embed request.txt
var requestText string

// App tells how the ledger stands; ledger.App has more of it.
type App interface {
	Status(ctx context.Context, call night.Options) (*status.Status, error)
}

type supportOptions struct {
	config.Flags
	ids       []string
	output    string
	yes, json bool
}

// Command is pidledger support.
func Command(p *cli.Program, app App) *cobra.Command {
	var o supportOptions
	cmd := &cobra.Command{
		Use:     "support",
		GroupID: cli.GroupTool,
		Short:   "Pack what a support request about usage association needs",
		Long: `Packs what a support request needs into a zip: version, settings, state of the ledger, how much
usage has which status, and what is known of the tracking ids. It names no customer: no tenant,
subscription, resource, deployment or export, and nothing of those who opted out. A request is named
by its correlation id. The list of what would be packed is shown first; the file is written with
--yes or after a yes at the terminal.`,
		Example: `  pidledger support --id GUID -o request.zip
  pidledger support --id GUID --id contoso-offer -o request.zip --yes`,
		Args:        cli.NoArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.Interrupted)},
		RunE:        func(cmd *cobra.Command, _ []string) error { return runSupport(cmd.Context(), p, app, o) },
	}
	o.AddReportDir(cmd)
	cmd.Flags().StringSliceVar(&o.ids, "id", nil, "tracking `id` that the request is about (repeatable); without it, all registered ones in short")
	cmd.Flags().StringVarP(&o.output, "output", "o", "", "`file` to write (.zip; needed)")
	cmd.Flags().BoolVar(&o.yes, "yes", false, "write the file without asking")
	p.CompleteFlags(cmd, &o.Flags, map[string]string{"id": cli.TrackingID})
	cmd.Flags().BoolVar(&o.json, "json", false, "the list of what is packed as a JSON object")
	if err := cmd.MarkFlagFilename("output", "zip"); err != nil {
		cmd.PrintErrln(err)
	}
	return cmd
}

// bundled is one file of a bundle.
type bundled struct {
	Name  string `json:"name"`
	Bytes int    `json:"bytes"`
	What  string `json:"what"`
	data  []byte
}

func runSupport(ctx context.Context, p *cli.Program, app App, o supportOptions) error {
	ids, err := o.check()
	if err != nil {
		return err
	}
	c, err := p.Config(o.Flags)
	if err != nil {
		return err
	}
	if err := c.CheckLedger(); err != nil {
		return err
	}
	files, err := bundle(ctx, p, app, c, ids)
	if err != nil {
		return err
	}
	write := o.yes
	if !o.json {
		if err := showBundle(p, files); err != nil {
			return err
		}
	}
	if !o.yes {
		if write, err = p.Ask("Write these to " + o.output + "?"); err != nil {
			return exit.Usagef("--yes, to write it without asking", "nothing was written: %v", err)
		}
	}
	if write {
		packed, err := zipped(files, p.Now())
		if err != nil {
			return err
		}
		if err := disk.Replace(o.output, packed, 0o600); err != nil {
			return fmt.Errorf("write the bundle: %w", err)
		}
	}
	if o.json {
		return p.WriteJSON(struct {
			Output  string    `json:"output"`
			Written bool      `json:"written"`
			Files   []bundled `json:"files"`
		}{o.output, write, files})
	}
	if write {
		p.Note("written to %s; look through it before you send it", o.output)
	} else {
		p.Note("nothing was written")
	}
	return nil
}

// check cleans the options up.
func (o *supportOptions) check() (ids []string, err error) {
	const usage = "pidledger support --id GUID -o request.zip"
	if o.output == "" {
		return nil, exit.Usagef(usage, "-o is needed")
	}
	if _, err := os.Lstat(o.output); err == nil {
		return nil, exit.Usagef("name another file, or remove that one", "%s is there already", o.output)
	}
	if _, err := os.Stat(filepath.Dir(o.output)); err != nil {
		return nil, exit.Usagef("make the folder, or name another file", "%v", err)
	}
	list, err := cli.Values("--id", o.ids)
	if err != nil {
		return nil, err
	}
	for _, text := range list {
		id := token.Normalise(text)
		if id.Malformed() {
			return nil, exit.Usagef(usage, "--id: %q is not a tracking id (%s)", text, id.Reason)
		}
		ids = append(ids, id.ID)
	}
	return ids, nil
}

func showBundle(p *cli.Program, files []bundled) error {
	t := &human.Table{Right: map[int]bool{1: true}}
	for _, f := range files {
		t.Row(human.Plain, f.Name, human.Thousands(int64(f.Bytes)), f.What)
	}
	return t.Write(p.Out, p.Color(p.Out))
}

// zipped makes the zip.
func zipped(files []bundled, now time.Time) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: now.UTC()})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// bundle makes the files of a bundle. What goes in is chosen here, field by field: a field that the ledger comes to have later is out
// until it is known to name nobody.
func bundle(ctx context.Context, p *cli.Program, app App, c config.Config, ids []string) ([]bundled, error) {
	call, done := p.Call(c)
	defer done()
	status, err := app.Status(ctx, call)
	if err != nil {
		return nil, err
	}
	facts, err := supportFacts(ctx, c, ids)
	if err != nil {
		return nil, err
	}
	hide, err := discretion(ctx, p, c)
	if err != nil {
		return nil, err
	}
	var files []bundled
	add := func(name, what string, data []byte) {
		data = []byte(hide.Replace(string(data)))
		files = append(files, bundled{name, len(data), what, data})
	}
	addJSON := func(name, what string, v any) {
		data, e := json.MarshalIndent(v, "", "  ")
		err = errors.Join(err, e)
		add(name, what, append(data, '\n'))
	}
	about := strings.Join(ids, ", ")
	if about == "" {
		about = "all registered tracking ids"
	}
	add("request.txt", "what to ask for, to be filled in", []byte(strings.NewReplacer("{ids}", about, "{day}", terminal.Day(p.Now().UTC())).Replace(requestText)))
	addJSON("version.json", "version of pidledger", p.Build)
	addJSON("config.json", "settings; files by their names, sources by their kinds", plainSettings(c))
	addJSON("status.json", "last runs, how fresh the inputs are, files by status; no names", plainStatus(status))
	if facts != nil {
		add("coverage.csv", "usage and cost by currency and status, all months", coverageCSV(facts.Coverage))
		addJSON("tracking_ids.json", "what is known of the ids: days, counts, correlation ids", facts)
	}
	return files, err
}

// supportFacts asks the snapshot of the reports; nil when there is none yet.
func supportFacts(ctx context.Context, c config.Config, ids []string) (_ *report.SupportFacts, err error) {
	s, err := report.Open(ctx, c.Report.Dir, c.ReaderOptions())
	if errors.As(err, new(*report.NoSnapshotError)) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.SupportFacts(ctx, ids)
}

// coverageCSV writes the lines of support_coverage.
func coverageCSV(lines []report.Record) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	columns := []string{"currency", "status", "first_month", "last_month", "usage_rows", "billed_cost", "effective_cost"}
	w.Write(columns) //nolint:errcheck // into memory
	for _, line := range lines {
		var cells []string
		for _, c := range columns {
			switch v := line[c].(type) {
			case string:
				cells = append(cells, v)
			case int64:
				cells = append(cells, strconv.FormatInt(v, 10))
			default:
				cells = append(cells, "")
			}
		}
		w.Write(cells) //nolint:errcheck // into memory
	}
	w.Flush()
	return b.Bytes()
}

// plainSettings are the settings for somebody else's eyes: of a file only its name, of a source only its kind.
func plainSettings(c config.Config) map[string]any {
	out := map[string]any{}
	for _, v := range c.Values() {
		if file, _ := v.Value.(string); v.IsPath && file != "" {
			v.Value = filepath.Base(file)
			if rel, err := filepath.Rel(c.Base(), file); err == nil && filepath.IsLocal(rel) {
				v.Value = filepath.ToSlash(rel)
			}
		}
		if list, ok := v.Value.([]string); ok && v.Names {
			v.Value = len(list)
		} else if v.Names {
			v.Value = v.Value != ""
		}
		out[v.Key] = v.Value
	}
	sources := []map[string]any{}
	for _, s := range c.Sources {
		sources = append(sources, map[string]any{"pattern": strings.ContainsAny(s.Path, "*?["), "format": s.Format, "cost_basis": s.CostBasis, "names_subscription": s.Subscription != ""})
	}
	out["sources"] = sources
	return out
}

// The parts of a status that name nobody: exports are numbered, folders and hosts left out.
type (
	plainState struct {
		Now      time.Time               `json:"now"`
		Running  bool                    `json:"running"`
		Older    int64                   `json:"older_schema,omitempty"`
		LastRun  *status.RunRecord       `json:"last_run,omitempty"`
		LastDone *status.RunRecord       `json:"last_done,omitempty"`
		Reports  *status.ReportsStatus   `json:"reports,omitempty"`
		Exports  []plainExport           `json:"exports"`
		Evidence []status.EvidenceStatus `json:"evidence"`
		Files    map[string]int64        `json:"files"`
		Waiting  int                     `json:"waiting_runs"`
		Size     ledger.Size             `json:"size"`
	}
	plainExport struct {
		Number        int              `json:"number"`
		CostBasis     string           `json:"cost_basis"`
		Newest        *time.Time       `json:"newest"`
		FirstDay      string           `json:"first_day"`
		LastDay       string           `json:"last_day"`
		MissingMonths []string         `json:"missing_months,omitempty"`
		MissingDays   []status.DaySpan `json:"missing_days,omitempty"`
		Runs          int              `json:"runs"`
		Stale         bool             `json:"stale"`
	}
)

func plainStatus(s *status.Status) plainState {
	out := plainState{
		Now: s.Now, Running: s.Running != nil, Older: s.Older, LastRun: s.LastRun, LastDone: s.LastDone, Reports: s.Reports, Exports: []plainExport{},
		Evidence: s.Evidence, Files: s.Files, Waiting: len(s.Waiting), Size: s.Size,
	}
	for i, e := range s.Exports {
		out.Exports = append(out.Exports, plainExport{i + 1, e.CostBasis, e.Newest, e.FirstDay, e.LastDay, e.MissingMonths, e.MissingDays, e.Runs, e.Stale})
	}
	return out
}
