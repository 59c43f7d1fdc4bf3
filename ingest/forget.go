package ingest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/export"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/chain"
	"github.com/pidledger/pidledger/queries/engine"
)

// Forget says what is taken back: deliveries, or customers, not both at once.
type Forget struct {
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
	ReadAgain     int64            `json:"read_again"` // files that the next run reads again, for they may hold the same records
	NotThere      int64            `json:"not_there"`  // of them, those that lie in the sources no longer
	NotErased     string           `json:"not_erased"` // why traces may be left in the database file; empty: none are
}

// NotKnownError says that the ledger knows no such delivery.
type NotKnownError struct{ What string }

func (e *NotKnownError) Error() string { return "the ledger knows no " + e.What }

// Try returns the way out.
func (e *NotKnownError) Try() string {
	return "pidledger files, for the paths; the run of an export is the GUID in them"
}

// readAgain is the read_as of a file whose records may be missing since another file was forgotten: under it no file is the same.
const readAgain = "again"

// ForgetFrom takes deliveries or customers out of a ledger, in one transaction, or only tells what that would be. The error is a
// *NotKnownError when there is no such delivery; a customer who is not known is remembered for what comes.
func ForgetFrom(ctx context.Context, o Options, what Forget, yes bool) (_ *Forgotten, err error) {
	open := Look
	if yes {
		open = Open
	}
	l, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	f := &forgetting{Ledger: l, what: what, yes: yes, now: o.Now().UTC(), out: &Forgotten{Files: []string{}, Evidence: map[string]int64{}, Months: []string{}}}
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
	if err := take(ctx); err != nil {
		return nil, err
	}
	f.out.Done = true
	if err := l.sweep(ctx); err != nil {
		return nil, err
	}
	if customers {
		f.out.NotErased, err = l.compact(ctx)
		return f.out, err
	}
	return f.out, l.Checkpoint(ctx)
}

// forgetting is the state of one ForgetFrom.
type forgetting struct {
	*Ledger
	what Forget
	yes  bool
	now  time.Time
	out  *Forgotten

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
	manifest, runID, loadedIn string
	export                    string // its scope and name
	paths                     []string
	isPlain                   bool
	usageRows                 int64
}

type forgottenID struct{ kind, hash string }

// prepare reads the catalog and makes the tables that the statements work with.
func (f *forgetting) prepare(ctx context.Context) error {
	f.files, f.slices, f.packs = map[string]keptFile{}, map[string]keptSlice{}, map[string]string{}
	f.taken, f.whole, f.heirs, f.lost = map[string]bool{}, map[string]bool{}, map[string]string{}, map[string]int64{}
	var broken error
	err := f.each(ctx, "select path, status, slice_id, run_id, kinds from files", func(v []engine.Value) {
		k := keptFile{status: v[1].S, sliceID: v[2].S, runID: v[3].S, kinds: map[string]int64{}}
		if !v[4].Null {
			broken = errors.Join(broken, json.Unmarshal([]byte(v[4].S), &k.kinds))
		}
		f.files[v[0].S] = k
	})
	if err := errors.Join(err, broken); err != nil {
		return err
	}
	err = f.each(ctx, `select slice_id, manifest_path, run_id, loaded_in, source_paths, month_start is null, usage_rows,
		concat_ws(' ', scope, export_name) from slices`, func(v []engine.Value) {
		f.slices[v[0].S] = keptSlice{
			manifest: v[1].S, runID: v[2].S, loadedIn: v[3].S, paths: slices.Clone(v[4].L), isPlain: v[5].I == 1, usageRows: v[6].I, export: v[7].S,
		}
	})
	if err != nil {
		return err
	}
	err = f.each(ctx, "select slice_id, pack from slice_packs semi join slices using (slice_id)", func(v []engine.Value) { f.packs[v[0].S] = v[1].S })
	if err != nil {
		return err
	}
	if err := f.findParts(ctx); err != nil {
		return err
	}
	ids := slices.DeleteFunc(slices.Sorted(maps.Keys(f.slices)), func(id string) bool { return f.paths[id] == nil })
	rows, parts, err := f.rowsOf(ctx, "kept_slices", ids)
	if err != nil {
		return err
	}
	text := "select * from ledger.usage_columns"
	if parts > 0 {
		text += " union all by name " + rows
	}
	if err := f.DB.View(ctx, "kept_usage", text); err != nil {
		return err
	}
	for _, t := range []string{"forget_files (path varchar)", "forget_slices (slice_id varchar)", "again_files (path varchar)"} {
		if err := f.DB.Exec(ctx, "create or replace temp table "+t); err != nil {
			return err
		}
	}
	return forgottenIDs{}.teach(ctx, f.DB)
}

// findParts finds the files of every slice. Of a damaged one nobody can tell which rows are those of a customer.
func (f *forgetting) findParts(ctx context.Context) error {
	f.paths = map[string][]string{}
	for id := range f.slices {
		folder := cmp.Or(f.packs[id], id)
		parts, err := f.folderFiles(ctx, folder)
		var damaged *DamagedFileError
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

// findDeliveries finds the files, and the slices that go with them.
func (f *forgetting) findDeliveries(ctx context.Context) error {
	for _, pattern := range f.what.Files {
		if err := f.findFiles(pattern); err != nil {
			return err
		}
	}
	for _, run := range f.what.Runs {
		if err := f.findRun(strings.ToLower(run)); err != nil {
			return err
		}
	}
	f.wholeRuns()
	for id, s := range f.slices {
		if heir := f.heir(id); s.isPlain && heir != "" {
			if slices.ContainsFunc(s.paths, func(p string) bool { return f.taken[p] }) {
				f.heirs[id] = heir
			}
		} else if slices.ContainsFunc(f.filesOf(id), func(p string) bool { return f.taken[p] }) {
			f.whole[id] = true
		}
	}
	f.out.Files = slices.AppendSeq(f.out.Files, maps.Keys(f.taken))
	slices.Sort(f.out.Files)
	for _, p := range f.out.Files {
		if err := f.DB.Exec(ctx, "insert into forget_files values (?)", p); err != nil {
			return err
		}
	}
	for id := range f.whole {
		if err := f.DB.Exec(ctx, "insert into forget_slices values (?)", id); err != nil {
			return err
		}
		f.lost[id] = f.slices[id].usageRows
	}
	return nil
}

// findFiles takes the files that a path, a folder or a glob pattern names.
func (f *forgetting) findFiles(pattern string) error {
	pattern = strings.TrimSuffix(filepath.ToSlash(pattern), "/")
	n := 0
	for p := range f.files {
		matches, err := path.Match(pattern, p)
		if err != nil && p != pattern {
			return fmt.Errorf("%q is no glob pattern: %w", pattern, err)
		}
		if matches || p == pattern || strings.HasPrefix(p, pattern+"/") {
			f.taken[p] = true
			n++
		}
	}
	if n == 0 {
		return &NotKnownError{What: fmt.Sprintf("file %q", pattern)}
	}
	return nil
}

// findRun takes the files of an export run, or those that a run of pidledger read.
func (f *forgetting) findRun(run string) error {
	before := len(f.taken)
	for p, k := range f.files {
		read := k.status == StatusLoaded || k.status == StatusDuplicate || k.status == StatusEmpty
		if export.PathFacts(p).RunID == run && isOfExport(k.status) || read && strings.EqualFold(k.runID, run) {
			f.taken[p] = true
		}
	}
	for id, s := range f.slices {
		if strings.EqualFold(s.runID, run) || strings.EqualFold(s.loadedIn, run) {
			for _, p := range f.filesOf(id) {
				f.taken[p] = true
			}
		}
	}
	if len(f.taken) == before {
		return &NotKnownError{What: fmt.Sprintf("run %q", run)}
	}
	return nil
}

// isOfExport tells whether a file that is in no slice is part of an export run by its status. An evidence file may lie in a folder that is
// named by a GUID, too; it is loaded.
func isOfExport(status string) bool {
	return status == StatusSuperseded || status == StatusDuplicate || status == StatusWaiting || status == StatusFailed || status == StatusForgotten
}

// filesOf lists the files of a slice that the ledger knows: the manifest and those that hold its content.
func (f *forgetting) filesOf(sliceID string) []string {
	s := f.slices[sliceID]
	all := slices.Clone(s.paths)
	if s.manifest != "" {
		all = append(all, s.manifest)
	}
	for p, k := range f.files {
		if k.sliceID == sliceID && !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return slices.DeleteFunc(all, func(p string) bool { _, known := f.files[p]; return !known })
}

// wholeRuns takes all files of an export run of which one is taken: a run counts whole or not at all.
func (f *forgetting) wholeRuns() {
	for id, s := range f.slices {
		if s.isPlain {
			continue
		}
		all := f.filesOf(id)
		if slices.ContainsFunc(all, func(p string) bool { return f.taken[p] }) {
			for _, p := range all {
				f.taken[p] = true
			}
		}
	}
	folders := map[string]bool{}
	for p := range f.taken {
		if at := export.PathFacts(p); at.RunFolder != "" && isOfExport(f.files[p].status) {
			folders[at.RunFolder] = true
		}
	}
	for p, k := range f.files {
		if at := export.PathFacts(p); folders[at.RunFolder] && isOfExport(k.status) {
			f.taken[p] = true
		}
	}
}

// heir names the file that still holds the content of a plain slice when others of it are taken back; empty: none.
func (f *forgetting) heir(sliceID string) string {
	heir := ""
	for p, k := range f.files {
		if k.sliceID == sliceID && !f.taken[p] && (heir == "" || p < heir) {
			heir = p
		}
	}
	return heir
}

// findCustomers finds the subscriptions, and the slices that hold rows of them or name them.
func (f *forgetting) findCustomers(ctx context.Context) error {
	subscriptions := map[string]bool{}
	for _, id := range f.what.Subscriptions {
		subscriptions[strings.ToLower(id)] = true
	}
	if len(f.what.Tenants) > 0 {
		if err := f.DB.View(ctx, "usage", "select * from kept_usage"); err != nil {
			return err
		}
		if err := f.DB.Table(ctx, "usage_days", queries.Text("attribute/usage_days.sql")); err != nil {
			return err
		}
		if err := chain.MakeSteps(ctx, f.DB, chain.OptOuts); err != nil {
			return err
		}
		err := f.each(ctx, "select subscription_id, tenant_id from subscription_tenants", func(v []engine.Value) {
			if slices.ContainsFunc(f.what.Tenants, func(t string) bool { return strings.EqualFold(t, v[1].S) }) && azure.IsGUID(v[0].S) {
				subscriptions[strings.ToLower(v[0].S)] = true
			}
		})
		if err != nil {
			return err
		}
	}
	gone := forgottenIDs{}
	add := func(kind, id string) {
		hash := idHash(id)
		if !gone[hash] {
			gone[hash] = true
			f.hashes = append(f.hashes, forgottenID{kind, hash})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(subscriptions)) {
		add("subscription", id)
	}
	f.out.Subscriptions = int64(len(f.hashes))
	for _, id := range f.what.Tenants {
		add("tenant", id)
	}
	if err := gone.teach(ctx, f.DB); err != nil {
		return err
	}
	renamed, err := f.rename(ctx, gone)
	if err != nil {
		return err
	}
	err = f.each(ctx, queries.Text("ledger/forget_customer_usage.sql"), func(v []engine.Value) { f.lost[v[0].S] = v[1].I })
	if err != nil {
		return err
	}
	for id, s := range f.slices {
		isNamed := gone.neutral(s.export) != s.export || slices.ContainsFunc(s.paths, func(p string) bool { return renamed[p] != "" })
		if _, loses := f.lost[id]; !loses && isNamed {
			f.lost[id] = 0
		}
	}
	return nil
}

// rename fills `renamed` with the texts of the catalog that hold an id of the customers.
func (f *forgetting) rename(ctx context.Context, gone forgottenIDs) (map[string]string, error) {
	renamed := map[string]string{}
	err := f.each(ctx, queries.Text("ledger/named_texts.sql"), func(v []engine.Value) {
		if now := gone.neutral(v[0].S); now != v[0].S {
			renamed[v[0].S] = now
		}
	})
	for old, now := range renamed {
		err = errors.Join(err, f.DB.Exec(ctx, "insert into renamed values (?, ?)", old, now))
	}
	return renamed, err
}

// count adds up what is taken back.
func (f *forgetting) count(ctx context.Context) error {
	for _, n := range f.lost {
		f.out.UsageRows += n
		if n > 0 || len(f.hashes) == 0 {
			f.out.Slices++
		}
	}
	err := f.each(ctx, queries.Text("ledger/forget_evidence.sql"), func(v []engine.Value) { f.out.Evidence[v[0].S] = v[1].I })
	if err != nil {
		return err
	}
	if len(f.hashes) > 0 {
		for _, table := range queries.Evidence {
			if err := f.mark(ctx, table); err != nil {
				return err
			}
			if f.out.Evidence[table], err = f.DB.Count(ctx, "select count(*) from marked_"+table+" where is_gone"); err != nil {
				return err
			}
		}
	}
	if f.out.Rejects, err = f.DB.Count(ctx, queries.Text("ledger/forget_rejects.sql")); err != nil {
		return err
	}
	err = f.each(ctx, queries.Text("ledger/forget_months.sql"), func(v []engine.Value) {
		f.out.Months = append(f.out.Months, export.Day(v[0].I).Month())
	})
	if err != nil {
		return err
	}
	return f.findAgain(ctx)
}

// mark makes marked_TABLE of what the ledger holds; a table when it is to be put in the place of what is there.
func (f *forgetting) mark(ctx context.Context, table string) error {
	if err := f.DB.View(ctx, "unmarked", "select * from ledger."+table); err != nil {
		return err
	}
	build := f.DB.View
	if f.yes {
		build = f.DB.Table
	}
	return build(ctx, "marked_"+table, queries.Text("ledger/marked_"+table+".sql"))
}

// findAgain finds the files that may hold records which a forgotten file brought. Of several records of one key the ledger keeps one, and
// does not know which other files had it: so every loaded file with records of the same table is read again.
func (f *forgetting) findAgain(ctx context.Context) error {
	if len(f.hashes) > 0 {
		return nil
	}
	there, err := f.listed()
	if err != nil {
		return err
	}
	for _, p := range slices.Sorted(maps.Keys(f.files)) {
		k := f.files[p]
		if k.status != StatusLoaded || f.taken[p] {
			continue
		}
		for kind := range k.kinds {
			table, _, _ := strings.Cut(kind, ".")
			if f.out.Evidence[tableOfKind[table]] > 0 {
				f.again = append(f.again, p)
				break
			}
		}
	}
	for _, p := range f.again {
		f.out.ReadAgain++
		if !there[p] {
			f.out.NotThere++
		}
		if err := f.DB.Exec(ctx, "insert into again_files values (?)", p); err != nil {
			return err
		}
	}
	return nil
}

// tableOfKind names the table of a kind of records, by its first word.
var tableOfKind = map[string]string{
	"deployment": "deployments", "operation": "operations", "activity": "activity", "change": "changes", "request": "requests",
}

// listed lists what lies in the sources now, by the names that the ledger has for it. A source that is not there holds nothing.
func (f *forgetting) listed() (map[string]bool, error) {
	there := map[string]bool{}
	for _, s := range f.opts.Sources {
		files, _, err := discover(f.opts.Base, []Source{s})
		var gone *SourceError
		if errors.As(err, &gone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			there[file.Name] = true
		}
	}
	return there, nil
}

// takeDeliveries takes files and export runs back.
func (f *forgetting) takeDeliveries(ctx context.Context) error {
	moved := map[string]string{}
	for id, heir := range f.heirs {
		for _, old := range f.slices[id].paths {
			if err := f.DB.Exec(ctx, "insert into renamed values (?, ?)", old, heir); err != nil {
				return err
			}
		}
		to, err := f.rewrite(ctx, id, heir)
		if err != nil {
			return err
		}
		moved[id] = to
	}
	packs, err := f.repack(ctx, func(id string) bool { return f.whole[id] || moved[id] != "" })
	if err != nil {
		return err
	}
	err = errors.Join(f.DB.SetText(ctx, "forgotten_reason", "forgotten on "+f.now.Format(time.DateOnly)), f.DB.SetText(ctx, "read_again", readAgain))
	if err != nil {
		return err
	}
	return f.DB.InTx(ctx, func() error {
		for _, p := range f.what.Files {
			if err := f.remember(ctx, "file", p); err != nil {
				return err
			}
		}
		for _, r := range f.what.Runs {
			if err := f.remember(ctx, "run", r); err != nil {
				return err
			}
		}
		for id, to := range moved {
			heir := f.heirs[id]
			if err := f.move(ctx, id, to, []string{heir}); err != nil {
				return err
			}
			from := f.slices[id].paths[0]
			if err := f.DB.Exec(ctx, queries.Text("ledger/forget_heir.sql"), from, heir); err != nil {
				return err
			}
		}
		if err := f.DB.Exec(ctx, queries.Text("ledger/forget_files.sql")); err != nil {
			return err
		}
		if err := f.movePacks(ctx, packs); err != nil {
			return err
		}
		return f.finish(ctx)
	})
}

// rewrite writes what stays of a slice as a slice of another name, which nothing points to yet.
func (f *forgetting) rewrite(ctx context.Context, id string, why ...string) (string, error) {
	if f.paths[id] == nil {
		return id, nil
	}
	if _, err := f.goneOf(ctx, id); err != nil {
		return "", err
	}
	to := digest(append([]string{"kept", id}, why...)...)[:16]
	return to, f.writeKept(ctx, to, to)
}

// writeKept writes the rows that stay to a folder of usage.
func (f *forgetting) writeKept(ctx context.Context, folder, sliceID string) error {
	staged := f.path(stagingFolder, folder)
	if err := f.keepUsage(ctx, staged, sliceID); err != nil {
		return err
	}
	return f.moveIn(ctx, map[string]string{folder: staged})
}

// goneOf makes `unmarked` of the rows of a slice and counts those of forgotten customers in it, by usage file.
func (f *forgetting) goneOf(ctx context.Context, id string) (map[string]int64, error) {
	rows := "select * from " + engine.ParquetSource(f.paths[id])
	if f.packs[id] != "" {
		if err := f.DB.SetText(ctx, "slice_of_pack", id); err != nil {
			return nil, err
		}
		rows += " where slice_id = getvariable('slice_of_pack')"
	}
	return f.goneUsage(ctx, rows)
}

// repack writes packs anew without the slices that leave them, those that went earlier included, under names that nothing points to yet: with a
// customer all packs, for a slice that was replaced may have held rows of theirs, else those that something leaves. It returns the new names.
func (f *forgetting) repack(ctx context.Context, leaves func(id string) bool, why ...string) (map[string]string, error) {
	stay, todo, renamed := map[string][]string{}, map[string]bool{}, map[string]string{}
	for id, pack := range f.packs {
		left := leaves(id)
		if !left {
			stay[pack] = append(stay[pack], id)
		}
		todo[pack] = todo[pack] || left || len(f.hashes) > 0
	}
	for pack, ids := range stay {
		if !todo[pack] {
			continue
		}
		slices.Sort(ids)
		rows, _, err := f.rowsOf(ctx, "staying_slices", ids)
		if err != nil {
			return nil, err
		}
		if _, err := f.goneUsage(ctx, rows); err != nil {
			return nil, err
		}
		renamed[pack] = digest(slices.Concat([]string{"kept", pack}, why, ids)...)[:16]
		if err := f.writeKept(ctx, renamed[pack], ""); err != nil {
			return nil, err
		}
	}
	return renamed, nil
}

// movePacks points the catalog to the new folders of packs.
func (f *forgetting) movePacks(ctx context.Context, renamed map[string]string) error {
	for from, to := range renamed {
		if err := f.DB.Exec(ctx, "update slice_packs set pack = ? where pack = ?", to, from); err != nil {
			return err
		}
	}
	return nil
}

// move points the catalog to the new folder of a slice.
func (f *forgetting) move(ctx context.Context, from, to string, paths []string) error {
	list := make([]any, len(paths))
	for i, p := range paths {
		list[i] = p
	}
	if err := f.DB.Exec(ctx, "update slices set slice_id = ?, source_paths = ?, usage_rows = usage_rows - ? where slice_id = ?", to, list, f.moves(from), from); err != nil {
		return err
	}
	for _, table := range []string{"files", "masked_days"} {
		if err := f.DB.Exec(ctx, "update "+table+" set slice_id = ? where slice_id = ?", to, from); err != nil {
			return err
		}
	}
	return nil
}

// moves is how many rows a slice loses when it is written anew.
func (f *forgetting) moves(id string) int64 {
	if len(f.hashes) == 0 {
		return 0
	}
	return f.lost[id]
}

// takeCustomers erases customers.
func (f *forgetting) takeCustomers(ctx context.Context) error {
	gone := forgottenIDs{}
	var why []string
	for _, h := range f.hashes {
		gone[h.hash] = true
		why = append(why, h.hash)
	}
	moved, dropped := map[string]string{}, map[string]int64{}
	for _, id := range slices.Sorted(maps.Keys(f.lost)) {
		if f.paths[id] == nil {
			continue
		}
		rows, err := f.goneOf(ctx, id)
		if err != nil {
			return err
		}
		for blob, n := range rows {
			dropped[blob] += n
		}
		if moved[id], err = f.rewrite(ctx, id, why...); err != nil {
			return err
		}
	}
	packs, err := f.repack(ctx, func(id string) bool { return moved[id] != "" }, why...)
	if err != nil {
		return err
	}
	return f.DB.InTx(ctx, func() error {
		if err := f.movePacks(ctx, packs); err != nil {
			return err
		}
		for _, h := range f.hashes {
			if err := f.remember(ctx, h.kind, h.hash); err != nil {
				return err
			}
		}
		for _, table := range queries.Evidence {
			if err := f.DB.Exec(ctx, "delete from "+table); err != nil {
				return err
			}
			if err := f.DB.Exec(ctx, "insert into "+table+" by name select * exclude (is_gone, kind) from marked_"+table+" where not is_gone"); err != nil {
				return err
			}
		}
		for blob, n := range dropped {
			kinds := f.files[blob].kinds
			if kinds == nil {
				continue // the file is known under another name since
			}
			kinds[kindForgotten] += n
			text, err := json.Marshal(kinds)
			if err != nil {
				return err
			}
			if err := f.DB.Exec(ctx, "update files set rows_loaded = rows_loaded - ?, kinds = ? where path = ?", n, string(text), blob); err != nil {
				return err
			}
		}
		for id, s := range f.slices {
			paths := make([]string, len(s.paths))
			for i, p := range s.paths {
				paths[i] = gone.neutral(p)
			}
			if to := cmp.Or(moved[id], id); to != id || !slices.Equal(paths, s.paths) {
				if err := f.move(ctx, id, to, paths); err != nil {
					return err
				}
			}
		}
		for _, file := range []string{"forget_customer", "rename_texts"} {
			if err := f.DB.Exec(ctx, queries.Text("ledger/"+file+".sql")); err != nil {
				return err
			}
		}
		return f.finish(ctx)
	})
}

// remember writes down what was forgotten, once.
func (f *forgetting) remember(ctx context.Context, kind, value string) error {
	if err := f.DB.Exec(ctx, "delete from forgotten where kind = ? and value = ?", kind, value); err != nil {
		return err
	}
	return f.DB.Exec(ctx, "insert into forgotten values (?, ?, ?)", kind, value, f.now)
}

// finish makes the reports out of date. What was derived from the ledger goes before the transaction ends: it must not outlive a customer.
func (f *forgetting) finish(ctx context.Context) error {
	for _, m := range f.out.Months {
		if err := f.DB.Exec(ctx, "insert into replaced_months values (?::date, ?)", m+"-01", f.now); err != nil {
			return err
		}
	}
	if err := f.DB.Exec(ctx, completed); err != nil {
		return err
	}
	for _, file := range []string{"forget_derived", "next_generation"} {
		if err := f.DB.Exec(ctx, queries.Text("ledger/"+file+".sql")); err != nil {
			return err
		}
	}
	return f.dropDerived()
}

// snapshotsFolder holds the tables that runs published for ad-hoc SQL.
const snapshotsFolder = "snapshots"

// dropDerived removes everything that was derived from the ledger, so that the next run makes and publishes it anew.
func (l *Ledger) dropDerived() error {
	for _, d := range []string{snapshotsFolder, judgedFolder, publishedFile} {
		if err := os.RemoveAll(l.path(d)); err != nil {
			return fmt.Errorf("remove what was derived from the ledger: %w", err)
		}
	}
	return os.MkdirAll(l.path(judgedFolder), 0o700)
}

// compact writes the database file anew, for a row that is deleted stays readable in it, and tells why it could not. The ledger can only be
// closed afterwards.
func (l *Ledger) compact(ctx context.Context) (why string, err error) {
	if err := l.Checkpoint(ctx); err != nil {
		return "", err
	}
	file := l.path(databaseFile)
	if info, err := os.Stat(file + ".wal"); err == nil && info.Size() > 0 {
		return "the disk has not enough free space to write the database file anew: free some, then run the same command again", nil
	}
	fresh := l.path(stagingFolder, databaseFile)
	for _, statement := range []string{"use memory", "detach ledger"} {
		if err := l.DB.Exec(ctx, statement); err != nil {
			return "", err
		}
	}
	if err := l.DB.Attach(ctx, file, "old", true); err != nil {
		return "", err
	}
	if err := l.DB.Attach(ctx, fresh, "fresh", false); err != nil {
		return "", err
	}
	for _, statement := range []string{"copy from database old to fresh", "checkpoint fresh", "detach fresh", "detach old"} {
		if err := l.DB.Exec(ctx, statement); err != nil {
			return "", fmt.Errorf("write the database file anew: %w", err)
		}
	}
	if info, err := os.Stat(fresh + ".wal"); err == nil && info.Size() > 0 {
		return "", fmt.Errorf("write the database file anew: %s.wal is left", fresh)
	}
	if err := syncFile(fresh); err != nil {
		return "", err
	}
	if err := os.Remove(file + ".wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if err := l.leave(); err != nil { // the file that takes its place has another inode: no copy of one at work
		return "", err
	}
	return "", os.Rename(fresh, file)
}
