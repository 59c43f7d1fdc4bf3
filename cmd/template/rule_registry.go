package template

import (
	"slices"
	"strings"

	"github.com/pidledger/pidledger/cmd/template/deployments"
)

// registered compares the ids of a deployment with the registry and with other products (R01 to R04, L16): those of each name that it can
// have, for each is deployed sometimes.
func (c *checker) registered(d *deployments.Deployment) {
	var seen []string
	for _, r := range c.readings[d] {
		if r.kind != readTracking {
			continue
		}
		for _, id := range r.ids {
			if slices.Contains(seen, id) {
				continue
			}
			seen = append(seen, id)
			c.shared(d.Named, id)
			if c.o.Registry != nil {
				c.standing(d.Named, id)
			}
		}
	}
}

// standing says what the registry has against an id.
func (c *checker) standing(at deployments.Place, id string) {
	regs := c.o.Registry.Lookup(id)
	if len(regs) == 0 {
		c.report("R01", at, "%s is not in the registry%s", id, c.meant("pid-"+id)).ID = id
		return
	}
	channel, offer := false, false
	var channels, offers []string
	for _, g := range regs {
		if !g.Retired.IsZero() && (c.o.Today.IsZero() || !c.o.Today.Before(g.Retired)) {
			c.report("R02", at, "%s (%s) is retired since %s", id, offerName(g), g.Retired.Format("2006-01-02")).ID = id
		}
		channel = channel || g.Channel == "" || strings.EqualFold(g.Channel, c.o.Channel)
		if g.Channel != "" && !slices.Contains(channels, g.Channel) {
			channels = append(channels, g.Channel)
		}
		offer = offer || strings.EqualFold(g.Offer, c.o.Offer)
		if !slices.Contains(offers, g.Offer) {
			offers = append(offers, g.Offer)
		}
	}
	if c.o.Channel != "" && !channel {
		c.report("R03", at, "%s is registered for %s, not for %s", id, sample(channels), c.o.Channel).ID = id
	}
	if c.o.Offer != "" && !offer {
		c.report("R04", at, "%s is registered for %s, not for %s", id, sample(offers), c.o.Offer).ID = id
	}
}

// shared reports an id that stands for several products.
func (c *checker) shared(at deployments.Place, id string) {
	others := slices.Clone(c.o.Elsewhere[id])
	slices.Sort(others)
	if others = slices.Compact(others); len(others) > 0 {
		c.report("L16", at, "%s is also the id of %s: reports cannot tell them apart", id, sample(others)).ID = id
		return
	}
	if c.o.Registry == nil {
		return
	}
	var offers []string
	for _, g := range c.o.Registry.Lookup(id) {
		if name := offerName(g); !slices.Contains(offers, name) {
			offers = append(offers, name)
		}
	}
	if len(offers) > 1 {
		c.report("L16", at, "%s is registered for %s: reports cannot tell them apart", id, sample(offers)).ID = id
	}
}

func offerName(g Registration) string {
	if g.SKU != "" {
		return g.Offer + "/" + g.SKU
	}
	return g.Offer
}

// marketplaceID reports whether an id is registered for the Marketplace.
func (c *checker) marketplaceID(id string) bool {
	if c.o.Registry == nil || c.o.Channel != "" {
		return false
	}
	return slices.ContainsFunc(c.o.Registry.Lookup(id), func(g Registration) bool {
		return strings.Contains(strings.ToLower(g.Channel), "marketplace")
	})
}
