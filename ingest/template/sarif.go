package template

import (
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strings"
)

// The parts of SARIF 2.1.0 that findings need.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID     string      `json:"id"`
		Short  sarifText   `json:"shortDescription"`
		Help   sarifText   `json:"help"`
		Config sarifConfig `json:"defaultConfiguration"`
	}
	sarifConfig struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Kind         string            `json:"kind"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
		Properties   map[string]string `json:"properties,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
	}
)

// Level and kind of each severity. SARIF has no level for good news: it is a passed result of level none.
var (
	sarifLevels = [...]string{OK: "none", Info: "note", Warning: "warning", Error: "error"}
	sarifKinds  = [...]string{OK: "pass", Info: "fail", Warning: "fail", Error: "fail"}
)

// WriteSARIF writes findings as one run of SARIF 2.1.0, for code scanning services. version is that of pidledger.
func WriteSARIF(w io.Writer, findings []Finding, version string) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "pidledger", Version: version, InformationURI: "https://github.com/pidledger/pidledger", Rules: []sarifRule{}}
	var ids []string
	for _, r := range Rules() {
		ids = append(ids, r.ID)
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			ID: r.ID, Short: sarifText{r.Title}, Help: sarifText{r.Fix}, Config: sarifConfig{sarifLevels[r.Severity]},
		})
	}
	for _, f := range findings {
		run.Results = append(run.Results, sarifOf(f, slices.Index(ids, f.Rule)))
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}

func sarifOf(f Finding, index int) sarifResult {
	r := sarifResult{
		RuleID: f.Rule, RuleIndex: index, Kind: sarifKinds[f.Severity], Level: sarifLevels[f.Severity],
		Message: sarifText{f.Why + ". " + f.Fix + "."},
		// Lines move; what the finding is about stays.
		Fingerprints: map[string]string{"pidledger/v1": f.Rule + ":" + f.Path + ":" + f.ID + ":" + f.Name},
	}
	if f.Severity == OK {
		r.Message.Text = f.Why + "."
	}
	l := sarifLocation{Physical: sarifPhysical{
		Artifact: sarifArtifact{fileURI(f.File)},
		Region:   sarifRegion{f.Line, f.Column, f.EndLine, f.EndCol},
	}}
	if f.Path != "" {
		l.Logical = []sarifLogical{{f.Path}}
	}
	r.Locations = []sarifLocation{l}
	if f.ID != "" {
		r.Properties = map[string]string{"trackingId": f.ID}
	}
	return r
}

// fileURI makes a relative reference of a relative path and a file URI of an absolute one.
func fileURI(name string) string {
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
