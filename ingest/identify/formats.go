// Package identify recognises files by their content: Formats is the ordered list of formats that pidledger reads, others.csv lists those that it
// recognises but has no use for.
package identify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/evidence"
	"github.com/pidledger/pidledger/ingest/source"
	"github.com/pidledger/pidledger/ingest/usage"
)

// Format is one kind of file that pidledger knows. The content of a file decides its format, never its name.
type Format struct {
	Name   string // group of formats; the schema or shape follows in the record of the file, as in usage.mca
	Title  string
	Usage  bool // its rows are usage, replaced as a slice; otherwise its records are evidence, and are added
	Lines  bool // it is running text, read line by line
	Events bool // one column holds events, each a JSON document

	// match reports whether the file has this format, and why.
	match func(h *head) (detail, reason string, ok bool)

	behindTalk bool // other lines may precede its header
}

// head is what identification sees of a file.
type head struct {
	file   *source.File
	header []string          // of CSV and Parquet; empty for others
	line   int64             // line where the header of a CSV file begins
	values []*fastjson.Value // the first elements of a JSON file
	lines  bool              // they are JSON lines
	events string            // the column that holds them, in a capture of Event Hubs
	usage  usage.Schema      // set by the usage formats
	why    string            // what the usage detection missed
}

// Formats is the ordered registry: the first format that matches claims the file.
var Formats = []Format{
	{Name: "manifest", Title: "manifest of a cost export", match: matchManifest},
	{Name: "evidence", Title: "capture of Event Hubs", Events: true, match: matchCapture},
	{Name: "usage", Title: "cost and usage export", Usage: true, match: matchUsageJSON},
	{Name: "usage", Title: "cost and usage export", Usage: true, match: matchUsageHeader, behindTalk: true},
	{Name: "evidence", Title: "log of Terraform as JSON", Lines: true, match: matchJSONLog},
	{Name: "evidence", Title: "deployments, operations, activity, changes or logged requests", match: matchEvidenceJSON},
	{Name: "evidence", Title: "activity or logged requests as CSV", match: matchEvidenceHeader, behindTalk: true},
	{Name: "registry", Title: "registrations, exclusions or customers", match: matchRegistry},
	{Name: "other", Title: "prices, budgets, invoices and the like, which pidledger has no use for", match: matchOther},
	{Name: "empty", Title: "a valid file without records", match: matchEmpty},
	{Name: "evidence", Title: "text log of requests with a User-Agent", Lines: true, match: matchText},
}

// Result is what identification found out about a file.
type Result struct {
	Format *Format
	Detail string // schema or shape
	Reason string
	Header []string
	Usage  usage.Schema
	Events string // the column that holds the events of a capture

	HeaderLine int64 // line where the header of a CSV file begins, from 1
}

// Name is how the format is shown: evidence by its shape, usage by its schema.
func (id Result) Name() string {
	switch {
	case id.Format == nil:
		return ""
	case id.Format.Usage:
		return "usage." + id.Detail
	case id.Detail != "":
		return id.Detail
	}
	return id.Format.Name
}

// Parquet reads Parquet files; the engine implements it.
type Parquet interface {
	// ParquetColumns lists the columns of a file.
	ParquetColumns(ctx context.Context, path string) ([]string, error)
	// ParquetBytes gives every cell of a column to each.
	ParquetBytes(ctx context.Context, path, column string, each func(cell []byte) error) error
}

// headElements is the number of elements of a JSON file that are looked at: a mixed file may begin with records of no known kind.
const headElements = 20

// File looks at the beginning of a file. Format is nil if no format claims the file; Reason then says what was seen. The error says that the file
// cannot be read.
func File(ctx context.Context, parquet Parquet, file *source.File, f discover.File) (Result, error) {
	if f.Source.Format == "requests" && file.Kind != source.KindAvro {
		return declared(file)
	}
	h := &head{file: file}
	switch file.Kind {
	case source.KindEmpty:
		return Result{Reason: "the file is empty or blank"}, nil
	case source.KindBinary:
		return Result{Reason: file.Note}, nil
	case source.KindJSON:
		if err := h.readElements(); err != nil {
			return Result{}, err
		}
	case source.KindParquet:
		header, err := parquet.ParquetColumns(ctx, file.Path)
		if err != nil {
			return Result{}, fmt.Errorf("no valid Parquet: %w", err)
		}
		h.header = header
		if column := evidence.CaptureBody(header); column != "" {
			err := h.readBodies(column, func(each func([]byte) error) error { return parquet.ParquetBytes(ctx, file.Path, column, each) })
			if err != nil {
				return Result{}, err
			}
		}
	case source.KindAvro:
		if err := h.readAvro(); err != nil {
			return Result{}, err
		}
	default:
		c, err := source.NewCSV(source.WithContext(ctx, file.Reader()), source.CSVOptions{SkipPreamble: usage.SkipPreamble(), BlockSize: min(source.HeadSize, BlockSize(file))})
		var tooLong *source.TooLongError
		if err != nil && !errors.As(err, &tooLong) && !errors.Is(err, source.ErrTruncatedQuote) {
			return Result{}, err
		}
		if err == nil {
			h.header, h.line = c.Header(), c.HeaderLine()
			if column := evidence.CaptureBody(h.header); column != "" {
				if err := h.readBodies(column, CSVColumn(c, slices.Index(h.header, column))); err != nil {
					return Result{}, err
				}
			}
		}
	}
	if id, ok := h.claim(); ok {
		return id, nil
	}
	return Result{Reason: h.seen()}, nil
}

// claim tries the formats in order. It looks for a table with a header further down before running text, because rows that begin with a date would
// pass as running text.
func (h *head) claim() (Result, bool) {
	for i := range Formats {
		if Formats[i].Lines && h.file.Kind == source.KindText {
			if id, ok := h.behindTalk(); ok {
				return id, true
			}
		}
		if detail, reason, ok := Formats[i].match(h); ok {
			return Result{Format: &Formats[i], Detail: detail, Reason: reason, Header: h.header, Usage: h.usage, Events: h.events, HeaderLine: h.line}, true
		}
	}
	return Result{}, false
}

// maxTalk is the number of lines that may precede the header of a CSV file: warnings of the tool that wrote it, a title, a filter.
const maxTalk = 50

// behindTalk looks for a header below the first line.
func (h *head) behindTalk() (Result, bool) {
	text := h.file.Head()
	for line := h.line + 1; line <= maxTalk; line++ {
		c, err := source.NewCSV(bytes.NewReader(text), source.CSVOptions{HeaderLine: line, BlockSize: len(text) + 1})
		if err != nil || len(c.Header()) == 0 {
			break
		}
		if len(c.Header()) == 1 {
			continue
		}
		at := &head{file: h.file, header: c.Header(), line: c.HeaderLine()}
		for i := range Formats {
			if !Formats[i].behindTalk {
				continue
			}
			if detail, reason, ok := Formats[i].match(at); ok {
				reason = fmt.Sprintf("%s; the header is line %d, the lines before it were left out: %s", reason, at.line, firstLine(text))
				return Result{Format: &Formats[i], Detail: detail, Reason: reason, Header: at.header, Usage: at.usage, HeaderLine: at.line}, true
			}
		}
	}
	return Result{}, false
}

// firstLine quotes the first line of a text that is not blank.
func firstLine(text []byte) string {
	text = bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\ufeff")), " \t\r\n")
	if end := bytes.IndexAny(text, "\r\n"); end >= 0 {
		text = text[:end]
	}
	return fmt.Sprintf("%q", source.CutValue(text))
}

// declared handles a file of a source that the config declares to be a request log.
func declared(file *source.File) (Result, error) {
	for i := range Formats {
		if Formats[i].Name != "evidence" || Formats[i].Lines || Formats[i].Events {
			continue
		}
		id := Result{Format: &Formats[i], Detail: "ua.mapped", Reason: "format: requests in the config"}
		if file.Kind == source.KindText {
			c, err := source.NewCSV(file.Reader(), source.CSVOptions{})
			if err != nil {
				return Result{}, err
			}
			id.Header, id.HeaderLine = c.Header(), c.HeaderLine()
		}
		return id, nil
	}
	return Result{}, nil
}

func shorten(names []string) string {
	if len(names) > 12 {
		return strings.Join(names[:12], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}
