// Package page is report.html: what the reports say, for a person in a browser, in one file that needs no network. Its figures are
// those of queries/page: rows.go asks for them, view.go and the files beside it make words, tables and charts of them.
package page

import (
	"context"
	"crypto/sha256"
	_ "embed" // the page's template, style and script
	"encoding/base64"
	"errors"
	"html/template"
	"os"
	"slices"

	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/credit"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/targets"
)

var (
	//go:embed html/parts.gohtml
	partsText string
	//go:embed html/page.gohtml
	pageText string
	//go:embed html/document.gohtml
	documentText string
	//go:embed html/style.css
	pageStyle string
	//go:embed html/page.js
	pageScript string
)

// pageTemplate shows a pageView, documentTemplate a Document. The style and the script are the program's own; everything else is escaped by the
// template.
var pageTemplate, documentTemplate = newTemplate(pageText), newTemplate(documentText)

// newTemplate knows the parts that pages have in common.
func newTemplate(text string) *template.Template {
	return template.Must(template.Must(template.New("page").Funcs(template.FuncMap{
		"style":  func() template.CSS { return template.CSS(pageStyle) },
		"script": func() template.JS { return template.JS(pageScript) },
		"policy": func() string { return pagePolicy },
	}).Parse(partsText)).Parse(text))
}

// pagePolicy forbids the page every request, and every script and style but its own.
var pagePolicy = "default-src 'none'; script-src " + sourceHash(pageScript) + "; style-src " + sourceHash(pageStyle) +
	"; base-uri 'none'; form-action 'none'"

// sourceHash names an inline script or style in a content security policy.
func sourceHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// Write writes report.html from the reports in a snapshot. formats are those of the reports beside it, found is what is worth a look,
// aims is attributed usage against its targets, earned is usage without partner earned credit.
func Write(ctx context.Context, path string, r *adhoc.Reader, run spec.Run, formats []string, found []changes.Change, aims targets.Found, earned credit.Found) (err error) {
	view, err := newPageView(&asker{ctx: ctx, reader: r}, run, formats, found, aims, earned)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return pageTemplate.Execute(f, view)
}

// reportFile names the file that has all of a report, for lists that show only a part of it; empty when only documents are written.
func reportFile(formats []string, report string) string {
	for _, f := range spec.FileFormats {
		if slices.Contains(formats, f) {
			return report + "." + f
		}
	}
	return ""
}
