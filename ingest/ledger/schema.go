package ledger

import (
	"context"
	"fmt"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// SchemaVersion is the version of the ledger database that this program writes.
func SchemaVersion() int64 {
	all := queries.Schema()
	return all[len(all)-1].Number
}

// NewerLedgerError says that a newer pidledger wrote the ledger. Nothing is read from it, because the meaning of its columns is unknown.
type NewerLedgerError struct {
	Folder         string
	Version, Known int64
	By             string // the version of pidledger that made it so; empty: not known
}

func (e *NewerLedgerError) Error() string {
	return fmt.Sprintf("ledger %s has schema version %d, this program knows up to %d", e.Folder, e.Version, e.Known)
}

// Try returns the way out.
func (e *NewerLedgerError) Try() string {
	if e.By == "" {
		return "use a newer pidledger"
	}
	return "use a newer pidledger: " + e.By + ", which last brought this ledger up to date, or a later one"
}

// OlderLedgerError says that a ledger cannot be read as it is: only a command that may write brings it up to date.
type OlderLedgerError struct {
	Folder         string
	Version, Known int64
}

func (e *OlderLedgerError) Error() string {
	return fmt.Sprintf("ledger %s has schema version %d, which an older pidledger wrote; this program reads version %d", e.Folder, e.Version, e.Known)
}

// Try returns the way out.
func (e *OlderLedgerError) Try() string { return "pidledger run, which brings it up to date" }

// version returns the schema version of the attached database; 0 when it has no tables yet.
func (l *Ledger) version(ctx context.Context) (int64, error) {
	made, err := l.DB.Count(ctx, queries.Text("ledger/is_made.sql"))
	if err != nil || made == 0 {
		return 0, err
	}
	version, err := l.DB.Count(ctx, "select max(schema_version) from ledger_info")
	if err == nil && version > SchemaVersion() {
		newer := &NewerLedgerError{Folder: l.folder, Version: version, Known: SchemaVersion()}
		newer.By, _ = engine.AskText(ctx, l.DB, queries.Text("ledger/last_written_by.sql")) // the table may have changed by then
		err = newer
	}
	return version, err
}

// migrate brings the attached database to the version of this program; a new one gets all versions. Each version is one transaction together with
// its row in ledger_info. If stopped between two, the ledger has the first, and the next run continues.
func (l *Ledger) migrate(ctx context.Context) error {
	version, err := l.version(ctx)
	if err != nil {
		return err
	}
	for _, next := range queries.Schema() {
		if next.Number <= version {
			continue
		}
		err := l.DB.InTx(ctx, func() error {
			if err := l.DB.Exec(ctx, next.SQL); err != nil {
				return err
			}
			return l.DB.Exec(ctx, "insert into ledger_info values (?, ?, ?)", next.Number, l.opts.Now().UTC(), l.opts.Version)
		})
		if err != nil {
			return fmt.Errorf("bring ledger %s to schema version %d: %w", l.folder, next.Number, err)
		}
	}
	return nil
}
