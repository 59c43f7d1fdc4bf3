package template

import (
	_ "embed"
	"encoding/csv"
	"strconv"
	"strings"
	"sync"

	"github.com/pidledger/pidledger/ingest/token"
)

//go:embed facts.csv
var factsCSV string

//go:embed words.csv
var wordsCSV string

//go:embed places.csv
var placesCSV string

//go:embed scopes.csv
var scopesCSV string

//go:embed rules.csv
var rulesCSV string

//go:embed settings.csv
var settingsCSV string

//go:embed sources.csv
var sourcesCSV string

//go:embed terraform.csv
var terraformCSV string

// tables holds the CSV files of this folder.
type tables struct {
	facts    map[string]hole // by expression, lower case
	words    map[string]map[string]bool
	places   map[string]map[string]bool
	mains    []string         // names of main templates without extension
	scopes   map[string]Scope // by file name of the schema, lower case
	rules    map[string]Rule
	ruleIDs  []string
	settings []setting
	sources  map[string]string            // language by extension or file name, lower case
	hcl      map[string]map[string]string // terraform.csv by kind and name
	longest  int                          // of the names of regions
}

var holeKinds = map[string]holeKind{
	"hash": holeHash, "guid": holeGUID, "digits": holeDigits, "location": holeLocation, "time": holeTime,
	"name": holeName, "id": holeID, "object": holeObject,
}

var holeDeps = map[string]deps{"": 0, "location": onLocation, "run": onRun, "deployment": onDeployment, "group": onGroup}

// data reads the embedded files once; a test checks every line, so a bad line cannot ship.
var data = sync.OnceValue(func() *tables {
	t := &tables{
		facts: map[string]hole{}, words: map[string]map[string]bool{}, places: map[string]map[string]bool{},
		scopes: map[string]Scope{}, rules: map[string]Rule{}, sources: map[string]string{},
		hcl: map[string]map[string]string{},
	}
	for _, name := range token.Regions() {
		t.longest = max(t.longest, len(name))
	}
	for _, f := range readTable(factsCSV) {
		h := hole{what: f[0], kind: holeKinds[f[1]], max: unbounded, deps: holeDeps[f[3]]}
		if n, err := strconv.Atoi(f[2]); err == nil {
			h.max = n
		} else if h.kind == holeLocation {
			h.max = t.longest
		}
		t.facts[strings.ToLower(f[0])] = h
	}
	for _, f := range readTable(wordsCSV) {
		add(t.words, f[0], f[1])
	}
	for _, f := range readTable(placesCSV) {
		add(t.places, f[0], strings.ToLower(f[1]))
		if f[0] != "linked_prefix" {
			t.mains = append(t.mains, f[1])
		}
	}
	for _, f := range readTable(scopesCSV) {
		t.scopes[strings.ToLower(f[0])] = Scope(f[1])
	}
	for _, f := range readTable(rulesCSV) {
		t.rules[f[0]] = Rule{ID: f[0], Severity: severityOf(f[1]), Title: f[2], Fix: f[3]}
		t.ruleIDs = append(t.ruleIDs, f[0])
	}
	for _, f := range readTable(settingsCSV) {
		t.settings = append(t.settings, newSetting(f))
	}
	for _, f := range readTable(sourcesCSV) {
		t.sources[f[0]] = f[1]
	}
	for _, f := range readTable(terraformCSV) {
		if t.hcl[f[0]] == nil {
			t.hcl[f[0]] = map[string]string{}
		}
		t.hcl[f[0]][f[1]] = f[2]
	}
	return t
})

func add(m map[string]map[string]bool, kind, name string) {
	if m[kind] == nil {
		m[kind] = map[string]bool{}
	}
	m[kind][name] = true
}

// readTable returns the rows of an embedded file without its header.
func readTable(text string) [][]string {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) == 0 {
		return nil
	}
	return rows[1:]
}
