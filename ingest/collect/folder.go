package collect

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// stateName is the file of a folder that tells how far it is collected. Its dot keeps it out of what `run` reads.
const stateName = ".collect.json"

// folder is what one subscription, management group or the tenant is collected into, with a note of how far it is.
type folder struct {
	path string

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
func openFolder(path string) (*folder, error) {
	f := &folder{path: path, state: state{Deployments: map[string]time.Time{}}}
	name := filepath.Join(path, stateName)
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &f.state); err != nil {
		return nil, &stateError{name, err}
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
func (f *folder) note(change func(*state)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.state)
	data, err := json.MarshalIndent(f.state, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(f.path, 0o700); err != nil {
		return err
	}
	w, err := create(f.path, stateName)
	if err != nil {
		return err
	}
	if err := w.write(data); err != nil {
		w.discard()
		return err
	}
	return w.commit(filepath.Join(f.path, stateName))
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
	tmp     *os.File
	dir     string
	name    string
	records int
	bytes   int64
}

// output begins a file in a folder below; nothing is made before the first answer.
func (f *folder) output(name string, parts ...string) *file {
	return &file{dir: filepath.Join(append([]string{f.path}, parts...)...), name: name}
}

// create begins a file under a hidden name.
func create(dir, name string) (*file, error) {
	tmp, err := os.CreateTemp(dir, ".new-"+strings.TrimPrefix(name, ".")+"-*") // 0600
	return &file{tmp: tmp, dir: dir, name: name}, err
}

// add writes an answer with so many records.
func (w *file) add(body []byte, records int) error {
	if w.tmp == nil {
		if err := os.MkdirAll(w.dir, 0o700); err != nil {
			return err
		}
		begun, err := create(w.dir, w.name)
		if err != nil {
			return err
		}
		w.tmp = begun.tmp
	}
	w.records += records
	if err := w.write(body); err != nil || bytes.HasSuffix(body, []byte{'\n'}) {
		return err
	}
	return w.write([]byte{'\n'})
}

func (w *file) write(data []byte) error {
	n, err := w.tmp.Write(data)
	w.bytes += int64(n)
	return err
}

// discard removes what was written.
func (w *file) discard() {
	if w.tmp != nil {
		w.tmp.Close()
		os.Remove(w.tmp.Name()) //nolint:errcheck // the next call sweeps it away
	}
}

// commit gives the file its name.
func (w *file) commit(name string) error {
	err := errors.Join(w.tmp.Sync(), w.tmp.Close())
	if err == nil {
		err = os.Rename(w.tmp.Name(), name)
	}
	if err != nil {
		os.Remove(w.tmp.Name()) //nolint:errcheck // the next call sweeps it away
	}
	return err
}

// keep gives the file a name that no other has; one without an answer is none.
func (w *file) keep() error {
	if w.tmp == nil {
		return nil
	}
	for n := 1; ; n++ {
		name := w.name
		if n > 1 {
			name += fmt.Sprintf("-%d", n)
		}
		name = filepath.Join(w.dir, name+".json")
		if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			return w.commit(name)
		} else if err != nil {
			w.discard()
			return err
		}
	}
}

// sweep removes what calls that were killed left. Nobody else is at work in the folder.
func sweep(root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && d.Type().IsRegular() && strings.HasPrefix(d.Name(), ".new-") {
			return os.Remove(path)
		}
		return err
	})
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
