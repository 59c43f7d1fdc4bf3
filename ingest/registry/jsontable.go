package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/pidledger/pidledger/ingest/source"
)

// wrappers are the members of a wrapping object that hold the rows.
func wrappers() []string { return []string{"value", "registrations", "exclusions", "customers"} }

// readJSON reads an array of objects, bare or in one of the wrappers, or objects line by line.
func (t *table) readJSON(text []byte) {
	j := source.NewJSON(bytes.NewReader(text), source.JSONOptions{Into: wrappers()})
	for {
		v, err := j.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		var damaged *source.DamagedError
		if errors.As(err, &damaged) {
			t.list.add(Finding{Code: Unreadable, Record: damaged.Record, Line: damaged.Line, Message: damaged.Error()})
			if damaged.Final {
				return
			}
			continue
		}
		if err != nil {
			t.list.add(Finding{Code: Unreadable, Message: err.Error()})
			return
		}
		t.jsonRow(v)
	}
}

func (t *table) jsonRow(v source.Value) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(v.Bytes, &object); err != nil || object == nil {
		f := Finding{Code: Unreadable, Record: v.Record, Line: v.Line, Value: string(v.Bytes), Message: "a row must be an object such as {\"tracking_id\": ...}"}
		if err != nil && len(v.Bytes) > 0 && v.Bytes[0] == '{' {
			f.Message = "the row is damaged JSON: " + err.Error()
		}
		t.list.add(f)
		return
	}
	r := row{record: v.Record, line: v.Line, cells: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		column := t.column(name)
		if column == "" {
			continue
		}
		text, ok := jsonText(object[name])
		if !ok {
			t.list.add(Finding{Code: NotText, Record: r.record, Line: r.line, Column: name, Value: string(object[name]),
				Message: fmt.Sprintf("a text is expected, not %s", kindOfJSON(object[name]))})
			r.refuse(column)
			continue
		}
		r.set(column, text)
	}
	t.addRow(r)
}

// jsonText is a scalar as text: a string, a number or boolean as written, null as empty.
func jsonText(raw json.RawMessage) (string, bool) {
	switch raw[0] {
	case '{', '[':
		return "", false
	case 'n':
		return "", true
	case '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return "", false
		}
		return s, true
	}
	return string(raw), true
}

func kindOfJSON(raw json.RawMessage) string {
	if raw[0] == '[' {
		return "a list"
	}
	return "an object"
}
