package ingest_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/registry"
	"github.com/pidledger/pidledger/testdata/faults"
)

// damaged is text with some bytes flipped, cut off, left out or doubled.
func damaged(r *rand.Rand, text []byte) []byte {
	out := append([]byte(nil), text...)
	for range 1 + r.IntN(4) {
		if len(out) == 0 {
			break
		}
		at := r.IntN(len(out))
		switch end := min(len(out), at+1+r.IntN(64)); r.IntN(6) {
		case 0:
			out = out[:at]
		case 1:
			out = append(out[:at], out[end:]...)
		case 2:
			out = append(out[:end:end], out[at:]...)
		default:
			out[at] ^= 1 << r.IntN(8)
		}
	}
	return out
}

// inputs are files of every kind, by their names.
func inputs(t *testing.T) map[string][]byte {
	out := map[string][]byte{}
	for _, pattern := range []string{
		ingesttest.Testdata("formats", "usage", "*"), ingesttest.Testdata("formats", "evidence", "*"), ingesttest.Testdata("formats", "odd", "*"),
		ingesttest.Testdata("demo", "exports", "cost", "focus", "*", "*", "*", "*", "*"),
	} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range files {
			if info, err := os.Stat(f); err != nil || info.IsDir() || info.Size() > 1<<20 || strings.HasSuffix(f, ".golden") {
				continue
			}
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			out[fmt.Sprintf("%02d-%s", i, filepath.Base(f))] = b
		}
	}
	out["usage.zip"] = []byte(zipped(t, "usage.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD")))
	out["usage.csv.gz"] = []byte(gzipped(t, ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"), 0))
	return out
}

// Damage to input files, byte by byte, costs these files: nothing panics, nothing is called a bug in pidledger, and what lies beside them is
// loaded as before.
func TestFlippedInputs(t *testing.T) {
	nights := 1
	if n, err := strconv.Atoi(os.Getenv("PIDLEDGER_KILLS")); err == nil { // the long form of the fault tests
		nights = max(1, n/20)
	}
	tally := faults.Count(t, "hostile files")
	files := inputs(t)
	for night := range nights {
		t.Run(strconv.Itoa(night), func(t *testing.T) {
			tally.Watch(t, "bytes flipped, cut, left out")
			r := rand.New(rand.NewPCG(uint64(night), 7))
			w := ingesttest.New(t)
			w.Run.MaxRejectRatio = 0.5
			for name, b := range files {
				w.Put(name, string(damaged(r, b)))
			}
			w.PutRun("11111111-aaaa-4bbb-8ccc-000000000001", "2026-04-01T00:00:00Z", "Custom", "2026-03-01T00:00:00Z", "2026-03-31T00:00:00Z", "1", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
			manifests, err := filepath.Glob(filepath.Join(w.Dir, "exports", "*", "*", "*", "*", "manifest.json"))
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range manifests {
				b, err := os.ReadFile(m)
				ingesttest.Must(t, err)
				ingesttest.Must(t, os.WriteFile(m, damaged(r, b), 0o600))
			}
			w.Put("good/deployments.json", goodDeployment)
			result, err := w.Ingest()
			if err != nil {
				t.Fatalf("the run ends: %v", err)
			}
			for _, f := range result.Files {
				if strings.Contains(f.Reason, "bug in pidledger") || strings.Contains(f.Reason, "panic") || strings.Contains(f.Reason, "runtime error") {
					t.Errorf("%s: %s", f.Path, f.Reason)
				}
				if f.Status == ledger.StatusFailed && f.Reason == "" {
					t.Errorf("%s failed without a reason", f.Path)
				}
			}
			if good := ingesttest.Status(t, result, "good/deployments.json"); good.Status != ledger.StatusLoaded || good.Loaded != 1 {
				t.Errorf("the good file beside them: %+v", good)
			}
		})
	}
}

// A damaged registry is read, or refused with its name.
func TestFlippedRegistries(t *testing.T) {
	tries := 20
	if n, err := strconv.Atoi(os.Getenv("PIDLEDGER_KILLS")); err == nil {
		tries = max(tries, n)
	}
	tally := faults.Count(t, "hostile files")
	files, err := filepath.Glob(ingesttest.Testdata("formats", "registry", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range files {
		b, err := os.ReadFile(f)
		if err != nil || strings.HasSuffix(f, ".golden") {
			continue
		}
		t.Run(filepath.Base(f), func(t *testing.T) {
			tally.Watch(t, "a registry, bytes flipped")
			r := rand.New(rand.NewPCG(uint64(i), 7))
			path := filepath.Join(t.TempDir(), filepath.Base(f))
			for range tries {
				ingesttest.Must(t, os.WriteFile(path, damaged(r, b), 0o600))
				for _, read := range []func() error{
					func() error { _, _, err := registry.Registrations(path, registry.Options{}); return err },
					func() error { _, _, err := registry.Exclusions(path, registry.Options{}); return err },
					func() error { _, _, err := registry.Customers(path, registry.Options{}); return err },
				} {
					if err := read(); err != nil && !strings.Contains(err.Error(), filepath.Base(path)) {
						t.Errorf("the file is not named: %v", err)
					}
				}
			}
		})
	}
}
