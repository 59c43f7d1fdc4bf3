package registry

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/registry"
	"github.com/pidledger/pidledger/ingest/source"
)

// registryFile is the configured registry, which lines are added to.
type registryFile struct {
	config config.Config
	name   string // empty: none is configured, and lines are only printed
	text   []byte
	ids    []registry.Registration
	print  bool // change nothing
}

// openRegistry reads the registry. A file that is not there is an empty one.
func openRegistry(ctx context.Context, p *cli.Program, flags config.Flags, print bool) (*registryFile, error) {
	c, err := p.Config(flags)
	if err != nil {
		return nil, err
	}
	f := &registryFile{config: c, name: c.Registry, print: print}
	switch {
	case f.name != "":
	case print:
		return f, nil
	default:
		return nil, exit.Usagef(cmp.Or(c.Above(), "--registry registry.csv, or pidledger init, to begin"), "no registry is named")
	}
	if f.text, err = readTable("registry", f.name); err != nil || isBlank(f.text) {
		return f, err
	}
	if f.ids, _, err = registry.Registrations(f.name, ingest.RegistryOptions(ctx, p.Now())); err != nil {
		return nil, &ingest.RegistryError{Err: err}
	}
	return f, nil
}

// lines makes the lines of registrations in the form of the file, and adds them to it if it is to be written.
func (f *registryFile) lines(add []registry.Registration, appendTo func([]byte, []registry.Registration) (out, added []byte, err error), write bool) ([]byte, error) {
	out, added, err := appendTo(f.text, add)
	if errors.Is(err, registry.ErrNotAppendable) {
		if !f.print {
			return nil, exit.Usagef("name a CSV file with all columns by --registry, or add the lines that --print shows yourself", "%s: %v", f.name, err)
		}
		_, added, err = appendTo(nil, add)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.name, err)
	}
	if write && !f.print {
		if err := disk.Replace(f.name, out, 0o644); err != nil {
			return nil, fmt.Errorf("add to the registry: %w", err)
		}
	}
	return added, nil
}

// maxTable is the longest table that rows are added to, in bytes: what ingest/registry reads.
const maxTable = 64 << 20

// readTable reads a file that rows are added to, which a key of the configuration names. A file that is not there is an empty one; its
// folder must be there.
func readTable(key, file string) ([]byte, error) {
	text, err := source.ReadFile(file, maxTable)
	if errors.Is(err, fs.ErrNotExist) {
		text = nil
		_, err = os.Stat(filepath.Dir(file))
	}
	if err != nil {
		return nil, exit.Usagef("correct "+key+": in the configuration, or name a file with --"+key, "%s: %v", key, err)
	}
	return text, nil
}

// isBlank tells whether a text has nothing but white space and a byte order mark.
func isBlank(text []byte) bool {
	return len(bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff")))) == 0
}
