package identify

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/pidledger/pidledger/ingest/source"
)

// readElements parses the first elements of a JSON file. A damaged beginning is an error; damage further on shows when it is read.
func (h *head) readElements() error {
	j := source.NewJSON(h.file.Reader(), source.JSONOptions{BufferSize: min(source.HeadSize, BlockSize(h.file))})
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
			err = DamagedJSON(v, err)
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

// errEnough ends a reading that has seen enough.
var errEnough = errors.New("enough")

// readBodies parses the first events of a capture; every calls its function with each of them.
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

// readAvro reads the fields of an Avro file, and its first events if it is a capture.
func (h *head) readAvro() error {
	a, err := source.NewAvro(h.file.Reader(), avroBody)
	if err != nil {
		return err
	}
	defer a.Close() //nolint:errcheck // only read
	if a.Field() == "" {
		h.why = "an Avro file whose records are not events of Event Hubs (they have no field Body but " + shorten(a.Fields()) + "): convert it to Parquet, CSV or JSON lines"
		return nil
	}
	return h.readBodies(a.Field(), func(each func([]byte) error) error {
		return AvroBodies(a, func(body []byte, _ int64) error { return each(body) })
	})
}

// avroBody is the field of the records of Event Hubs Capture that holds the event.
const avroBody = "Body"

// AvroBodies gives every body of an Avro file to each, with the number of its record.
func AvroBodies(a *source.Avro, each func(body []byte, record int64) error) error {
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

// CSVColumn gives every cell of a column of a CSV file to its function.
func CSVColumn(c *source.CSV, column int) func(each func(cell []byte) error) error {
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

// DamagedJSON says where and why a record is not JSON, which its parser refused with err.
func DamagedJSON(v source.Value, err error) error {
	if source.IsTooMany(err) {
		return fmt.Errorf("record %d, line %d: %w", v.Record, v.Line, err)
	}
	line, column, reason := v.Fault()
	return fmt.Errorf("record %d, line %d, column %d: no valid JSON: %s", v.Record, line, column, cmp.Or(reason, JSONReason(err)))
}

// JSONReason is the parser's reason, without the path through all levels.
func JSONReason(err error) string {
	text := err.Error()
	if at := strings.LastIndex(text, "cannot parse"); at > 0 {
		text = text[at:]
	}
	return source.CutValue([]byte(text))
}

// BlockSize is how much of a file is read at once. A small file needs no large buffer, and there may be a hundred thousand of them.
func BlockSize(file *source.File) int {
	if file.Gzip || file.Size > 1<<20 {
		return 1 << 20
	}
	return max(4<<10, int(file.Size)+1)
}
