package report

import (
	"path/filepath"
	"slices"

	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/report/page"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/write"
)

// document makes one file from several reports. It is offered the rows of every report in the order of spec.Reports, and keeps what it
// needs of them: some reports have millions of rows, a document is read by a person.
type document interface {
	// Begin gives the writer of a report's rows; nil when the document shows nothing of that report. The writer must not keep
	// the values of a row: they are valid until the next one.
	Begin(s spec.Report) (write.Writer, error)
	// Finish writes the file.
	Finish(path string) error
	// Discard frees what the document holds. It does no harm after Finish.
	Discard()
}

// documents makes the documents among the formats. dir is a folder for temporary files.
func (o Options) documents(dir string) []openDocument {
	var out []openDocument
	if slices.Contains(o.Formats, spec.HTML) {
		out = append(out, openDocument{shown{page.New(o.Run, o.Formats)}, spec.HTML})
	}
	if slices.Contains(o.Formats, spec.XLSX) {
		out = append(out, openDocument{write.NewWorkbook(o.Run, dir), spec.XLSX})
	}
	return out
}

// openDocument is a document and the name of its format.
type openDocument struct {
	document
	format string
}

// save writes the document into dir.
func (d openDocument) save(dir string) (ManifestFile, error) {
	name := spec.DocumentFile(d.format)
	if err := d.Finish(filepath.Join(dir, name)); err != nil {
		return ManifestFile{}, err
	}
	return measure(dir, name, d.format)
}

// shown is the page as a document: it looks at rows, and needs no end and no temporary files.
type shown struct{ page *page.Page }

func (s shown) Begin(r spec.Report) (write.Writer, error) {
	if look := s.page.Look(r); look != nil {
		return rowFunc(look), nil
	}
	return nil, nil //nolint:nilnil // nothing of it is shown
}

func (s shown) Finish(path string) error { return s.page.Finish(path) }
func (s shown) Discard()                 {}

// rowFunc is a writer that needs no end.
type rowFunc func([]engine.Value)

func (f rowFunc) Row(values []engine.Value) error { f(values); return nil }
func (f rowFunc) Close() error                    { return nil }
