package ingest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

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
	err := ledger.Each(ctx, x.ledger.DB, "select run_key, change_token, accounts, agreement, days from run_contents", func(v []engine.Value) {
		c := export.Content{Accounts: splitText(v[2].S, "|"), Agreement: v[3].S}
		if !v[4].Null {
			c.Days = parseSpans(v[4].S)
		}
		x.contents[v[0].S+"|"+v[1].S] = c
	})
	if err != nil {
		return err
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
		var days []int32
		err = ledger.Each(ctx, x.ledger.DB, "select distinct usage_date from asked_slice order by usage_date", func(v []engine.Value) {
			days = append(days, int32(v[0].I)) //nolint:gosec // a day
		})
		if err != nil {
			return err
		}
		c.Days = spansOf(days)
		if needsAccounts(r) {
			accounts, err := ledger.Texts(ctx, x.ledger.DB, queries.Text("ledger/asked_accounts.sql"))
			if err != nil {
				return err
			}
			kind, err := ledger.Text(ctx, x.ledger.DB, "select coalesce(min(source_kind), '') from asked_slice")
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
	rows, err := x.ledger.DB.Query(ctx, `select run_key, export_group, change_token, scope, export_type, cost_basis, export_name, run_id, time_frame,
		submitted_at, month_start, range_start, range_end, is_whole, manifest_path, source_paths, slice_id
		from slices where month_start is not null`)
	if err != nil {
		return nil, err
	}
	x.sliceOfLoaded = map[string]string{}
	var out []export.Run
	for rows.Next() {
		v := rows.Values()
		r := export.Run{
			Key: v[0].S, Group: v[1].S, Token: v[2].S, Scope: v[3].S, Type: v[4].S, Basis: v[5].S, Name: v[6].S, RunID: v[7].S, TimeFrame: v[8].S,
			Submitted: ledger.MicroTime(v[9]), Month: export.Day(v[10].I), Start: export.Day(v[11].I), End: export.Day(v[12].I), Whole: v[13].I == 1,
			Manifest: v[14].S, Legacy: strings.HasPrefix(v[0].S, "legacy|"),
		}
		r.Regroup()
		for _, p := range v[15].L {
			r.Blobs = append(r.Blobs, export.RunBlob{Path: p})
		}
		x.sliceOfLoaded[contentID(r)] = v[16].S
		out = append(out, r)
	}
	return out, errors.Join(rows.Err(), rows.Close())
}
