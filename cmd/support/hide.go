package support

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/registry"
)

// hidden takes what names a customer who opted out from a text that is to leave the house. The bundle has no such field; this is for what
// people put into names, such as a customer's in the name of a file.
type hidden struct{ pattern *regexp.Regexp }

// Replace masks every occurrence, in any case.
func (h hidden) Replace(text string) string {
	if h.pattern == nil {
		return text
	}
	return h.pattern.ReplaceAllString(text, "<masked>")
}

// discretion knows who opted out from the exclusions, and from the customers file who these are.
func discretion(ctx context.Context, p *cli.Program, c config.Config) (hidden, error) {
	options := ingest.RegistryOptions(ctx, p.Now())
	if c.Exclusions == "" {
		return hidden{}, nil
	}
	if err := config.CheckFile("exclusions", c.Exclusions); err != nil {
		return hidden{}, err
	}
	out, _, err := registry.Exclusions(c.Exclusions, options)
	if err != nil {
		return hidden{}, &ingest.RegistryError{Err: err}
	}
	var words, guids []string
	for _, e := range out {
		if e.ScopeKind == registry.ScopeResourceGroup {
			words = append(words, e.ScopeID[strings.LastIndexByte(e.ScopeID, '/')+1:])
			continue
		}
		guids = append(guids, e.ScopeID)
	}
	if c.Customers != "" {
		if err := config.CheckFile("customers", c.Customers); err != nil {
			return hidden{}, err
		}
		customers, _, err := registry.Customers(c.Customers, options)
		if err != nil {
			return hidden{}, &ingest.RegistryError{Err: err}
		}
		for _, k := range customers {
			if slices.Contains(guids, k.SubscriptionID) || slices.Contains(guids, k.CustomerTenantID) {
				words = append(words, k.SubscriptionID, k.CustomerTenantID, k.CustomerName)
			}
		}
	}
	return hide(append(words, guids...)), nil
}

// hide makes the pattern. A name of one or two letters would take the texts apart.
func hide(words []string) hidden {
	var list []string
	for _, w := range words {
		if w = strings.TrimSpace(w); len(w) > 2 {
			list = append(list, regexp.QuoteMeta(w))
		}
	}
	if len(list) == 0 {
		return hidden{}
	}
	slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) }) // the longest first
	return hidden{regexp.MustCompile("(?i)" + strings.Join(list, "|"))}
}
