package explain

import (
	"strings"
	"testing"
)

func TestTake(t *testing.T) {
	const id = "380208a9-ad45-423d-bb1a-11df587fd280"
	for text, want := range map[string]asked{
		"pid-" + strings.ToUpper(id):            {tracking: id, named: true},
		id:                                      {tracking: id},
		" " + id + "\n":                         {tracking: id},
		id + "-partnercenter":                   {tracking: id},
		"pid-" + id + "-partnercenter":          {tracking: id, named: true},
		"pid-" + id + "_v2":                     {tracking: id, named: true},
		"pid-" + id + "-dv2bwxx2nsouz":          {tracking: id, named: true},
		"pid-" + id + "5":                       {tracking: id + "5", named: true}, // too long: no GUID
		id + "-vm":                              {tracking: id + "-vm"},            // a name that begins with a GUID
		"contoso-myoffer":                       {tracking: "contoso-myoffer"},
		"PID-Contoso-MyOffer-partnercenter":     {tracking: "contoso-myoffer", named: true},
		"/subscriptions/S/resourceGroups/RG/":   {path: "/subscriptions/s/resourcegroups/rg"},
		"subscriptions/s/resourceGroups/pid-rg": {path: "/subscriptions/s/resourcegroups/pid-rg"},
	} {
		got := take(text)
		if got.tracking != want.tracking || got.path != want.path || got.named != want.named || got.text != text {
			t.Errorf("%q is %+v, expected %+v", text, got, want)
		}
	}
}

func FuzzTake(f *testing.F) {
	f.Add("pid-380208a9-ad45-423d-bb1a-11df587fd280-x")
	f.Add("//")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		a := take(text)
		if (a.path != "") != strings.Contains(a.id, "/") || a.path != "" && a.path[0] != '/' {
			t.Errorf("%q: path %q", text, a.path)
		}
		if a.path != "" && a.last() != name(a.path) {
			t.Errorf("%q: the last part is %q", text, a.last())
		}
		if !strings.Contains(a.path, subscriptionOf(a.path)) || !strings.Contains(a.path, groupOf(a.path)) {
			t.Errorf("%q: subscription %q, group %q", text, subscriptionOf(a.path), groupOf(a.path))
		}
	})
}

func TestSum(t *testing.T) {
	s := sum{}
	for _, x := range []string{"0.000000000000000001", "0.1", "0.2", ""} {
		s.add("EUR", x)
	}
	s.add("CHF", "-5")
	if got := s.String(); got != "-5.00 CHF and 0.30 EUR" {
		t.Errorf("%q", got)
	}
}

func TestWords(t *testing.T) {
	if got := and([]string{"a", "b", "c"}); got != "a, b and c" {
		t.Errorf("%q", got)
	}
	if got := and([]string{"a", "b", "c", "d", "e", "f", "g"}); got != "a, b, c, d, e and 2 more" {
		t.Errorf("%q", got)
	}
	if got := pid("contoso-myoffer"); got != "pid-contoso-myoffer-partnercenter" {
		t.Errorf("%q", got)
	}
	if got := (Place{Evidence: "activity", File: "a.json", Record: 3}).in(); got != " (activity log, a.json record 3)" {
		t.Errorf("%q", got)
	}
	for _, c := range []struct{ from, to, want string }{
		{"0001-01-01", "9999-12-31", "All days"}, {"0001-01-01", "2026-03-04", "To 2026-03-04"}, {"2026-03-04", "9999-12-31", "From 2026-03-04"},
		{"2026-03-04", "2026-03-04", "On 2026-03-04"}, {"2026-03-04", "2026-03-05", "From 2026-03-04 to 2026-03-05"},
	} {
		if got := (Span{From: c.from, To: c.to}).days(); got != c.want {
			t.Errorf("%s to %s is %q", c.from, c.to, got)
		}
	}
}
