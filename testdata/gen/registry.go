package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// The 60 registrations: every offer in three SKUs through five channels.
var (
	offers   = []string{"Tideline Data Hub", "Tideline Edge, Gateway", "Tideline Insight", "Tideline Backup"}
	skus     = []string{"standard", "enterprise", "trial"}
	channels = []string{"marketplace", "github", "quickstart", "private", "direct"}
)

// registration is one tracking id. Names of tagged deployments and User-Agents are made from it.
type registration struct {
	id       string // what follows pid-: a GUID, or words
	isWords  bool   // only valid with the suffix -partnercenter
	offer    string
	sku      string
	channel  string
	mpn      string
	from, to string // dates, empty: no limit
}

// newRegistry draws the registrations. A few begin or end within the data, so that late and retired ids occur.
func newRegistry(seed uint64) []registration {
	r := random(seed, 1<<40)
	var all []registration
	for o, offer := range offers {
		mpn := []string{"4391822", "4391822", "5120077", "5120077"}[o]
		for _, sku := range skus {
			for c, channel := range channels {
				e := registration{id: newGUID(r).String(), offer: offer, sku: sku, channel: channel, mpn: mpn}
				if c == 0 && sku == "standard" {
					words := strings.NewReplacer(" ", "", ",", "").Replace(strings.ToLower(offer))
					e.id, e.isWords = words+"-"+sku, true
				}
				switch r.IntN(10) {
				case 0:
					e.from = "2026-03-20"
				case 1:
					e.from, e.to = "2025-07-01", "2026-04-02"
				case 2:
				default:
					e.from = fmt.Sprintf("2025-%02d-15", 1+r.IntN(12))
				}
				all = append(all, e)
			}
		}
	}
	return all
}

// tagName returns the name of a tracking deployment, in one of the forms that templates use.
func (e registration) tagName(r *rand.Rand, region string) string {
	if e.isWords {
		return "pid-" + e.id + "-partnercenter"
	}
	switch n := r.IntN(20); {
	case n < 9:
		return "pid-" + e.id
	case n < 14:
		return "pid-" + e.id + "-partnercenter"
	case n < 17:
		return "pid-" + e.id + "-" + newHash(r)
	case n < 18:
		return "pid-" + e.id + "-" + region
	case n < 19:
		return "pid-" + e.id + "_" + newHash(r)[:5]
	}
	return "pid-" + strings.ToUpper(e.id)
}

// agentTag returns the id in the form in which it stands in a User-Agent.
func (e registration) agentTag() string {
	if e.isWords {
		return "pid-" + e.id + "-partnercenter"
	}
	return "pid-" + e.id
}

func registryCSV(all []registration) []byte {
	out := []byte("tracking_id,mpn_id,offer,sku,channel,description,registered_at,retired_at\n")
	for i, e := range all {
		id := e.id
		if i%4 == 1 && !e.isWords {
			id = "pid-" + id
		}
		out = fmt.Appendf(out, "%s,%s,%q,%s,%s,%q,%s,%s\n", id, e.mpn, e.offer, e.sku, e.channel, e.offer+" through "+e.channel, e.from, e.to)
	}
	return out
}

const configYAML = `# Generated benchmark data; see testdata/gen.
ledger: ledger
registry: registry.csv
exclusions: exclusions.csv
customers: customers.csv
sources:
  - path: exports
attribution: {owner: first, credit: primary, retroactive: false, inherit_children: true, inherit_managed_groups: false, shared_correlation: per_request}
report: {dir: reports, formats: [csv, parquet], cost_basis: auto}
limits: {memory: 4GB, threads: 0, max_reject_ratio: 0.01}
`
