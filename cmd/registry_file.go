package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/registry"
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
func (p *program) openRegistry(ctx context.Context, flags config.Flags, print bool) (*registryFile, error) {
	c, err := p.config(flags)
	if err != nil {
		return nil, err
	}
	f := &registryFile{config: c, name: c.Registry, print: print}
	switch {
	case f.name != "":
	case print:
		return f, nil
	default:
		return nil, exit.Usagef("--registry registry.csv, or pidledger init, to begin", "no registry is named")
	}
	if f.text, err = readTable("registry", f.name); err != nil || isBlank(f.text) {
		return f, err
	}
	if f.ids, _, err = registry.Registrations(f.name, ingest.RegistryOptions(ctx, p.now())); err != nil {
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
