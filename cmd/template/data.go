package template

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/pidledger/pidledger/queries/facts"
)

//go:embed places.csv
var placesCSV string

//go:embed rules.csv
var rulesCSV string

// tables holds the CSV files of this folder.
type tables struct {
	places  map[string]map[string]bool
	mains   []string // names of main templates without extension
	rules   map[string]Rule
	ruleIDs []string
}

// data reads the embedded files once.
var data = sync.OnceValue(func() *tables {
	t := &tables{places: map[string]map[string]bool{}, rules: map[string]Rule{}}
	for _, f := range facts.Rows("places.csv", placesCSV) {
		if t.places[f[0]] == nil {
			t.places[f[0]] = map[string]bool{}
		}
		t.places[f[0]][strings.ToLower(f[1])] = true
		if f[0] != "linked_prefix" {
			t.mains = append(t.mains, f[1])
		}
	}
	for _, f := range facts.Rows("rules.csv", rulesCSV) {
		t.rules[f[0]] = Rule{ID: f[0], Severity: severityOf(f[1]), Title: f[2], Fix: f[3]}
		t.ruleIDs = append(t.ruleIDs, f[0])
	}
	return t
})
