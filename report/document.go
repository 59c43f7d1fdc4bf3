package report

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/report/spec"
)

// documentName is the name of a document's file without its extension.
const documentName = "report"

// document makes one file from several reports. It is offered the rows of every report in the order of Specs, and keeps what it
// needs of them: some reports have millions of rows, a document is read by a person.
type document interface {
	// begin gives the writer of a report's rows; nil when the document shows nothing of that report. The writer must not keep
	// the values of a row: they are valid until the next one.
	begin(s spec.Report) (rowWriter, error)
	// finish writes the file. s is complete but for what only the caller knows: what was read, which ids are new.
	finish(path string, s *Summary) error
	// discard frees what the document holds. It does no harm after finish.
	discard()
}

// documents makes the documents among the formats. dir is a folder for temporary files.
func (o Options) documents(dir string) []openDocument {
	var out []openDocument
	if slices.Contains(o.Formats, spec.HTML) {
		out = append(out, openDocument{newHTMLDocument(o), spec.HTML})
	}
	if slices.Contains(o.Formats, spec.XLSX) {
		out = append(out, openDocument{newXLSXDocument(o.Run, dir), spec.XLSX})
	}
	return out
}

// openDocument is a document and the name of its format.
type openDocument struct {
	document
	format string
}

// save writes the document into dir.
func (d openDocument) save(dir string, s *Summary) (ManifestFile, error) {
	name := documentName + "." + d.format
	if err := d.finish(filepath.Join(dir, name), s); err != nil {
		return ManifestFile{}, err
	}
	return measure(dir, name, d.format)
}

// createFile makes a file that was not there, readable by its owner alone.
func createFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// rowFunc is a rowWriter that needs no end.
type rowFunc func([]queries.Value) error

func (f rowFunc) row(values []queries.Value) error { return f(values) }
func (f rowFunc) close() error                     { return nil }
