package usage

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/pidledger/pidledger/ingest/azure"
)

// Meta is what is the same for all rows of a file: constants of the canonical row. Empty texts and a zero time are NULL.
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

	limit    *limit // of an amount of a row
	tooLarge string // the column of which the rows hold too much together; empty: none
}

// columns are the columns that fill a field: the first cell that is not empty counts.
type columns struct {
	first int // -1: the file has no such column
	rest  []int
}

// plan is a header resolved against aliases.csv.
type plan struct {
	header  []string
	fields  [maxFields]columns // by field
	unknown []unknownColumn
	amounts []field     // the amounts that the file has
	texts   []plainText // the plain texts that the file has

	tellsProvider bool // a column names the cloud
}

// unknownColumn is a column that no alias knows; the columns with the same name but for case share one.
type unknownColumn struct {
	name  []byte // as a JSON string
	cells columns
}

// NewReader resolves the header for a schema that DetectHeader or DetectJSON found. A nil header is for Normaliser.JSON, where the
// header grows with the records.
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
			return nil, fmt.Errorf("the header has no date column; known are Date, UsageDateTime, UsageDate, ChargePeriodStart and UsageStart")
		}
	}
	return r, nil
}

// resolve finds the columns of every field. Order: priority, then position; that is also how case-colliding names are handled.
func resolve(f *tables, kind string, header []string) *plan {
	p := &plan{header: header}
	type candidate struct{ priority, column int }
	var found [maxFields][]candidate
	unknown := map[string]int{}
	for i, name := range header {
		h := CanonicalHeader(name)
		a, ok := f.alias(kind, h)
		switch {
		case !ok:
			if at, again := unknown[h]; again && h != "" {
				u := &p.unknown[at]
				u.cells.rest = append(u.cells.rest, i)
				continue
			}
			unknown[h] = len(p.unknown)
			label := name
			if h == "" {
				label = fmt.Sprintf("column_%d", i+1)
			}
			p.unknown = append(p.unknown, unknownColumn{name: appendJSONString(nil, []byte(label)), cells: columns{first: i}})
		case a.canonical != unused:
			fl := fields.byName[a.canonical]
			found[fl] = append(found[fl], candidate{a.priority, i})
		}
	}
	for fl := range found {
		c := found[fl]
		slices.SortStableFunc(c, func(x, y candidate) int { return x.priority - y.priority })
		if len(c) > 0 && c[0].priority < fallbackPriority {
			c = slices.DeleteFunc(c, func(x candidate) bool { return x.priority >= fallbackPriority })
		}
		p.fields[fl] = columns{first: -1}
		for i, x := range c {
			if i == 0 {
				p.fields[fl].first = x.column
			} else {
				p.fields[fl].rest = append(p.fields[fl].rest, x.column)
			}
		}
		if len(c) > 0 && fields.isAmount(field(fl)) {
			p.amounts = append(p.amounts, field(fl))
		}
	}
	for _, fl := range providerFields {
		p.tellsProvider = p.tellsProvider || p.fields[fl].first >= 0
	}
	for _, t := range fields.texts {
		if p.fields[t.field].first >= 0 {
			p.texts = append(p.texts, t)
		}
	}
	return p
}

// datesToAsk is how many usable rows are asked how the file writes its dates.
const datesToAsk = 100

// DecideDates takes the one decision of the file, ISO or MM/DD/YYYY (SPEC 3.6): what most of the first hundred usable rows are, the
// first one when they are even. sample yields records, from the first on, until the function it is given returns false. Without a usable row
// the first row that Normaliser.Row reads decides. Call it before the first Row.
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

func (c columns) all() []int {
	if c.first < 0 {
		return nil
	}
	return append([]int{c.first}, c.rest...)
}
