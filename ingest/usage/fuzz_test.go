package usage

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/valyala/fastjson"

	"github.com/pidledger/pidledger/ingest/source"
	"github.com/pidledger/pidledger/queries/columnar"
)

// What is recognised can be read; what is not says why.
func FuzzDetect(f *testing.F) {
	f.Add("Date,ResourceId,Cost", `{"kind":"legacy","properties":{"date":"2026-01-01","cost":1}}`)
	f.Add("\ufeffDatum (Date),x_SkuDetails,BilledCost,ChargePeriodStart", `{"pretaxCost":"1","usageStart":"2026-01-01","meterDetails":{"unit":"h"}}`)
	f.Add("date,,(),( ),DATE", `[{"attributes":{"objectType":"DailyRatedUsageLineItem"},"usageDate":1e999}]`)
	f.Fuzz(func(t *testing.T, header, record string) {
		columns := strings.Split(header, ",")
		s, ok := DetectHeader(columns)
		if s.Reason == "" || ok != (s.Kind != "") {
			t.Fatalf("%q: %+v %v", header, s, ok)
		}
		if ok {
			if _, err := NewReader(s, columns, Meta{}); err != nil {
				t.Fatalf("%q: %+v but %v", header, s, err)
			}
		}
		for _, c := range columns {
			once := CanonicalHeader(c)
			if strings.ContainsAny(once, " _-") {
				t.Fatalf("CanonicalHeader(%q) = %q", c, once)
			}
		}
		v, err := fastjson.Parse(record)
		if err != nil {
			return
		}
		if s, ok = DetectJSON(v); s.Reason == "" || ok != (s.Kind != "") {
			t.Fatalf("%q: %+v %v", record, s, ok)
		}
		if !ok {
			return
		}
		r, err := NewReader(s, nil, Meta{})
		if err != nil {
			t.Fatal(err)
		}
		n, b := r.NewNormaliser(), columnar.NewBatch(Columns)
		for range 2 {
			rejected := n.JSON(b, 1, 1, v) != nil
			if b.Err() != nil || rejected == (b.Rows() > 0) {
				t.Fatalf("rejected %v, rows %d, %v", rejected, b.Rows(), b.Err())
			}
			b.Reset()
		}
	})
}

// Every record becomes one row or one reject, whatever is in it.
func FuzzNormalise(f *testing.F) {
	files, _ := filepath.Glob(filepath.Join(fixtures, "*.csv"))
	for _, path := range files {
		if data, err := os.ReadFile(path); err == nil && len(data) < 4000 {
			f.Add(data)
		}
	}
	f.Add([]byte("Date,ResourceId,Cost,Quantity\n2026-05-01,/subscriptions//resourcegroups//providers///,1e-20,-.5\n"))
	f.Add([]byte("ChargePeriodStart,BilledCost,PricingQuantity,x_PricingBlockSize\n2026-05-01,1,99999999999999999999,99999999999999999999\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := source.NewCSV(bytes.NewReader(bytes.ToValidUTF8(data, []byte("?"))), source.CSVOptions{SkipPreamble: SkipPreamble()})
		if err != nil {
			return
		}
		s, ok := DetectHeader(c.Header())
		if !ok {
			return
		}
		r, err := NewReader(s, c.Header(), Meta{Scope: "/s"})
		if err != nil {
			t.Fatal(err)
		}
		n, b := r.NewNormaliser(), columnar.NewBatch(Columns)
		records, rejects := 0, 0
		for {
			block, err := c.Next()
			if err != nil {
				break
			}
			_ = block.Each(func(record, line int64, fields [][]byte) error {
				records++
				if rej := n.Row(b, record, line, fields); rej != nil {
					rejects++
					if rej.Reason == "" || rej.Record != record || len(rej.Value) > 200 {
						t.Fatalf("reject %+v", rej)
					}
				}
				return nil
			})
		}
		if b.Err() != nil || b.Rows()+rejects != records {
			t.Fatalf("%d rows + %d rejects of %d records: %v", b.Rows(), rejects, records, b.Err())
		}
	})
}
