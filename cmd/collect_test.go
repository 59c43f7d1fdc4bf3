package cmd

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	collecting "github.com/pidledger/pidledger/cmd/collect"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/ingest/collect"
	"github.com/pidledger/pidledger/ingest/collect/armtest"
	"github.com/pidledger/pidledger/report/spec"
)

// collectApp collects from a server of the test.
type collectApp struct {
	app
	from *armtest.Server
}

func (a collectApp) Collect(ctx context.Context, call night.Options) (*collect.Result, error) {
	return collect.Collect(ctx, a.from.Access(), collecting.Options(call))
}

// What collect gets of a world's evidence, day by day, makes the same reports as the world's own files.
func TestCollectWorld(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a whole world takes seconds")
	}
	world, dir := filepath.Join("..", "testdata", "demo"), t.TempDir()
	files, err := filepath.Glob(filepath.Join(world, "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if data, err := os.ReadFile(f); err == nil {
			if err := os.WriteFile(filepath.Join(dir, filepath.Base(f)), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	of, days := armtest.Load(t, filepath.Join(world, "exports"), filepath.Join(dir, "exports"))
	if len(days) < 3 || len(of.Subscriptions) < 3 {
		t.Fatalf("the world has %d days of evidence and %d subscriptions", len(days), len(of.Subscriptions))
	}
	server := armtest.New(t, of)
	call := func(args ...string) {
		t.Helper()
		var out, errs bytes.Buffer
		streams := terminal.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}
		p := newProgram(streams, func() time.Time { return server.Now }, collectApp{from: server}, night.Steps)
		if code := p.run(t.Context(), append(args, "--quiet", "--config", filepath.Join(dir, config.Name))); code != exit.Done {
			t.Fatalf("%v: exit code %d\n%s%s", args, code, out.String(), errs.String())
		}
	}
	for _, server.Now = range days {
		call("collect")
	}
	server.Now = server.Now.AddDate(0, 1, 0) // the activity log of what came after the last export
	call("collect")
	call("run", "--format", "csv", "--report-dir", filepath.Join(dir, "reports"))
	for _, s := range spec.Reports {
		compareReport(t, s, filepath.Join(dir, "reports"), filepath.Join(world, "expected"))
	}
	addsUp(t, filepath.Join(dir, "reports"))
	before := tree(t, filepath.Join(dir, "exports"))
	call("collect")
	if after := tree(t, filepath.Join(dir, "exports")); len(after) != len(before) {
		t.Errorf("nothing was new, and %d files became %d", len(before), len(after))
	}
}

// tree lists the files that a run reads of a folder; nobody else may read those that were collected.
func tree(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || strings.HasPrefix(d.Name(), ".") || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		files = append(files, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	return files
}
