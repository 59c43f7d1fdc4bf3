package ingest

import (
	"context"

	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/registry"
)

// NothingNew tells whether a run that begins now would open no file to find out what counts.
func NothingNew(ctx context.Context, l *ledger.Ledger, o Options) (bool, error) {
	s := newSession(l, o)
	err := s.discover(ctx)
	return s.input.nothingNew(), err
}

// MostRemarks is how many remarks on a file are noted.
const MostRemarks = mostRemarks

// NotesOf are the notes that remarks of registry files give.
func NotesOf(remarks ...[]registry.Finding) []string {
	s := &session{log: newJournal()}
	for _, r := range remarks {
		s.remark(r)
	}
	return s.log.notes
}
