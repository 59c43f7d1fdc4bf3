package ingest

import (
	"context"
	"fmt"
	"slices"

	"github.com/pidledger/pidledger/ingest/read"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

// unplacedMark begins what a file says whose deployments are of a subscription that nothing tells.
const unplacedMark = "it names no subscription"

// unplacedFile is a file with such deployments.
type unplacedFile struct{ name, why, says string }

// place finds out which subscription deployments are of whose files name none, as PowerShell writes them: from all evidence that the
// ledger holds now. What earlier runs found out is decided again.
func (s *session) place(ctx context.Context) error {
	nameless, err := s.ledger.DB.Count(ctx, "select count(*) from deployments where starts_with(dedupe_key, '- ')")
	if err != nil || nameless == 0 {
		return err
	}
	if err := s.sourceRoots(ctx); err != nil {
		return err
	}
	if err := s.ledger.DB.Table(ctx, "placed", queries.Text("ledger/placed_deployments.sql")); err != nil {
		return err
	}
	moved, err := s.ledger.DB.Count(ctx, "select count(*) from placed where before is distinct from subscription_id")
	if err != nil {
		return err
	}
	if moved > 0 {
		err := s.ledger.DB.InTx(ctx, func() error {
			if err := s.ledger.DB.Exec(ctx, queries.Text("ledger/place_deployments.sql")); err != nil {
				return err
			}
			return s.ledger.DB.Exec(ctx, queries.Text("ledger/next_generation.sql"))
		})
		if err != nil {
			return err
		}
	}
	files, err := engine.Ask[struct {
		SrcFile              string
		Deployments, CouldBe int64
	}](ctx, s.ledger.DB, queries.Text("ledger/unplaced_files.sql"))
	for _, f := range files {
		why := "neither its name and folder nor the files around it tell"
		if f.CouldBe > 1 {
			why = fmt.Sprintf("its name and folder or the files around it tell of %d", f.CouldBe)
		}
		why = fmt.Sprintf("%s (PowerShell writes none), and %s", unplacedMark, why)
		says := fmt.Sprintf("%s: set `subscription: GUID` beside its path under `sources`; until then the operations of its deployments (%d) are not found", why, f.Deployments)
		s.unplaced = append(s.unplaced, unplacedFile{name: f.SrcFile, why: why, says: says})
	}
	for _, u := range s.unplaced[:min(len(s.unplaced), maxUnplacedNotes)] {
		s.log.note("%s: %s", u.name, u.why)
	}
	if more := len(s.unplaced) - maxUnplacedNotes; more > 0 {
		s.log.note("so do %d more files; pidledger files has them", more)
	}
	for _, u := range s.unplaced {
		if r := s.log.records[u.name]; r != nil {
			r.Reason = read.Also(r.Reason, u.says)
		}
	}
	return err
}

// sourceRoots tells the engine the folders of the sources, spelled as the files in them.
func (s *session) sourceRoots(ctx context.Context) error {
	var roots []string
	for _, f := range s.input.files {
		if root := s.input.gone.Neutral(s.opts.Sources.Spell(f.Root)); !slices.Contains(roots, root) {
			roots = append(roots, root)
		}
	}
	return s.tempPaths(ctx, "source_roots", roots)
}

// maxUnplacedNotes is how many files the summary names.
const maxUnplacedNotes = 3

// noteUnplaced writes to the files of the ledger what place found, also to those that were read by earlier runs.
func (s *session) noteUnplaced(ctx context.Context) error {
	if err := s.ledger.DB.SetText(ctx, "unplaced_mark", unplacedMark); err != nil {
		return err
	}
	unplaced := columnar.NewBatch(columnar.Schema{{Name: "path", Type: columnar.String}, {Name: "says", Type: columnar.String}})
	for _, u := range s.unplaced {
		unplaced.Str(0, u.name)
		unplaced.Str(1, u.says)
		unplaced.EndRow()
	}
	if err := s.ledger.Batches.Temp(ctx, "unplaced", unplaced); err != nil {
		return err
	}
	return s.ledger.DB.Exec(ctx, queries.Text("ledger/note_unplaced.sql"))
}
