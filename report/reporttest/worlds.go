package reporttest

import (
	"strconv"
	"strings"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/report/spec"
)

// World is a small set of reports in which every part of the summary has something to say.
func World() map[string]string {
	return map[string]string{
		"summary": `
2026-03|4391822|Contoso Data Hub|standard|github|11111111-2222-4333-8444-555555555555|EUR|100.5|100.5|\N|10|2|1|1|2026-03-02|2026-03-30|0
2026-04|4391822|Contoso Data Hub|=cmd()|github|11111111-2222-4333-8444-555555555555|EUR|-3|0.000000000000000001|\N|4|1|1|0|2026-04-01|2026-04-02|0`,
		"customers": `
2026-03|4391822|Contoso Data Hub|github|t-1|s-1|EUR|Fabrikam|100.5|100.5|\N|2|2026-03-02
2026-04|4391822|Contoso Data Hub|github|t-1|s-1|EUR|Fabrikam|1234.5|1234.5|\N|2|2026-04-01
2026-04|4391822|Contoso Data Hub|marketplace|\N|s-1|EUR|\N|11.5|11.5|\N|2|2026-04-01
2026-04|4391822|Contoso Data Hub|marketplace|\N|s-2|EUR|\N|200|200|\N|2|2026-04-01
2026-04|4391822|Contoso Data Hub|marketplace|\N|s-3|EUR|\N|200|200|\N|2|2026-04-01
2026-04|5120077|Contoso Vault|direct|\N|s-3|USD|\N|0.001|0.001|\N|2|2026-04-01`,
		"channels": `
2026-03|4391822|Contoso Data Hub|EUR|github|100.5|100.5|\N|1|\N|1|2
2026-04|4391822|Contoso Data Hub|EUR|github|1234.5|1234.5|\N|0.75|11.283582|1|2
2026-04|4391822|Contoso Data Hub|EUR|marketplace|411.5|411.5|\N|0.25|-0.1|3|0
2026-04|5120077|Contoso Vault|USD|direct|0.001|0.001|0.001|1|\N|0|1`,
		"tracking_ids": `
11111111-2222-4333-8444-555555555555|4391822|Contoso Data Hub|standard|github|2026-03-01|2026-04-02|2|0|3|2|14|2026-04-30
99999999-2222-4333-8444-555555555555|4391822|Contoso Data Hub|plus|direct|\N|\N|0|0|0|0|0|\N`,
		"unregistered": `
222c6c49-1b0a-5959-a213-6608f9eb8820|system|EUR|2026-03-08|2026-04-14|15|2|580.37
33333333-2222-4333-8444-555555555555|unregistered|EUR|2026-03-08|2026-04-14|3|2|12.25
44444444-2222-4333-8444-555555555555|unregistered|EUR|2026-03-08|2026-03-08|1|1|5270.58
44444444-2222-4333-8444-555555555555|unregistered|USD|2026-03-08|2026-03-08|1|1|1
55555555-2222-4333-8444-555555555555|late|EUR|2026-03-25|2026-03-25|1|1|3.32
66666666-2222-4333-8444-555555555555|unregistered||2026-03-25|2026-03-25|1|0|0`,
		"malformed": `
pid-00000000-0000-0000-0000-000000000000|nil|\N|deployment_name|2026-03-07|2026-03-07|9
pid-11111111-2222-4333-8|truncated|11111111-2222-4333-8444-555555555555|user_agent|2026-03-23|2026-03-23|1`,
		"coverage": `
2026-03|EUR|attributed|10|0|100.5|100.5
2026-03|EUR|excluded|4|0|50|50
2026-03|EUR|not_usage|1|1|900|0
2026-03|EUR|unattributed|20|0|300|300
2026-04|EUR|attributed|14|0|1646|1646
2026-04|EUR|late|1|0|3.32|3.32
2026-04|EUR|preexisting|1|0|10|10
2026-04|EUR|system|2|0|580.37|580.37
2026-04|EUR|unattributed|7|0|2000.125|2000.125
2026-04|EUR|unregistered|5|0|5282.83|5282.83
2026-04|USD|attributed|1|0|0.001|0.001
2026-04|USD|unregistered|1|0|1|1`,
		"unattributed": `
2026-03|unattributed|no_evidence|aaaaaaaa-0000-4000-8000-000000000001|/subscriptions/aaaaaaaa-0000-4000-8000-000000000001/resourcegroups/rg/providers/microsoft.web/sites/a|EUR|200|12|2026-03-01|2026-03-31
2026-03|unattributed|untagged|aaaaaaaa-0000-4000-8000-000000000002|/subscriptions/aaaaaaaa-0000-4000-8000-000000000002/resourcegroups/rg/providers/microsoft.web/sites/b|EUR|100|8|2026-03-01|2026-03-31
2026-04|preexisting||aaaaaaaa-0000-4000-8000-000000000002|/subscriptions/aaaaaaaa-0000-4000-8000-000000000002/resourcegroups/rg/providers/microsoft.web/sites/c|EUR|10|1|2026-04-01|2026-04-01
2026-04|unattributed|no_evidence|aaaaaaaa-0000-4000-8000-000000000003|/subscriptions/aaaaaaaa-0000-4000-8000-000000000003/resourcegroups/rg/providers/microsoft.web/sites/d|EUR|2000.125|7|2026-04-01|2026-04-30`,
		"overlaps": `
2026-03|aaaaaaaa-0000-4000-8000-000000000001|/scope/a daily|/scope/b team|wider_scope|EUR|31|62|200`,
		"attributed_usage": `
` + attributedUsageCells() + `2026-03
` + attributedUsageCells() + "2026-04",
	}
}

// PageWorld is world with days, customers, a channel that fell, and usage without partner earned credit.
func PageWorld() map[string]string {
	w := World()
	credit := map[string]string{"is_duplicate": "false", "billing_currency": "EUR", "subscription_id": "bbbbbbbb-1111-4000-8000-000000000003", "customer_name": `\N`, "publisher_type": `\N`, "pricing_model": `\N`}
	for i, applied := range []string{"false", "true", "false"} {
		credit["pec_applied"], credit["billed_cost"] = applied, strconv.Itoa(100*(i+1))
		if i == 2 {
			credit["subscription_id"], credit["customer_name"] = "bbbbbbbb-1111-4000-8000-000000000002", "Trey Research"
		}
		w["attributed_usage"] += "\n" + usageCells(credit) + "2026-04"
	}
	w["daily"] = `
2026-03-30|4391822|Contoso Data Hub|standard|github|11111111-2222-4333-8444-555555555555|EUR|100.5|100.5|\N|10|2
2026-04-01|4391822|Contoso Data Hub|standard|github|11111111-2222-4333-8444-555555555555|EUR|1234.5|1234.5|\N|10|2
2026-04-03|4391822|Contoso Data Hub|standard|marketplace|11111111-2222-4333-8444-555555555556|EUR|411.5|411.5|\N|10|2`
	w["channels"] = `
2026-03|4391822|Contoso Data Hub|EUR|github|100.5|100.5|\N|0.1|\N|1|2
2026-03|4391822|Contoso Data Hub|EUR|marketplace|900|900|\N|0.9|\N|1|2
2026-04|4391822|Contoso Data Hub|EUR|github|1234.5|1234.5|\N|0.75|11.283582|1|2
2026-04|4391822|Contoso Data Hub|EUR|marketplace|411.5|411.5|\N|0.25|-0.542778|3|0
2026-04|5120077|Contoso Vault|USD|direct|0.001|0.001|0.001|1|\N|0|1`
	w["customers"] = `
2026-03|4391822|Contoso Data Hub|github|aaaaaaaa-1111-4000-8000-000000000001|bbbbbbbb-1111-4000-8000-000000000001|EUR|Fabrikam|1000.5|1000.5|\N|2|2026-03-01
2026-04|4391822|Contoso Data Hub|marketplace|\N|bbbbbbbb-1111-4000-8000-000000000003|EUR|\N|646|646|\N|1|2026-04-02
2026-04|4391822|Contoso Data Hub|github|aaaaaaaa-1111-4000-8000-000000000002|bbbbbbbb-1111-4000-8000-000000000002|EUR|Trey Research|1000|1000|\N|2|2026-04-01`
	w["restatements"] = `
2026-03|EUR|attributed|2026-04-20T02:00:00Z|registry|90|100.5|90|100.5|9|10|10.5|run-0|run-1`
	return w
}

// attributedUsageCells gives a plausible cell for each column of attributed_usage before the month.
func attributedUsageCells() string { return usageCells(nil) }

// usageCells has cells of its own for some columns.
func usageCells(own map[string]string) string {
	s, _ := spec.Find("attributed_usage")
	var b strings.Builder
	for _, c := range s.Columns[:len(s.Columns)-1] {
		if cell, ok := own[c.Name]; ok {
			b.WriteString(cell + "|")
			continue
		}
		switch c.Type {
		case columnar.Int:
			b.WriteString("7")
		case columnar.Decimal:
			b.WriteString("1.5")
		case columnar.Ratio:
			b.WriteString("0.333333")
		case columnar.Date:
			b.WriteString("2026-03-05")
		case columnar.Timestamp:
			b.WriteString("2026-03-06T07:08:09.5Z")
		case columnar.Bool:
			b.WriteString("true")
		case columnar.String:
			b.WriteString(c.Name)
		}
		b.WriteByte('|')
	}
	return b.String()
}
