package usage

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/valyala/fastjson"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/source"
	"github.com/pidledger/pidledger/queries/columnar"
)

// Sizes of the caches of one Normaliser; together they stay below 30 MB.
const (
	resourceBits, resourceLimit = 14, 1 << 10
	tagBits, tagLimit           = 12, 2 << 10
)

// Normaliser turns the records of one file into canonical rows. It is used by one goroutine and allocates nothing in steady use.
//
// A batch takes the constants of the file on first use; between Resets it must hold rows of one file only.
type Normaliser struct {
	r        *Reader
	plan     *plan
	batch    *columnar.Batch
	fillers  [len(cellNames)]*fillerSet
	anyFill  *fillerSet
	idFill   *fillerSet
	unitFill *fillerSet
	idFirst  bool // the subscription of the resource id takes precedence over the column

	resources *cache[resource]
	tags      *cache[tagText]
	charges   map[string]charge
	lastKey   []byte
	last      charge
	memos     [maxFields]memo // by field

	subscriptions struct { // what the last cell of the subscription column became
		raw, out []byte
		isGUID   bool
	}
	days [fChargeEnd + 1]dayMemo

	amounts [maxFields]amount // by field
	buf     []byte            // key of the charge cache, lower-case texts
	flat    flattener

	currencies   []string
	lastCurrency []byte
	hints        Hints

	costed       int64 // rows with a cost
	weights      Weights
	foreign      []Foreign
	lastProvider struct {
		raw  []byte
		name string // "" for Azure
	}
	seen seen
}

// amount is a decimal or NULL.
type amount struct {
	value columnar.Dec
	ok    bool
}

type charge struct {
	class   string
	isUsage bool
}

// memo remembers what the last text of a field became.
type memo struct {
	raw, out []byte
}

type dayMemo struct {
	raw  []byte
	days int32
	kind azure.DateStyle
}

// NewNormaliser returns a Normaliser for one goroutine.
func (r *Reader) NewNormaliser() *Normaliser {
	n := &Normaliser{
		r: r, plan: r.plan,
		resources: newCache[resource](resourceBits, resourceLimit),
		tags:      newCache[tagText](tagBits, tagLimit),
		charges:   map[string]charge{},
		idFirst:   r.schema.Kind == "pc_daily",
	}
	for c, name := range cellNames {
		n.fillers[c] = newFillerSet(r.lists.fillers, r.schema.Kind, name)
	}
	n.anyFill, n.idFill, n.unitFill = n.fillers[anyCell], n.fillers[idCell], n.fillers[unitCell]
	return n
}

// Currencies returns the billing currencies of the rows so far, sorted.
func (n *Normaliser) Currencies() []string {
	slices.Sort(n.currencies)
	return n.currencies
}

// Days returns the distinct days of the rows so far, in days since 1970-01-01, sorted.
func (n *Normaliser) Days() []int32 { return n.seen.sortedDays() }

// Accounts returns the first few distinct billing accounts of the rows so far.
func (n *Normaliser) Accounts() []string { return n.seen.accounts.texts }

// Subscriptions returns the first few distinct subscriptions of the rows so far.
func (n *Normaliser) Subscriptions() []string { return n.seen.subscriptions.texts }

// Tenants returns the first few distinct customer tenants that the rows name, in lower case.
func (n *Normaliser) Tenants() []string { return n.seen.tenants.texts }

// Hints returns what the rows so far tell about the cost basis.
func (n *Normaliser) Hints() Hints { return n.hints }

// JSON is Row for a JSON record.
func (n *Normaliser) JSON(b *columnar.Batch, record, line int64, v *fastjson.Value) *source.Reject {
	if v.Type() != fastjson.TypeObject {
		return source.NewReject(record, line, "", v.MarshalTo(nil), "the record is not a JSON object")
	}
	cells, grew := n.flat.flatten(v)
	if n.flat.full {
		return source.NewReject(record, line, "", nil, fmt.Sprintf("the records have more than %d different members", maxMembers))
	}
	if grew || n.plan == nil {
		n.plan = resolve(n.r.lists, n.r.schema.Kind, n.flat.header)
	}
	return n.Row(b, record, line, cells)
}

// maxRow is the largest size of a row, in bytes of text; even with all the tags that Azure allows, a row has less. The steps keep 2,048 rows or
// more in memory at once.
const maxRow = 128 << 10

// Row appends one canonical row to the batch, or returns why the record cannot be used and appends nothing. record and line are
// numbers for row_no and for the reject. The cells are not kept.
func (n *Normaliser) Row(b *columnar.Batch, record, line int64, f [][]byte) *source.Reject {
	p := n.plan
	if p == nil {
		return source.NewReject(record, line, "", nil, "the file has no header")
	}
	if len(f) != len(p.header) {
		return source.NewReject(record, line, "", nil, fmt.Sprintf("the record has %d fields, the header %d", len(f), len(p.header)))
	}

	// Everything that can fail comes first.
	size := 0
	for _, v := range f {
		size += len(v)
	}
	if size > maxRow {
		return source.NewReject(record, line, "", nil, fmt.Sprintf("the record has %d kB of text; Azure's rows have a few, and the limit is %d", size>>10, maxRow>>10))
	}
	day, found, rej := n.date(f, fUsageDate, record, line)
	if rej != nil {
		return rej
	}
	if !found {
		return n.noDate(f, record, line)
	}
	start, hasStart, rej := n.date(f, fPeriodStart, record, line)
	if rej != nil {
		return rej
	}
	end, hasEnd, rej := n.periodEnd(f, start, hasStart, record, line)
	if rej != nil {
		return rej
	}
	for _, fl := range p.amounts {
		text, col := n.pick(f, fl, n.anyFill)
		if len(text) == 0 {
			n.amounts[fl].ok = false
			continue
		}
		v, err := columnar.ParseDecimal(text)
		if err == nil && n.r.limit.isBeyond(v) {
			err = errHuge
		}
		if err != nil {
			return n.badAmount(record, line, col, text, err)
		}
		n.amounts[fl] = amount{v, true}
	}
	quantity, priced, rej := n.quantity(f, record, line)
	if rej != nil {
		return rej
	}
	list := n.amounts[fListCost]
	if price := n.amounts[fPaygPrice]; price.ok && quantity.ok && price.value.Sign() != 0 {
		// A price of 0 stands for "not populated" (cost-exports.md 3, 29).
		v, err := multiply(price.value, quantity.value)
		if err == nil && n.r.limit.isBeyond(v) {
			err = errHuge
		}
		if err != nil {
			_, col := n.pick(f, fPaygPrice, n.anyFill)
			return n.badAmount(record, line, col, f[col], err)
		}
		list = amount{v, true}
	}

	// From here on nothing fails.
	if b != n.batch {
		n.bind(b)
	}
	b.Int(colRowNo, record)
	b.Date(colUsageDate, day)
	n.seen.day(day)
	month := day
	if hasStart {
		month = start
		b.Date(colPeriodStart, start)
	}
	b.Date(colBillingPeriod, azure.MonthStart(month))
	if hasEnd {
		b.Date(colPeriodEnd, end)
	}

	onAzure := n.resource(b, f)

	var currency, pricingCurrency, model, benefit []byte
	for i := range p.texts {
		t := &p.texts[i]
		v, _ := n.pick(f, t.field, n.fillers[t.cell])
		if len(v) == 0 {
			continue
		}
		if t.change != asIs {
			if v = n.convert(t.field, t.change, v); len(v) == 0 {
				continue
			}
		}
		b.String(t.column, v)
		switch t.field {
		case fBillingCurrency:
			currency = v
		case fBillingAccountID:
			n.seen.accounts.add(v)
		case fCustomerTenantID:
			n.seen.tenants.add(v)
		case fPricingCurrency:
			pricingCurrency = v
		case fPricingModel:
			model = v
		case fBenefitID:
			benefit = v
		}
	}
	n.unit(b, f, priced)

	billed, effective := n.amounts[fBilledCost], n.amounts[fEffectiveCost]
	switch {
	case p.fields[fBilledCost].first < 0 && p.fields[fEffectiveCost].first < 0:
		billed = n.amounts[fCost]
		effective = billed
	case p.fields[fBilledCost].first < 0:
		billed = effective
	case p.fields[fEffectiveCost].first < 0:
		effective = billed
	}
	usd := n.amounts[fCostUSD]
	switch {
	case usd.ok:
	case n.amounts[fPricingCost].ok && string(pricingCurrency) == "USD":
		usd = n.amounts[fPricingCost]
	case string(currency) == "USD":
		usd = effective
	}
	n.sum(b, sumQuantity, quantity)
	n.sum(b, sumBilledCost, billed)
	n.sum(b, sumEffectiveCost, effective)
	n.sum(b, sumCostUSD, usd)
	n.sum(b, sumListCost, list)
	for _, a := range fields.amounts {
		if v := n.amounts[a.field]; v.ok {
			b.Decimal(a.column, v.value)
		}
	}
	if billed.ok || effective.ok {
		n.costed++
	}
	if p.tellsProvider && !onAzure {
		n.countForeign(f, currency, effective)
	}

	c := n.charge(b, f)
	n.note(c, currency, model, benefit, effective)
	n.setTags(b, f)
	n.extra(b, f)
	b.EndRow()
	return nil
}

// sum fills a column of summed.
func (n *Normaliser) sum(b *columnar.Batch, i int, a amount) {
	if a.ok {
		b.Decimal(summed[i], a.value)
		n.weights[i] = plus(n.weights[i], weight(a.value))
	}
}

// bind gives the batch the constants of the file.
func (n *Normaliser) bind(b *columnar.Batch) {
	n.batch = b
	for i := range Columns {
		b.ConstNull(i)
	}
	set := func(col int, v string) {
		if v != "" {
			b.ConstStr(col, v)
		}
	}
	m := &n.r.meta
	set(colSourceKind, n.r.schema.Kind)
	set(colSchemaVersion, n.r.schema.Version)
	set(colCostBasis, m.CostBasis)
	set(colScope, m.Scope)
	set(colExportName, m.ExportName)
	set(colRunID, m.RunID)
	set(colBlobName, m.BlobName)
	set(colSliceID, m.SliceID)
	set(colTags, "{}")
	if !m.SubmittedAt.IsZero() {
		b.ConstTime(colSubmittedAt, m.SubmittedAt.UnixMicro())
	}
}

// pick returns the first cell of a field that is neither blank nor a placeholder, without outer blanks, and its column. If there is none, it
// returns nil and the first column, or -1 if the file has no column for the field.
func (n *Normaliser) pick(f [][]byte, fl field, fill *fillerSet) ([]byte, int) {
	c := &n.plan.fields[fl]
	if c.first < 0 {
		return nil, -1
	}
	if v := f[c.first]; len(v) > 0 {
		if v = azure.Trim(v); len(v) > 0 && !fill.has(v) {
			return v, c.first
		}
	}
	if c.rest != nil {
		for _, i := range c.rest {
			if v := azure.Trim(f[i]); len(v) > 0 && !fill.has(v) {
				return v, i
			}
		}
	}
	return nil, c.first
}

// date reads a date field. 0001-01-01 is an unknown date (SPEC 3.6). The usage date must have the format decided for the file; other dates may have
// either, since no date fits both.
func (n *Normaliser) date(f [][]byte, fl field, record, line int64) (days int32, found bool, rej *source.Reject) {
	text, col := n.pick(f, fl, n.anyFill)
	if len(text) == 0 {
		return 0, false, nil
	}
	m := &n.days[fl]
	if !bytes.Equal(m.raw, text) {
		m.days, m.kind = azure.ParseDay(text)
		m.raw = append(m.raw[:0], text[:min(len(text), maxDate+1)]...)
	}
	if m.kind == azure.NoDate {
		return 0, false, source.NewReject(record, line, n.plan.header[col], text, fmt.Sprintf("date %q is neither an ISO date nor MM/DD/YYYY", source.CutValue(text)))
	}
	if fl == fUsageDate {
		decided := azure.DateStyle(n.r.dates.Load())
		if decided == azure.NoDate {
			n.r.dates.CompareAndSwap(int32(azure.NoDate), int32(m.kind))
			decided = azure.DateStyle(n.r.dates.Load())
		}
		if m.kind != decided {
			return 0, false, source.NewReject(record, line, n.plan.header[col], text, fmt.Sprintf("date %q is not in the date format of this file: %v", source.CutValue(text), decided))
		}
	}
	return m.days, m.days != azure.ZeroDay, nil
}

func (n *Normaliser) noDate(f [][]byte, record, line int64) *source.Reject {
	text, col := n.pick(f, fUsageDate, n.anyFill)
	switch {
	case col < 0:
		return source.NewReject(record, line, "", nil, "the row has no date column")
	case len(text) == 0:
		return source.NewReject(record, line, n.plan.header[col], nil, "the row has no usage date")
	}
	return source.NewReject(record, line, n.plan.header[col], text, fmt.Sprintf("date %q means that the date is unknown", source.CutValue(text)))
}

// maxDate is longer than any date. A longer text is remembered cut, so it never matches.
const maxDate = 64

// periodEnd returns the day after the billing period.
func (n *Normaliser) periodEnd(f [][]byte, start int32, hasStart bool, record, line int64) (int32, bool, *source.Reject) {
	end, ok, rej := n.date(f, fPeriodEnd, record, line)
	if ok || rej != nil {
		return end, ok, rej
	}
	end, ok, rej = n.date(f, fPeriodEndInclusive, record, line)
	if ok || rej != nil {
		return end + 1, ok, rej
	}
	end, ok, rej = n.date(f, fChargeEnd, record, line)
	if !ok || rej != nil {
		return 0, false, rej
	}
	// Partner Center writes both forms: a period from the 1st to the 1st excludes its last day, one from the 1st to the 30th includes it.
	if !hasStart || azure.DayOfMonth(end) != azure.DayOfMonth(start) || end == start {
		end++
	}
	return end, true, nil
}

// quantity returns the quantity and whether it counts pricing units (SPEC 3.5, FOCUS).
func (n *Normaliser) quantity(f [][]byte, record, line int64) (q amount, priced bool, rej *source.Reject) {
	q = n.amounts[fQuantity]
	pricing := n.amounts[fPricingQuantity]
	if q.ok || !pricing.ok {
		return q, false, nil
	}
	block := n.amounts[fPricingBlockSize]
	if !block.ok {
		return pricing, true, nil
	}
	text, col := n.pick(f, fPricingQuantity, n.anyFill)
	v, err := multiplyText(text, pricing.value, block.value)
	if err == nil && n.r.limit.isBeyond(v) {
		err = errHuge
	}
	if err != nil {
		return q, false, n.badAmount(record, line, col, text, err)
	}
	return amount{v, true}, true, nil
}

func (n *Normaliser) badAmount(record, line int64, col int, text []byte, err error) *source.Reject {
	name := n.plan.header[col]
	reason := fmt.Sprintf("%s %q is not a decimal number", name, source.CutValue(text))
	switch {
	case errors.Is(err, columnar.ErrOutOfRange):
		reason = fmt.Sprintf("%s %q does not fit DECIMAL(38,18)", name, source.CutValue(text))
	case errors.Is(err, errHuge) && n.r.tooLarge != "":
		reason = fmt.Sprintf("%s %q is beyond %s, and the rows of the file add up to more than 10^18 in the column %s, which no real export does: sums would not be exact",
			name, source.CutValue(text), n.r.limit.words, n.r.tooLarge)
	case errors.Is(err, errHuge):
		reason = fmt.Sprintf("%s %q is beyond %s, the largest amount that can be added up safely", name, source.CutValue(text), n.r.limit.words)
	}
	return source.NewReject(record, line, name, text, reason)
}

// maxCharges bounds the remembered charge types; real files have about ten.
const maxCharges = 1000
