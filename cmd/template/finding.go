package template

import (
	"cmp"
	"encoding/json"
	"io"
	"slices"
)

// Severity says how bad a finding is.
type Severity uint8

// The severities. OK is a finding that all is well; a check fails on Error only.
const (
	OK Severity = iota
	Info
	Warning
	Error
)

var severityNames = [...]string{OK: "ok", Info: "info", Warning: "warning", Error: "error"}

// String is the name of the severity.
func (s Severity) String() string { return severityNames[min(int(s), len(severityNames)-1)] }

// MarshalText writes the name of the severity.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func severityOf(name string) Severity {
	return Severity(max(slices.Index(severityNames[:], name), 0))
}

// Rule is one thing that is checked.
type Rule struct {
	ID       string
	Severity Severity // as a rule; a finding can be worse or milder
	Title    string
	Fix      string
}

// Rules returns all rules in the order of their ids: L01 to L26 for templates, P for packages, R for what the registry says, U for
// User-Agents and provider settings.
func Rules() []Rule {
	d := data()
	out := make([]Rule, len(d.ruleIDs))
	for i, id := range d.ruleIDs {
		out[i] = d.rules[id]
	}
	return out
}

// RuleIDs returns the ids of all rules, in the order of Rules.
func RuleIDs() []string { return slices.Clone(data().ruleIDs) }

// Finding is what a rule has to say about one place in one file. Its JSON form is stable; readers must ignore keys they do not know.
type Finding struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	File     string   `json:"file"`           // the name given; of a file in a package <package>!<path in it>
	Path     string   `json:"path,omitempty"` // JSON path; empty in sources that are not JSON
	Line     int      `json:"line"`           // from 1
	Column   int      `json:"column"`         // from 1, in characters
	EndLine  int      `json:"end_line"`
	EndCol   int      `json:"end_column"`     // after the last character
	Name     string   `json:"name,omitempty"` // what the deployment's name can become, unknown pieces in braces
	ID       string   `json:"id,omitempty"`   // the tracking id, lower case, without pid-
	Why      string   `json:"why"`
	Fix      string   `json:"fix,omitempty"` // empty when all is well

	offset int
}

// Worst returns the greatest severity among findings; OK when there are none.
func Worst(findings []Finding) Severity {
	worst := OK
	for _, f := range findings {
		worst = max(worst, f.Severity)
	}
	return worst
}

// WriteJSON writes findings as a JSON array.
func WriteJSON(w io.Writer, findings []Finding) error {
	if findings == nil {
		findings = []Finding{}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(findings)
}

func sortFindings(f []Finding) {
	slices.SortStableFunc(f, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.offset, b.offset), cmp.Compare(a.Rule, b.Rule))
	})
}
