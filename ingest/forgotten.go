package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// kindForgotten is the kind under which records of forgotten customers are counted in FileRecord.Kinds.
const kindForgotten = "forgotten"

// forgottenIDs knows the customers that were forgotten, by the SHA-256 of the ids of their subscriptions and tenants: the ids themselves
// are kept nowhere.
type forgottenIDs map[string]bool

// idHash is how the ledger remembers an id that it must not keep.
func idHash(id string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(id)))
	return hex.EncodeToString(sum[:])
}

// standIn is what stands in paths and scopes in the place of an id with this hash: of the form of an id, so that a path is still understood,
// and never one, so that nobody takes it for a customer's.
func standIn(hash string) string {
	return "00000000-" + hash[:4] + "-" + hash[4:8] + "-" + hash[8:12] + "-" + hash[12:24]
}

// has reports whether an id is a forgotten customer's.
func (f forgottenIDs) has(id string) bool { return len(f) > 0 && id != "" && f[idHash(id)] }

// neutral writes a text without the ids of forgotten customers.
func (f forgottenIDs) neutral(text string) string {
	if len(f) == 0 || len(text) < azure.GUIDLen {
		return text
	}
	for i := 0; i+azure.GUIDLen <= len(text); i++ {
		if id := text[i : i+azure.GUIDLen]; azure.IsGUID(id) {
			if hash := idHash(id); f[hash] {
				text = text[:i] + standIn(hash) + text[i+azure.GUIDLen:]
			}
			i += azure.GUIDLen - 1
		}
	}
	return text
}

// forgottenIDs reads which customers were forgotten.
func (l *Ledger) forgottenIDs(ctx context.Context) (forgottenIDs, error) {
	f := forgottenIDs{}
	err := l.each(ctx, "select value from forgotten where kind in ('subscription', 'tenant')", func(v []engine.Value) { f[v[0].S] = true })
	return f, err
}

// teach tells the engine which customers are forgotten; the statements that judge rows need it.
func (f forgottenIDs) teach(ctx context.Context, db *engine.DB) error {
	var hashes, names []string
	for h := range f {
		hashes, names = append(hashes, h), append(names, standIn(h))
	}
	if err := db.Exec(ctx, queries.Text("ledger/forgotten_macros.sql")); err != nil {
		return err
	}
	return errors.Join(db.SetList(ctx, "forgotten_hashes", hashes), db.SetList(ctx, "forgotten_names", names))
}

// dropUsage takes the rows of forgotten customers out of the Parquet files of slices that were just read, and counts them for each file.
func (s *session) dropUsage(ctx context.Context, loaded []*slice, folder string) error {
	if len(s.gone) == 0 {
		return nil
	}
	s.dbMu.Lock()
	defer s.dbMu.Unlock()
	parts, err := filepath.Glob(filepath.Join(folder, "*.parquet"))
	if err != nil || len(parts) == 0 {
		return err
	}
	gone, err := s.goneUsage(ctx, "select * from "+engine.ParquetSource(parts))
	if err != nil || len(gone) == 0 {
		return internal(err)
	}
	for _, sl := range loaded {
		for _, f := range sl.Files {
			n := gone[f.Name]
			if n == 0 {
				continue
			}
			rec := s.record(f)
			rec.Loaded -= n
			rec.Kinds = map[string]int64{kindForgotten: n}
			sl.usageRows -= n
			sl.forgotten += n
		}
	}
	kept := folder + ".kept"
	if err := s.keepUsage(ctx, kept, ""); err != nil {
		return internal(err)
	}
	return internal(errors.Join(os.RemoveAll(folder), os.Rename(kept, folder)))
}

// goneUsage makes `unmarked` of a SELECT of usage rows and counts the rows of forgotten customers in it, by usage file.
func (l *Ledger) goneUsage(ctx context.Context, rows string) (map[string]int64, error) {
	if err := l.DB.View(ctx, "unmarked", rows); err != nil {
		return nil, err
	}
	gone := map[string]int64{}
	err := l.each(ctx, queries.Text("ledger/gone_usage.sql"), func(v []engine.Value) { gone[v[0].S] = v[1].I })
	return gone, err
}

// keepUsage writes the rows of `unmarked` that stay to a folder of their own, as rows of a slice; "": of the slice they are of.
func (l *Ledger) keepUsage(ctx context.Context, folder, sliceID string) error {
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if err := l.DB.SetText(ctx, "kept_slice", sliceID); err != nil {
		return err
	}
	part := filepath.Join(folder, "part-0001.parquet")
	if _, err := l.DB.CopyParquet(ctx, queries.Text("ledger/staying_usage.sql"), part, ""); err != nil {
		return err
	}
	return syncFile(part)
}

// syncFile waits until a file is on the disk, readable by its owner only.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Sync(), f.Close())
}

// dropEvidence puts the staged rows of a table that are no forgotten customer's into `staged_files`, and counts the others for each file.
func (g *group) dropEvidence(ctx context.Context, table string, files []string) error {
	if err := g.DB.View(ctx, "unmarked", "select * from "+engine.ParquetSource(files)); err != nil {
		return err
	}
	if err := g.DB.Table(ctx, "marked_rows", queries.Text("ledger/marked_"+table+".sql")); err != nil {
		return err
	}
	err := g.each(ctx, queries.Text("ledger/gone_records.sql"), func(v []engine.Value) {
		rec := g.records[v[0].S]
		if rec == nil || rec.Status == StatusFailed {
			return
		}
		kind, n := v[1].S, v[2].I
		rec.Loaded -= n
		rec.Kinds[kind] -= n
		rec.Kinds[kindForgotten] += n
		if rec.Kinds[kind] == 0 {
			delete(rec.Kinds, kind)
		}
	})
	if err != nil {
		return fmt.Errorf("count the records of forgotten customers: %w", err)
	}
	return g.DB.View(ctx, "staged_files", "select * exclude (is_gone, kind) from marked_rows where not is_gone")
}
