package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/pidledger/pidledger/ingest/evidence"
	"github.com/pidledger/pidledger/ingest/export"
	"github.com/pidledger/pidledger/ingest/registry"
	"github.com/pidledger/pidledger/ingest/source"
	"github.com/pidledger/pidledger/ingest/usage"
)

// Format is one kind of file that pidledger knows. Which one a file is, its content decides, never its name.
type Format struct {
	Name   string // group of formats; the schema or shape follows in the record of the file, as in usage.mca
	Title  string
	Usage  bool // its rows are usage, and replaced as a slice; else its records are evidence, and added
	Lines  bool // it is running text, read line by line
	Events bool // one column holds events, each a JSON document

	// match tells whether the file is of this format, and why.
	match func(h *head) (detail, reason string, ok bool)

	behindTalk bool // lines that belong to no format may stand before its header
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

// Formats is the ordered registry: the first that matches claims the file.
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

// identified is what identification says of a file.
type identified struct {
	format *Format
	detail string // schema or shape
	reason string
	header []string
	usage  usage.Schema
	events string // the column that holds the events of a capture

	headerLine int64 // line where the header of a CSV file begins, from 1
}

// name is how the format is shown: evidence by its shape, usage by its schema.
func (id identified) name() string {
	switch {
	case id.format == nil:
		return ""
	case id.format.Usage:
		return "usage." + id.detail
	case id.detail != "":
		return id.detail
	}
	return id.format.Name
}

// headElements is how many elements of a JSON file are looked at: a mixed file may begin with records of no known kind.
const headElements = 20

// identify looks at the beginning of a file. format is nil when nothing claims it; reason then says what was seen. The error says
// that the file cannot be read.
func (s *session) identify(ctx context.Context, file *source.File, f found) (identified, error) {
	if f.Source.Format == "requests" && file.Kind != source.KindAvro {
		return s.declared(file)
	}
	h := &head{file: file}
	switch file.Kind {
	case source.KindEmpty:
		return identified{reason: "the file has no bytes or only blanks"}, nil
	case source.KindBinary:
		return identified{reason: file.Note}, nil
	case source.KindJSON:
		if err := h.readElements(); err != nil {
			return identified{}, err
		}
	case source.KindParquet:
		s.dbMu.Lock()
		header, err := s.DB.ParquetColumns(ctx, file.Path)
		s.dbMu.Unlock()
		if err != nil {
			return identified{}, fmt.Errorf("no valid Parquet: %w", err)
		}
		h.header = header
		if column := evidence.CaptureBody(header); column != "" {
			s.dbMu.Lock()
			err := h.readBodies(column, func(each func([]byte) error) error { return s.DB.ParquetBytes(ctx, file.Path, column, each) })
			s.dbMu.Unlock()
			if err != nil {
				return identified{}, err
			}
		}
	case source.KindAvro:
		if err := h.readAvro(); err != nil {
			return identified{}, err
		}
	default:
		c, err := source.NewCSV(source.WithContext(ctx, file.Reader()), source.CSVOptions{SkipPreamble: usage.SkipPreamble(), BlockSize: min(source.HeadSize, blockSize(file))})
		var tooLong *source.TooLongError
		if err != nil && !errors.As(err, &tooLong) && !errors.Is(err, source.ErrTruncatedQuote) {
			return identified{}, err
		}
		if err == nil {
			h.header, h.line = c.Header(), c.HeaderLine()
			if column := evidence.CaptureBody(h.header); column != "" {
				if err := h.readBodies(column, csvColumn(c, slices.Index(h.header, column))); err != nil {
					return identified{}, err
				}
			}
		}
	}
	if id, ok := h.claim(); ok {
		return id, nil
	}
	return identified{reason: h.seen()}, nil
}

// claim asks the formats in their order. That the header of a table stands further down is tried before running text, as which rows that
// begin with a date would pass.
func (h *head) claim() (identified, bool) {
	for i := range Formats {
		if Formats[i].Lines && h.file.Kind == source.KindText {
			if id, ok := h.behindTalk(); ok {
				return id, true
			}
		}
		if detail, reason, ok := Formats[i].match(h); ok {
			return identified{format: &Formats[i], detail: detail, reason: reason, header: h.header, usage: h.usage, events: h.events, headerLine: h.line}, true
		}
	}
	return identified{}, false
}

// maxTalk is how many lines may stand before the header of a CSV file: warnings of the tool that wrote it, a title, a filter.
const maxTalk = 50

// behindTalk looks for a header below the first line.
func (h *head) behindTalk() (identified, bool) {
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
				reason = fmt.Sprintf("%s; the header is line %d, what stands before it was left out: %s", reason, at.line, firstLine(text))
				return identified{format: &Formats[i], detail: detail, reason: reason, header: at.header, usage: at.usage, headerLine: at.line}, true
			}
		}
	}
	return identified{}, false
}

// firstLine quotes the first line of a text that is not blank.
func firstLine(text []byte) string {
	text = bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\ufeff")), " \t\r\n")
	if end := bytes.IndexAny(text, "\r\n"); end >= 0 {
		text = text[:end]
	}
	return fmt.Sprintf("%q", source.CutValue(text))
}

// declared is a file of a source that the config says to be a request log.
func (s *session) declared(file *source.File) (identified, error) {
	for i := range Formats {
		if Formats[i].Name != "evidence" || Formats[i].Lines || Formats[i].Events {
			continue
		}
		id := identified{format: &Formats[i], detail: "ua.mapped", reason: "format: requests in the config"}
		if file.Kind == source.KindText {
			c, err := source.NewCSV(file.Reader(), source.CSVOptions{})
			if err != nil {
				return identified{}, err
			}
			id.header, id.headerLine = c.Header(), c.HeaderLine()
		}
		return id, nil
	}
	return identified{}, nil
}

// readElements parses the first elements of a JSON file. A damaged beginning is an error; damage further on shows when it is read.
func (h *head) readElements() error {
	j := source.NewJSON(h.file.Reader(), source.JSONOptions{BufferSize: min(source.HeadSize, blockSize(h.file))})
	var tooMany error // a record is too large
	room := source.MaxValues
	for len(h.values) < headElements {
		v, err := j.Next()
		h.lines = j.Lines()
		if errors.Is(err, io.EOF) {
			if len(h.values) == 0 {
				return tooMany
			}
			return nil
		}
		var damaged *source.DamagedError
		if errors.As(err, &damaged) && !damaged.Final {
			continue
		}
		if err != nil {
			if len(h.values) > 0 {
				return nil
			}
			return err
		}
		if room -= source.Values(v.Bytes); room < 0 && len(h.values) > 0 {
			return nil
		}
		parsed, err := source.ParseJSON(v.Bytes)
		if err != nil {
			err = damagedJSON(v, err)
			if len(h.values) == 0 && !j.Lines() {
				return err
			}
			if source.IsTooMany(err) {
				tooMany, room = err, source.MaxValues
			}
			continue
		}
		h.values = append(h.values, unwrap(parsed))
	}
	return nil
}

// errEnough ends a reading that has seen what it needs.
var errEnough = errors.New("enough")

// readBodies parses the first events of a capture; every calls its function with one after the other.
func (h *head) readBodies(column string, every func(each func(body []byte) error) error) error {
	h.events = column
	seen, room := 0, source.MaxValues
	err := every(func(body []byte) error {
		if seen++; seen > headElements || room < 0 {
			return errEnough
		}
		room -= source.Values(body)
		if v, err := source.ParseJSON(bytes.TrimPrefix(bytes.TrimSpace(body), []byte("\ufeff"))); err == nil {
			h.values = append(h.values, unwrap(firstRecord(v)))
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// readAvro reads the fields of an Avro file, and its first events when it is a capture.
func (h *head) readAvro() error {
	a, err := source.NewAvro(h.file.Reader(), avroBody)
	if err != nil {
		return err
	}
	defer a.Close() //nolint:errcheck // only read
	if a.Field() == "" {
		h.why = "an Avro file whose records are no events of Event Hubs (they have no field Body but " + shorten(a.Fields()) + "): convert it to Parquet, CSV or JSON lines"
		return nil
	}
	return h.readBodies(a.Field(), func(each func([]byte) error) error {
		return avroBodies(a, func(body []byte, _ int64) error { return each(body) })
	})
}

// avroBody is the field of the records of Event Hubs Capture that holds the event.
const avroBody = "Body"

// avroBodies gives every body of an Avro file to each, with the number of its record.
func avroBodies(a *source.Avro, each func(body []byte, record int64) error) error {
	for {
		body, record, err := a.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := each(body, record); err != nil {
			return err
		}
	}
}

// csvColumn gives every cell of a column of a CSV file to its function.
func csvColumn(c *source.CSV, column int) func(each func(cell []byte) error) error {
	return func(each func(cell []byte) error) error {
		for {
			b, err := c.Next()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			err = b.Each(func(_, _ int64, fields [][]byte) error {
				if column < len(fields) {
					return each(fields[column])
				}
				return nil
			})
			b.Release()
			if err != nil {
				return err
			}
		}
	}
}

// unwrap parses a record that is a string of JSON, as some consumers of Event Hubs write them.
func unwrap(v *fastjson.Value) *fastjson.Value {
	text, err := v.StringBytes()
	if err != nil {
		return v
	}
	inner, err := source.ParseJSON(text)
	if err != nil {
		return v
	}
	return firstRecord(inner)
}

// damagedJSON says where and why a record is no JSON, which its parser refused with err.
func damagedJSON(v source.Value, err error) error {
	if source.IsTooMany(err) {
		return fmt.Errorf("record %d, line %d: %w", v.Record, v.Line, err)
	}
	line, column, reason := v.Fault()
	return fmt.Errorf("record %d, line %d, column %d: no valid JSON: %s", v.Record, line, column, firstText(reason, jsonReason(err)))
}

// jsonReason is what a parser says is wrong, without the way through every level that leads there.
func jsonReason(err error) string {
	text := err.Error()
	if at := strings.LastIndex(text, "cannot parse"); at > 0 {
		text = text[at:]
	}
	return source.CutValue([]byte(text))
}

func shorten(names []string) string {
	if len(names) > 12 {
		return strings.Join(names[:12], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}

func matchManifest(h *head) (string, string, bool) {
	if len(h.values) != 1 || !h.values[0].Exists("blobs") {
		return "", "", false
	}
	if _, err := export.ParseManifest(h.file.Path, h.file.Head()); err != nil {
		return "", "", false
	}
	return "", "it lists the blobs of an export run; those are not beside it", true
}

// matchCapture claims what has the columns of a capture, whatever its events are: others may write to the same hub.
func matchCapture(h *head) (string, string, bool) {
	if h.events == "" {
		return "", "", false
	}
	shape, reason, known := matchEvidenceJSON(h)
	if !known {
		return "", "events of Event Hubs in the column " + h.events, true
	}
	return shape, "events of Event Hubs in the column " + h.events + ": " + reason, true
}

func matchUsageJSON(h *head) (string, string, bool) {
	for _, v := range h.values {
		if s, ok := usage.DetectJSON(v); ok {
			h.usage = s
			return s.Kind, s.Reason, true
		}
	}
	return "", "", false
}

func matchUsageHeader(h *head) (string, string, bool) {
	if len(h.header) == 0 {
		return "", "", false
	}
	s, ok := usage.DetectHeader(h.header)
	if !ok {
		if s.Resembles {
			h.why = s.Reason
		}
		return "", "", false
	}
	h.usage = s
	return s.Kind, s.Reason, true
}

func matchEvidenceJSON(h *head) (string, string, bool) {
	for _, v := range h.values {
		for _, v := range []*fastjson.Value{v, heldEvent(v)} {
			if v == nil {
				continue
			}
			if shape, reason, ok := evidence.DetectJSON(v); ok {
				return shape, reason, true
			}
		}
	}
	return "", "", false
}

// heldEvent returns the first record in the body of an event that a consumer of Event Hubs wrote down; nil when it is no such event.
func heldEvent(v *fastjson.Value) *fastjson.Value {
	for _, name := range []string{"Body", "body"} {
		if body := v.Get(name); body != nil {
			return firstRecord(unwrap(body))
		}
	}
	return nil
}

// firstRecord returns the first of the records that a list or a wrapper holds, else v itself.
func firstRecord(v *fastjson.Value) *fastjson.Value {
	if held := v.Get("records"); held != nil && held.Type() == fastjson.TypeArray {
		v = held
	}
	if list, err := v.Array(); err == nil && len(list) > 0 {
		return list[0]
	}
	return v
}

// matchJSONLog tells a log that has a JSON object on each line: what other programs say may stand between them.
func matchJSONLog(h *head) (string, string, bool) {
	shape, reason, ok := matchEvidenceJSON(h)
	return shape, reason, ok && h.lines && shape == "ua.tfjson"
}

func matchEvidenceHeader(h *head) (string, string, bool) {
	if len(h.header) == 0 {
		return "", "", false
	}
	if detail, reason, ok := evidence.DetectHeader(h.header); ok || !evidence.IsGraphHeader(h.header) {
		return detail, reason, ok
	}
	return evidence.DetectGraph(h.header, h.firstRows())
}

// firstRows reads the first rows of a CSV file; none when they cannot be read.
func (h *head) firstRows() (rows [][]string) {
	if h.file.Kind != source.KindText {
		return nil
	}
	c, err := source.NewCSV(bytes.NewReader(h.file.Head()), source.CSVOptions{HeaderLine: h.line})
	if err != nil {
		return nil
	}
	b, err := c.Next()
	if err != nil {
		return nil
	}
	defer b.Release()
	_ = b.Each(func(_, _ int64, fields [][]byte) error { // a broken row ends what can be seen
		row := make([]string, len(fields))
		for i, f := range fields {
			row[i] = string(f)
		}
		rows = append(rows, row)
		if len(rows) == headElements {
			return errEnough
		}
		return nil
	})
	return rows
}

func matchRegistry(h *head) (string, string, bool) {
	kind, ok := registry.DetectHeader(h.header)
	return "", "the columns of " + kind + ": name it in the config to use it", ok
}

func matchEmpty(h *head) (string, string, bool) {
	if h.file.Kind == source.KindJSON && len(h.values) == 0 {
		return "", "valid and empty: of what kind its records would be does not show", true
	}
	return "", "", false
}

func matchText(h *head) (string, string, bool) {
	if h.file.Kind != source.KindText {
		return "", "", false
	}
	return evidence.DetectText(h.file.Head())
}

// isUsageFile looks whether a file holds usage. A file that cannot be read counts as usage: then its run waits.
func (s *session) isUsageFile(ctx context.Context, f found) (bool, error) {
	file, err := s.open(f)
	if err != nil {
		return true, nil
	}
	defer file.Close()
	id, err := s.identify(ctx, file, f)
	if err != nil {
		return true, ctx.Err()
	}
	return id.format == nil || id.format.Usage, nil
}
