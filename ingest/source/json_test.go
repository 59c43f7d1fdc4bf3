package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// seen is a Value in a form that compares.
type seen struct {
	Text         string
	Path         string
	Record, Line int64
	Damage       string
}

func readJSON(t testing.TB, r io.Reader, o JSONOptions) (got []seen, err error) {
	t.Helper()
	j := NewJSON(r, o)
	for {
		v, err := j.Next()
		var damaged *DamagedError
		switch {
		case errors.Is(err, io.EOF):
			return got, nil
		case errors.As(err, &damaged) && !damaged.Final:
			got = append(got, seen{Record: damaged.Record, Line: damaged.Line, Damage: damaged.Reason})
			if damaged.Partial {
				got[len(got)-1].Damage += " (partial)"
			}
			continue
		case err != nil:
			if _, again := j.Next(); !errors.Is(again, err) {
				t.Errorf("error %v is not final: then %v", err, again)
			}
			return got, err
		}
		got = append(got, seen{Text: string(v.Bytes), Path: v.Path, Record: v.Record, Line: v.Line})
	}
}

func TestJSON(t *testing.T) {
	cut := "the line ends inside a value"
	tests := []struct {
		name, text string
		want       []seen
		err        string
	}{
		{name: "one object", text: ` {"a": [1, {"b": "}\""}]} `, want: []seen{{`{"a": [1, {"b": "}\""}]}`, "", 1, 1, ""}}},
		{name: "pretty object", text: "{\n  \"a\": 1\n}\n", want: []seen{{"{\n  \"a\": 1\n}", "", 1, 1, ""}}},
		{name: "array", text: "[{\"a\":1},\n {\"a\":2}]", want: []seen{{`{"a":1}`, "", 1, 1, ""}, {`{"a":2}`, "", 2, 2, ""}}},
		{name: "array of arrays", text: `[[{"a":1},[{"a":2}]],[],{"a":3}]`, want: []seen{{`{"a":1}`, "", 1, 1, ""}, {`{"a":2}`, "", 2, 1, ""}, {`{"a":3}`, "", 3, 1, ""}}},
		{name: "array of containers", text: "[{\"records\":[{\"a\":1}]},\n{\"records\":[{\"a\":2},{\"a\":3}]}]", want: []seen{{`{"a":1}`, "records", 1, 1, ""}, {`{"a":2}`, "records", 2, 2, ""}, {`{"a":3}`, "records", 3, 2, ""}}},
		{name: "value, members around", text: `{"nextLink":"x[]{\"", "value" : [ {"a":1} , {"a":2} ], "count": 2}`, want: []seen{{`{"a":1}`, "value", 1, 1, ""}, {`{"a":2}`, "value", 2, 1, ""}}},
		{name: "empty value", text: `{"value":[]}`},
		{name: "empty page", text: `{"totalRecords":0,"count":0,"data":[],"facets":[],"resultTruncated":"false"}`},
		{name: "empty HAR", text: `{"log":{"version":"1.2","pages":[],"entries":[]}}`},
		{name: "record with an empty list", text: `{"id":"/x","events":[]}`, want: []seen{{`{"id":"/x","events":[]}`, "", 1, 1, ""}}},
		{name: "record with a list of words", text: `{"a":1,"data":["x","y"],"value":[1,2]}`, want: []seen{{`{"a":1,"data":["x","y"],"value":[1,2]}`, "", 1, 1, ""}}},
		{name: "list of strings that hold JSON", text: `{"records":["{\"a\":1}","[]"]}`, want: []seen{{`"{\"a\":1}"`, "records", 1, 1, ""}, {`"[]"`, "records", 2, 1, ""}}},
		{name: "names in any case", text: `{"VALUE":[{"a":1}]}{"entries":[{"b":1}]}`, want: []seen{{`{"a":1}`, "value", 1, 1, ""}, {`{"b":1}`, "Entries", 2, 1, ""}}},
		{name: "elements of a named list are not looked into", text: `{"value":[{"records":[{"a":1}]}]}`, want: []seen{{`{"records":[{"a":1}]}`, "value", 1, 1, ""}}},
		{name: "lists deeper down do not count", text: `{"properties":{"value":[{"a":1}]}}`, want: []seen{{`{"properties":{"value":[{"a":1}]}}`, "", 1, 1, ""}}},
		{name: "HAR", text: `{"log":{"creator":{"name":"x"},"entries":[{"a":1},{"a":2}],"pages":[1]},"x":1}`, want: []seen{{`{"a":1}`, "log.entries", 1, 1, ""}, {`{"a":2}`, "log.entries", 2, 1, ""}}},
		{name: "log without entries", text: `{"log":{"a":1},"b":2}`, want: []seen{{`{"log":{"a":1},"b":2}`, "", 1, 1, ""}}},
		{name: "data object that is not a table", text: `{"data":{"a":[1]},"b":2}`, want: []seen{{`{"data":{"a":[1]},"b":2}`, "", 1, 1, ""}}},
		{name: "tables", text: `{"tables":[{"name":"P","columns":[{"name":"A","type":"string"},{"name":"B\""}],"rows":[["x",{"c":[1]}],[null,2]]},{"columns":["C"],"rows":[[1]]}]}`,
			want: []seen{{`{"A":"x","B\"":{"c":[1]}}`, "tables", 1, 1, ""}, {`{"A":null,"B\"":2}`, "tables", 2, 1, ""}, {`{"C":1}`, "tables", 3, 1, ""}}},
		{name: "rows before columns", text: `{"x":1,"tables":[{"rows":[["x",1],["y",2]],"columns":[{"name":"A"},{"name":"B"}],"name":"P"}],"y":2} {"a":1}`,
			want: []seen{{`{"A":"x","B":1}`, "tables", 1, 1, ""}, {`{"A":"y","B":2}`, "tables", 2, 1, ""}, {`{"a":1}`, "", 3, 1, ""}}},
		{name: "rows without columns", text: `{"tables":[{"rows":[[1]]}]}`, want: []seen{{`{"rows":[[1]]}`, "tables", 1, 1, ""}}},
		{name: "empty table", text: `{"tables":[{"name":"P","columns":[{"name":"A"}],"rows":[]}]}`, want: []seen{{`{"name":"P","columns":[{"name":"A"}],"rows":[]}`, "tables", 1, 1, ""}}},
		{name: "resource graph table", text: `{"count":1,"data":{"columns":[{"name":"A"}],"rows":[[1]]},"facets":[]}`, want: []seen{{`{"A":1}`, "data.rows", 1, 1, ""}}},
		{name: "resource graph table, rows first", text: `{"data":{"rows":[[1]],"columns":[{"name":"A"}]},"facets":[]}`, want: []seen{{`{"A":1}`, "data.rows", 1, 1, ""}}},
		{name: "row of another length", text: `{"tables":[{"columns":["A"],"rows":[[1],[],[1,2],[3]]}]}`, want: []seen{{`{"A":1}`, "tables", 1, 1, ""},
			{"", "", 2, 1, "the table row has 0 values for 1 columns"}, {"", "", 3, 1, "the table row has 2 values for 1 columns"}, {`{"A":3}`, "tables", 4, 1, ""}}},
		{name: "concatenated", text: "{\"a\":1}{\"a\":2}\n{\n\"a\":3}[{\"a\":4}]", want: []seen{{`{"a":1}`, "", 1, 1, ""}, {`{"a":2}`, "", 2, 1, ""}, {"{\n\"a\":3}", "", 3, 2, ""}, {`{"a":4}`, "", 4, 3, ""}}},
		{name: "BOM between documents", text: "\ufeff{\"a\":1}\r\n\ufeff{\"a\":2}\r\n", want: []seen{{`{"a":1}`, "", 1, 1, ""}, {`{"a":2}`, "", 2, 2, ""}}},
		{name: "scalars", text: `[1, "x", null, true, -1.5e3]`, want: []seen{{"1", "", 1, 1, ""}, {`"x"`, "", 2, 1, ""}, {"null", "", 3, 1, ""}, {"true", "", 4, 1, ""}, {"-1.5e3", "", 5, 1, ""}}},
		{name: "lines", text: "{\"a\":1}\n\n{\"a\":2}\r\n{\"a\":3}", want: []seen{{`{"a":1}`, "", 1, 1, ""}, {`{"a":2}`, "", 2, 3, ""}, {`{"a":3}`, "", 3, 4, ""}}},
		{name: "lines of containers", text: "{\"records\":[{\"a\":1},{\"a\":2}]}\n{\"records\":[{\"a\":3}]}\n", want: []seen{{`{"a":1}`, "records", 1, 1, ""}, {`{"a":2}`, "records", 2, 1, ""}, {`{"a":3}`, "records", 3, 2, ""}}},
		{name: "damaged line", text: "{\"a\":1}\n{\"a\":\n{\"a\":3}\n{\"a\"]}\n{\"a\":5}\n", want: []seen{{`{"a":1}`, "", 1, 1, ""}, {"", "", 2, 2, cut}, {`{"a":3}`, "", 3, 3, ""}, {"", "", 4, 4, "invalid character ']' after object key"}, {`{"a":5}`, "", 5, 5, ""}}},
		{name: "damaged first line", text: "{\"a\":1,\"b\n{\"a\":2}\n", want: []seen{{"", "", 1, 1, cut}, {`{"a":2}`, "", 2, 2, ""}}},
		{name: "all lines damaged", text: "{\"a\":1,\"b\n{\"a\n", want: []seen{{"", "", 1, 1, cut}, {"", "", 2, 2, cut}}},
		{name: "partial last line", text: "{\"a\":1}\n{\"a\":2", want: []seen{{`{"a":1}`, "", 1, 1, ""}, {"", "", 2, 2, cut + " (partial)"}}},
		{name: "damaged last line with line end", text: "{\"a\":1}\n{\"a\":2\n", want: []seen{{`{"a":1}`, "", 1, 1, ""}, {"", "", 2, 2, cut}}},
		{name: "text among lines", text: "{\"a\":1}\nhello\n{\"a\":2}\n", want: []seen{{`{"a":1}`, "", 1, 1, ""}, {"", "", 2, 2, "unexpected hello"}, {`{"a":2}`, "", 3, 3, ""}}},
		{name: "one object per line in an array", text: "[{\"a\":1},\n{\"a\":2}\n]\n", want: []seen{{`{"a":1}`, "", 1, 1, ""}, {`{"a":2}`, "", 2, 2, ""}}},
		{name: "one object per line in a container", text: "{\"value\":[\n{\"a\":1},\n{\"a\":2}]}\n", want: []seen{{`{"a":1}`, "value", 1, 2, ""}, {`{"a":2}`, "value", 2, 3, ""}}},
		{name: "pretty document after lines", text: strings.Repeat("{\"a\":1}\n", maxFormLines) + "{\n  \"b\": [\n    1]\n}\n", want: append(repeated(maxFormLines), seen{"{\n  \"b\": [\n    1]\n}", "", maxFormLines + 1, maxFormLines + 1, ""})},
		{name: "truncated array", text: "[{\"a\":1},\n{\"a\":2},\n {\"a\":", want: []seen{{`{"a":1}`, "", 1, 1, ""}, {`{"a":2}`, "", 2, 2, ""}}, err: "record 3, line 3, column 7 (byte 25): the text ends inside a value that begins on line 3"},
		{name: "truncated container", text: `{"value":[{"a":1},{"a":"x`, want: []seen{{`{"a":1}`, "value", 1, 1, ""}}, err: "record 2, line 1, column 26 (byte 25)"},
		{name: "truncated after an element", text: `{"value":[{"a":1}`, want: []seen{{`{"a":1}`, "value", 1, 1, ""}}, err: "record 2"},
		{name: "truncated single record", text: `{"a":1,"b":"x`, err: "record 1, line 1, column 14 (byte 13): the text ends inside a value that begins on line 1 (last line"},
		{name: "bracket mismatch", text: "{\n\"a\": [1}\n}", err: "record 1, line 2, column 8 (byte 9): invalid character '}'"},
		{name: "missing comma", text: `[{"a":1} {"a":2}]`, want: []seen{{`{"a":1}`, "", 1, 1, ""}}, err: "unexpected '{'"},
		{name: "trailing comma", text: `[{"a":1},]`, want: []seen{{`{"a":1}`, "", 1, 1, ""}}, err: "unexpected ']'"},
		{name: "damage in the wrapper before the list", text: `{"x":tru,"value":[{"a":1}]}`, err: "unexpected tru"},
		{name: "damage in the wrapper, nested", text: `{"x":{"y":tru},"value":[{"a":1}]}`, err: "line 1, column 14 (byte 13): invalid character '}' in literal true"},
		{name: "damage in the wrapper after the list", text: `{"value":[{"a":1}],"x":{"y":1,}}`, want: []seen{{`{"a":1}`, "value", 1, 1, ""}}, err: "line 1, column 31 (byte 30): invalid character '}'"},
		{name: "a quote is missing", text: "[\n {\"a\": \"x\"},\n {\"\u00e9\": \"y,\n  \"b\": [1]}\n]", want: []seen{{`{"a": "x"}`, "", 1, 2, ""}}, err: "record 2, line 3, column 11 (byte 26): invalid character '\\n' in string literal"},
		{name: "a bracket is missing", text: "{\"value\": [\n {\"a\": [1},\n {\"a\": 2}\n]}", err: "line 2, column 10 (byte 21): invalid character '}'"},
		{name: "no key", text: `{a:1}`, err: "line 1, column 2 (byte 1): invalid character 'a'"},
		{name: "empty", text: ""},
		{name: "blank", text: " \r\n\n"},
		{name: "too deep", text: strings.Repeat("[", maxDepth+1), err: "nested deeper"},
		{name: "too deep inside", text: `{"a":` + strings.Repeat("[", maxDepth+1), err: "nested deeper"},
	}
	for _, tt := range tests {
		for _, size := range []int{1, 3, 16, 0} {
			t.Run(fmt.Sprintf("%s/%d", tt.name, size), func(t *testing.T) {
				var r io.Reader = strings.NewReader(tt.text)
				if size == 3 {
					r = iotest.OneByteReader(r)
				}
				got, err := readJSON(t, r, JSONOptions{BufferSize: size})
				if d := cmp.Diff(tt.want, got); d != "" {
					t.Error(d)
				}
				if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
					t.Errorf("error %v, want %q", err, tt.err)
				}
				if d := cmp.Diff(got, blocksOf(t, strings.NewReader(tt.text), JSONOptions{BufferSize: size}, err), cmp.Comparer(sameOrLeftToParser)); d != "" {
					t.Errorf("blocks differ: %s", d)
				}
			})
		}
	}
}

func repeated(n int) (list []seen) {
	for i := range int64(n) {
		list = append(list, seen{`{"a":1}`, "", i + 1, i + 1, ""})
	}
	return list
}

// sameOrLeftToParser: a block of plain lines gives damaged lines as they are, and numbers records by line.
func sameOrLeftToParser(a, b seen) bool {
	a.Record, b.Record = 0, 0
	return a == b || a.Line == b.Line && (a.Damage != "" || b.Damage != "")
}

func blocksOf(t testing.TB, r io.Reader, o JSONOptions, want error) (got []seen) {
	t.Helper()
	j := NewJSON(r, o)
	if j.lines != nil && j.lines.plain && strings.Contains(t.Name(), "pretty_document_after_lines") {
		t.Skip("only the parser of the lines can find that out")
	}
	for {
		b, err := j.NextBlock()
		if err != nil {
			if !errors.Is(err, io.EOF) && fmt.Sprint(err) != fmt.Sprint(want) {
				t.Errorf("NextBlock: %v, Next: %v", err, want)
			}
			return got
		}
		if err := b.Each(func(v Value) error {
			s := seen{Text: string(v.Bytes), Path: v.Path, Record: v.Record, Line: v.Line}
			if v.Damaged != nil {
				s = seen{Record: v.Record, Line: v.Line, Damage: v.Damaged.Reason}
			} else if v.Unterminated && !json.Valid(v.Bytes) {
				s = seen{Record: v.Record, Line: v.Line, Damage: " (partial)"}
			}
			got = append(got, s)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		b.Release()
	}
}

func TestJSONTableColumns(t *testing.T) {
	j := NewJSON(strings.NewReader(`{"tables":[{"columns":[{"name":"A"},{"name":"B"}],"rows":[[1,2]]}]}`), JSONOptions{})
	v, err := j.Next()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"A", "B"}, v.Columns); d != "" {
		t.Error(d)
	}
}

func TestJSONLongLines(t *testing.T) {
	long := `{"a":"` + strings.Repeat(`x\"{`, 500_000) + `"}`
	for _, text := range []string{long + "\n{\"b\":1}\n", "{\"b\":1}\n" + long, `{"value":[` + long + `,{"b":1}]}`} {
		got, err := readJSON(t, strings.NewReader(text), JSONOptions{BufferSize: 1000})
		if err != nil || len(got) != 2 || len(got[0].Text)+len(got[1].Text) != len(long)+len(`{"b":1}`) {
			t.Errorf("%d elements, %v", len(got), err)
		}
	}
	for _, text := range []string{long, `{"value":[` + long + `]}`, "{}\n" + long} {
		_, err := readJSON(t, strings.NewReader(text), JSONOptions{BufferSize: 1000, MaxValue: 1 << 20})
		if !errors.Is(err, ErrTooLong) {
			t.Errorf("%.20s...: error %v", text, err)
		}
	}
}

func TestElements(t *testing.T) {
	var got []string
	err := elements([]byte(`[{"records":[{"a":1}]},{"b":2}]`), JSONOptions{}, func(v Value) error {
		got = append(got, v.Path+string(v.Bytes))
		return nil
	})
	if d := cmp.Diff([]string{`records{"a":1}`, `{"b":2}`}, got); d != "" || err != nil {
		t.Error(d, err)
	}
	var damaged *DamagedError
	if err := elements([]byte(`[{"a":`), JSONOptions{}, nil); !errors.As(err, &damaged) {
		t.Errorf("error %v", err)
	}
}

// reference unwraps with encoding/json.
func reference(data []byte) (list []string, err error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	for {
		var raw json.RawMessage
		if err := dec.Decode(&raw); errors.Is(err, io.EOF) {
			return list, nil
		} else if err != nil {
			return list, err
		}
		if at := dec.InputOffset(); at < int64(len(data)) && scalarByte(data[at]) && scalarByte(raw[len(raw)-1]) {
			return list, errors.New("two values without anything between: true1")
		}
		list = refValue(list, raw, newContainers(DefaultInto()), "")
	}
}

func refValue(list []string, raw json.RawMessage, into *containers, path string) []string {
	if raw[0] == '[' {
		for _, item := range refArray(raw) {
			list = refValue(list, item, into, path)
		}
		return list
	}
	if raw[0] == '{' && into != nil {
		found, wrapper := refObject(raw, into)
		if wrapper {
			return append(list, found...)
		}
	}
	return append(list, path+" "+string(raw))
}

func refArray(raw json.RawMessage) (items []json.RawMessage) {
	if err := json.Unmarshal(raw, &items); err != nil {
		panic(err)
	}
	for i, item := range items {
		items[i] = bytes.TrimSpace(item)
	}
	return items
}

// refObject returns what an object wraps.
func refObject(raw json.RawMessage, into *containers) (list []string, wrapper bool) {
	type member struct {
		key string
		raw json.RawMessage
	}
	var members []member
	dec := json.NewDecoder(bytes.NewReader(raw))
	_, _ = dec.Token()
	for dec.More() {
		key, _ := dec.Token()
		var value json.RawMessage
		_ = dec.Decode(&value)
		members = append(members, member{key.(string), value})
	}
	var cols *columns
	record, empty := false, false
	for _, m := range members {
		c := into.child([]byte(m.key))
		if c == nil && into.isColumns([]byte(m.key)) && m.raw[0] == '[' {
			cols = parseColumns(m.raw)
		}
		record = record || c == nil && recordMember([]byte(m.key))
	}
	for _, m := range members {
		c := into.child([]byte(m.key))
		switch {
		case c == nil:
		case m.raw[0] == '{' && len(c.children) > 0:
			inner, ok := refObject(m.raw, c)
			list, wrapper = append(list, inner...), wrapper || ok && len(inner) > 0
			empty = empty || ok && len(inner) == 0
		case m.raw[0] == '[' && c.array:
			items := refArray(m.raw)
			if len(items) == 0 {
				empty = true
				continue
			}
			first := bytes.TrimLeft(items[0], "\" \t\r\n")
			if len(first) == 0 || first[0] != '{' && first[0] != '[' || c.table && items[0][0] != '[' || c.table && cols == nil {
				continue
			}
			wrapper = true
			for _, item := range items {
				if !c.table {
					list = refValue(list, item, c.elements, c.path)
					continue
				}
				if item[0] != '[' || len(refArray(item)) != len(cols.keys) {
					list = append(list, "damaged")
					continue
				}
				text := "{"
				for i, cell := range refArray(item) {
					if i > 0 {
						text += ","
					}
					text += string(cols.keys[i]) + string(cell)
				}
				list = append(list, c.path+" "+text+"}")
			}
		}
	}
	return list, wrapper || empty && !record
}

// unusual matches documents that are taken for damaged JSON lines on purpose: a line break between a key
// and its value without any indentation.
var unusual = regexp.MustCompile(`:\s*\n\s*[{[]`)

// checkJSON compares with encoding/json.
func checkJSON(t *testing.T, data []byte, size int) {
	t.Helper()
	text := func(got []seen) (list []string, damaged bool) {
		for _, s := range got {
			if s.Damage != "" {
				list, damaged = append(list, "damaged"), true
				continue
			}
			list = append(list, s.Path+" "+s.Text)
		}
		return list, damaged
	}
	whole, err := readJSON(t, bytes.NewReader(data), JSONOptions{})
	parts, err2 := readJSON(t, iotest.HalfReader(bytes.NewReader(data)), JSONOptions{BufferSize: size})
	if d := cmp.Diff(whole, parts); d != "" || fmt.Sprint(err) != fmt.Sprint(err2) {
		t.Fatalf("buffer size matters: %s, %v, %v\n%q", d, err, err2, data)
	}
	got, damaged := text(whole)
	if unusual.Match(data) {
		return
	}
	want, refErr := reference(data)
	if refErr == nil {
		if err != nil {
			t.Fatalf("encoding/json reads it, but: %v\n%q", err, data)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%s\n%q", d, data)
		}
		return
	}
	if err != nil || damaged {
		return
	}
	for _, s := range whole {
		if !json.Valid([]byte(s.Text)) {
			return // the parser of the elements will find it
		}
	}
	t.Fatalf("encoding/json says %v, no damage found: %q\n%q", refErr, got, data)
}

func TestJSONRandom(t *testing.T) {
	rng := rand.New(rand.NewSource(2))
	for range 4000 {
		var b bytes.Buffer
		for range 1 + rng.Intn(3) {
			randomJSON(rng, &b, 0)
			b.WriteString([]string{"\n", " ", "\r\n", "\n\n"}[rng.Intn(4)])
		}
		data := b.Bytes()
		switch rng.Intn(6) {
		case 0: // truncated
			data = data[:rng.Intn(len(data))]
		case 1, 2: // one byte changed
			data[rng.Intn(len(data))] = `{}[]",:x1 `[rng.Intn(10)]
		}
		checkJSON(t, data, 1+rng.Intn(100))
	}
}

func randomJSON(rng *rand.Rand, b *bytes.Buffer, depth int) {
	blank := func() { b.WriteString([]string{"", "", " ", "\n", "\n  ", "\t"}[rng.Intn(6)]) }
	kind := rng.Intn(6)
	if depth > 4 {
		kind = 2 + rng.Intn(4)
	}
	switch kind {
	case 0:
		names := []string{"value", "records", "tables", "rows", "columns", "data", "log", "entries", "id", "a", "b", "x", "Events"}
		b.WriteByte('{')
		for i := range rng.Intn(4) {
			if i > 0 {
				b.WriteByte(',')
			}
			blank()
			fmt.Fprintf(b, "%q", names[rng.Intn(len(names))])
			blank()
			b.WriteByte(':')
			blank()
			randomJSON(rng, b, depth+1)
		}
		blank()
		b.WriteByte('}')
	case 1:
		b.WriteByte('[')
		for i := range rng.Intn(4) {
			if i > 0 {
				b.WriteByte(',')
			}
			blank()
			randomJSON(rng, b, depth+1)
		}
		blank()
		b.WriteByte(']')
	case 2:
		b.WriteString([]string{`"x"`, `""`, `"\""`, `"\\"`, `"a\\\"}{["`, `"{\"a\":1}"`, `"ü\u0041"`, `"\\\\"`}[rng.Intn(8)])
	default:
		b.WriteString([]string{"1", "-0.5", "1e10", "true", "false", "null"}[rng.Intn(6)])
	}
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"value":[{"a":1}]}`, "{\"a\":1}\n{\"a\":2", `[{"records":[1,{"b":"\\\""}]}]`, `{"tables":[{"rows":[[1]],"columns":["a"]}]}`, `{"log":{"entries":[{}]}}`, `{"data":{"columns":[{"name":"x"}],"rows":[[{}]]}}`, "1 2 \"x\"", "{\n\"a\": 1\n}\n{}"} {
		f.Add([]byte(s), 5)
	}
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		if bytes.IndexByte(data, '\\') >= 0 && bytes.Contains(data, []byte(`\u`)) || bytes.IndexByte(data, 0x1e) >= 0 || bytes.Contains(data, utf8BOM) {
			return // names are compared as they are written; separators and BOMs are tolerated
		}
		checkJSON(t, data, 1+(size&0xff)%50)
	})
}

// TestSamples: every public sample gives what encoding/json sees in it.
func TestSamples(t *testing.T) {
	files, err := filepath.Glob("../../../shared/samples/*/*.json*")
	if err != nil || len(files) == 0 {
		t.Skip("no samples beside the repository")
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			data, err := os.ReadFile(path)
			must(t, err)
			checkJSON(t, data, 4096)
			f, err := Open(path, Limits{})
			must(t, err)
			defer f.Close()
			if f.Kind != KindJSON {
				t.Errorf("kind %v", f.Kind)
			}
		})
	}
}

// elements calls fn for every element of a JSON text, up to the first error.
func elements(text []byte, o JSONOptions, fn func(Value) error) error {
	j := NewJSON(bytes.NewReader(text), o)
	for {
		v, err := j.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := fn(v); err != nil {
			return err
		}
	}
}
