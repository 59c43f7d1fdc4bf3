package cmd

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/testdata/generated"
)

// jsonForms are calls with --json whose answers stand in testdata/forms: of the demo, or, for what a night does and how it goes wrong, of the
// fake. diff is in TestDiff.
var jsonForms = []struct {
	name, mode string // of the fake; empty: the demo
	args       string
}{
	{"collect", "partial", "collect"},
	{"compare", "", "compare channels --currency EUR"},
	{"doctor", "inuse", "doctor"},
	{"exclusions list", "", "exclusions list"},
	{"explain", "", "explain plan-data-0063"},
	{"explain, of a customer", "", "explain a8c24d42-44ef-4feb-88e5-b4617589a82b"},
	{"explain, of an id", "", "explain 060cea63-1d3b-493f-a949-0eab7f1a355e"},
	{"explain, of nothing", "", "explain pid-380208a9-ad45-423d-bb1a-11df587fd28"},
	{"files", "", "files --status waiting --status empty"},
	{"forget", "done", "forget --file exports/a.csv"},
	{"ingest", "partial", "ingest"},
	{"ledger check", "", "ledger check"},
	{"ledger export", "done", "ledger export backup"},
	{"registry import", "", "registry import --print SCRATCH/other.csv"},
	{"registry lint", "", "registry lint"},
	{"report", "done", "report"},
	{"run", "partial", "run"},
	{"run --dry-run", "done", "run --dry-run"},
	{"snippet", "done", "snippet --id 060cea63-1d3b-493f-a949-0eab7f1a355e --for python"},
	{"spark script", "done", "spark script lake"},
	{"status", "", "status"},
	{"template check", "", "template check TESTDATA/templates/L01"},
	{"support", "", "support --output SCRATCH/request.zip --yes"},
	{"verify", "", "verify 380208a9-ad45-423d-bb1a-11df587fd280"},
	{"version", "", "version"},
	{"verify, of nothing", "", "verify 11111111-1111-4111-8111-111111111111"},
}

// varying is what is not the same in two runs: their ids, times of now and of files, sizes of the database and of the disk.
var varying = []struct {
	found *regexp.Regexp
	shown string
}{
	{regexp.MustCompile(`\b20\d{6}T\d{6}-[0-9a-f]{6}\b`), "RUN"},
	{regexp.MustCompile(`"(now|started|ended|since|newest)": "[^"]*"`), `"$1": "TIME"`},
	{regexp.MustCompile(`[0-9.]+ [kMGT]?B free`), "SIZE free"},
	{regexp.MustCompile(`"(go|platform)": "[^"]*"`), `"$1": "BUILD"`},
	{regexp.MustCompile(`"(database|usage|other|bytes|seconds)": [0-9.]+`), `"$1": 1`},
}

// steady is a text without what changes from run to run; the folders that it names become words.
func steady(text string, folders map[string]string) string {
	for _, f := range slices.Backward(slices.Sorted(maps.Keys(folders))) { // a folder before the one above it
		text = strings.ReplaceAll(strings.ReplaceAll(text, f, folders[f]), filepath.ToSlash(f), folders[f])
	}
	for _, c := range varying {
		text = c.found.ReplaceAllString(text, c.shown)
	}
	return text
}

// formFile is the file with the answer of a call.
func formFile(name string) string {
	return filepath.Join("..", "testdata", "forms", strings.NewReplacer(" --", "-", ", ", "-", " ", "-").Replace(name)+".json")
}

// checkForm compares an answer with that of testdata/forms.
func checkForm(t *testing.T, name, got string) {
	t.Helper()
	path := formFile(name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
		t.Errorf("(-want +got):\n%s\nRun go test ./cmd -run %s -update if the change is meant.", diff, t.Name())
	}
}

// What --json writes is held by value: programs rely on it.
func TestForms(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole run takes seconds")
	}
	reports, err := demoReports()
	if err != nil {
		t.Fatal(err)
	}
	testdata, err := filepath.Abs(filepath.Join("..", "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	state := filepath.Dir(reports)
	of := []string{"PIDLEDGER_CONFIG=" + filepath.Join(testdata, "demo", "pidledger.yaml"), "PIDLEDGER_LEDGER=" + filepath.Join(state, "ledger"), "PIDLEDGER_REPORT_DIR=" + reports}
	for _, f := range jsonForms {
		t.Run(f.name, func(t *testing.T) {
			scratch := t.TempDir()
			other := "tracking_id,mpn_id,offer,channel\n2f6a7c1e-52b7-4d08-9e14-a1b2c3d4e501,5120077,Contoso Edge,github\n380208a9-ad45-423d-bb1a-11df587fd280,4711,,\n"
			if err := os.WriteFile(filepath.Join(scratch, "other.csv"), []byte(other), 0o600); err != nil {
				t.Fatal(err)
			}
			args := append(strings.Fields(strings.NewReplacer("TESTDATA", filepath.ToSlash(testdata), "SCRATCH", filepath.ToSlash(scratch)).Replace(f.args)), "--json")
			var got string
			folders := map[string]string{state: "STATE", scratch: "SCRATCH", testdata: "TESTDATA", filepath.Clean(os.TempDir()): "TEMP"}
			if f.mode == "" {
				_, got, _ = runWith(t, of, args...)
			} else {
				home, err := os.Getwd()
				if err != nil {
					t.Fatal(err)
				}
				mode := f.mode
				if mode == "done" {
					mode = ""
				}
				got = tryRun(t, mode, goodFiles, nil, args...).out
				folder, err := os.Getwd()
				if err != nil {
					t.Fatal(err)
				}
				folders[folder] = "FOLDER"
				t.Chdir(home)
			}
			if !json.Valid([]byte(got)) {
				t.Fatalf("no JSON:\n%s", got)
			}
			checkForm(t, f.name, steady(got, folders))
		})
	}
}

// The document names every field that the answers in testdata/forms have.
func TestReadmeForms(t *testing.T) {
	fields := map[string]*formField{}
	files, err := filepath.Glob(filepath.Join("..", "testdata", "forms", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append([]string{"diff"}, names()...) {
		path := formFile(name)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files = slices.DeleteFunc(files, func(f string) bool { return f == path })
		var v any
		if err := json.Unmarshal(b, &v); err != nil {
			t.Fatal(err)
		}
		command, _, _ := strings.Cut(name, ",")
		if command == "ingest" || command == "report" { // parts of a run write parts of its summary
			command = "run"
		}
		if fields[command] == nil {
			fields[command] = &formField{}
		}
		fields[command].add(v)
	}
	if len(files) > 0 {
		t.Errorf("nothing writes %v", files)
	}
	var b strings.Builder
	b.WriteString("| `--json` of | fields |\n|---|---|\n")
	for _, command := range slices.Sorted(maps.Keys(fields)) {
		kind := ""
		if fields[command].list {
			kind = "a list of: "
		}
		label := command
		if command == "run" {
			label = "run`, `ingest`, `report"
		}
		b.WriteString("| `" + label + "` | " + kind + fields[command].text() + " |\n")
	}
	generated.Part(t, "README.md", "<!-- forms: go test ./cmd -run TestReadmeForms -update -->\n", "<!-- /forms -->", b.String(), *update)
}

func names() (all []string) {
	for _, f := range jsonForms {
		all = append(all, f.name)
	}
	return all
}

// formField is what is below a field in JSON values: its own fields, together those of all members of a list.
type formField struct {
	list  bool
	names []string // in their order
	below map[string]*formField
}

func (f *formField) add(v any) {
	switch v := v.(type) {
	case []any:
		f.list = true
		for _, member := range v {
			f.add(member)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if f.below == nil {
				f.below = map[string]*formField{}
			}
			if f.below[name] == nil {
				f.below[name] = &formField{}
				f.names = append(f.names, name)
			}
			f.below[name].add(v[name])
		}
	}
}

func (f *formField) text() string {
	var all []string
	for _, name := range slices.Sorted(slices.Values(f.names)) {
		below := f.below[name]
		text := "`" + name + "`"
		if below.list {
			text += "[]"
		}
		if len(below.names) > 0 {
			text += " {" + below.text() + "}"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}
