package cmd

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestWanted runs the cases with a want.json: commands in a copy of a folder, and what must come of each (testdata/counting/README.md).
func TestWanted(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the program some hundred times")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), itself)
	if err := os.Symlink(self, program); err != nil {
		t.Skip("no links here: ", err)
	}
	own := filepath.Join("..", "testdata", "counting")
	for _, root := range []string{own, filepath.Join("..", "..", "shared", "cases")} {
		t.Run(filepath.Base(root), func(t *testing.T) {
			if _, err := os.Stat(root); err != nil {
				t.Skip("there are no cases at ", root)
			}
			folders, err := wantedCases(root)
			if err != nil || len(folders) == 0 {
				t.Fatalf("no case in %s (%v)", root, err)
			}
			for _, folder := range folders {
				name, err := filepath.Rel(root, folder)
				if err != nil {
					t.Fatal(err)
				}
				t.Run(filepath.ToSlash(name), func(t *testing.T) {
					t.Parallel()
					if root != own && sameFolder(t, folder, filepath.Join(own, filepath.Base(folder))) {
						t.Skip("testdata/counting has the same files, and ran them")
					}
					runWanted(t, program, folder)
				})
			}
		})
	}
}

// sameFolder tells whether two folders hold the same files with the same bytes, but for some files and folders.
func sameFolder(t *testing.T, a, b string, but ...string) bool {
	t.Helper()
	files := func(dir string) map[string]string {
		out := map[string]string{}
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			name := filepath.ToSlash(rel(dir, path))
			if slices.ContainsFunc(but, func(b string) bool { return name == b || strings.HasPrefix(name, b+"/") }) {
				return nil
			}
			data, err := os.ReadFile(path)
			out[name] = string(data)
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		return out
	}
	return maps.Equal(files(a), files(b))
}

func wantedCases(root string) (folders []string, err error) {
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "want.json" {
			folders = append(folders, filepath.Dir(path))
		}
		return err
	})
	return folders, err
}

// wantedCase is the content of want.json.
type wantedCase struct {
	Mtimes map[string]time.Time `json:"mtimes"`
	Steps  []wantedStep         `json:"steps"`
}

type wantedStep struct {
	Run          []string // arguments of the command
	In           string   // folder it runs in, relative to the case
	Remove       []string
	Copy         map[string]string
	Either       []wantedResult
	wantedResult `json:"-"`
}

// wantedResult is what a step must do; what it does not name is not compared. The rest of its keys are reports.
type wantedResult struct {
	Exit     *int
	Files    []wantedFile
	Rejects  *int64
	Findings *[]map[string]any
	Says     []string
	SaysNot  []string             `json:"says_not"`
	reports  map[string][]columns // by name
}

type wantedFile struct{ Path, Status, Format, Reason string }

type columns map[string]string

// wantedReports are the reports that can be named; `coverage` and the findings hold the listed lines and no others.
var wantedReports = []string{"coverage", "overlaps", "summary", "restatements", "unattributed", "unregistered", "tracking_ids", "customers", "daily", "malformed"}

func (r *wantedResult) UnmarshalJSON(data []byte) error {
	type plain wantedResult
	if err := json.Unmarshal(data, (*plain)(r)); err != nil {
		return err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	r.reports = map[string][]columns{}
	for _, name := range wantedReports {
		text, ok := all[name]
		if !ok {
			continue
		}
		var lines []map[string]any
		if err := json.Unmarshal(text, &lines); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		r.reports[name] = asColumns(lines)
	}
	return nil
}

func (s *wantedStep) UnmarshalJSON(data []byte) error {
	type plain struct {
		Run    *[]string
		In     *string
		Remove *[]string
		Copy   *map[string]string
		Either *[]wantedResult
	}
	if err := json.Unmarshal(data, &plain{&s.Run, &s.In, &s.Remove, &s.Copy, &s.Either}); err != nil {
		return err
	}
	return s.wantedResult.UnmarshalJSON(data)
}

func asColumns(lines []map[string]any) []columns {
	out := make([]columns, len(lines))
	for i, line := range lines {
		out[i] = columns{}
		for k, v := range line {
			out[i][k] = fmt.Sprint(v)
		}
	}
	return out
}

// runWanted runs one case. The first step that differs ends it.
func runWanted(t *testing.T, program, folder string) {
	data, err := os.ReadFile(filepath.Join(folder, "want.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want wantedCase
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	work := filepath.Join(t.TempDir(), "case")
	if err := os.CopyFS(work, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	if err := setTimes(work, want.Mtimes); err != nil {
		t.Fatal(err)
	}
	for i, step := range want.Steps {
		if err := step.prepare(work); err != nil {
			t.Fatal(err)
		}
		did := step.do(t, program, work)
		differ := did.differences(step.wantedResult)
		if len(differ) == 0 && len(step.Either) > 0 {
			var tried []string
			for _, one := range step.Either {
				found := did.differences(one)
				if len(found) == 0 {
					tried = nil
					break
				}
				tried = append(tried, strings.Join(found, "; "))
			}
			if tried != nil {
				differ = []string{"none of `either` holds: " + strings.Join(tried, " | ")}
			}
		}
		if len(differ) > 0 {
			t.Fatalf("step %d, %s:\n%s\nstandard output and error:\n%s%s", i+1, strings.Join(step.Run, " "), strings.Join(differ, "\n"), did.out, did.err)
		}
	}
}

// setTimes gives every file the time that is named, else the beginning of 2026. Copies look executable and read-only files are not.
func setTimes(work string, times map[string]time.Time) error {
	return filepath.WalkDir(work, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(work, path)
		if err != nil {
			return err
		}
		at, named := times[filepath.ToSlash(rel)]
		if !named {
			at = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		}
		return errors.Join(os.Chmod(path, 0o600), os.Chtimes(path, at, at))
	})
}

// prepare takes files away and puts others in place, with their times.
func (s wantedStep) prepare(work string) error {
	for _, path := range s.Remove {
		if err := os.RemoveAll(filepath.Join(work, path)); err != nil {
			return err
		}
	}
	for _, from := range slices.Sorted(maps.Keys(s.Copy)) {
		source, target := filepath.Join(work, from), filepath.Join(work, s.Copy[from])
		info, err := os.Stat(source)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(source)
		if err != nil {
			return err
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(target), 0o700), os.WriteFile(target, data, 0o600), os.Chtimes(target, info.ModTime(), info.ModTime())); err != nil {
			return err
		}
	}
	return nil
}

// did is what a step did.
type did struct {
	work     string
	code     int
	out, err []byte
	files    func() ([]fileSaid, error)
}

type fileSaid struct {
	Path, Status, Format, Reason string
	Rejected                     int64
}

func (s wantedStep) do(t *testing.T, program, work string) did {
	call := func(args ...string) (out, errs []byte, err error) {
		var outw, errw bytes.Buffer
		c := exec.CommandContext(t.Context(), program, args...)
		c.Dir, c.Stdout, c.Stderr = filepath.Join(work, s.In), &outw, &errw
		for _, e := range os.Environ() {
			if !strings.HasPrefix(e, "PIDLEDGER_") {
				c.Env = append(c.Env, e)
			}
		}
		c.Env = append(c.Env, "NO_COLOR=1")
		err = c.Run()
		return outw.Bytes(), errw.Bytes(), err
	}
	d := did{work: work}
	var err error
	d.out, d.err, err = call(s.Run...)
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		d.code = ended.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	d.files = func() (said []fileSaid, err error) {
		args := []string{"files", "--json"}
		if i := slices.Index(s.Run, "--config"); i >= 0 {
			args = append(args, s.Run[i:i+2]...)
		}
		out, errs, err := call(args...)
		if err := json.Unmarshal(out, &said); err != nil {
			return nil, fmt.Errorf("%w: %s", err, errs)
		}
		return said, err
	}
	return d
}

// differences lists what the step did otherwise.
func (d did) differences(want wantedResult) (found []string) {
	differ := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	if want.Exit != nil && d.code != *want.Exit {
		differ("exit %d, not %d", d.code, *want.Exit)
	}
	for name, lines := range want.reports {
		got, err := readLines(filepath.Join(d.work, "reports", name+".csv"))
		if err != nil && len(lines) > 0 {
			differ("%v", err)
		}
		found = append(found, compareLines(name, lines, got, name == "coverage" || len(lines) == 0)...)
	}
	if len(want.Files) > 0 || want.Rejects != nil {
		found = append(found, d.compareFiles(want)...)
	}
	if want.Findings != nil {
		var all []map[string]any
		if err := json.Unmarshal(d.out, &all); err != nil {
			differ("no JSON on standard output: %v", err)
		}
		all = slices.DeleteFunc(all, func(f map[string]any) bool { return f["severity"] != "warning" && f["severity"] != "error" })
		found = append(found, compareLines("findings", asColumns(*want.Findings), asColumns(all), true)...)
	}
	text := slices.Concat(d.out, d.err)
	for _, p := range want.Says {
		if !regexp.MustCompile(p).Match(text) {
			differ("does not say /%s/", p)
		}
	}
	for _, p := range want.SaysNot {
		if regexp.MustCompile(p).Match(text) {
			differ("says /%s/", p)
		}
	}
	return found
}

func (d did) compareFiles(want wantedResult) (found []string) {
	said, err := d.files()
	if err != nil {
		return []string{"files --json: " + err.Error()}
	}
	var rejected int64
	byPath := map[string]fileSaid{}
	for _, f := range said {
		byPath[f.Path] = f
		rejected += f.Rejected
	}
	for _, w := range want.Files {
		f, ok := byPath[w.Path]
		switch {
		case !ok:
			found = append(found, "file "+w.Path+" is not listed")
		case cmp.Or(w.Status, f.Status) != f.Status || cmp.Or(w.Format, f.Format) != f.Format || !regexp.MustCompile(w.Reason).MatchString(f.Reason):
			found = append(found, fmt.Sprintf("file %+v, not %+v", f, w))
		}
	}
	if want.Rejects != nil && rejected != *want.Rejects {
		found = append(found, fmt.Sprintf("%d rejects, not %d", rejected, *want.Rejects))
	}
	return found
}

// compareLines finds for each wanted line one of the report with the same text in the columns that it names; whole: there is no other.
func compareLines(name string, want, got []columns, whole bool) (found []string) {
	rest := slices.Clone(got)
	for _, line := range want {
		i := slices.IndexFunc(rest, func(g columns) bool {
			for k, v := range line {
				if has, ok := g[k]; !ok || has != v {
					return false
				}
			}
			return true
		})
		if i < 0 {
			found = append(found, fmt.Sprintf("%s lacks %v", name, line))
		} else {
			rest = slices.Delete(rest, i, i+1)
		}
	}
	if whole {
		for _, line := range rest {
			found = append(found, fmt.Sprintf("%s has %v", name, line))
		}
	}
	return found
}

func readLines(path string) ([]columns, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	var out []columns
	for _, row := range rows[1:] {
		line := columns{}
		for i, k := range rows[0] {
			line[k] = row[i]
		}
		out = append(out, line)
	}
	return out, nil
}
