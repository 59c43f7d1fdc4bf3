package template

import (
	"io"

	"github.com/pidledger/pidledger/cmd/sarif"
)

// sarifLevels has the level of each severity.
var sarifLevels = [...]string{OK: sarif.None, Info: sarif.Note, Warning: sarif.Warning, Error: sarif.Error}

// WriteSARIF writes findings as one run of SARIF 2.1.0, for code scanning services. version is that of pidledger.
func WriteSARIF(w io.Writer, findings []Finding, version string) error {
	var rules []sarif.Rule
	for _, r := range Rules() {
		rules = append(rules, sarif.Rule{ID: r.ID, Title: r.Title, Help: r.Fix, Level: sarifLevels[r.Severity]})
	}
	var results []sarif.Result
	for _, f := range findings {
		r := sarif.Result{
			Rule: f.Rule, Level: sarifLevels[f.Severity], Message: f.Why + ". " + f.Fix + ".", File: f.File, Path: f.Path,
			Line: f.Line, Column: f.Column, EndLine: f.EndLine, EndColumn: f.EndCol, Fingerprint: f.Rule + ":" + f.Path + ":" + f.ID + ":" + f.Name,
		}
		if f.Severity == OK {
			r.Message = f.Why + "."
		}
		if f.ID != "" {
			r.Properties = map[string]string{"trackingId": f.ID}
		}
		results = append(results, r)
	}
	return sarif.Write(w, version, rules, results)
}
