package chain

import (
	"regexp"
	"slices"
	"testing"

	"github.com/pidledger/pidledger/queries"
)

// The canonical tables are what is read and not made, and nothing else.
func TestInputs(t *testing.T) {
	made := []string{"usage", "params", "well_known", "work_months", "asked_days", "asked_texts"}
	for _, s := range Steps() {
		made = append(made, s.Name)
	}
	read := map[string]bool{}
	for _, folder := range []string{"attribute", "report", "snapshot"} {
		for _, name := range queries.List(folder) {
			code := regexp.MustCompile(`--[^\n]*`).ReplaceAllString(queries.Text(folder+"/"+name+".sql"), "")
			own := map[string]bool{}
			for _, m := range regexp.MustCompile(`(\w+) as \(`).FindAllStringSubmatch(code, -1) {
				own[m[1]] = true
			}
			for _, m := range regexp.MustCompile(`\b(?:from|join)\s+([a-z_][a-z0-9_]+)`).FindAllStringSubmatch(code, -1) {
				if !own[m[1]] && !slices.Contains(made, m[1]) {
					read[m[1]] = true
				}
			}
		}
	}
	read["customers"], read["usage_days"] = true, true // a report has the one name, a step that the ledger makes the other
	for _, table := range Inputs {
		if !read[table] {
			t.Errorf("nobody reads %s", table)
		}
		delete(read, table)
	}
	for table := range read {
		t.Errorf("%s is read, and is neither made nor an input", table)
	}
}
