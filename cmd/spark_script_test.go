package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
)

// A lake is filled again and again, holds what the ledger holds and nothing older, and a script publishes with its last statement.
func TestSparkScript(t *testing.T) {
	dir := t.TempDir()
	demo := filepath.Join("..", "testdata", "demo", "pidledger.yaml")
	do := func(want int, command ...string) (out, errs string) {
		t.Helper()
		code, out, errs := runWith(t, nil, append(command, "--quiet", "--config", demo, "--ledger", filepath.Join(dir, "ledger"))...)
		if code != want {
			t.Fatalf("%s: exit code %d\n%s", strings.Join(command, " "), code, errs)
		}
		return out, errs
	}
	lake := filepath.Join(dir, "it's a lake")
	do(exit.Done, "ingest")
	var last night.Scripted
	for range 2 {
		out, _ := do(exit.Done, "spark", "script", lake, "--json")
		if err := json.Unmarshal([]byte(out), &last); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(last.File)
	if err != nil {
		t.Fatal(err)
	}
	statements := strings.Split(strings.TrimSpace(string(text)), ";\n")
	if end := statements[len(statements)-1]; !strings.Contains(end, `it\'s a lake/published/`+last.RunID+"'") || !strings.Contains(end, "'"+last.RunID+"' as run_id") {
		t.Errorf("the last statement is\n%s", end)
	}
	names := func(pattern string) (out []string) {
		found, err := filepath.Glob(filepath.Join(lake, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			out = append(out, filepath.Base(f))
		}
		return out
	}
	if inputs := names("inputs/*"); len(inputs) != 1 || inputs[0] != last.RunID {
		t.Errorf("inputs of %v, not only of %s", inputs, last.RunID)
	}
	if len(names("usage/*/*.parquet")) == 0 {
		t.Error("the lake has no usage")
	}
	gone := filepath.Join(lake, "usage", "of-a-slice-that-is-gone")
	if err := os.MkdirAll(gone, 0o700); err != nil {
		t.Fatal(err)
	}
	do(exit.Done, "spark", "script", lake)
	if _, err := os.Stat(gone); err == nil {
		t.Error("usage that the ledger does not hold stays in the lake")
	}
	if err := os.WriteFile(filepath.Join(lake, "mine.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs := do(exit.Usage, "spark", "script", lake); !strings.Contains(errs, "holds something else") {
		t.Errorf("a folder with other files: %s", errs)
	}
}
