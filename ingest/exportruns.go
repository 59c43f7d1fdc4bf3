package ingest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/digest"
	"github.com/pidledger/pidledger/ingest/export"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/read"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

// exportRuns is the export runs of the sources and of the ledger, and which of them count.
type exportRuns struct {
	ledger *ledger.Ledger
	files  *read.Reader
	input  *inventory

	listed         []export.Run // the complete ones in the sources
	standings      []export.Standing
	sliceOfLoaded  map[string]string // slice of an export run of an earlier run, by key and token
	contentsAsRead int               // how many of contents are written down; -1: something was learned since

	mu       sync.Mutex
	contents map[string]export.Content // what the rows of export runs say, by contentID
}

// contentID names what is known of the rows of a run.
func contentID(r export.Run) string { return r.Key + "|" + r.Token }

// readContents reads what earlier runs learned from the rows of export runs. Of slices that an older pidledger loaded the rows are asked.
func (x *exportRuns) readContents(ctx context.Context, loaded []export.Run) error {
	x.contents = map[string]export.Content{}
	rows, err := engine.Ask[struct {
		RunKey, ChangeToken, Accounts, Agreement string
		Days                                     *string
	}](ctx, x.ledger.DB, queries.Text("ledger/run_contents.sql"))
	if err != nil {
		return err
	}
	for _, row := range rows {
		c := export.Content{Accounts: splitText(row.Accounts, "|"), Agreement: row.Agreement}
		if row.Days != nil {
			c.Days = parseSpans(*row.Days)
		}
		x.contents[row.RunKey+"|"+row.ChangeToken] = c
	}
	x.contentsAsRead = len(x.contents)
	for _, r := range loaded {
		if x.contents[contentID(r)].Days == nil {
			if err := x.askSlice(ctx, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// askSlice learns from a loaded slice what its rows say.
func (x *exportRuns) askSlice(ctx context.Context, r export.Run) error {
	id := x.sliceID(r)
	n, err := x.ledger.DB.Count(ctx, "select usage_rows from slices where slice_id = ?", id)
	if err != nil {
		return err
	}
	c := export.Content{Days: []export.Span{}}
	if n > 0 {
		rows, _, err := x.ledger.Usage.Select(ctx, "asked_slices", []string{id})
		if err != nil {
			return err
		}
		if err := x.ledger.DB.View(ctx, "asked_slice", rows); err != nil {
			return err
		}
		days, err := engine.Ask[int32](ctx, x.ledger.DB, queries.Text("ledger/asked_slice_days.sql"))
		if err != nil {
			return err
		}
		c.Days = spansOf(days)
		if needsAccounts(r) {
			accounts, err := engine.Ask[string](ctx, x.ledger.DB, queries.Text("ledger/asked_accounts.sql"))
			if err != nil {
				return err
			}
			kind, err := engine.AskText(ctx, x.ledger.DB, queries.Text("ledger/asked_slice_kind.sql"))
			if err != nil {
				return err
			}
			c.Accounts, c.Agreement = accountsOf(accounts), export.AgreementOf(kind)
		}
	}
	x.contents[contentID(r)] = c
	return nil
}

// needsAccounts tells whether the runs of an export can be billed to one account after the other: not when it is the export of an account.
func needsAccounts(r export.Run) bool { return azure.ScopeRank(r.Scope) < azure.RankBillingSide }

// peekAll looks who bills the rows of the listed runs among which one could replace another.
func (x *exportRuns) peekAll(ctx context.Context) error {
	inGroup := map[string]int{}
	for _, r := range x.listed {
		inGroup[r.Group]++
	}
	var todo []export.Run
	for _, r := range x.listed {
		if _, known := x.contents[contentID(r)]; !known && inGroup[r.Group] > 1 && needsAccounts(r) {
			todo = append(todo, r)
		}
	}
	return forEach(ctx, x.files.Threads, todo, func(r export.Run) error { return x.peekRun(ctx, r) })
}

// peekRun learns who bills the rows of a run.
func (x *exportRuns) peekRun(ctx context.Context, r export.Run) error {
	var c export.Content
	for _, b := range r.Blobs {
		if b.Size == 0 {
			continue
		}
		p, err := x.files.Peek(ctx, x.input.byName[b.Path])
		if err != nil {
			return err
		}
		c.Accounts, c.Agreement = accountsOf(p.Accounts), export.AgreementOf(p.Kind)
		break
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	c.Days = x.contents[contentID(r)].Days
	x.contents[contentID(r)] = c
	return nil
}

// learn keeps what the rows of a run that was just loaded say.
func (x *exportRuns) learn(ctx context.Context, r export.Run, sl *slice) error {
	c, known := x.contents[contentID(r)]
	if !known && needsAccounts(r) {
		if err := x.peekRun(ctx, r); err != nil {
			return err
		}
		c = x.contents[contentID(r)]
	}
	c.Days = spansOf(sl.days)
	x.contents[contentID(r)] = c
	x.contentsAsRead = -1
	return nil
}

// keepContents writes down what is known of the runs that are listed or loaded.
func (x *exportRuns) keepContents(ctx context.Context) error {
	if x.contentsAsRead == len(x.contents) {
		return nil
	}
	batch := columnar.NewBatch(columnar.Schema{
		{Name: "run_key", Type: columnar.String}, {Name: "change_token", Type: columnar.String}, {Name: "accounts", Type: columnar.String},
		{Name: "agreement", Type: columnar.String}, {Name: "days", Type: columnar.String},
	})
	done := map[string]bool{}
	for _, st := range x.standings {
		r := st.Run
		c, known := x.contents[contentID(r)]
		if !known || done[contentID(r)] {
			continue
		}
		done[contentID(r)] = true
		batch.Str(0, r.Key)
		batch.Str(1, r.Token)
		batch.Str(2, strings.Join(c.Accounts, "|"))
		batch.Str(3, c.Agreement)
		if c.Days != nil {
			batch.Str(4, formatSpans(c.Days))
		}
		batch.EndRow()
	}
	if err := x.ledger.DB.Exec(ctx, "delete from run_contents"); err != nil {
		return err
	}
	return x.ledger.Batches.Insert(ctx, "run_contents", batch)
}

// withoutDamaged leaves out the loaded runs of which a file of the ledger is damaged and which the sources still hold: they are read again.
func (x *exportRuns) withoutDamaged(loaded []export.Run) []export.Run {
	listed := map[string]bool{}
	for _, r := range x.listed {
		listed[contentID(r)] = true
	}
	return slices.DeleteFunc(loaded, func(r export.Run) bool { return x.input.damaged[x.sliceID(r)] != nil && listed[contentID(r)] })
}

// candidates are the runs that may count: those listed, and those loaded earlier that are not listed any longer or whose listed form failed.
func (x *exportRuns) candidates(loaded []export.Run, failed map[string]bool) []export.Run {
	var out []export.Run
	listed, keys, forms := map[string]bool{}, map[string]bool{}, map[string]bool{}
	add := func(r export.Run) {
		r.Content = x.contents[contentID(r)]
		out = append(out, r)
		keys[r.Key], forms[contentID(r)] = true, true
	}
	for _, r := range x.listed {
		listed[r.Key] = true
		if !failed[x.sliceID(r)] {
			add(r)
		}
	}
	for _, r := range loaded {
		if !failed[x.sliceID(r)] && !forms[contentID(r)] && (!listed[r.Key] || !keys[r.Key]) {
			add(r)
		}
	}
	return out
}

// sliceID names the slice of a run: the one that holds it, else the one to be made, of the run and its content.
func (x *exportRuns) sliceID(r export.Run) string {
	if id := x.sliceOfLoaded[contentID(r)]; id != "" {
		return id
	}
	return digest.Of("run", r.Key, r.Token)[:16]
}

// loaded reads the export runs whose rows the ledger holds.
func (x *exportRuns) loaded(ctx context.Context) ([]export.Run, error) {
	rows, err := engine.Ask[struct {
		RunKey, ExportGroup, ChangeToken, Scope, ExportType, CostBasis, ExportName, ExportRunID, TimeFrame string
		SubmittedAt                                                                                        time.Time
		MonthStart, RangeStart, RangeEnd                                                                   export.Day
		IsWhole                                                                                            bool
		ManifestPath                                                                                       string
		SourcePaths                                                                                        []string
		SliceID                                                                                            string
	}](ctx, x.ledger.DB, queries.Text("ledger/loaded_runs.sql"))
	if err != nil {
		return nil, err
	}
	x.sliceOfLoaded = map[string]string{}
	var out []export.Run
	for _, row := range rows {
		r := export.Run{
			Key: row.RunKey, Group: row.ExportGroup, Token: row.ChangeToken, Scope: row.Scope, Type: row.ExportType, Basis: row.CostBasis, Name: row.ExportName,
			RunID: row.ExportRunID, TimeFrame: row.TimeFrame, Submitted: row.SubmittedAt, Month: row.MonthStart, Start: row.RangeStart, End: row.RangeEnd, Whole: row.IsWhole,
			Manifest: row.ManifestPath, Legacy: strings.HasPrefix(row.RunKey, "legacy|"),
		}
		r.Regroup()
		for _, p := range row.SourcePaths {
			r.Blobs = append(r.Blobs, export.RunBlob{Path: p})
		}
		x.sliceOfLoaded[contentID(r)] = row.SliceID
		out = append(out, r)
	}
	return out, nil
}
