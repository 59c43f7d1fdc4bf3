package usage

import (
	"bytes"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/queries/columnar"
)

// Foreign is usage of another cloud in a file: the rows of one provider and currency.
type Foreign struct {
	Provider string // as in providers.csv
	Currency string // "" where the rows name none
	Rows     int64
	Cost     columnar.Dec // sum of the effective costs; rows without one add nothing
}

// AddForeign adds up the usage of two parts of a file.
func AddForeign(all, more []Foreign) []Foreign {
	for _, m := range more {
		at := slices.IndexFunc(all, func(f Foreign) bool { return f.Provider == m.Provider && f.Currency == m.Currency })
		if at < 0 {
			all = append(all, m)
			continue
		}
		all[at].Rows += m.Rows
		all[at].Cost = all[at].Cost.Add(m.Cost)
	}
	slices.SortFunc(all, func(a, b Foreign) int { return strings.Compare(a.Provider+" "+a.Currency, b.Provider+" "+b.Currency) })
	return all
}

// providerFields are the fields that can name the cloud of a row. The one that can mean nothing else comes first.
var providerFields = []field{fProvider, fPublisherType, fPublisherName}

// countForeign counts a row of another cloud; the first field that names a cloud decides. Call it only for rows without an Azure subscription: in
// the Azure Marketplace, the publisher can be another provider.
func (n *Normaliser) countForeign(f [][]byte, currency []byte, cost amount) {
	var raw []byte
	for _, fl := range providerFields {
		if v, _ := n.pick(f, fl, n.anyFill); len(v) > 0 {
			raw = v
			if fl == fProvider || n.providerOf(raw) != "" {
				break
			}
		}
	}
	name := n.providerOf(raw)
	if name == "" {
		return
	}
	one := Foreign{Provider: name, Currency: string(currency), Rows: 1}
	if cost.ok {
		one.Cost = cost.value
	}
	n.foreign = AddForeign(n.foreign, []Foreign{one})
}

// providerOf returns the cloud that a text names, "" for Azure and for anything unknown.
func (n *Normaliser) providerOf(raw []byte) string {
	m := &n.lastProvider
	if !bytes.Equal(m.raw, raw) {
		m.raw = append(m.raw[:0], raw...)
		m.name = n.r.lists.providers[loose(string(raw))]
	}
	return m.name
}

// Foreign returns the usage of other clouds among the rows so far.
func (n *Normaliser) Foreign() []Foreign { return n.foreign }

// Costed returns how many of the rows so far have a cost.
func (n *Normaliser) Costed() int64 { return n.costed }
