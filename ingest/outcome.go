package ingest

import (
	"slices"

	"github.com/pidledger/pidledger/ingest/source"
	"github.com/pidledger/pidledger/ingest/usage"
)

// rejectsKept is how many rejects of one file are kept; all are counted.
const rejectsKept = 10_000

// outcome is what reading one file gave.
type outcome struct {
	rows, loaded, rejected int64
	cut                    int64 // of the rejects: last lines copied while they were being written
	rejects                []source.Reject
	kinds                  map[string]int64
	currencies             []string
	days                   []int32
	hints                  usage.Hints
	costed                 int64           // of the loaded rows: those with a cost
	weights                usage.Weights   // what the amounts add up to
	foreign                []usage.Foreign // rows of other clouds
}

func (o *outcome) reject(r *source.Reject) {
	o.rejected++
	if len(o.rejects) < rejectsKept {
		o.rejects = append(o.rejects, *r)
	}
}

func (o *outcome) add(p *outcome) {
	o.rows += p.rows
	o.loaded += p.loaded
	o.rejected += p.rejected
	o.cut += p.cut
	o.rejects = append(o.rejects, p.rejects[:min(len(p.rejects), rejectsKept-min(rejectsKept, len(o.rejects)))]...)
	for k, n := range p.kinds {
		if o.kinds == nil {
			o.kinds = map[string]int64{}
		}
		o.kinds[k] += n
	}
	for _, c := range p.currencies {
		if !slices.Contains(o.currencies, c) {
			o.currencies = append(o.currencies, c)
		}
	}
	o.days = append(o.days, p.days...)
	o.hints.Add(p.hints)
	o.costed += p.costed
	o.weights.Add(p.weights)
	o.foreign = usage.AddForeign(o.foreign, p.foreign)
}
