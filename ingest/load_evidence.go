package ingest

import (
	"context"
	"sync"

	"github.com/pidledger/pidledger/ingest/digest"
	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/identify"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/read"
	"github.com/pidledger/pidledger/ingest/source"
)

// Files are read in groups; each group is staged as Parquet and merged into the ledger in one transaction, so that an interrupted
// run keeps what it had merged.
const (
	groupFiles = 5_000
	groupBytes = 4 << 30
)

// loadEvidence reads the files that belong to no export run: evidence is merged, plain usage files become slices of their own.
func (s *session) loadEvidence(ctx context.Context) error {
	var total int64
	for _, f := range s.plain {
		total += f.Size
	}
	s.opts.Progress.Total(int64(len(s.plain)), total)
	changed, err := s.loadGroups(ctx, s.plain)
	for tries := 0; err == nil && len(changed) > 0 && tries < maxAgain; tries++ {
		if changed, err = s.lookAgain(ctx, changed); err == nil {
			changed, err = s.loadGroups(ctx, changed)
		}
	}
	if err != nil {
		return err
	}
	return s.place(ctx)
}

// loadGroups reads files, and returns the blobs that were written to meanwhile.
func (s *session) loadGroups(ctx context.Context, files []discover.File) (changed []discover.File, err error) {
	defer s.input.sources.Ahead(ctx, inReadingOrder(files))()
	for from := 0; from < len(files); {
		to, bytes := from, int64(0)
		for to < len(files) && to-from < groupFiles && (to == from || bytes+files[to].Size <= groupBytes) {
			bytes += files[to].Size
			to++
		}
		some, err := s.loadGroup(ctx, files[from:to])
		if err != nil {
			return nil, err
		}
		changed = append(changed, some...)
		from = to
	}
	return changed, nil
}

// loadGroup reads one group of files and merges what they held.
func (s *session) loadGroup(ctx context.Context, files []discover.File) (changed []discover.File, err error) {
	staging, err := read.NewStaging(s.ledger.Path(ledger.StagingFolder, "evidence"))
	if err != nil {
		return nil, err
	}
	g := &group{files: s.files, log: s.log, staging: staging, ratio: s.opts.MaxRejectRatio, usage: map[string][]discover.File{}, hashes: s.hashes}
	var big, small []discover.File
	for _, f := range files {
		if f.Size > read.ParallelFrom {
			big = append(big, f)
		} else {
			small = append(small, f)
		}
	}
	for _, f := range big {
		if err := g.file(ctx, f, s.files.Threads); err != nil {
			return nil, err
		}
	}
	if err := forEach(ctx, s.files.Threads, small, func(f discover.File) error { return g.file(ctx, f, 1) }); err != nil {
		return nil, err
	}
	if err := s.merge(ctx, g); err != nil {
		return nil, err
	}
	some, err := s.loadPlainUsage(ctx, g.usage)
	return append(g.changed, some...), err
}

// group is what is staged of one group of files.
type group struct {
	files   *read.Reader
	log     *journal
	staging *read.Staging
	ratio   float64 // a file with a larger share of rejects fails whole

	mu      sync.Mutex                 // guards the rest
	changed []discover.File            // blobs that were written to while they were read
	failed  []string                   // names of files whose rows must not be merged
	usage   map[string][]discover.File // plain usage files by content hash
	hashes  map[string]string          // and these by name
}

// file reads one file with n goroutines. A file that cannot be read is recorded; only what is not a fault of the file is an error.
func (g *group) file(ctx context.Context, f discover.File, n int) error {
	rec := g.log.record(f)
	defer g.files.Progress.Add(1, 0)
	out, id, err := g.read(ctx, f, n, rec)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if read.IsInternal(err) {
		return err
	}
	if err == nil && id.Format != nil && id.Format.Usage {
		return nil // its turn comes
	}
	rec.Format, rec.Reason = id.Name(), id.Reason
	if out != nil {
		rec.Rows, rec.Loaded, rec.Rejected, rec.Kinds = out.Rows, out.Loaded, out.Rejected, out.Kinds
		g.log.keepRejects(f, out)
		if err == nil {
			err = tooManyRejects(out, g.ratio)
		}
	}
	switch {
	case err != nil:
		rec.Status, rec.Reason, rec.Loaded = ledger.StatusFailed, err.Error(), 0
		g.mu.Lock()
		g.failed = append(g.failed, f.Name)
		if read.IsChanged(err) && f.IsRemote() {
			g.changed = append(g.changed, f)
		}
		g.mu.Unlock()
	case id.Format == nil && rec.Size == 0:
		rec.Status = ledger.StatusEmpty
	case id.Format == nil:
		rec.Status = ledger.StatusUnknown
	case id.Format.Name == "registry", id.Format.Name == "manifest", id.Format.Name == "other":
		rec.Status = ledger.StatusIgnored
	case rec.Rows == 0:
		rec.Status = ledger.StatusEmpty
	default:
		rec.Status = ledger.StatusLoaded
	}
	return nil
}

// read identifies a file and stages its records.
func (g *group) read(ctx context.Context, f discover.File, n int, rec *ledger.FileRecord) (*read.Outcome, identify.Result, error) {
	file, err := read.Open(ctx, f)
	if err != nil {
		return nil, identify.Result{}, err
	}
	defer file.Close()
	out, id, err := g.readRecords(ctx, f, file, n, rec)
	err = read.Unchanged(file, err)
	if read.IsChanged(err) {
		out = nil // what was read of it was never whole
	}
	return out, id, err
}

func (g *group) readRecords(ctx context.Context, f discover.File, file *source.File, n int, rec *ledger.FileRecord) (*read.Outcome, identify.Result, error) {
	id, err := identify.File(ctx, g.files.Engine, file, f)
	if err != nil {
		return nil, id, err
	}
	if file.Kind == source.KindEmpty {
		rec.Size = 0
	}
	if id.Format == nil || id.Format.Name != "evidence" {
		if id.Format != nil && id.Format.Usage {
			return nil, id, g.noteUsage(ctx, f, file)
		}
		return nil, id, nil
	}
	return g.files.Evidence(ctx, f, file, id, n, g.staging, g.log.note)
}

// noteUsage puts a usage file that belongs to no export run aside, under the hash of its content: two copies are one slice.
func (g *group) noteUsage(ctx context.Context, f discover.File, file *source.File) error {
	_, hash, err := digest.File(ctx, file.Path)
	if err = read.Unchanged(file, err); err != nil {
		return err
	}
	g.mu.Lock()
	g.usage[hash] = append(g.usage[hash], f)
	g.hashes[f.Name] = hash
	g.mu.Unlock()
	return nil
}
