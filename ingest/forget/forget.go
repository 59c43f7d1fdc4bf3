// Package forget takes deliveries out of a ledger, and erases customers.
package forget

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/pidledger/pidledger/ingest/ahead"
	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/export"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// What says what to take back: deliveries or customers, but not both.
type What struct {
	Files         []string // paths, folders or glob patterns as Files shows the paths
	Runs          []string // run ids of exports or of pidledger
	Subscriptions []string // GUIDs
	Tenants       []string // GUIDs
}

// Forgotten is what was taken back, or would be. It names no customer.
type Forgotten struct {
	Done          bool             `json:"done"`          // false: nothing was written
	Files         []string         `json:"files"`         // paths that were taken back
	Slices        int64            `json:"slices"`        // export runs and plain usage files that hold usage to be taken back
	Subscriptions int64            `json:"subscriptions"` // of the customers, as far as they are known
	UsageRows     int64            `json:"usage_rows"`
	Evidence      map[string]int64 `json:"evidence"` // records by table
	Rejects       int64            `json:"rejects"`
	Months        []string         `json:"months"`     // YYYY-MM of that usage
	ReadAgain     int64            `json:"read_again"` // files that the next run reads again because they may hold the same records
	NotThere      int64            `json:"not_there"`  // those of them that are no longer in the sources
	NotErased     string           `json:"not_erased"` // why the database file may still hold traces; empty: it holds none
}

// NotKnownError says that the ledger knows no such delivery.
type NotKnownError struct{ What string }

func (e *NotKnownError) Error() string { return "the ledger knows no " + e.What }

// Try returns the way out.
func (e *NotKnownError) Try() string {
	return "pidledger files, for the paths; the run of an export is the GUID in them"
}

// ReadAgain is the read_as of a file whose records may be missing because another file was forgotten. It never matches, so the file is read again.
const ReadAgain = "again"

// From takes deliveries or customers out of a ledger, in one transaction, or only reports what it would take. The error is a *NotKnownError if
// there is no such delivery; an unknown customer is remembered for later deliveries.
func From(ctx context.Context, o ledger.Options, sources discover.Sources, what What, yes bool) (_ *Forgotten, err error) {
	open := ledger.Look
	if yes {
		open = ledger.Open
	}
	l, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	f := &forgetting{ledger: l, sources: sources, what: what, yes: yes, now: o.Now().UTC(), out: &Forgotten{Files: []string{}, Evidence: map[string]int64{}, Months: []string{}}}
	if err := f.prepare(ctx); err != nil {
		return nil, err
	}
	customers := len(what.Subscriptions)+len(what.Tenants) > 0
	find, take := f.findDeliveries, f.takeDeliveries
	if customers {
		find, take = f.findCustomers, f.takeCustomers
	}
	if err := find(ctx); err != nil {
		return nil, err
	}
	if err := f.count(ctx); err != nil {
		return nil, err
	}
	if !yes {
		return f.out, nil
	}
	if err := ahead.Of(o.Folder).Wipe(); err != nil { // it may hold the same rows
		return nil, err
	}
	if err := take(ctx); err != nil {
		return nil, err
	}
	f.out.Done = true
	if err := l.Sweep(ctx); err != nil {
		return nil, err
	}
	if customers {
		f.out.NotErased, err = l.Compact(ctx)
		return f.out, err
	}
	return f.out, l.Checkpoint(ctx)
}

// forgetting is the state of one ForgetFrom.
type forgetting struct {
	ledger  *ledger.Ledger
	sources discover.Sources
	what    What
	yes     bool
	now     time.Time
	out     *Forgotten

	files  map[string]keptFile
	slices map[string]keptSlice
	packs  map[string]string   // pack of a slice
	paths  map[string][]string // Parquet files of a slice; none when it is lost or damaged, which can be forgotten, too

	taken  map[string]bool   // paths of the files to be taken back
	whole  map[string]bool   // slices to be taken back whole
	heirs  map[string]string // slice -> another file that holds its content
	hashes []forgottenID     // customers
	lost   map[string]int64  // rows that a slice loses
	again  []string
}

// keptFile is a row of files.
type keptFile struct {
	status, sliceID, runID string
	kinds                  map[string]int64
}

// keptSlice is a row of slices.
type keptSlice struct {
	SliceID, ManifestPath, ExportRunID, LoadedIn string
	SourcePaths                                  []string
	IsPlain                                      bool
	UsageRows                                    int64
	Export                                       string // its scope and name
}

type forgottenID struct{ kind, hash string }

// prepare reads the catalog and makes the tables that the statements work with.
func (f *forgetting) prepare(ctx context.Context) error {
	f.files, f.slices, f.packs = map[string]keptFile{}, map[string]keptSlice{}, map[string]string{}
	f.taken, f.whole, f.heirs, f.lost = map[string]bool{}, map[string]bool{}, map[string]string{}, map[string]int64{}
	files, err := ledger.FileRows(ctx, f.ledger.DB)
	if err != nil {
		return err
	}
	for _, row := range files {
		record, err := row.Record()
		if err != nil {
			return err
		}
		k := keptFile{status: row.Status, sliceID: row.SliceID, runID: row.RunID, kinds: record.Kinds}
		if k.kinds == nil {
			k.kinds = map[string]int64{}
		}
		f.files[row.Path] = k
	}
	kept, err := engine.Ask[keptSlice](ctx, f.ledger.DB, queries.Text("ledger/kept_slices.sql"))
	if err != nil {
		return err
	}
	for _, s := range kept {
		f.slices[s.SliceID] = s
	}
	if f.packs, err = f.ledger.Usage.Packs(ctx); err != nil {
		return err
	}
	if err := f.findParts(ctx); err != nil {
		return err
	}
	ids := slices.DeleteFunc(slices.Sorted(maps.Keys(f.slices)), func(id string) bool { return f.paths[id] == nil })
	rows, parts, err := f.ledger.Usage.Select(ctx, "kept_slices", ids)
	if err != nil {
		return err
	}
	text := queries.NoUsage()
	if parts > 0 {
		text += " union all by name " + rows
	}
	if err := f.ledger.DB.View(ctx, "kept_usage", text); err != nil {
		return err
	}
	for _, t := range []string{"forget_files (path varchar)", "forget_slices (slice_id varchar)", "again_files (path varchar)"} {
		if err := f.ledger.DB.Exec(ctx, "create or replace temp table "+t); err != nil {
			return err
		}
	}
	return ledger.ForgottenIDs{}.Teach(ctx, f.ledger.DB)
}

// findParts finds the files of every slice. In a damaged slice it is unknown which rows belong to a customer.
func (f *forgetting) findParts(ctx context.Context) error {
	f.paths = map[string][]string{}
	for id := range f.slices {
		folder := cmp.Or(f.packs[id], id)
		parts, err := f.ledger.Store.FolderFiles(ctx, folder)
		var damaged *ledger.DamagedFileError
		if errors.As(err, &damaged) {
			if _, lost := os.Stat(damaged.File); lost == nil && len(f.what.Subscriptions)+len(f.what.Tenants) > 0 {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		f.paths[id] = parts
	}
	return nil
}

// count adds up what is taken back.
func (f *forgetting) count(ctx context.Context) error {
	for _, n := range f.lost {
		f.out.UsageRows += n
		if n > 0 || len(f.hashes) == 0 {
			f.out.Slices++
		}
	}
	evidence, err := engine.Ask[struct {
		Kind    string
		Records int64
	}](ctx, f.ledger.DB, queries.Text("ledger/forget_evidence.sql"))
	if err != nil {
		return err
	}
	for _, e := range evidence {
		f.out.Evidence[e.Kind] = e.Records
	}
	if len(f.hashes) > 0 {
		for _, table := range queries.Evidence {
			if err := f.mark(ctx, table); err != nil {
				return err
			}
			if f.out.Evidence[table], err = f.ledger.DB.Count(ctx, "select count(*) from marked_"+table+" where is_gone"); err != nil {
				return err
			}
		}
	}
	if f.out.Rejects, err = f.ledger.DB.Count(ctx, queries.Text("ledger/forget_rejects.sql")); err != nil {
		return err
	}
	months, err := engine.Ask[export.Day](ctx, f.ledger.DB, queries.Text("ledger/forget_months.sql"))
	if err != nil {
		return err
	}
	for _, m := range months {
		f.out.Months = append(f.out.Months, m.Month())
	}
	return f.findAgain(ctx)
}

// mark makes marked_TABLE from a table of the ledger: a table if it will replace that one, else a view.
func (f *forgetting) mark(ctx context.Context, table string) error {
	if err := f.ledger.DB.View(ctx, "unmarked", "select * from ledger."+table); err != nil {
		return err
	}
	build := f.ledger.DB.View
	if f.yes {
		build = f.ledger.DB.Table
	}
	return build(ctx, "marked_"+table, queries.Text("ledger/marked_"+table+".sql"))
}

// remember records what was forgotten, once.
func (f *forgetting) remember(ctx context.Context, kind, value string) error {
	if err := f.ledger.DB.Exec(ctx, "delete from forgotten where kind = ? and value = ?", kind, value); err != nil {
		return err
	}
	return f.ledger.DB.Exec(ctx, "insert into forgotten values (?, ?, ?)", kind, value, f.now)
}

// finish marks the reports as out of date. What was derived from the ledger is deleted before the transaction ends: it must not outlive a customer.
func (f *forgetting) finish(ctx context.Context) error {
	for _, m := range f.out.Months {
		if err := f.ledger.DB.Exec(ctx, "insert into replaced_months values (?::date, ?)", m+"-01", f.now); err != nil {
			return err
		}
	}
	if err := f.ledger.Complete(ctx); err != nil {
		return err
	}
	for _, file := range []string{"forget_derived", "next_generation"} {
		if err := f.ledger.DB.Exec(ctx, queries.Text("ledger/"+file+".sql")); err != nil {
			return err
		}
	}
	return f.ledger.DropDerived()
}
