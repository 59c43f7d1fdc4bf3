package chain

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/queries"
)

var update = flag.Bool("update", false, "rewrite the want.csv of the step cases that fail; read the diff")

// stepsFolder holds the cases: one folder for each SQL file, in it one for each case. Its README says how to write one.
const stepsFolder = "../../testdata/steps"

// stepFolders hold the SQL files that need cases. No name is in two of them.
var stepFolders = []string{"load", "attribute", "months", "report", "focus"}

// uncovered lists SQL files without cases, and why.
var uncovered = map[string]string{}

// stepFiles gives the SQL files that need cases by their names.
func stepFiles() map[string]string {
	out := map[string]string{}
	for _, folder := range stepFolders {
		for _, name := range queries.List(folder) {
			out[name] = folder + "/" + name + ".sql"
		}
	}
	return out
}

// TestSteps runs every case of every step: the SQL file over the case's tables gives the rows of its want.csv.
func TestSteps(t *testing.T) {
	files := stepFiles()
	cases, err := readCases()
	if err != nil {
		t.Fatal(err)
	}
	for name := range cases {
		if files[name] == "" {
			t.Errorf("%s/%s: there is no SQL file of that name in %s", stepsFolder, name, strings.Join(stepFolders, ", "))
		}
	}
	w, err := newStepWorld(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer w.db.Close()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		switch reason := uncovered[name]; {
		case len(cases[name]) == 0 && reason == "":
			t.Errorf("%s has no case: write one in %s/%s, as its README says", files[name], stepsFolder, name)
		case len(cases[name]) > 0 && reason != "":
			t.Errorf("%s has cases now: take it from the list uncovered", name)
		}
		for _, c := range cases[name] {
			t.Run(name+"/"+c.name, func(t *testing.T) { w.test(t, c) })
		}
	}
}

// test runs one case.
func (w *stepWorld) test(t *testing.T, c *stepCase) {
	ctx := t.Context()
	text := queries.Text(c.file)
	defer func() {
		if err := w.close(context.WithoutCancel(ctx), c); err != nil {
			t.Error(err)
		}
	}()
	if err := w.open(ctx, c); err != nil {
		t.Fatalf("%s: %v", c.folder, err)
	}
	got, err := w.rows(ctx, text, c)
	if err != nil {
		t.Fatalf("%s: queries/%s: %v", c.folder, c.file, err)
	}
	if slices.EqualFunc(got, c.rows, slices.Equal[[]string]) {
		return
	}
	if *update {
		if err := c.write(got); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("%s: queries/%s gives other rows than want.csv (- wanted, + given)\n%s", c.folder, c.file, c.diff(got))
}

// stepCase is one folder of testdata/steps.
type stepCase struct {
	step, name, folder string
	file               string // the SQL file
	isOrdered          bool   // the SELECT has an order of its own
	inputs             []stepTable
	want               stepTable
	columns            []stepColumn // of want, with their types in the result
	rows               [][]string   // of want as rows gives them
}

// stepTable is a CSV file of a case.
type stepTable struct {
	name    string
	comment string // what stands above the header
	header  []string
	rows    [][]string
}

type stepColumn struct{ name, typ string }

// readCases reads all cases, by step.
func readCases() (map[string][]*stepCase, error) {
	files := stepFiles()
	out := map[string][]*stepCase{}
	folders, err := filepath.Glob(stepsFolder + "/*/*")
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		step := filepath.Base(filepath.Dir(folder))
		c := &stepCase{step: step, name: filepath.Base(folder), folder: folder, file: files[step]}
		if c.file != "" {
			c.isOrdered = hasOrder(scanSQL(queries.Text(c.file)))
		}
		entries, err := os.ReadDir(folder)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			table, isCSV := strings.CutSuffix(e.Name(), ".csv")
			if !isCSV {
				return nil, fmt.Errorf("%s/%s: a case holds CSV files only", folder, e.Name())
			}
			read, err := readStepTable(filepath.Join(folder, e.Name()))
			if err != nil {
				return nil, err
			}
			read.name = table
			if table == "want" {
				c.want = read
				continue
			}
			c.inputs = append(c.inputs, read)
		}
		out[step] = append(out[step], c)
	}
	return out, nil
}

// readStepTable reads a CSV file; lines above the header that begin with # say what the case is about.
func readStepTable(path string) (stepTable, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return stepTable{}, err
	}
	var t stepTable
	for bytes.HasPrefix(b, []byte("#")) {
		line, rest, _ := bytes.Cut(b, []byte("\n"))
		t.comment += string(line) + "\n"
		b = rest
	}
	r := csv.NewReader(bytes.NewReader(b))
	if t.header, err = r.Read(); err != nil && !errors.Is(err, io.EOF) {
		return t, fmt.Errorf("%s: %w", path, err)
	}
	for err == nil {
		var row []string
		if row, err = r.Read(); err == nil {
			t.rows = append(t.rows, row)
		}
	}
	if !errors.Is(err, io.EOF) {
		return t, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// write rewrites want.csv from the rows that a step gave.
func (c *stepCase) write(rows [][]string) error {
	var b bytes.Buffer
	b.WriteString(c.want.comment)
	w := csv.NewWriter(&b)
	if err := w.Write(names(c.columns)); err != nil {
		return err
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(c.folder, "want.csv"), b.Bytes(), 0o644)
}

// diff shows the wanted rows and those that were given, as lines of CSV.
func (c *stepCase) diff(got [][]string) string {
	var b strings.Builder
	line := func(mark string, row []string) { fmt.Fprintf(&b, "    %s %s\n", mark, strings.Join(row, ",")) }
	line(" ", names(c.columns))
	for len(c.rows) > 0 || len(got) > 0 {
		switch {
		case len(got) == 0 || len(c.rows) > 0 && !c.isOrdered && slices.Compare(c.rows[0], got[0]) < 0:
			line("-", c.rows[0])
			c.rows = c.rows[1:]
		case len(c.rows) == 0 || !c.isOrdered && slices.Compare(c.rows[0], got[0]) > 0:
			line("+", got[0])
			got = got[1:]
		case slices.Equal(c.rows[0], got[0]):
			line(" ", got[0])
			c.rows, got = c.rows[1:], got[1:]
		default:
			line("-", c.rows[0])
			line("+", got[0])
			c.rows, got = c.rows[1:], got[1:]
		}
	}
	return b.String()
}

func names(columns []stepColumn) []string {
	var out []string
	for _, c := range columns {
		out = append(out, c.name)
	}
	return out
}
