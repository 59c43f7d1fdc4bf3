package lead_test

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/report/lead"
)

func units(n int64) *big.Int {
	return new(big.Int).Mul(big.NewInt(n), new(big.Int).Exp(big.NewInt(10), big.NewInt(18), nil))
}

func TestSentences(t *testing.T) {
	parts := func(pairs ...any) (out []lead.Part) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, lead.Part{Name: pairs[i].(string), Cost: units(int64(pairs[i+1].(int)))})
		}
		return out
	}
	for name, c := range map[string]struct {
		facts   lead.Facts
		want    string
		leaders string
	}{
		"one leads": {lead.Facts{Channels: parts("github", 80, "", 20), AllCost: units(100), Usage: units(1000), Attributed: units(100), Causes: parts("untagged", 700, "late", 200, "system", 0)},
			"github leads with 80.0 % of attributed usage in 2026-04 (80.00 EUR), 60.0 points ahead of no channel (20.0 %). " +
				"90.0 % of spend is not attributed (900.00 EUR of 1,000.00 EUR): 70.0 % was created without a tracking id, 20.0 % carries an id that was registered only after the deployment.", "github"},
		"two are level": {lead.Facts{Channels: parts("direct", 50, "github", 50), AllCost: units(100), Usage: units(100), Attributed: units(100)},
			"direct and github are level in 2026-04, each with 50.0 % of attributed usage. All spend is attributed.", "direct github"},
		"there is one": {lead.Facts{Channels: parts("direct", 5), AllCost: units(5), Usage: units(0), Attributed: units(5)}, "All attributed usage in 2026-04, 5.00 EUR, came through direct.", "direct"},
		"credits only": {lead.Facts{Channels: parts("direct", -5), AllCost: units(-5), Usage: units(0), Attributed: units(-5)}, "Nothing is attributed in 2026-04.", ""},
		"a new status": {lead.Facts{AllCost: units(0), Usage: units(4), Attributed: units(0), Causes: parts("odd", 4)}, "Nothing is attributed in 2026-04. 100.0 % of spend is not attributed (4.00 EUR of 4.00 EUR): 100.0 % has the status odd.", ""},
		"nobody is told": {lead.Facts{AllCost: units(0), Usage: units(0), Attributed: units(0), OnlyUsage: true},
			"Nothing can be attributed: there is usage, but no evidence of who created it. Deployments, deployment operations, activity logs or request logs of the subscriptions are needed.", ""},
	} {
		c.facts.Currency, c.facts.Month = "EUR", "2026-04"
		var said []string
		for _, s := range lead.Sentences(c.facts) {
			said = append(said, strings.ReplaceAll(s.String(), "\u00a0", " "))
		}
		if got := strings.Join(said, " "); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
		if got := strings.Join(c.facts.Leaders(), " "); got != c.leaders {
			t.Errorf("%s: %q leads, want %q", name, got, c.leaders)
		}
	}
}

func TestRank(t *testing.T) {
	got := lead.Rank(map[string]*big.Int{"b": units(1), "a": units(1), "c": units(2)})
	if !slices.EqualFunc(got, []string{"c", "a", "b"}, func(p lead.Part, name string) bool { return p.Name == name }) {
		t.Errorf("%v", got)
	}
}
