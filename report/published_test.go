package report

import (
	"slices"
	"testing"

	"github.com/pidledger/pidledger/queries/chain"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/report/spec"
)

// Every text column of a report is classified by how it can name a customer who opted out.
func TestColumnsAreClassified(t *testing.T) {
	var want []string
	for _, s := range spec.Reports {
		for _, c := range s.Columns {
			if c.Type == columnar.String {
				want = append(want, s.Name+"."+c.Name)
			}
		}
	}
	var got []string
	for _, c := range chain.PublishedColumns() {
		if slices.Contains(chain.Reports, c.Table) {
			got = append(got, c.Table+"."+c.Column)
		}
	}
	for _, c := range want {
		if !slices.Contains(got, c) {
			t.Errorf("%s: published_columns.csv does not say how it can name a customer who opted out", c)
		}
	}
	for _, c := range got {
		if !slices.Contains(want, c) {
			t.Errorf("published_columns.csv has %s, which is not a text column of a report", c)
		}
	}
}
