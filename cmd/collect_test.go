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
	"github.com/pidledger/pidledger/ingest/blob/blobtest"
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
	c := newCollected(t, filepath.Join("..", "testdata", "demo"))
	c.sameReports()
	before := tree(t, filepath.Join(c.dir, "exports"))
	c.call("collect")
	if after := tree(t, filepath.Join(c.dir, "exports")); len(after) != len(before) {
		t.Errorf("nothing was new, and %d files became %d", len(before), len(after))
	}
}

// The same in Blob Storage, of both worlds. What is written there is what a folder gets (TestAzureCollect), so that CI does without.
func TestAzureCollectWorld(t *testing.T) {
	t.Parallel()
	blobtest.Connection(t)
	if !longAzure() {
		t.Skip("make test-azure without BLOBS collects two worlds")
	}
	for _, world := range []string{filepath.Join("..", "testdata", "demo"), filepath.Join("..", "..", "shared", "worlds", "small")} {
		t.Run(filepath.Base(world), func(t *testing.T) {
			t.Parallel()
			if _, err := os.Stat(world); err != nil {
				t.Skip("the shared worlds are not here")
			}
			store, proxy := blobtest.New(t), blobtest.NewProxy(t, nil)
			c := newCollected(t, world)
			c.to = []string{"--dir", store.Location("collected")}
			c.environ = []string{"AZURE_STORAGE_CONNECTION_STRING=" + proxy.Connection}
			c.sources = []string{"--source", filepath.Join(c.dir, "exports"), "--source", store.Location("collected")}
			c.sameReports()
			before := store.Names("")
			c.call("collect")
			proxy.Requests()
			c.call("run", "--format", "csv")
			if after := store.Names(""); len(after) != len(before) {
				t.Errorf("nothing was new, and %d blobs became %d", len(before), len(after))
			}
			if reads := blobtest.Reads(proxy.Requests()); len(reads) > 0 {
				t.Errorf("nothing was new, and %v were read", reads)
			}
		})
	}
}

// collected is a world whose evidence is collected from a server.
type collected struct {
	t       *testing.T
	world   string
	dir     string
	server  *armtest.Server
	days    []time.Time
	environ []string
	to      []string // flags of collect
	sources []string // flags of run
}

func newCollected(t *testing.T, world string) *collected {
	t.Helper()
	c := &collected{t: t, world: world, dir: t.TempDir()}
	files, err := filepath.Glob(filepath.Join(world, "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if data, err := os.ReadFile(f); err == nil {
			if err := os.WriteFile(filepath.Join(c.dir, filepath.Base(f)), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	of, days := armtest.Load(t, filepath.Join(world, "exports"), filepath.Join(c.dir, "exports"))
	if len(days) < 3 || len(of.Subscriptions) < 3 {
		t.Fatalf("the world has %d days of evidence and %d subscriptions", len(days), len(of.Subscriptions))
	}
	c.server, c.days = armtest.New(t, of), days
	return c
}

func (c *collected) call(args ...string) {
	c.t.Helper()
	switch args[0] {
	case "collect":
		args = append(args, c.to...)
	case "run":
		args = append(args, c.sources...)
	}
	var out, errs bytes.Buffer
	streams := terminal.Streams{In: strings.NewReader(""), Out: &out, Err: &errs, Environ: append(os.Environ(), c.environ...)}
	p := newProgram(streams, func() time.Time { return c.server.Now }, collectApp{from: c.server}, night.Steps)
	if code := p.run(c.t.Context(), append(args, "--quiet", "--config", filepath.Join(c.dir, config.Name))); code != exit.Done {
		c.t.Fatalf("%v: exit code %d\n%s%s", args, code, out.String(), errs.String())
	}
}

// sameReports collects every night, and compares the reports with the expected ones.
func (c *collected) sameReports() {
	c.t.Helper()
	for _, c.server.Now = range c.days {
		c.call("collect")
	}
	c.server.Now = c.server.Now.AddDate(0, 1, 0) // the activity log of what came after the last export
	c.call("collect")
	reports := filepath.Join(c.dir, "reports")
	c.call("run", "--format", "csv", "--report-dir", reports)
	for _, s := range spec.Reports {
		compareReport(c.t, s, reports, filepath.Join(c.world, "expected"))
	}
	addsUp(c.t, reports)
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
