// Package sarif writes what a check found as SARIF 2.1.0, the form that code scanning services read.
package sarif

import (
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strings"
)

// The levels of rules and results. SARIF has no level for good news: a result of the level None is one that passed.
const (
	None    = "none"
	Note    = "note"
	Warning = "warning"
	Error   = "error"
)

// Rule is one thing that is checked.
type Rule struct {
	ID    string
	Title string
	Help  string
	Level string // as a rule; a result can be worse or milder
}

// Result is what a rule has to say about one place in one file.
type Result struct {
	Rule        string // ID of one of the rules
	Level       string
	Message     string
	File        string
	Line        int // from 1; 0: the whole file is meant, or the line is not known
	Column      int // from 1, in characters; 0: the whole line is meant
	EndLine     int
	EndColumn   int               // after the last character
	Path        string            // place in the structure of the file, such as a JSON path; may be empty
	Fingerprint string            // what the result is about: lines move, this stays
	Properties  map[string]string // further facts
}

// The parts of SARIF that results need.
type (
	document struct {
		Schema  string `json:"$schema"`
		Version string `json:"version"`
		Runs    []run  `json:"runs"`
	}
	run struct {
		Tool       tool     `json:"tool"`
		ColumnKind string   `json:"columnKind"`
		Results    []result `json:"results"`
	}
	tool struct {
		Driver driver `json:"driver"`
	}
	driver struct {
		Name           string `json:"name"`
		Version        string `json:"version,omitempty"`
		InformationURI string `json:"informationUri"`
		Rules          []rule `json:"rules"`
	}
	rule struct {
		ID     string `json:"id"`
		Short  text   `json:"shortDescription"`
		Help   text   `json:"help"`
		Config config `json:"defaultConfiguration"`
	}
	config struct {
		Level string `json:"level"`
	}
	text struct {
		Text string `json:"text"`
	}
	result struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Kind         string            `json:"kind"`
		Level        string            `json:"level"`
		Message      text              `json:"message"`
		Locations    []location        `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
		Properties   map[string]string `json:"properties,omitempty"`
	}
	location struct {
		Physical physical  `json:"physicalLocation"`
		Logical  []logical `json:"logicalLocations,omitempty"`
	}
	physical struct {
		Artifact artifact `json:"artifactLocation"`
		Region   *region  `json:"region,omitempty"`
	}
	artifact struct {
		URI string `json:"uri"`
	}
	region struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
	logical struct {
		Name string `json:"fullyQualifiedName"`
	}
)

// Write writes results as one run. version is that of pidledger.
func Write(w io.Writer, version string, rules []Rule, results []Result) error {
	r := run{ColumnKind: "unicodeCodePoints", Results: []result{}}
	r.Tool.Driver = driver{Name: "pidledger", Version: version, InformationURI: "https://github.com/pidledger/pidledger", Rules: []rule{}}
	for _, x := range rules {
		r.Tool.Driver.Rules = append(r.Tool.Driver.Rules, rule{ID: x.ID, Short: text{x.Title}, Help: text{x.Help}, Config: config{x.Level}})
	}
	for _, x := range results {
		r.Results = append(r.Results, x.form(slices.IndexFunc(rules, func(r Rule) bool { return r.ID == x.Rule })))
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(document{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []run{r}})
}

func (x Result) form(index int) result {
	kind := "fail"
	if x.Level == None {
		kind = "pass"
	}
	l := location{Physical: physical{Artifact: artifact{FileURI(x.File)}}}
	if x.Line > 0 {
		l.Physical.Region = &region{x.Line, x.Column, x.EndLine, x.EndColumn}
	}
	if x.Path != "" {
		l.Logical = []logical{{x.Path}}
	}
	return result{
		RuleID: x.Rule, RuleIndex: index, Kind: kind, Level: x.Level, Message: text{x.Message}, Locations: []location{l},
		Fingerprints: map[string]string{"pidledger/v1": x.Fingerprint}, Properties: x.Properties,
	}
}

// FileURI makes a relative reference of a relative path and a file URI of an absolute one.
func FileURI(name string) string {
	p := strings.ReplaceAll(name, `\`, "/")
	u := url.URL{Path: p}
	switch {
	case strings.HasPrefix(p, "/"):
		u.Scheme = "file"
	case len(p) > 1 && p[1] == ':':
		u.Scheme, u.Path = "file", "/"+p
	}
	return u.String()
}
