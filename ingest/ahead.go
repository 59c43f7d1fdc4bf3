package ingest

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/pidledger/pidledger/ingest/ahead"
	"github.com/pidledger/pidledger/ingest/digest"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/read"
)

// reading is what reading a slice gave beside its rows: all that a run goes on with. It is kept as gob, for texts of rejects need not be UTF-8, and
// JSON would change them.
type reading struct {
	UsageRows, Rejected, Forgotten int64
	CostBasis, Kind, Version       string
	Days                           []int32
	Files                          []ledger.FileRecord // in the order of the slice
	Rejects                        []ledger.RejectRecord
	Notes                          []string
}

// aheadName names what is read ahead of a slice: a digest of everything that its rows and its reading depend on. A file is the same if the ledger
// would take it for the same (see inventory.isSame); the content of a manifest is in the id of the slice.
func (l *loader) aheadName(sl *slice) string {
	parts := []string{l.version, fmt.Sprintf("%+v", sl.Meta), fmt.Sprint(sl.Rows, l.ratio)}
	for _, f := range sl.Files {
		parts = append(parts, f.Name, fmt.Sprint(f.Size, f.Modified.UnixMicro()), f.ETag, f.Source.Digest())
	}
	parts = append(parts, slices.Sorted(maps.Keys(l.input.gone))...)
	return sl.ID + "-" + digest.Of(parts...)[:16]
}

// takeOrLoad takes what was read of a slice ahead of this run, or else reads it.
func (l *loader) takeOrLoad(ctx context.Context, sl *slice, p *packer) error {
	if p == nil {
		if taken, err := l.takeAhead(ctx, sl); taken || err != nil {
			return err
		}
	}
	return l.loadSlice(ctx, sl, p)
}

// takeAhead does what loadSlice does, with what was read before. It returns false if nothing was.
func (l *loader) takeAhead(ctx context.Context, sl *slice) (bool, error) {
	folder := filepath.Join(l.staging, sl.ID)
	note, err := ahead.Of(l.ledger.Path()).Take(ctx, l.aheadName(sl), folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case errors.As(err, new(*ahead.DamagedError)):
		l.log.note("%v; its files are read again", err)
		return false, nil
	case err != nil:
		return false, read.Internal(err)
	}
	var r reading
	if err := gob.NewDecoder(bytes.NewReader(note)).Decode(&r); err != nil {
		return false, read.Internal(fmt.Errorf("what was read ahead of slice %s: %w", sl.ID, err))
	}
	for i, f := range sl.Files {
		*l.log.record(f) = r.Files[i]
		l.progress.Add(0, f.Size)
	}
	l.log.add(r.Rejects, r.Notes)
	sl.usageRows, sl.rejected, sl.forgotten, sl.kind, sl.version, sl.days = r.UsageRows, r.Rejected, r.Forgotten, r.Kind, r.Version, r.Days
	sl.Meta.CostBasis = r.CostBasis
	if sl.manifest != nil {
		if err := l.check(ctx, sl); err != nil {
			return true, errors.Join(err, os.RemoveAll(folder))
		}
	}
	sl.staged = folder
	return true, nil
}
