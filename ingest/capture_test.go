package ingest_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"
	"github.com/twmb/avro"
	"github.com/twmb/avro/ocf"

	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/ledger"
)

const hubWrite = `{"time":"2026-03-06T08:00:01Z","resourceId":"/SUBSCRIPTIONS/0D6F1E52-7A3C-4B1E-9A55-3C1F2B7D9E01/RESOURCEGROUPS/RG-HUB","operationName":"MICROSOFT.RESOURCES/SUBSCRIPTIONS/RESOURCEGROUPS/WRITE","category":"Administrative","resultType":"Success","correlationId":"c1"}`

// parquetCapture writes a capture with bodies as bytes (unmarked, or marked as text), nil for none.
func parquetCapture(t *testing.T, path string, typ arrow.DataType, bodies [][]byte) {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "SequenceNumber", Type: arrow.PrimitiveTypes.Int64},
		{Name: "EnqueuedTimeUtc", Type: arrow.BinaryTypes.String},
		{Name: "SystemProperties", Type: arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String), Nullable: true},
		{Name: "Body", Type: typ, Nullable: true},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for i, body := range bodies {
		b.Field(0).(*array.Int64Builder).Append(int64(i))
		b.Field(1).(*array.StringBuilder).Append("3/6/2026 8:00:00 AM")
		b.Field(2).AppendNull()
		switch f := b.Field(3).(type) {
		case *array.BinaryBuilder:
			if body == nil {
				f.AppendNull()
			} else {
				f.Append(body)
			}
		case *array.StringBuilder:
			f.Append(string(body))
		}
	}
	rec := b.NewRecord()
	defer rec.Release()
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := pqarrow.NewFileWriter(schema, out, parquet.NewWriterProperties(), pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(rec); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// Captures of Event Hubs in all their forms: as Event Hubs writes them and as they are converted; with events of others between; broken; and
// what only looks like one.
func TestCaptures(t *testing.T) {
	avroOf := func(field string, bodies ...any) string {
		s := avro.MustParse(`{"type":"record","name":"EventData","fields":[{"name":"SequenceNumber","type":"long"},{"name":"` + field + `","type":["null","bytes"]}]}`)
		var out bytes.Buffer
		w, err := ocf.NewWriter(&out, s, ocf.WithCodec(ocf.SnappyCodec()))
		if err != nil {
			t.Fatal(err)
		}
		for i, body := range bodies {
			if err := w.Encode(map[string]any{"SequenceNumber": int64(i), field: body}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	records := []byte(`{"records":[` + hubWrite + `]}`)
	w := ingesttest.New(t)
	w.Run.MaxRejectRatio = 0.9
	w.Put("capture.avro", avroOf("Body", []byte(`{"device":1}`), records, nil, []byte(`{"records":[{`)))
	whole := avroOf("Body", records)
	w.Put("cut.avro", whole[:len(whole)-20])
	w.Put("quiet.avro", avroOf("Body"))
	w.Put("devices.avro", avroOf("Body", []byte(`{"device":1}`), nil))
	w.Put("other.avro", avroOf("Payload", []byte(`{}`)))
	w.Put("capture.csv", "SequenceNumber,EnqueuedTimeUtc,Body\n1,x,\""+strings.ReplaceAll(string(records), `"`, `""`)+"\"\n2,x,\n")
	w.Put("capture.jsonl", `{"EnqueuedTimeUtc":"x","Body":`+quoteJSON(string(records))+"}\n")
	parquetCapture(t, filepath.Join(w.Dir, "exports", "bytes.parquet"), arrow.BinaryTypes.Binary, [][]byte{nil, records, {0xff, 0x00}, []byte(`{"records":[{`)})
	parquetCapture(t, filepath.Join(w.Dir, "exports", "text.parquet"), arrow.BinaryTypes.String, [][]byte{[]byte(strings.Replace(string(records), "c1", `c\"é`, 1))})
	r, err := w.Ingest()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		status           string
		loaded, rejected int64
		reason           string
	}{
		"capture.avro":  {ledger.StatusLoaded, 1, 1, "events of Event Hubs in the column Body"},
		"cut.avro":      {ledger.StatusFailed, 0, 0, "ends inside of a block, after record 0: the copy is incomplete"},
		"quiet.avro":    {ledger.StatusEmpty, 0, 0, "events of Event Hubs"},
		"devices.avro":  {ledger.StatusUnknown, 0, 0, "of no known kind"},
		"other.avro":    {ledger.StatusUnknown, 0, 0, "SequenceNumber, Payload"},
		"capture.csv":   {ledger.StatusLoaded, 1, 0, "column Body"},
		"capture.jsonl": {ledger.StatusLoaded, 1, 0, ""},
		"bytes.parquet": {ledger.StatusLoaded, 1, 1, "column Body"},
		"text.parquet":  {ledger.StatusLoaded, 1, 0, "column Body"},
	} {
		f := ingesttest.Status(t, r, name)
		if f.Status != want.status || f.Loaded != want.loaded || f.Rejected != want.rejected || !strings.Contains(f.Reason, want.reason) {
			t.Errorf("%s: %+v", name, f)
		}
		if f.Status == ledger.StatusLoaded && f.Format != "activity.resourcelog" && name != "capture.jsonl" && name != "capture.avro" {
			t.Errorf("%s is taken for %q", name, f.Format)
		}
	}
	for _, x := range r.Rejects {
		if x.Record != 4 || x.Column != "Body" {
			t.Errorf("a reject without its place: %+v", x)
		}
	}
}

func quoteJSON(text string) string { return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"` }
