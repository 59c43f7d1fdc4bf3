package registry

import "slices"

// DetectHeader reports whether the columns are those of a registrations, exclusions or customers file, and of which: such a file may lie among the
// exports by mistake. kind is registrations, exclusions or customers.
func DetectHeader(columns []string) (kind string, ok bool) {
	for _, want := range []struct {
		kind    string
		columns []string
	}{
		{"registrations", []string{"tracking_id", "mpn_id"}},
		{"exclusions", []string{"scope", "reason"}},
		{"customers", []string{"subscription_id", "customer_tenant_id"}},
	} {
		has := 0
		for _, name := range want.columns {
			if slices.ContainsFunc(columns, func(c string) bool { return tables().aliases[want.kind][plain(c)] == name }) {
				has++
			}
		}
		if has == len(want.columns) {
			return want.kind, true
		}
	}
	return "", false
}
