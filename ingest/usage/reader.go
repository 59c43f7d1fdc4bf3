package usage

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/pidledger/pidledger/ingest/azure"
)

// Meta holds the columns of the canonical row that are the same for all rows of a file. An empty string or a zero time is NULL.
type Meta struct {
	CostBasis     string    // actual, amortized, focus or usage
	Scope         string    // ARM id of the export's scope, lower case
	ExportName    string    //
	RunID         string    //
	BlobName      string    // file, relative to the source
	SliceID       string    //
	SubmittedAt   time.Time // of the run
	SchemaVersion string    // dataVersion of a manifest; wins over Schema.Version
}

// Reader knows one file: which column fills which field, and how it writes dates. It is shared by the Normalisers of the file.
type Reader struct {
	schema Schema
	meta   Meta
	lists  *tables
	plan   *plan // nil: JSON, every Normaliser makes its own
	dates  atomic.Int32

	limit    *limit // the largest amount a row may have
	tooLarge string // the column whose total over the file is too large; empty: none
}

// NewReader resolves the header for a schema that DetectHeader or DetectJSON found. Pass a nil header for Normaliser.JSON, where the header grows
// with the records.
func NewReader(schema Schema, header []string, meta Meta) (*Reader, error) {
	f := lists()
	if schema.Kind == "" {
		return nil, fmt.Errorf("the file has no usage schema: %s", schema.Reason)
	}
	r := &Reader{schema: schema, meta: meta, lists: f, limit: &aloneLimit}
	if meta.SchemaVersion != "" {
		r.schema.Version = meta.SchemaVersion
	}
	if header != nil {
		r.plan = resolve(f, schema.Kind, header)
		if r.plan.fields[fUsageDate].first < 0 {
			return nil, fmt.Errorf("the header has no date column (Date, UsageDateTime, UsageDate, ChargePeriodStart or UsageStart)")
		}
	}
	return r, nil
}

// datesToAsk is the number of usable rows whose dates decide the date format of the file.
const datesToAsk = 100

// DecideDates decides once for the file whether its dates are ISO or MM/DD/YYYY (SPEC 3.6): the majority of the first hundred usable rows wins, on
// a tie the first row. sample yields records from the first one on, until yield returns false. Without a usable row, the first row that
// Normaliser.Row reads decides. Call DecideDates before the first Row.
func (r *Reader) DecideDates(sample func(yield func(record []string) bool)) {
	if r.plan == nil {
		return
	}
	var votes [azure.USDate + 1]int
	first, seconds := azure.NoDate, false
	sample(func(record []string) bool {
		for _, i := range r.plan.fields[fUsageDate].all() {
			if i >= len(record) {
				continue
			}
			_, kind := azure.ParseDay(azure.Trim([]byte(record[i])))
			if kind == azure.NoDate {
				continue
			}
			votes[kind]++
			if first == azure.NoDate {
				first = kind
				seconds = len(record[i]) >= 20 && record[i][10] == 'T' && record[i][16] == ':'
			}
			break
		}
		return votes[azure.ISODate]+votes[azure.USDate] < datesToAsk
	})
	kind := first
	switch {
	case votes[azure.ISODate] > votes[azure.USDate]:
		kind = azure.ISODate
	case votes[azure.USDate] > votes[azure.ISODate]:
		kind = azure.USDate
	}
	r.dates.Store(int32(kind))
	if r.schema.Kind == "focus" && r.schema.Version == "1.0" && r.meta.SchemaVersion == "" && seconds {
		r.schema.Version = "1.0r2"
	}
}
