package collect

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/valyala/fastjson"
)

// The versions of the interfaces.
const (
	versionActivity = "2015-04-01"
	versionGraph    = "2022-10-01"
)

// isoTime is how times are written in filters.
const isoTime = "2006-01-02T15:04:05.000Z"

// deployments collects the deployments of a scope, or of a resource group of it, with their operations. Azure cannot be asked for new ones, so all
// pages are read, and those are kept that have a deployment that was at work since the last time; operations are asked for of these alone.
func (c *collection) deployments(ctx context.Context, f *folder, s scope, group string) error {
	began := c.Now().UTC()
	key := strings.ToLower(group)
	since := f.since(key)
	at, where := s.id, s.name
	parts := func(kind string) []string { return []string{kind} }
	if group != "" {
		at += "/resourcegroups/" + url.PathEscape(group)
		where = "resource group " + group + " of " + s.name
		parts = func(kind string) []string { return []string{kind, plain(group)} }
	}
	role := at
	if role == "" {
		role = "/"
	}
	at += "/providers/Microsoft.Resources/deployments"
	listed := f.output(stamp(began), parts(Deployments)...)
	var names []string
	err := c.pages(ctx, ask{what: "the deployments of " + where, scope: role, address: c.address(at, "api-version", versionResources)}, func(p page) error {
		recent := false
		for _, v := range p.records {
			if ended, err := time.Parse(time.RFC3339, string(v.GetStringBytes("properties", "timestamp"))); err == nil && ended.Before(since) {
				continue
			}
			recent = true
			names = append(names, string(v.GetStringBytes("name")))
		}
		if !recent {
			return nil
		}
		return listed.add(ctx, p.body, len(p.records))
	})
	if err != nil {
		listed.discard()
		return err
	}
	operations := f.output(stamp(began), parts(Operations)...)
	missing := c.operations(ctx, operations, at, where, role, names)
	if missing != nil && !errors.As(missing, new(*Error)) { // the end of the call, or of the disk: a page may be cut
		listed.discard()
		operations.discard()
		return missing
	}
	// What was read is evidence, also when something of it is missing: then all of it is asked for once more the next time.
	if err := errors.Join(c.kept(ctx, Operations, operations), c.kept(ctx, Deployments, listed)); err != nil {
		return err
	}
	if missing != nil {
		return missing
	}
	return f.note(ctx, func(s *state) { s.Deployments[key] = began })
}

// operations collects the operations of deployments of a scope. Those of one that cannot be read cost the others nothing; the error is the first
// of them.
func (c *collection) operations(ctx context.Context, to *file, at, where, role string, deployments []string) (missing error) {
	for _, name := range deployments {
		a := ask{
			what: fmt.Sprintf("the operations of deployment %s of %s", name, where), scope: role,
			address: c.address(at+"/"+url.PathEscape(name)+"/operations", "api-version", versionResources),
		}
		type part struct {
			body    []byte
			records int
		}
		var parts []part
		err := c.pages(ctx, a, func(p page) error {
			if len(p.records) > 0 {
				parts = append(parts, part{p.body, len(p.records)})
			}
			return nil
		})
		var e *Error
		switch {
		case err == nil:
		case !errors.As(err, &e) || e.login:
			return err
		case e.gone: // purged since it was listed
			continue
		case missing == nil:
			missing = e
			continue
		default:
			continue
		}
		for _, p := range parts {
			if err := to.add(ctx, p.body, p.records); err != nil {
				return err
			}
		}
	}
	return missing
}

// activity collects the activity log of a subscription, a file for each day, so that a long time need not be read at once.
func (c *collection) activity(ctx context.Context, f *folder, s scope) error {
	until := c.Now().UTC()
	oldest := until.Add(-keepsActivity).Add(time.Hour) // Azure refuses a question about more
	from := before(f.state.Activity)
	c.gap(Activity, s.id, f.state.Activity, oldest)
	if from.Before(oldest) {
		from = oldest
	}
	for from.Before(until) {
		to := from.Truncate(24 * time.Hour).Add(24 * time.Hour)
		if to.After(until) {
			to = until
		}
		filter := fmt.Sprintf("eventTimestamp ge '%s' and eventTimestamp le '%s'", from.Format(isoTime), to.Format(isoTime))
		a := ask{
			what: fmt.Sprintf("the activity log of %s, %s", s.name, from.Format(time.DateOnly)), scope: s.id,
			address: c.address(s.id+"/providers/Microsoft.Insights/eventtypes/management/values", "api-version", versionActivity, "$filter", filter),
		}
		w := f.output(stamp(from), Activity)
		err := c.pages(ctx, a, func(p page) error {
			if len(p.records) == 0 {
				return nil
			}
			return w.add(ctx, p.body, len(p.records))
		})
		if err != nil {
			w.discard()
			return err
		}
		from = to
		if w.draft == nil && to.Before(until) {
			continue // a day without events need not be noted
		}
		if err := c.kept(ctx, Activity, w); err != nil {
			return err
		}
		if err := f.note(ctx, func(s *state) { s.Activity = to }); err != nil {
			return err
		}
	}
	return nil
}

// changeQuery asks Resource Graph for changes since a time. Pages can only be turned in an order.
const changeQuery = `resourcechanges
| where todatetime(properties.changeAttributes.timestamp) >= datetime(%s)
| project id, name, type, tenantId, subscriptionId, resourceGroup, properties
| order by id asc`

// graphQuestion is what Resource Graph is asked.
type graphQuestion struct {
	Subscriptions []string `json:"subscriptions"`
	Query         string   `json:"query"`
	Options       struct {
		Format string `json:"resultFormat"`
		Top    int    `json:"$top"`
		Skip   string `json:"$skipToken,omitempty"`
	} `json:"options"`
}

// changes collects what changed in a subscription.
func (c *collection) changes(ctx context.Context, f *folder, s scope) error {
	began := c.Now().UTC()
	oldest := began.Add(-keepsChanges)
	from := before(f.state.Changes)
	c.gap(Changes, s.id, f.state.Changes, oldest)
	if from.Before(oldest) {
		from = oldest
	}
	question := graphQuestion{Subscriptions: []string{s.subscription}, Query: fmt.Sprintf(changeQuery, from.Format(isoTime))}
	question.Options.Format, question.Options.Top = "objectArray", 1000
	a := ask{what: "the resource changes of " + s.name, scope: s.id, address: c.address("/providers/Microsoft.ResourceGraph/resources", "api-version", versionGraph)}
	a.body = question
	w := f.output(stamp(began), Changes)
	err := c.turn(ctx, a, "data", func(p page) error {
		if len(p.records) == 0 {
			return nil
		}
		return w.add(ctx, p.body, len(p.records))
	}, func(a *ask, answer *fastjson.Value) (string, error) {
		skip := string(answer.GetStringBytes("$skipToken"))
		if skip == "" && string(answer.GetStringBytes("resultTruncated")) == "true" {
			return "", &Error{What: a.what, Scope: a.scope, Reason: "Resource Graph cut the answer off", Hint: hintLater, answer: true}
		}
		question.Options.Skip = skip
		a.body = question
		return skip, nil
	})
	if err != nil {
		w.discard()
		return err
	}
	if err := c.kept(ctx, Changes, w); err != nil {
		return err
	}
	return f.note(ctx, func(s *state) { s.Changes = began })
}
