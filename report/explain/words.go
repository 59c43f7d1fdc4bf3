package explain

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
)

// name is the last part of a resource id.
func name(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }

// subscriptionOf is the subscription in a resource id; empty where there is none.
func subscriptionOf(id string) string {
	parts := strings.Split(id, "/")
	if len(parts) > 2 && parts[1] == "subscriptions" {
		return parts[2]
	}
	return ""
}

// groupOf is the name of the resource group in a resource id; empty where there is none.
func groupOf(id string) string {
	parts := strings.Split(id, "/")
	if len(parts) > 4 && parts[3] == "resourcegroups" {
		return parts[4]
	}
	return ""
}

// pid writes a tracking id as it stands in deployment names; one that is not a GUID ends with -partnercenter.
func pid(id string) string {
	if beginsWithGUID.MatchString(id) {
		return "pid-" + id
	}
	return "pid-" + id + partnerEnding
}

// day is the date of a time.
func day(ts string) string {
	date, _, _ := strings.Cut(ts, "T")
	return date
}

// evidenceWords name the kinds of records.
var evidenceWords = map[string]string{
	"deployment": "deployment", "dependency": "dependency of a deployment", "operation": "deployment operation", "activity": "activity log",
	"change": "resource change", "request_log": "request log", "output": "output resource of a deployment", "move": "move in the activity log",
}

// String names the record, such as "activity log, exports/activity/x.json record 17".
func (p Place) String() string {
	var parts []string
	if w := evidenceWords[p.Evidence]; w != "" {
		parts = append(parts, w)
	}
	if p.File != "" {
		file := p.File
		if p.Record > 0 {
			file += fmt.Sprintf(" record %d", p.Record)
		}
		parts = append(parts, file)
	}
	return strings.Join(parts, ", ")
}

// in is the record in parentheses, with a blank before it; empty when it is not known.
func (p Place) in() string {
	if s := p.String(); s != "" {
		return " (" + s + ")"
	}
	return ""
}

// String says what an id stands for, such as "MPN 4391822, Contoso Data Hub, standard, github".
func (r *Registration) String() string {
	var parts []string
	if r.MPNID != "" {
		parts = append(parts, "MPN "+r.MPNID)
	}
	for _, s := range []string{r.Offer, r.SKU, r.Channel} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if len(parts) == 0 {
		return "registered without offer and channel"
	}
	return strings.Join(parts, ", ")
}

var sourceWords = map[string]string{"deployment_name": "deployment name", "user_agent": "User-Agent"}

// count writes a number with its noun.
func count(n int, noun string) string {
	switch n {
	case 1:
		return "1 " + noun
	case 0:
		return "no " + noun + "s"
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// sum adds up exact amounts by currency.
type sum map[string]*big.Rat

func (s sum) add(currency, amount string) {
	if s[currency] == nil {
		s[currency] = new(big.Rat)
	}
	if x, ok := new(big.Rat).SetString(amount); ok {
		s[currency].Add(s[currency], x)
	}
}

// amount is an amount of at most 18 decimals, exact.
func amount(x *big.Rat) spec.Amount {
	text := x.FloatString(18)
	return spec.Amount(strings.TrimRight(strings.TrimRight(text, "0"), "."))
}

// String writes the amounts for people, currencies in alphabetical order.
func (s sum) String() string {
	var parts []string
	for _, c := range slices.Sorted(maps.Keys(s)) {
		parts = append(parts, strings.TrimSpace(human.Rounded(amount(s[c]))+" "+c))
	}
	return and(parts)
}

// unique keeps the first of equals, in order, without empty ones.
func unique(values []string) []string {
	var out []string
	seen := map[string]bool{"": true}
	for _, v := range values {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// and joins names in a sentence; from the sixth on it only says how many there are.
func and(names []string) string {
	const most = 5
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	if n := len(names) - 1; n > 0 {
		return strings.Join(names[:n], ", ") + " and " + names[n]
	}
	return strings.Join(names, "")
}
