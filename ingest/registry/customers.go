package registry

import (
	"fmt"
	"strings"

	"github.com/pidledger/pidledger/ingest/azure"
)

// Customer names the tenant of a subscription for exports that do not (SPEC 6).
type Customer struct {
	SubscriptionID   string // lower case GUID
	CustomerTenantID string // lower case GUID, empty: not known
	CustomerName     string // empty: not known
	File             string
	Record           int64
	Line             int64 // 0: not known
}

// Customers reads the customers file; remarks and error as for Registrations.
func Customers(path string, o Options) (out []Customer, remarks []Finding, err error) {
	list := &findings{file: path}
	t, err := readTable(path, "customers", o, list)
	if err != nil {
		return nil, nil, err
	}
	if t.ok {
		first := map[string]Customer{}
		for _, r := range t.rows {
			c := Customer{CustomerName: r.cells["customer_name"], File: path, Record: r.record, Line: r.line}
			var okSubscription, okTenant bool
			c.SubscriptionID, okSubscription = t.guid(r, "subscription_id", true)
			c.CustomerTenantID, okTenant = t.guid(r, "customer_tenant_id", false)
			if !okSubscription || !okTenant {
				continue
			}
			f, again := first[c.SubscriptionID]
			there := row{record: f.Record, line: f.Line}.where()
			switch {
			case !again:
				first[c.SubscriptionID] = c
				out = append(out, c)
			case f.CustomerTenantID == c.CustomerTenantID && f.CustomerName == c.CustomerName:
				t.remark(r, Repeated, "subscription_id", "the subscription is listed twice with the same customer: on "+there+" and on "+r.where(), "")
			default:
				t.remark(r, Conflict, "subscription_id", fmt.Sprintf("the subscription has another customer on %s (%s %s)", there, f.CustomerTenantID, f.CustomerName), "Delete one of the two rows")
			}
		}
	}
	if remarks, err = list.result(); err != nil {
		return nil, remarks, err
	}
	return out, remarks, nil
}

// guid reads a GUID; a subscription may be written as a scope, too.
func (t *table) guid(r row, column string, needed bool) (id string, ok bool) {
	text := r.cells[column]
	id = strings.ToLower(strings.TrimRight(text, "/"))
	if needed {
		id = strings.TrimPrefix(id, "/subscriptions/")
	}
	switch {
	case id == "" && !needed, azure.IsGUID(id) && id != azure.NilGUID:
		return id, true
	case id == "":
		t.remark(r, BadID, column, "the id is missing", "Add it, or delete the row")
	default:
		t.remark(r, BadID, column, fmt.Sprintf("%q is not a %s", cut(text), strings.ReplaceAll(column, "_id", " id")), "Write its GUID")
	}
	return "", false
}
