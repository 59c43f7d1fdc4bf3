package ingest_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/ingest/ingesttest"
)

// Any set of files, in any order, split over any number of nights, delivered any number of times: the same ledger (SPEC 3.3).
func TestAnyOrder(t *testing.T) {
	if testing.Short() {
		t.Skip("many nights")
	}
	names := ingesttest.DemoFiles(t)
	all := ingesttest.New(t)
	for _, n := range names {
		all.Deliver(n)
	}
	if _, err := all.Ingest(); err != nil {
		t.Fatal(err)
	}
	want := all.Content()
	if _, err := all.Ingest(); err != nil {
		t.Fatal(err)
	}
	ingesttest.CompareContent(t, "the same once more", all.Content(), want)

	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := ingesttest.New(t)
		w.Opts.Threads = 1 + int(seed%3)
		order := r.Perm(len(names))
		nights := 2 + r.IntN(4)
		for night := range nights {
			for i, at := range order {
				if i%nights <= night {
					w.Deliver(names[at]) // also what came before, once more
				}
			}
			if _, err := w.Ingest(); err != nil {
				t.Fatal(err)
			}
		}
		ingesttest.CompareContent(t, fmt.Sprintf("seed %d, %d nights", seed, nights), w.Content(), want)
	}
}

// What was once seen stays, although its file is gone; a plain usage file that is gone keeps its rows.
func TestFilesThatVanish(t *testing.T) {
	w := ingesttest.New(t)
	for _, n := range ingesttest.DemoFiles(t) {
		w.Deliver(n)
	}
	if _, err := w.Ingest(); err != nil {
		t.Fatal(err)
	}
	want := w.Content()
	for _, n := range ingesttest.DemoFiles(t) {
		if strings.HasPrefix(n, "operations/") || strings.HasPrefix(n, "cost/") {
			if err := os.Remove(filepath.Join(w.Dir, "exports", filepath.FromSlash(n))); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := w.Ingest(); err != nil {
		t.Fatal(err)
	}
	ingesttest.CompareContent(t, "after files vanished", w.Content(), want)
}
