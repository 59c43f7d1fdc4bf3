package report

import (
	"crypto/sha256"
	_ "embed" // the page's template, style and script
	"encoding/base64"
	"errors"
	"html/template"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/write"
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

// htmlDocument writes report.html: the reports for a person, in one file that needs no network.
type htmlDocument struct {
	run     spec.Run
	formats []string
	watch   Watch
	seen    *pageCollector
}

func newHTMLDocument(o Options) *htmlDocument {
	return &htmlDocument{run: o.Run, formats: o.Formats, watch: o.Watch, seen: newPageCollector(o.Run)}
}

func (d *htmlDocument) Discard() {}

func (d *htmlDocument) Begin(s spec.Report) (write.Writer, error) {
	look := d.seen.watch(s.Name)
	if look == nil {
		return nil, nil //nolint:nilnil // nothing of it is shown
	}
	r := spec.NewRow(s)
	return rowFunc(func(values []queries.Value) error {
		r.Set(values)
		look(r)
		return nil
	}), nil
}

func (d *htmlDocument) Finish(path string) (err error) {
	view, err := newPageView(d.seen, d.run, d.formats, d.watch)
	if err != nil {
		return err
	}
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

// htmlTable is a table that can be sorted and filtered.
type htmlTable struct {
	ID      string
	Caption string
	Note    string // which part of the report it shows
	Hint    string // where to go from here
	Empty   string // what it means that there are no rows
	Columns []htmlColumn
	Rows    [][]htmlCell
	Plain   bool // the numbers of a chart: neither sorted nor filtered
}

type htmlColumn struct {
	Name    string
	Number  bool
	Meaning string
}

// htmlCell is one cell.
type htmlCell struct {
	Text  string
	Value string // exact, where Text is rounded or for people; sorted by
	Title string
	Code  bool
	Class string
}

// columns reads "name" or "#name" for numbers, with an explanation after a bar.
func columns(specs ...string) (out []htmlColumn) {
	for _, s := range specs {
		name, meaning, _ := strings.Cut(s, "|")
		number := strings.HasPrefix(name, "#")
		out = append(out, htmlColumn{Name: strings.TrimPrefix(name, "#"), Number: number, Meaning: meaning})
	}
	return out
}

func (t *htmlTable) add(cells ...htmlCell) { t.Rows = append(t.Rows, cells) }
