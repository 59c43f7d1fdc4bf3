// Package page is report.html: what the reports say, for a person in a browser, in one file that needs no network. page.go takes the rows and
// writes the file, facts.go keeps what is shown of them, view.go and the files beside it make words, tables and charts of that.
package page

import (
	"crypto/sha256"
	_ "embed" // the page's template, style and script
	"encoding/base64"
	"errors"
	"html/template"
	"io"
	"os"
	"slices"

	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/spec"
)

var (
	//go:embed html/page.gohtml
	pageText string
	//go:embed html/style.css
	pageStyle string
	//go:embed html/page.js
	pageScript string
)

// pageTemplate shows a pageView. The style and the script are the program's own; everything else is escaped by the template.
var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"style":  func() template.CSS { return template.CSS(pageStyle) },
	"script": func() template.JS { return template.JS(pageScript) },
	"policy": func() string { return pagePolicy },
}).Parse(pageText))

// pagePolicy forbids the page every request, and every script and style but its own.
var pagePolicy = "default-src 'none'; script-src " + sourceHash(pageScript) + "; style-src " + sourceHash(pageStyle) +
	"; base-uri 'none'; form-action 'none'"

// sourceHash names an inline script or style in a content security policy.
func sourceHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// Page writes report.html: the reports for a person, in one file that needs no network.
type Page struct {
	run     spec.Run
	formats []string
	seen    *pageCollector

	Changes []changes.Change // what is worth a look; to be set before Finish
}

// New begins the page of a run; formats are those of the reports beside it.
func New(run spec.Run, formats []string) *Page {
	return &Page{run: run, formats: formats, seen: newPageCollector(run)}
}

// Look gives what looks at each row of a report; nil when the page shows nothing of it.
func (d *Page) Look(s spec.Report) func([]engine.Value) {
	look := d.seen.watch(s.Name)
	if look == nil {
		return nil
	}
	r := spec.NewRow(s)
	return func(values []engine.Value) {
		r.Set(values)
		look(r)
	}
}

// Finish writes the file.
func (d *Page) Finish(path string) (err error) {
	view := newPageView(d.seen, d.run, d.formats, d.Changes)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return writePage(f, view)
}

func writePage(w io.Writer, view *pageView) error { return pageTemplate.Execute(w, view) }

// reportFile names the file that has all of a report, for lists that show only a part of it; empty when only documents are written.
func reportFile(formats []string, report string) string {
	for _, f := range spec.FileFormats {
		if slices.Contains(formats, f) {
			return report + "." + f
		}
	}
	return ""
}
