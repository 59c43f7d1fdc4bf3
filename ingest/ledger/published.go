package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pidledger/pidledger/ingest/digest"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// publishedFile says what the reports were last made from, so that a night without anything new writes nothing.
const publishedFile = "published.json"

// Published is what the reports were last made from, and what they said.
type Published struct {
	State   string          `json:"state"`  // of ledger, settings and program
	RunID   string          `json:"run_id"` // of the run that wrote them
	Summary json.RawMessage `json:"summary"`
	SHA256  string          `json:"sha256"` // of the other fields; a damaged note is ignored
}

func (p *Published) sum() string { return digest.Of(p.State, p.RunID, string(p.Summary)) }

// State is a digest over everything in the ledger that reports depend on, and over what else the caller names (settings, version).
func (l *Ledger) State(ctx context.Context, more ...string) (string, error) {
	state, err := engine.AskText(ctx, l.DB, queries.Text("ledger/state.sql"))
	if err != nil {
		return "", fmt.Errorf("state of the ledger: %w", err)
	}
	return digest.Of(append(more, state)...), nil
}

// Published returns what was last published, or nil.
func (l *Ledger) Published() (*Published, error) { return ReadPublished(l.folder) }

// ReadPublished returns what was last published from the ledger in a folder; nil when nothing was.
func ReadPublished(folder string) (*Published, error) {
	data, err := os.ReadFile(filepath.Join(folder, publishedFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var p Published
	if err := json.Unmarshal(data, &p); err != nil || p.SHA256 != p.sum() {
		return nil, nil //nolint:nilerr,nilnil // a damaged note only costs writing the reports once more
	}
	return &p, nil
}

// SetPublished stores what was published.
func (l *Ledger) SetPublished(p Published) error {
	var err error
	if p.Summary, err = json.Marshal(p.Summary); err != nil { // in the form in which it will be read
		return err
	}
	p.SHA256 = p.sum()
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	fresh := l.Path(publishedFile + ".new")
	if err := os.WriteFile(fresh, data, 0o600); err != nil {
		return err
	}
	return os.Rename(fresh, l.Path(publishedFile))
}
