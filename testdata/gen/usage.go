package main

import (
	"bufio"
	"cmp"
	"slices"
	"strconv"
)

// usageHeader is the header of MCA exports, version 2023-12-01-preview.
const usageHeader = "invoiceId,previousInvoiceId,billingAccountId,billingAccountName,billingProfileId,billingProfileName,invoiceSectionId,invoiceSectionName," +
	"resellerName,resellerMpnId,costCenter,billingPeriodEndDate,billingPeriodStartDate,servicePeriodEndDate,servicePeriodStartDate,date,serviceFamily," +
	"productOrderId,productOrderName,consumedService,meterId,meterName,meterCategory,meterSubCategory,meterRegion,ProductId,ProductName,SubscriptionId," +
	"subscriptionName,publisherType,publisherId,publisherName,resourceGroupName,ResourceId,resourceLocation,location,effectivePrice,quantity,unitOfMeasure," +
	"chargeType,billingCurrency,pricingCurrency,costInBillingCurrency,costInPricingCurrency,costInUsd,paygCostInBillingCurrency,paygCostInUsd," +
	"exchangeRatePricingToBilling,exchangeRateDate,isAzureCreditEligible,serviceInfo1,serviceInfo2,additionalInfo,tags,PayGPrice,frequency,term," +
	"reservationId,reservationName,pricingModel,unitPrice,costAllocationRuleName,benefitId,benefitName,provider\r\n"

const (
	billingAccount = "6c1b0f52-4f0e-5a9d-8b0a-7d2e5c3f9a41:e2a7d9c4-30b6-4c8f-9a57-1f6b8d0c2e93_2019-05-31"
	profileEUR     = "KX7T-PL2M-BG7-PGB"
	profileUSD     = "QW3R-ZD9N-BG7-PGB"
)

// rowKind is what a usage row is for.
type rowKind uint8

const (
	rowResource rowKind = iota
	rowChild            // a child of the resource, which no record names
	rowLegacy           // a resource that is older than all records
	rowNothing          // no resource
	rowCharge           // a purchase, refund, tax or unused reservation
)

// special is how many of the rows of a slot are not for the resources created in it.
func special(rows int) int { return rows * 6 / 100 }

type usageRow struct {
	order  uint64 // by day, at random within the day: exports are in no order that would keep a resource together
	target int32
	day    int16 // since firstDay
	kind   rowKind
	meter  uint8
}

// usage draws all usage rows of the subscription, in the order of the export.
func (g *generator) usage(e *estate) []usageRow {
	r := random(g.plan.seed, g.plan.purpose(1<<42+uint64(e.number)))
	var rows []usageRow
	add := func(kind rowKind, target int32, day int64, meter int) {
		day = min(max(day, 0), g.plan.totalDays()-1)
		rows = append(rows, usageRow{uint64(day)<<32 | uint64(r.Uint32()), target, int16(day), kind, uint8(meter)})
	}
	for i := range e.resources {
		res := &e.resources[i]
		meters := len(g.facts.kinds[res.kind].meters)
		start := g.plan.dayOf(res.first)
		for j := range res.rows {
			d := start + int64(j/meters)
			if res.older {
				d -= 4
			}
			if gone := g.plan.dayOf(res.deleted); res.deleted != 0 && d > gone {
				switch {
				case res.again != 0:
					d = max(d, g.plan.dayOf(res.again))
				case r.IntN(12) > 0:
					d = start + (d-start)%(gone-start+1)
				}
			}
			add(rowResource, int32(i), d, j%meters)
		}
	}
	for _, s := range e.slots {
		for range special(g.plan.shareOfUsage(usageRows, s.number%slots)) {
			i := int32(s.created.from + r.IntN(max(1, s.created.to-s.created.from)))
			res := &e.resources[i]
			switch q := r.IntN(60); {
			case q < 15 && g.facts.kinds[res.kind].child != "" && res.first != 0 && res.deleted == 0:
				add(rowChild, i, g.plan.dayOf(res.first)+int64(r.IntN(12)), 0)
			case q < 45:
				add(rowLegacy, int32(r.IntN(60)), int64(r.IntN(int(g.plan.totalDays()))), 0)
			case q < 53:
				add(rowNothing, int32(r.IntN(len(g.facts.kinds))), int64(r.IntN(int(g.plan.totalDays()))), 0)
			default:
				add(rowCharge, int32(r.IntN(4)), int64(r.IntN(int(g.plan.totalDays()))), 0)
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b usageRow) int { return cmp.Compare(a.order, b.order) })
	return rows
}

// writeUsage writes the rows of one month and says how many there were.
func (g *generator) writeUsage(w *bufio.Writer, e *estate, rows []usageRow, month int) (int64, error) {
	r := random(g.plan.seed, g.plan.purpose(1<<43+uint64(e.number*len(g.plan.monthDays)+month)))
	from, to := g.plan.monthSpan(month)
	var n int64
	var line []byte
	for _, row := range rows {
		if int64(row.day) < from || int64(row.day) >= to {
			continue
		}
		n++
		line = g.appendUsage(line[:0], e, row, month, r.Uint64())
		if _, err := w.Write(line); err != nil {
			return n, err
		}
	}
	return n, nil
}

// monthSpan returns the first day of a month since firstDay and the first day after it.
func (p plan) monthSpan(month int) (from, to int64) {
	for i, n := range p.monthDays {
		to += n
		if i == month {
			break
		}
		from = to
	}
	return from, to
}

// appendUsage renders one row of 65 columns. luck decides what the estate does not.
func (g *generator) appendUsage(b []byte, e *estate, row usageRow, month int, luck uint64) []byte {
	k, number, grp := g.subjectOf(e, row)
	m := &g.facts.kinds[k].meters[int(row.meter)%len(g.facts.kinds[k].meters)]
	namespace := g.namespaces[k]
	region := e.groups[grp].region
	from, to := g.plan.monthSpan(month)
	from, to = g.plan.firstDay+from, g.plan.firstDay+to-1
	date := g.plan.firstDay + int64(row.day)
	profile, profileName := profileEUR, "Europe"
	rate := int64(9213) // USD to EUR, in 10^-4
	if e.currency == "USD" {
		profile, profileName, rate = profileUSD, "Americas", 10000
	}

	// Quantities in 10^-6, prices in 10^-9, so costs in 10^-15.
	quantity := m.daily
	if luck%5 < 2 {
		quantity = quantity/100*int64(20+luck>>8%80) + int64(luck>>16%1000)
	}
	price := m.price - m.price/100*int64(e.number%12)
	charge, frequency, model := "Usage", "UsageBased", "OnDemand"
	if row.kind == rowCharge {
		charge = []string{"Purchase", "Refund", "Tax", "UnusedReservation"}[row.target]
		frequency, model = "OneTime", ""
		if charge == "Refund" {
			quantity = -quantity
		}
	} else if luck>>24%40 == 0 {
		model = "Spot"
	}
	cost, payg := quantity*price, quantity*m.price
	inBilling := func(c int64) int64 { return c / 10000 * rate }

	if month == 0 {
		b = append(b, "G0913"...)
		b = appendPadded(b, 20000+int64(len(profileName)), 6)
	}
	b = append(b, ",,"+billingAccount+",Tideline,"...)
	b = append(append(append(append(b, profile...), ','), profileName...), ",IS-"...)
	b = appendPadded(b, int64(e.number/10), 4)
	b = append(append(append(b, "-PGB,"...), e.section...), ",,,CC-"...)
	b = appendPadded(b, int64(1000+e.number), 4)
	for _, d := range [...]int64{to, from, date, date, date} {
		b = appendUSDate(append(b, ','), d)
	}
	b = append(append(b, ','), m.family...)
	b = append(append(append(b, ",,,"...), namespace...), ',')
	b = append(append(append(appendGUID(b, m.id), ','), m.name...), ',')
	b = append(append(append(append(append(append(b, m.category...), ','), m.subcategory...), ','), region...), ",DZH318Z0"...)
	b = appendPadded(b, int64(k)*37+int64(row.meter), 4)
	b = append(append(append(b, ",\""...), m.name...), ", "...)
	b = append(append(append(append(b, region...), "\","...), e.id...), ',')
	b = append(append(b, e.customer...), ",Azure,,Microsoft,"...)
	if row.kind < rowNothing {
		b = append(append(b, e.groups[grp].name...), ',')
		n := len(b)
		b = g.appendUsageID(b, e, row, k, number, grp)
		switch number % 10 {
		case 0, 1:
		case 2:
			b = upperFrom(b, n)
		default:
			b = lowerFrom(b, n)
		}
	} else {
		b = append(b, ',')
	}
	b = append(append(append(append(append(b, ','), region...), ','), region...), ',')
	b = append(appendDecimal(b, price, 9), ',')
	if luck>>32%1009 == 0 {
		b = append(appendPadded(b, int64(1+luck>>40%9), 1), "E-05"...)
	} else {
		b = appendDecimal(b, quantity, 6)
	}
	b = append(append(append(append(b, ','), m.unit...), ','), charge...)
	b = append(append(append(b, ','), e.currency...), ",USD,"...)
	b = appendDecimal(b, inBilling(cost), 15)
	if luck>>48%997 == 0 && cost != 0 && cost%10 != 0 {
		b = append(b, "4837261"...) // more decimals than are kept
	}
	for _, c := range [...]int64{cost, cost, inBilling(payg), payg} {
		b = appendDecimal(append(b, ','), c, 15)
	}
	b = appendDecimal(append(b, ','), rate, 4)
	b = append(appendUSDate(append(b, ','), from), ",True,,,"...)
	b = g.appendInfo(b, e, row, k, number)
	b = g.appendTags(b, e, row, number, grp)
	b = append(appendDecimal(append(b, ','), m.price, 9), ',')
	b = append(append(append(append(b, frequency...), ",,,,"...), model...), ',')
	return append(appendDecimal(b, m.price, 9), ",,,,Azure\r\n"...)
}

// subjectOf returns the resource type, number and group of what a row is for.
func (g *generator) subjectOf(e *estate, row usageRow) (kind uint8, number int32, grp int16) {
	switch row.kind {
	case rowResource, rowChild:
		res := &e.resources[row.target]
		return res.kind, res.number, res.group
	case rowLegacy:
		return uint8(int(row.target) % len(g.facts.kinds)), 900_000 + row.target, int16(int(row.target) % len(e.groups))
	}
	return uint8(int(row.target) % len(g.facts.kinds)), 0, 0
}

func (g *generator) appendUsageID(b []byte, e *estate, row usageRow, k uint8, number int32, grp int16) []byte {
	b = g.appendID(b, e, k, number, grp)
	if row.kind == rowChild {
		b = append(append(append(b, '/'), g.facts.kinds[k].child...), "/main"...)
	}
	return b
}

// appendInfo writes additionalInfo: of machines a JSON object, of the rest mostly nothing.
func (g *generator) appendInfo(b []byte, e *estate, row usageRow, k uint8, number int32) []byte {
	kind := &g.facts.kinds[k]
	if row.kind >= rowNothing || g.namespaces[k] != "Microsoft.Compute" {
		return append(b, ',')
	}
	b = append(append(b, `"{""UsageType"":""ComputeHR"",""ImageType"":""Canonical"",""ServiceType"":""Standard_D4s_v5"",""VMName"":""`...), kind.prefix...)
	b = strconv.AppendInt(append(b, '-'), int64(number), 10)
	return append(b, `"",""VCPUs"":4,""AHB"":""False""}",`...)
}

// appendTags writes the tags of a resource as JSON; most have none.
func (g *generator) appendTags(b []byte, e *estate, row usageRow, number int32, grp int16) []byte {
	if row.kind >= rowNothing || number%5 > 1 {
		return b
	}
	b = append(append(b, `"{""environment"":""`...), []string{"production", "staging", "test"}[number%3]...)
	b = append(append(b, `"",""application"":""`...), e.groups[grp].name...)
	return append(b, `""}"`...)
}
