package registry

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/pidledger/pidledger/ingest/azure"
)

// The kinds of exclusion scopes. Only the data tells whether a bare GUID is a tenant or a subscription.
const (
	ScopeGUID          = "guid"
	ScopeSubscription  = "subscription"
	ScopeResourceGroup = "resource_group"
)

// Exclusion is a customer scope that opted out (SPEC 5.I).
type Exclusion struct {
	Scope     string    // as written
	ScopeKind string    // ScopeGUID, ScopeSubscription, ScopeResourceGroup
	ScopeID   string    // lower case: the GUID, or /subscriptions/<guid>/resourcegroups/<name>
	Reason    string    // empty: none given
	Since     time.Time // UTC day from which usage is excluded; zero: all usage
	File      string
	Record    int64
	Line      int64 // 0: not known
}

var (
	subscriptionScope  = regexp.MustCompile(`^/subscriptions/([^/]+)$`)
	resourceGroupScope = regexp.MustCompile(`^/subscriptions/([^/]+)/resourcegroups/([^/]+)$`)
)

// Exclusions reads the exclusions file; remarks and error as for Registrations. A header alone means that nobody opted out; an empty file is an
// error, because its content may have been lost.
func Exclusions(path string, o Options) (out []Exclusion, remarks []Finding, err error) {
	list := &findings{file: path}
	t, err := readTable(path, "exclusions", o, list)
	if err != nil {
		return nil, nil, err
	}
	if t.ok {
		first := map[string]row{}
		for _, r := range t.rows {
			e := Exclusion{Scope: r.cells["scope"], Reason: r.cells["reason"], Since: t.date(r, "since"), File: path, Record: r.record, Line: r.line}
			var problem, hint string
			if e.ScopeKind, e.ScopeID, problem, hint = ParseScope(e.Scope); problem != "" {
				t.remark(r, BadScope, "scope", problem, hint)
				continue
			}
			if f, again := first[e.ScopeID]; again {
				t.remark(r, Repeated, "scope", fmt.Sprintf("the scope is listed twice: on %s and on %s; the earlier date counts", f.where(), r.where()), "")
			} else {
				first[e.ScopeID] = r
			}
			out = append(out, e)
		}
	}
	if remarks, err = list.result(); err != nil {
		return nil, remarks, err
	}
	return out, remarks, nil
}

// exclusionColumns are the columns of a new file, in order.
var exclusionColumns = []string{"scope", "reason", "since"}

func (e Exclusion) cell(column string) string {
	switch column {
	case "scope":
		return e.Scope
	case "reason":
		return e.Reason
	case "since":
		if !e.Since.IsZero() {
			return e.Since.Format(time.DateOnly)
		}
	}
	return ""
}

// AppendExclusion adds exclusions to the text of an exclusions file, as Append does. Any value that the file has no column for is an error.
func AppendExclusion(text []byte, add ...Exclusion) (out, added []byte, err error) {
	lines := make([]func(string) string, len(add))
	for i, e := range add {
		lines[i] = e.cell
	}
	return addLines(text, "exclusions", exclusionColumns, lines, "")
}

// ParseScope reads an exclusion scope in any case, with or without a trailing slash: a tenant or subscription GUID,
// /subscriptions/<guid>, /subscriptions/<guid>/resourceGroups/<name>. problem says what is wrong, hint what to write.
func ParseScope(scope string) (kind, id, problem, hint string) {
	const forms = "Write a tenant or subscription GUID, /subscriptions/<guid> or /subscriptions/<guid>/resourceGroups/<name>"
	text := strings.ToLower(strings.TrimRight(strings.TrimSpace(scope), "/"))
	if text == "" {
		return "", "", "the scope is missing", forms
	}
	subscription, kind, id := text, ScopeGUID, text
	if m := resourceGroupScope.FindStringSubmatch(text); m != nil {
		subscription, kind, id = m[1], ScopeResourceGroup, text
	} else if m := subscriptionScope.FindStringSubmatch(text); m != nil {
		subscription, kind, id = m[1], ScopeSubscription, m[1]
	}
	switch {
	case subscription == azure.NilGUID:
		return "", "", fmt.Sprintf("%q is the nil GUID, which excludes nobody", cut(scope)), "Replace it with the customer's id"
	case azure.IsGUID(subscription):
		return kind, id, "", ""
	case kind != ScopeGUID:
		return "", "", fmt.Sprintf("%q is not a scope: %q is not a subscription GUID", cut(scope), cut(subscription)), forms
	case strings.HasPrefix(text, "/subscriptions/") && strings.Contains(text, "/providers/"):
		return "", "", fmt.Sprintf("%q is a resource: only tenants, subscriptions and resource groups can opt out", cut(scope)), forms
	}
	return "", "", fmt.Sprintf("%q is not a scope", cut(scope)), forms
}
