package evidence

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/pidledger/pidledger/ingest/source"
)

// sharedDir holds samples and worlds that are not part of the repository.
const sharedDir = "../../../shared"

// worldLines returns the storage records of the tiny world, repeated to about size bytes.
func worldLines(b *testing.B, size int) []byte {
	b.Helper()
	var once []byte
	root := filepath.Join(sharedDir, "worlds/tiny/exports/insights-activity-logs")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		once = append(append(once, bytes.TrimRight(text, "\n")...), '\n')
		return err
	})
	if err != nil {
		b.Skipf("the worlds are not there: %v", err)
	}
	return bytes.Repeat(once, size/len(once)+1)
}

func benchmarkLines(b *testing.B, text []byte) {
	p, err := NewParser(Options{File: "insights-activity-logs/PT1H.json"})
	if err != nil {
		b.Fatal(err)
	}
	sink := NewSink()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	var records, kept int64
	for b.Loop() {
		j := source.NewJSON(bytes.NewReader(text), source.JSONOptions{})
		for {
			block, err := j.NextBlock()
			if err != nil {
				break
			}
			if err := block.Each(func(v source.Value) error {
				p.Value(v, sink)
				return nil
			}); err != nil {
				b.Fatal(err)
			}
			block.Release()
			kept += int64(sink.Rows())
			sink.Reset()
		}
		records += p.Tally().Records()
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64(kept)/float64(records), "kept/record")
}

func BenchmarkResourceLog(b *testing.B) { benchmarkLines(b, worldLines(b, 32<<20)) }

// BenchmarkResourceLogReads has the same records as reads, which are not evidence.
func BenchmarkResourceLogReads(b *testing.B) {
	text := worldLines(b, 32<<20)
	text = bytes.ReplaceAll(text, []byte(`/WRITE","category`), []byte(`/READ","category`))
	benchmarkLines(b, text)
}
