package evidence

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/pidledger/pidledger/ingest/source"
)

func seeds(f *testing.F, form Form) {
	entries, err := os.ReadDir(fixtureDir)
	if err != nil {
		f.Fatal(err)
	}
	for _, e := range entries {
		text := false
		switch filepath.Ext(e.Name()) {
		case ".golden", ".csv", ".avro":
			continue
		case ".json", ".jsonl":
		default:
			text = true
		}
		if text == (form == TextForm) {
			f.Add(mustRead(f, filepath.Join(fixtureDir, e.Name())))
		}
	}
}

// FuzzRecord: no input makes the parser fail, what is kept is counted, and batches stay sound.
func FuzzRecord(f *testing.F) {
	seeds(f, JSONForm)
	f.Add([]byte(`{"id":"/subscriptions/s/deployments/x","properties":{"correlationId":1,"provisioningState":[],"dependencies":[1,{"dependsOn":2}]}}`))
	f.Add([]byte(`[{"type":"Buffer","data":[123,125]},"{}","[1]",{"records":{"a":1}}]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := NewParser(Options{File: "f"})
		if err != nil {
			t.Fatal(err)
		}
		sink := NewSink()
		j := source.NewJSON(bytes.NewReader(text), source.JSONOptions{})
		for range 1000 {
			v, err := j.Next()
			if err != nil {
				break
			}
			p.Value(v, sink)
			p.Value(v, sink) // with the shape known
		}
		p.Flush(sink)
		kinds := p.Tally().Kinds
		for kind, rows := range map[string]int{"deployment": sink.Deployments.Rows(), "operation": sink.Operations.Rows(), "change": sink.Changes.Rows(), "request": sink.Requests.Rows()} {
			if kinds[kind] != int64(rows) {
				t.Fatalf("%d rows of kind %s, %d counted", rows, kind, kinds[kind])
			}
		}
		for _, table := range sink.Batches() {
			if err := table.Batch.Err(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzText: no text makes the parser fail.
func FuzzText(f *testing.F) {
	seeds(f, TextForm)
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := NewParser(Options{File: "f"})
		if err != nil {
			t.Fatal(err)
		}
		sink := NewSink()
		if err := p.Text(bytes.NewReader(text), sink); err != nil {
			t.Fatal(err)
		}
		if err := sink.Requests.Err(); err != nil {
			t.Fatal(err)
		}
		if int64(sink.Requests.Rows()) != p.Tally().Kinds["request"] {
			t.Fatal("rows and counts differ")
		}
	})
}

// FuzzEvent: no body of an event makes the parser fail, and every event is counted.
func FuzzEvent(f *testing.F) {
	seeds(f, JSONForm)
	f.Add([]byte(`"{\"records\":[{}]}"`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := NewParser(Options{File: "f"})
		if err != nil {
			t.Fatal(err)
		}
		sink := NewSink()
		p.Event(1, body, sink)
		p.Flush(sink)
		tally := p.Tally()
		for _, table := range sink.Batches() {
			if err := table.Batch.Err(); err != nil {
				t.Fatal(err)
			}
		}
		for _, r := range tally.Rejects {
			if r.Record != 1 {
				t.Fatalf("a reject without the number of its record: %+v", r)
			}
		}
	})
}

// FuzzCSV: no CSV makes the parser fail, with a known header or a mapped one, and every row is counted.
func FuzzCSV(f *testing.F) {
	entries, err := filepath.Glob(filepath.Join(fixtureDir, "*.csv"))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range entries {
		f.Add(mustRead(f, path))
	}
	f.Add([]byte("time,method,url,status,userAgent\n2026-03-02T10:00:00Z,PUT,https://management.azure.com/subscriptions/s?api-version=1,201,\"a\"\"b\"\n"))
	f.Add([]byte("id,properties\n,\"{\"\"targetResourceId\"\":1,\"\"changes\"\":[[]]}\"\nid,properties\nx\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, columns := range []map[string]string{nil, {"time": "time", "method": "method", "url": "url"}} {
			c, err := source.NewCSV(bytes.NewReader(bytes.ToValidUTF8(text, []byte("?"))), source.CSVOptions{})
			if err != nil {
				return
			}
			p, err := NewParser(Options{File: "f", Columns: columns})
			if err != nil {
				t.Fatal(err)
			}
			h, err := p.Header(c.Header())
			if err != nil {
				continue
			}
			sink, rows := NewSink(), int64(0)
			for {
				block, err := c.Next()
				if err != nil {
					break
				}
				_ = block.Each(func(record, line int64, fields [][]byte) error {
					if !h.repeats(fields) {
						rows++
					}
					p.CSVRow(h, record, line, fields, sink)
					return nil
				})
			}
			p.Flush(sink)
			if tally := p.Tally(); tally.Records() != rows {
				t.Fatalf("%d rows, counted %+v", rows, tally)
			}
			for _, table := range sink.Batches() {
				if err := table.Batch.Err(); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
