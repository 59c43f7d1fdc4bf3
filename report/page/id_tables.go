package page

import (
	"fmt"
	"strings"

	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/lead"
	"github.com/pidledger/pidledger/report/spec"
)

// idTables show the ids of the registry and those that nobody registered.
func (b *builder) idTables() {
	b.view.IDs = htmlTable{
		ID: "ids", Caption: "Registered tracking ids", Empty: "The registry has no ids.",
		Columns: columns("tracking id", "offer", "~SKU", "~channel", "first seen", "~~last seen", "~~#deployments|those that failed, too", "~~#requests", "~~#resources", "~~#usage rows", "~last usage"),
	}
	t := &b.view.IDs
	for _, l := range b.ids {
		seen := dateCell(l.FirstSeen)
		if l.FirstSeen == "" {
			seen = htmlCell{Text: "never seen", Class: "warn d"}
		}
		deployments := countCell(l.Succeeded + l.Failed)
		if l.Failed > 0 {
			deployments.Text = deployments.Text + ", " + human.Thousands(l.Failed) + " failed"
		}
		t.add(codeCell(l.TrackingID), textCell(human.OrDash(l.Offer)), textCell(human.OrDash(l.SKU)), textCell(lead.ChannelName(l.Channel)), seen, dateCell(human.OrDash(l.LastSeen)),
			deployments, countCell(l.Requests), countCell(l.Resources), countCell(l.UsageRows), dateCell(human.OrDash(l.LastUsageDate)))
	}
	if len(b.ids) > 0 {
		all, never := b.ids[0].Lines, b.ids[0].Never
		t.Note = strings.Replace(b.part(len(t.Rows), all, "ids", "tracking_ids"), "largest", "first", 1)
		if never > 0 && !b.view.Run.OnlyUsage {
			t.Note = strings.TrimSpace(fmt.Sprintf("Of %s %s never seen: check that the published templates carry what was registered, and that exports of the subscriptions it is used in are delivered. %s",
				human.Plural(all, "registered id"), human.Were(never, "was", "were"), t.Note))
		}
	}

	b.view.Unknown = htmlTable{
		ID: "unknown", Caption: "Ids without a registration and without usage", Empty: "There are none.",
		Columns: columns("tracking id", "~kind", "~first seen", "last seen", "~~#requests"),
	}
	for _, u := range b.idle {
		b.view.Unknown.add(codeCell(u.TrackingID), textCell(u.Kind), dateCell(u.FirstSeen), dateCell(u.LastSeen), countCell(u.Requests))
		b.view.Unknown.Note = b.part(len(b.view.Unknown.Rows), u.Lines, "ids", "unregistered")
	}

	b.view.Malformed = htmlTable{
		ID: "malformed", Caption: "Malformed ids", Empty: "No id has a wrong form.",
		Columns: columns("token", "reason", "~probably meant", "~~found in", "~~last seen", "~~#sightings"),
	}
	for _, m := range b.malformed {
		b.view.Malformed.add(codeCell(m.Token), textCell(m.Reason), codeCell(m.Suggestion), textCell(strings.ReplaceAll(m.Source, "_", " ")), dateCell(m.LastSeen), countCell(m.Sightings))
		b.view.Malformed.Note = b.part(len(b.view.Malformed.Rows), m.Lines, "tokens", "malformed")
	}
}

func (b *builder) sourceTable(sources []spec.Source) {
	t := &b.view.Sources
	*t = htmlTable{ID: "sources", Caption: "Sources", Columns: columns("source", "#count", "newest", "note"), Plain: true}
	for _, s := range sources {
		t.add(textCell(s.Name), countCell(s.Count), textCell(human.OrDash(s.Newest)), textCell(s.Note))
	}
}
