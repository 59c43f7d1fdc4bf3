package collect

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
	"time"
)

// stateName is the file of a folder that tells how far it is collected. Its dot keeps it out of what `run` reads.
const stateName = ".collect.json"

// folder is what one subscription, management group or the tenant is collected into, with a note of how far it is.
type folder struct {
	to   store
	path string // below the store

	mu    sync.Mutex
	state state
}

// state tells how far a folder is collected. A time is that at which the collection began that was complete for it.
type state struct {
	Deployments map[string]time.Time `json:"deployments,omitempty"` // by resource group, lower case; empty: the scope itself
	Activity    time.Time            `json:"activity,omitzero"`
	Changes     time.Time            `json:"changes,omitzero"`
}

// openFolder reads the note of a folder, which need not be there.
func openFolder(ctx context.Context, to store, at string) (*folder, error) {
	f := &folder{to: to, path: at, state: state{Deployments: map[string]time.Time{}}}
	name := path.Join(at, stateName)
	data, err := to.read(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &f.state); err != nil {
		return nil, &stateError{to.spell(name), err}
	}
	if f.state.Deployments == nil {
		f.state.Deployments = map[string]time.Time{}
	}
	return f, nil
}

// stateError says that the note of a folder cannot be read.
type stateError struct {
	file string
	err  error
}

func (e *stateError) Error() string {
	return fmt.Sprintf("%s, which tells how far was collected, is damaged: %v", e.file, e.err)
}
func (e *stateError) Unwrap() error { return e.err }

// Try returns the way out.
func (e *stateError) Try() string {
	return "remove " + e.file + ": then all that Azure still has is collected once more, and pidledger run counts nothing twice"
}

// note changes the note and writes it.
func (f *folder) note(ctx context.Context, change func(*state)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.state)
	data, err := json.MarshalIndent(f.state, "", "  ")
	if err != nil {
		return err
	}
	return f.to.replace(ctx, path.Join(f.path, stateName), data)
}

// since is the time from which deployments of a resource group are new.
func (f *folder) since(group string) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return before(f.state.Deployments[group])
}

// before is the time that is collected again when the last collection began at t.
func before(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Add(-Overlap)
}

// file is a file of answers that is being written: each as it came, on lines of its own. It gets its name when it is whole.
type file struct {
	to      store
	dir     string
	name    string
	draft   draft // nil: nothing was answered yet
	records int
	bytes   int64
}

// output begins a file in a folder below; nothing is made before the first answer.
func (f *folder) output(name string, parts ...string) *file {
	return &file{to: f.to, dir: path.Join(append([]string{f.path}, parts...)...), name: name}
}

// add writes an answer with so many records.
func (w *file) add(ctx context.Context, body []byte, records int) (err error) {
	if w.draft == nil {
		if w.draft, err = w.to.begin(w.dir, w.name); err != nil {
			return err
		}
	}
	w.records += records
	if err := w.write(ctx, body); err != nil || bytes.HasSuffix(body, []byte{'\n'}) {
		return err
	}
	return w.write(ctx, []byte{'\n'})
}

func (w *file) write(ctx context.Context, data []byte) error {
	w.bytes += int64(len(data))
	return w.draft.Write(ctx, data)
}

// discard removes what was written.
func (w *file) discard() {
	if w.draft != nil {
		w.draft.discard()
	}
}

// plain makes the name of a folder of a name in Azure, whose resource groups may have any letter. Case does not tell two of them apart.
func plain(name string) string {
	lower := strings.ToLower(name)
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.()", r) {
			return r
		}
		return '_'
	}, lower)
	if safe == lower && strings.Trim(safe, ".") == safe {
		return safe
	}
	sum := sha256.Sum256([]byte(lower))
	return strings.Trim(safe, ".") + "-" + hex.EncodeToString(sum[:4])
}

// stamp spells a time in the name of a file.
func stamp(t time.Time) string { return t.UTC().Format("20060102T150405Z") }
