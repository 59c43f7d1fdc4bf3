package source

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/testdata/faults"
	"github.com/twmb/avro"
	"github.com/twmb/avro/ocf"
)

// captureSchema is that of Event Hubs Capture, with another spelling of the body and a field of every kind around it.
const captureSchema = `{"type":"record","name":"EventData","namespace":"test","fields":[
	{"name":"SequenceNumber","type":"long"},
	{"name":"SystemProperties","type":{"type":"map","values":["long","double","string","bytes"]}},
	{"name":"Kind","type":{"type":"enum","name":"Kind","symbols":["A","B"]}},
	{"name":"Parts","type":{"type":"array","items":{"type":"record","name":"Part","fields":[{"name":"n","type":["null","Part"]},{"name":"f","type":{"type":"fixed","name":"F","size":3}}]}}},
	{"name":"body","type":["null","bytes"]},
	{"name":"Flag","type":"boolean"}]}`

// avroFile writes a container file with a record for each body, nil for none.
func avroFile(t testing.TB, schema string, bodies []any, opts ...ocf.WriterOpt) []byte {
	t.Helper()
	s, err := avro.Parse(schema)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := ocf.NewWriter(&out, s, opts...)
	if err != nil {
		t.Fatal(err)
	}
	for i, body := range bodies {
		row := map[string]any{
			"SequenceNumber": int64(i), "SystemProperties": map[string]any{"x": "y", "z": int64(5)}, "Kind": "B",
			"Parts": []any{map[string]any{"n": map[string]any{"n": nil, "f": []byte("abc")}, "f": []byte("xyz")}}, "body": body, "Flag": true,
		}
		if err := w.Encode(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func avroBodies(file []byte) (bodies []string, err error) {
	a, err := NewAvro(bytes.NewReader(file), "Body")
	if err != nil {
		return nil, err
	}
	defer a.Close()
	if a.Field() == "" {
		return nil, errors.New("no body but " + strings.Join(a.Fields(), " "))
	}
	for {
		body, record, err := a.Next()
		if errors.Is(err, io.EOF) {
			return bodies, nil
		}
		if err != nil {
			return bodies, err
		}
		if record != int64(len(bodies)+1) {
			return bodies, errors.New("records are counted wrong")
		}
		if body == nil {
			body = []byte("<nil>")
		}
		bodies = append(bodies, string(body))
	}
}

func TestAvro(t *testing.T) {
	bodies := []any{[]byte(`{"a":1}`), nil, []byte(""), []byte("\xff\x00")}
	const want = `{"a":1}|<nil>||` + "\xff\x00"
	for name, codec := range map[string]ocf.Codec{"deflate": ocf.DeflateCodec(5), "snappy": ocf.SnappyCodec(), "zstandard": ocf.MustZstdCodec(nil, nil)} {
		got, err := avroBodies(avroFile(t, captureSchema, bodies, ocf.WithCodec(codec), ocf.WithBlockCount(2)))
		if err != nil || strings.Join(got, "|") != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	whole := avroFile(t, captureSchema, bodies, ocf.WithBlockCount(1))
	if got, err := avroBodies(whole); err != nil || strings.Join(got, "|") != want {
		t.Errorf("no codec: %q, %v", got, err)
	}
	ends := map[int]bool{} // where a file may end: after a block
	for n := range len(whole) {
		got, err := avroBodies(whole[:n])
		if err == nil {
			ends[len(got)] = true
			if !bytes.HasSuffix(whole[:n], whole[len(whole)-16:]) {
				t.Errorf("cut at %d of %d bytes: %q and no error", n, len(whole), got)
			}
		}
	}
	if len(ends) != len(bodies) { // without any record, and after each but the last
		t.Errorf("files cut after a block have %v records", ends)
	}
	if got, err := avroBodies(avroFile(t, captureSchema, nil)); err != nil || len(got) != 0 {
		t.Errorf("a capture of a quiet hour: %q, %v", got, err)
	}
	text := strings.Replace(captureSchema, `["null","bytes"]`, `"string"`, 1)
	if got, err := avroBodies(avroFile(t, text, []any{"{}"})); err != nil || strings.Join(got, "|") != "{}" {
		t.Errorf("a body that is text: %q, %v", got, err)
	}
	number := strings.Replace(captureSchema, `["null","bytes"]`, `"long"`, 1)
	if _, err := avroBodies(avroFile(t, number, []any{int64(5)})); err == nil || !strings.Contains(err.Error(), "neither bytes nor text") {
		t.Errorf("a body that is a number: %v", err)
	}
	if _, err := avroBodies(avroFile(t, strings.Replace(captureSchema, `"body"`, `"payload"`, 1), nil)); err == nil || !strings.Contains(err.Error(), "SequenceNumber SystemProperties Kind Parts payload Flag") {
		t.Errorf("no body: %v", err)
	}
}

// TestHostileAvro: sizes in a file are claims, and what they claim is not reserved.
func TestHostileAvro(t *testing.T) {
	tally := faults.Count(t, "hostile files")
	head := avroFile(t, captureSchema, nil)
	claim := func(count, size int64) []byte {
		return binary.AppendVarint(binary.AppendVarint(bytes.Clone(head), count), size)
	}
	for name, file := range map[string][]byte{
		"a block of an exabyte":      claim(1, 1<<60),
		"a negative block":           claim(1, -5),
		"a negative count":           claim(-1, 10),
		"more records than bytes":    append(append(claim(1<<60, 1), 0), head[len(head)-16:]...),
		"a bomb":                     avroFile(t, captureSchema, []any{make([]byte, MaxRecord+1)}, ocf.WithCodec(ocf.DeflateCodec(9))),
		"a schema nested for ever":   append([]byte("Obj\x01\x02\x16avro.schema"), append(binary.AppendVarint(nil, 2_000_000), bytes.Repeat([]byte("["), 2_000_000)...)...),
		"a schema that is not JSON":  []byte("Obj\x01\x02\x16avro.schema\x02x\x00"),
		"nothing but the first word": []byte("Obj\x01"),
	} {
		got, err := avroBodies(file)
		tally.Check("Avro", err != nil, "refused")
		if err == nil {
			t.Errorf("%s: %d records and no error", name, len(got))
		}
	}
}

// FuzzAvro: no file makes the reader fail or run on.
func FuzzAvro(f *testing.F) {
	f.Add(avroFile(f, captureSchema, []any{[]byte("{}"), nil}))
	f.Add(avroFile(f, captureSchema, []any{[]byte("{}"), nil}, ocf.WithCodec(ocf.SnappyCodec())))
	f.Add(avroFile(f, captureSchema, []any{[]byte("{}"), nil}, ocf.WithCodec(ocf.DeflateCodec(1)), ocf.WithBlockCount(1)))
	f.Fuzz(func(t *testing.T, file []byte) {
		if _, err := avroBodies(file); err != nil && err.Error() == "" {
			t.Fatal("an error that says nothing")
		}
	})
}
