package evidence

import (
	"strings"
	"testing"

	"github.com/pidledger/pidledger/ingest/source"
)

// TestCellsOfARowAreBounded: the JSON in the cells of a row is refused before a tree is made of it, and costs that row only.
func TestCellsOfARowAreBounded(t *testing.T) {
	p, err := NewParser(Options{})
	if err != nil {
		t.Fatal(err)
	}
	h, err := p.Header([]string{"id", "properties"})
	if err != nil {
		t.Fatal(err)
	}
	p.CSVRow(h, 1, 2, [][]byte{[]byte("x"), []byte("[" + strings.Repeat("1,", source.MaxValues) + "1]")}, NewSink())
	if r := p.Tally().Rejects; len(r) != 1 || r[0].Line != 2 || !strings.Contains(r[0].Reason, "more than 500,000 values") {
		t.Error(r)
	}
}
