package read

import (
	"slices"

	"github.com/pidledger/pidledger/ingest/source"
	"github.com/pidledger/pidledger/ingest/usage"
)

func Also(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

// rejectsKept is how many rejects of one file are kept; all are counted.
const rejectsKept = 10_000

// Outcome is what reading one file gave.
type Outcome struct {
	Rows, Loaded, Rejected int64
	Cut                    int64 // of the rejects: last lines copied while they were being written
	Rejects                []source.Reject
	Kinds                  map[string]int64
	Currencies             []string
	Days                   []int32
	Hints                  usage.Hints
	Costed                 int64           // of the loaded rows: those with a cost
	Weights                usage.Weights   // what the amounts add up to
	Foreign                []usage.Foreign // rows of other clouds
}

func (o *Outcome) reject(r *source.Reject) {
	o.Rejected++
	if len(o.Rejects) < rejectsKept {
		o.Rejects = append(o.Rejects, *r)
	}
}

func (o *Outcome) add(p *Outcome) {
	o.Rows += p.Rows
	o.Loaded += p.Loaded
	o.Rejected += p.Rejected
	o.Cut += p.Cut
	o.Rejects = append(o.Rejects, p.Rejects[:min(len(p.Rejects), rejectsKept-min(rejectsKept, len(o.Rejects)))]...)
	for k, n := range p.Kinds {
		if o.Kinds == nil {
			o.Kinds = map[string]int64{}
		}
		o.Kinds[k] += n
	}
	for _, c := range p.Currencies {
		if !slices.Contains(o.Currencies, c) {
			o.Currencies = append(o.Currencies, c)
		}
	}
	o.Days = append(o.Days, p.Days...)
	o.Hints.Add(p.Hints)
	o.Costed += p.Costed
	o.Weights.Add(p.Weights)
	o.Foreign = usage.AddForeign(o.Foreign, p.Foreign)
}
