package forget

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/ledger"
)

// findAgain finds the files that may hold records that came from a forgotten file. The ledger keeps one record per key and does not know which
// other files had it, so every loaded file with records of the same table is read again.
func (f *forgetting) findAgain(ctx context.Context) error {
	if len(f.hashes) > 0 {
		return nil
	}
	there, err := f.listed(ctx)
	if err != nil {
		return err
	}
	for _, p := range slices.Sorted(maps.Keys(f.files)) {
		k := f.files[p]
		if k.status != ledger.StatusLoaded || f.taken[p] {
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
		if err := f.ledger.DB.Exec(ctx, "insert into again_files values (?)", p); err != nil {
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
func (f *forgetting) listed(ctx context.Context) (map[string]bool, error) {
	there := map[string]bool{}
	for _, s := range f.sources.List {
		files, _, err := discover.Sources{Base: f.sources.Base, List: []discover.Source{s}, Blobs: f.sources.Blobs}.Files(ctx)
		var gone *discover.SourceError
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
