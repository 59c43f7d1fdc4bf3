// Package collect gets from Azure Resource Manager what Azure does not export: deployments of all scopes, their operations, resource changes and
// the activity log. Answers are kept as they come, in files that `pidledger run` reads like any export; what was collected before is not asked
// for again, but for an overlap. It knows no format but what it needs to turn pages and to tell what is new.
//
// What it does can be repeated: files, or blobs, get their names when they are whole, and how far a folder is collected is noted after that. A call that
// ends early costs at most what it was doing; what is then collected a second time is evidence that the ledger has already.
package collect

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pidledger/pidledger/ingest/blob"
)

// Overlap is what is collected again: records that came late, deployments whose history was late, clocks that differ.
const Overlap = 6 * time.Hour

// How long Azure keeps what is collected.
const (
	keepsActivity = 90 * 24 * time.Hour
	keepsChanges  = 14 * 24 * time.Hour
)

// Options say what is collected and where to.
type Options struct {
	Dir             string      // a folder, made when it is not there, or a location in Blob Storage
	Storage         blob.Access // how that is reached
	Subscriptions   []string    // ids; empty: all that the identity sees
	ManagementGroup string      // name of one: all below it; empty: not by management group
	Now             func() time.Time
	Progress        interface {
		Stage(name, items string)
		Total(items, bytes int64)
		Add(items, bytes int64)
	}
}

// The kinds of evidence, in the order in which they are told.
const (
	Deployments = "deployments"
	Operations  = "operations"
	Activity    = "activity"
	Changes     = "changes"
)

// Kinds lists them.
var Kinds = []string{Deployments, Operations, Activity, Changes}

// Count is what was collected of a kind.
type Count struct {
	Kind    string `json:"kind"`
	Records int64  `json:"records"` // with those that were there already
	Files   int64  `json:"files"`
	Bytes   int64  `json:"bytes"`
}

// Gap is a time that Azure keeps no longer, and that was not collected.
type Gap struct {
	Kind  string    `json:"kind"`
	Scope string    `json:"scope"`
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
}

// Result says what was done.
type Result struct {
	Dir           string   `json:"dir"`
	Subscriptions int      `json:"subscriptions"`
	Kinds         []Count  `json:"kinds"`
	Requests      int64    `json:"requests"`
	NotRead       []*Error `json:"not_read"` // of what should have been
	Unseen        []*Error `json:"unseen"`   // beyond the subscriptions, where few may read
	Gaps          []Gap    `json:"gaps"`
}

// collection is one call.
type collection struct {
	Options
	*client
	to    store
	began time.Time

	mu     sync.Mutex
	result Result
}

// Collect gets what is new. Its error means that nothing can be collected, or that this machine or the caller ended it; what could not be read is
// in the result.
func Collect(ctx context.Context, access Access, o Options) (_ *Result, err error) {
	asks, err := access.open()
	if err != nil {
		return nil, err
	}
	to, err := o.store()
	if err != nil {
		return nil, err
	}
	ctx, unlock, err := to.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	c := &collection{Options: o, client: asks, to: to, began: o.Now().UTC(), result: Result{Dir: o.Dir, NotRead: []*Error{}, Unseen: []*Error{}, Gaps: []Gap{}}}
	for _, k := range Kinds {
		c.result.Kinds = append(c.result.Kinds, Count{Kind: k})
	}
	o.Progress.Stage("look for subscriptions", "subscriptions")
	scopes, err := c.scopes(ctx)
	if err != nil {
		return nil, err
	}
	o.Progress.Stage("collect", "scopes")
	o.Progress.Total(int64(len(scopes)), 0)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, s := range scopes {
		group.Go(func() error {
			defer o.Progress.Add(1, 0)
			return c.scope(ctx, s)
		})
	}
	err = group.Wait()
	c.result.Requests = c.requests.Load()
	c.result.sort()
	return &c.result, err
}

// sort brings what goroutines found into one order.
func (r *Result) sort() {
	byScope := func(a, b *Error) int { return strings.Compare(a.Scope+"\n"+a.What, b.Scope+"\n"+b.What) }
	slices.SortFunc(r.NotRead, byScope)
	slices.SortFunc(r.Unseen, byScope)
	slices.SortFunc(r.Gaps, func(a, b Gap) int { return strings.Compare(a.Scope+"\n"+a.Kind, b.Scope+"\n"+b.Kind) })
}

// missed notes what could not be read. Beyond the subscriptions few may read: unless it was asked for by name, that is only said.
func (c *collection) missed(e *Error, asked bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if asked || !e.gone && e.Role == "" {
		c.result.NotRead = append(c.result.NotRead, e)
	} else {
		c.result.Unseen = append(c.result.Unseen, e)
	}
}

// gap notes a time that is lost.
func (c *collection) gap(kind, scope string, last, oldest time.Time) {
	if last.IsZero() || !last.Before(oldest) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.result.Gaps = append(c.result.Gaps, Gap{kind, scope, last, oldest})
}

// kept keeps a file and counts it.
func (c *collection) kept(ctx context.Context, kind string, w *file) error {
	if w.draft == nil {
		return nil
	}
	if err := w.draft.Keep(ctx); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	k := &c.result.Kinds[slices.Index(Kinds, kind)]
	k.Records += int64(w.records)
	k.Files++
	k.Bytes += w.bytes
	return nil
}
