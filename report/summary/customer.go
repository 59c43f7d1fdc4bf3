package summary

import (
	"cmp"

	"github.com/pidledger/pidledger/report/spec"
)

// customerIDs tells who the customer of a row is, for everything that a person is shown: the tenant; where a row tells none, the tenant that
// other rows tell for its subscription; else the subscription. So customers whose tenant nobody names are never added up into one.
// queries/reader/customer_months.sql is the same rule for SQL; a test compares the two. (The columns `customers` of the reports summary and
// channels count known tenants, SPEC 6.)
type customerIDs struct {
	tenants map[string]string // of subscriptions
}

// party is what a row of the report customers tells of its customer. Both may be empty.
type party struct{ tenant, Subscription string }

// partyOf reads the customer of a row of the report customers.
func partyOf(r *spec.Row) party {
	return party{r.Text("customer_tenant_id"), r.Text("subscription_id")}
}

// see learns from a row. What of tells is certain after the last one.
func (c *customerIDs) see(p party) {
	if c.tenants == nil {
		c.tenants = map[string]string{}
	}
	if p.Subscription != "" && p.tenant > c.tenants[p.Subscription] {
		c.tenants[p.Subscription] = p.tenant
	}
}

// Of gives the id of the customer, that of a tenant or of a subscription; empty: nobody knows.
func (c *customerIDs) of(p party) string {
	return cmp.Or(p.tenant, c.tenants[p.Subscription], p.Subscription)
}

// channelCustomers counts the customers of the lines of the report channels.
type channelCustomers struct {
	ids   customerIDs
	lines map[channelKey]map[party]bool
}

type channelKey struct{ month, mpn, offer, currency, channel string }

func (l *ChannelLine) key() channelKey {
	return channelKey{l.Month, l.MPNID, l.Offer, l.Currency, l.Channel}
}

// Add looks at a row of the report customers. Rows that do not count in a line that is shown tell whose a subscription is all the same.
func (c *channelCustomers) Add(r *spec.Row, counts bool) {
	p := partyOf(r)
	c.ids.see(p)
	if !counts {
		return
	}
	if c.lines == nil {
		c.lines = map[channelKey]map[party]bool{}
	}
	k := channelKey{r.Text("month"), r.Text("mpn_id"), r.Text("offer"), r.Text("currency"), r.Text("channel")}
	if c.lines[k] == nil {
		c.lines[k] = map[party]bool{}
	}
	c.lines[k][p] = true
}

// Count puts the number of customers into the lines.
func (c *channelCustomers) Count(lines []ChannelLine) {
	for i := range lines {
		customers := map[string]bool{}
		for p := range c.lines[lines[i].key()] {
			if id := c.ids.of(p); id != "" {
				customers[id] = true
			}
		}
		lines[i].Customers = int64(len(customers))
	}
}
