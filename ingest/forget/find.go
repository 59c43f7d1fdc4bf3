package forget

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/export"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/chain"
	"github.com/pidledger/pidledger/queries/engine"
)

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
		if heir := f.heir(id); s.IsPlain && heir != "" {
			if slices.ContainsFunc(s.SourcePaths, func(p string) bool { return f.taken[p] }) {
				f.heirs[id] = heir
			}
		} else if slices.ContainsFunc(f.filesOf(id), func(p string) bool { return f.taken[p] }) {
			f.whole[id] = true
		}
	}
	f.out.Files = slices.AppendSeq(f.out.Files, maps.Keys(f.taken))
	slices.Sort(f.out.Files)
	for _, p := range f.out.Files {
		if err := f.ledger.DB.Exec(ctx, "insert into forget_files values (?)", p); err != nil {
			return err
		}
	}
	for id := range f.whole {
		if err := f.ledger.DB.Exec(ctx, "insert into forget_slices values (?)", id); err != nil {
			return err
		}
		f.lost[id] = f.slices[id].UsageRows
	}
	return nil
}

// findFiles finds the files that match a path, a folder or a glob pattern.
func (f *forgetting) findFiles(pattern string) error {
	pattern = strings.TrimSuffix(filepath.ToSlash(pattern), "/")
	n := 0
	for p := range f.files {
		matches, err := path.Match(pattern, p)
		if err != nil && p != pattern {
			return fmt.Errorf("%q is not a glob pattern: %w", pattern, err)
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

// findRun finds the files of an export run, or those that a run of pidledger read.
func (f *forgetting) findRun(run string) error {
	before := len(f.taken)
	for p, k := range f.files {
		read := k.status == ledger.StatusLoaded || k.status == ledger.StatusDuplicate || k.status == ledger.StatusEmpty
		if export.PathFacts(p).RunID == run && isOfExport(k.status) || read && strings.EqualFold(k.runID, run) {
			f.taken[p] = true
		}
	}
	for id, s := range f.slices {
		if strings.EqualFold(s.ExportRunID, run) || strings.EqualFold(s.LoadedIn, run) {
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

// isOfExport reports, by its status, whether a file in no slice is part of an export run. An evidence file may lie in a folder named by a GUID,
// too, but it is loaded.
func isOfExport(status string) bool {
	return status == ledger.StatusSuperseded || status == ledger.StatusDuplicate || status == ledger.StatusWaiting || status == ledger.StatusFailed || status == ledger.StatusForgotten
}

// filesOf lists the files of a slice that the ledger knows: the manifest and those that hold its content.
func (f *forgetting) filesOf(sliceID string) []string {
	s := f.slices[sliceID]
	all := slices.Clone(s.SourcePaths)
	if s.ManifestPath != "" {
		all = append(all, s.ManifestPath)
	}
	for p, k := range f.files {
		if k.sliceID == sliceID && !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return slices.DeleteFunc(all, func(p string) bool { _, known := f.files[p]; return !known })
}

// wholeRuns adds the other files of an export run if one of them is taken back: a run counts as a whole or not at all.
func (f *forgetting) wholeRuns() {
	for id, s := range f.slices {
		if s.IsPlain {
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

// heir names the file that still has the content of a plain slice if other files with it are taken back; empty if there is none.
func (f *forgetting) heir(sliceID string) string {
	heir := ""
	for p, k := range f.files {
		if k.sliceID == sliceID && !f.taken[p] && (heir == "" || p < heir) {
			heir = p
		}
	}
	return heir
}

// findCustomers finds the subscriptions, and the slices that hold their rows or name them.
func (f *forgetting) findCustomers(ctx context.Context) error {
	subscriptions := map[string]bool{}
	for _, id := range f.what.Subscriptions {
		subscriptions[strings.ToLower(id)] = true
	}
	if len(f.what.Tenants) > 0 {
		if err := f.ledger.DB.View(ctx, "usage", "select * from kept_usage"); err != nil {
			return err
		}
		if err := f.ledger.DB.Table(ctx, "usage_days", queries.Text("attribute/usage_days.sql")); err != nil {
			return err
		}
		if err := chain.MakeSteps(ctx, f.ledger.DB, chain.OptOuts); err != nil {
			return err
		}
		linked, err := engine.Ask[struct{ SubscriptionID, TenantID string }](ctx, f.ledger.DB, queries.Text("ledger/tenants.sql"))
		if err != nil {
			return err
		}
		for _, l := range linked {
			if azure.IsGUID(l.SubscriptionID) && slices.ContainsFunc(f.what.Tenants, func(t string) bool { return strings.EqualFold(t, l.TenantID) }) {
				subscriptions[strings.ToLower(l.SubscriptionID)] = true
			}
		}
	}
	gone := ledger.ForgottenIDs{}
	add := func(kind, id string) {
		hash := ledger.IDHash(id)
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
	if err := gone.Teach(ctx, f.ledger.DB); err != nil {
		return err
	}
	renamed, err := f.rename(ctx, gone)
	if err != nil {
		return err
	}
	lost, err := engine.Ask[struct {
		SliceID   string
		UsageRows int64
	}](ctx, f.ledger.DB, queries.Text("ledger/forget_customer_usage.sql"))
	if err != nil {
		return err
	}
	for _, l := range lost {
		f.lost[l.SliceID] = l.UsageRows
	}
	for id, s := range f.slices {
		isNamed := gone.Neutral(s.Export) != s.Export || slices.ContainsFunc(s.SourcePaths, func(p string) bool { return renamed[p] != "" })
		if _, loses := f.lost[id]; !loses && isNamed {
			f.lost[id] = 0
		}
	}
	return nil
}

// rename fills `renamed` with the texts of the catalog that hold an id of the customers.
func (f *forgetting) rename(ctx context.Context, gone ledger.ForgottenIDs) (map[string]string, error) {
	renamed := map[string]string{}
	texts, err := engine.Ask[string](ctx, f.ledger.DB, queries.Text("ledger/named_texts.sql"))
	for _, text := range texts {
		if now := gone.Neutral(text); now != text {
			renamed[text] = now
		}
	}
	for old, now := range renamed {
		err = errors.Join(err, f.ledger.DB.Exec(ctx, "insert into renamed values (?, ?)", old, now))
	}
	return renamed, err
}
