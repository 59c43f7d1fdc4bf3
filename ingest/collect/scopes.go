package collect

import (
	"context"
	"errors"
	"net/url"
	"path"
	"strings"

	"golang.org/x/sync/errgroup"
)

// scope is where evidence is.
type scope struct {
	id           string // such as /subscriptions/S; empty: the tenant
	name         string // for messages
	folder       string // below that of all
	subscription string // its id; empty: it is none
	asked        bool   // for it by name; else it is no error when it may not be read
}

// The versions of the interfaces.
const (
	versionSubscriptions = "2022-12-01"
	versionManagement    = "2020-05-01"
	versionResources     = "2021-04-01"
)

func subscriptionScope(id string) scope {
	id = strings.ToLower(id)
	return scope{id: "/subscriptions/" + id, name: "subscription " + id, folder: plain(id), subscription: id, asked: true}
}

func managementScope(name string, asked bool) scope {
	return scope{
		id: managementPath + url.PathEscape(name), name: "management group " + name,
		folder: path.Join("managementgroups", plain(name)), asked: asked,
	}
}

const managementPath = "/providers/Microsoft.Management/managementGroups/"

// scopes finds what is to be collected.
func (c *collection) scopes(ctx context.Context) ([]scope, error) {
	var all []scope
	var err error
	switch {
	case len(c.Subscriptions) > 0:
		for _, id := range c.Subscriptions {
			all = append(all, subscriptionScope(id))
		}
	case c.ManagementGroup != "":
		all, err = c.below(ctx)
	default:
		all, err = c.visible(ctx)
	}
	for _, s := range all {
		if s.subscription != "" {
			c.result.Subscriptions++
		}
	}
	if err == nil && c.result.Subscriptions == 0 {
		return nil, &Error{
			What: "the subscriptions", Reason: "the identity that this runs as sees none", Role: Role,
			Hint: "give it the role " + Role + " on the subscriptions, or on a management group above them",
		}
	}
	return all, err
}

// below lists a management group and all in it.
func (c *collection) below(ctx context.Context) ([]scope, error) {
	all := []scope{managementScope(c.ManagementGroup, true)}
	a := ask{
		what: "what is in management group " + c.ManagementGroup, scope: all[0].id,
		address: c.address(all[0].id+"/descendants", "api-version", versionManagement),
	}
	return all, c.pages(ctx, a, func(p page) error {
		for _, v := range p.records {
			name := string(v.GetStringBytes("name"))
			if strings.HasSuffix(strings.ToLower(string(v.GetStringBytes("type"))), "/subscriptions") {
				all = append(all, subscriptionScope(name))
			} else {
				all = append(all, managementScope(name, true))
			}
		}
		return nil
	})
}

// visible lists the subscriptions and management groups that the identity sees, and the tenant.
func (c *collection) visible(ctx context.Context) ([]scope, error) {
	var all []scope
	a := ask{what: "the list of subscriptions", scope: "/", address: c.address("/subscriptions", "api-version", versionSubscriptions)}
	err := c.pages(ctx, a, func(p page) error {
		for _, v := range p.records {
			all = append(all, subscriptionScope(string(v.GetStringBytes("subscriptionId"))))
		}
		return nil
	})
	if err != nil || len(all) == 0 {
		return nil, err
	}
	a = ask{what: "the list of management groups", scope: "/", address: c.address(strings.TrimSuffix(managementPath, "/"), "api-version", versionManagement)}
	err = c.pages(ctx, a, func(p page) error {
		for _, v := range p.records {
			all = append(all, managementScope(string(v.GetStringBytes("name")), false))
		}
		return nil
	})
	var e *Error
	if errors.As(err, &e) {
		c.missed(e, false)
	} else if err != nil {
		return nil, err
	}
	return append(all, scope{name: "the tenant", folder: "tenant"}), nil
}

// scope collects all of a scope. What cannot be read of it costs only itself.
func (c *collection) scope(ctx context.Context, s scope) error {
	f, err := openFolder(ctx, c.to, s.folder)
	if err != nil {
		return err
	}
	parts := []func() error{func() error { return c.deployments(ctx, f, s, "") }}
	if s.subscription != "" {
		parts = append(parts, func() error { return c.groups(ctx, f, s) }, func() error { return c.activity(ctx, f, s) }, func() error { return c.changes(ctx, f, s) })
	}
	var missing []*Error
	refused := 0
	for _, collect := range parts {
		err := collect()
		var e *Error
		switch {
		case err == nil:
		case errors.As(err, &e) && !e.login:
			missing = append(missing, e)
			if e.Role != "" || e.gone {
				refused++
			}
		default:
			return err
		}
	}
	if refused == len(parts) && s.subscription != "" { // once is enough said
		missing[0].What = s.name
		missing = missing[:1]
	}
	for _, e := range missing {
		c.missed(e, s.asked)
	}
	return nil
}

// groups collects the deployments of the resource groups of a subscription.
func (c *collection) groups(ctx context.Context, f *folder, s scope) error {
	var names []string
	a := ask{what: "the resource groups of " + s.name, scope: s.id, address: c.address(s.id+"/resourcegroups", "api-version", versionResources)}
	err := c.pages(ctx, a, func(p page) error {
		for _, v := range p.records {
			names = append(names, string(v.GetStringBytes("name")))
		}
		return nil
	})
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	there := map[string]bool{"": true}
	for _, name := range names {
		there[strings.ToLower(name)] = true
		group.Go(func() error {
			err := c.deployments(ctx, f, s, name)
			var e *Error
			switch {
			case err == nil:
			case !errors.As(err, &e) || e.login:
				return err
			case !e.gone: // else it was deleted since it was listed, and its history with it
				c.missed(e, true)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for name := range f.state.Deployments { // a new group of the name of one that is gone begins anew
		if !there[name] {
			return f.note(ctx, func(s *state) {
				for name := range s.Deployments {
					if !there[name] {
						delete(s.Deployments, name)
					}
				}
			})
		}
	}
	return nil
}
