package collect_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/ingest/collect"
	"github.com/pidledger/pidledger/ingest/collect/armtest"
)

// A busy service, broken answers and connections, and short-lived tokens cost time only.
func TestFaultsThatPass(t *testing.T) {
	t.Parallel()
	want := whole(t)
	for name, meddle := range map[string]func(w http.ResponseWriter, r *http.Request) bool{
		"throttled": func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("retry-after-ms", "1")
			armtest.Refuse(w, http.StatusTooManyRequests, "SubscriptionRequestsThrottled")
			return true
		},
		"busy": func(w http.ResponseWriter, _ *http.Request) bool {
			armtest.Refuse(w, http.StatusServiceUnavailable, "ServerBusy")
			return true
		},
		"broken": func(w http.ResponseWriter, _ *http.Request) bool {
			fmt.Fprint(w, `{"value":[{"id":"/subscr`)
			return true
		},
		"cut off": func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, `{"value":[{"id":"/subscr`)
			panic(http.ErrAbortHandler)
		},
	} {
		f := begin(t)
		var asked sync.Map
		f.Meddle = func(w http.ResponseWriter, r *http.Request) bool {
			_, again := asked.LoadOrStore(r.URL.String(), true)
			return !again && meddle(w, r)
		}
		if r := f.collect(); len(r.NotRead) > 0 {
			t.Errorf("%s: %v", name, r.NotRead[0])
		}
		if diff := cmp.Diff(want, ids(f.records())); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	f := begin(t)
	f.Tries = 8 // a token is good for the requests that wait for it, and has then expired
	if r := f.collect(); len(r.NotRead) > 0 {
		t.Errorf("tokens: %v", r.NotRead[0])
	}
	if diff := cmp.Diff(want, ids(f.records())); diff != "" {
		t.Error("tokens:", diff)
	}
}

// What cannot be read costs only itself, is named with the role that is missing, and is collected as soon as it can be.
func TestFaultsThatStay(t *testing.T) {
	t.Parallel()
	want := whole(t)
	refuse := func(status int, code string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { armtest.Refuse(w, status, code) }
	}
	for name, c := range map[string]struct {
		path    string // of the requests that fail
		how     func(http.ResponseWriter)
		lost    string // prefix of the ids that are not there
		what    string
		reason  string
		role    string
		hint    string
		notRead int
	}{
		"subscription": {
			"/subscriptions/" + two, refuse(403, "AuthorizationFailed"), "/subscriptions/" + two, "subscription " + two, "may not read it (AuthorizationFailed)",
			"Reader", "give it the role Reader on /subscriptions/" + two, 1,
		},
		"not there": {
			"/subscriptions/" + two, refuse(404, "SubscriptionNotFound"), "/subscriptions/" + two, "subscription " + two, "it is not there (SubscriptionNotFound)",
			"", "correct the name", 1,
		},
		"activity": {
			"/subscriptions/" + two + "/providers/Microsoft.Insights", refuse(403, "AuthorizationFailed"), "/subscriptions/" + two + "/resourcegroups/rg-a/events/",
			"the activity log of subscription " + two + ", 2026-04-20", "may not read it", "Reader", "give it the role Reader on /subscriptions/" + two, 1,
		},
		"group": {
			"/subscriptions/" + two + "/resourcegroups/rg-b/", func(w http.ResponseWriter) { fmt.Fprint(w, "<html>") }, "/subscriptions/" + two + "/resourcegroups/rg-b/",
			"the deployments of resource group rg-b of subscription " + two, "it is no JSON, 3 times in a row", "", "pidledger collect again", 1,
		},
		"operations": {
			"/subscriptions/" + two + "/resourcegroups/rg-b/providers/Microsoft.Resources/deployments/d2/operations", refuse(409, "Conflict"),
			"/subscriptions/" + two + "/resourcegroups/rg-b/providers/microsoft.resources/deployments/d2/operations/",
			"the operations of deployment d2 of resource group rg-b of subscription " + two, "the service refused it (409 Conflict): told by the test", "", "pidledger collect again", 1,
		},
		"no list": {
			"/subscriptions/" + two + "/resourcegroups/rg-b/", func(w http.ResponseWriter) { fmt.Fprint(w, `{"value":{}}`) }, "/subscriptions/" + two + "/resourcegroups/rg-b/",
			"the deployments of resource group rg-b of subscription " + two, "the answer is no list", "", "", 1,
		},
		"elsewhere": {
			"/subscriptions/" + two + "/resourcegroups/rg-b/", func(w http.ResponseWriter) {
				fmt.Fprint(w, `{"value":[],"nextLink":"https://example.com/x?api-version=1"}`)
			},
			"/subscriptions/" + two + "/resourcegroups/rg-b/", "the deployments of resource group rg-b of subscription " + two, `said to be on "example.com"`, "", "", 1,
		},
		"in a circle": {
			"/subscriptions/" + two + "/resourcegroups/rg-b/", func(w http.ResponseWriter) { fmt.Fprint(w, `{"value":[],"nextLink":"/x?api-version=1"}`) },
			"/subscriptions/" + two + "/resourcegroups/rg-b/", "the deployments of resource group rg-b of subscription " + two, `lead back`, "", "", 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := begin(t)
			f.Meddle = func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasPrefix(strings.ToLower(r.URL.Path), strings.ToLower(c.path)) || r.URL.Path == "/x" {
					c.how(w)
					return true
				}
				return false
			}
			o := f.options()
			o.Subscriptions = []string{one, strings.ToUpper(two)}
			if strings.HasSuffix(c.path, two) { // Resource Graph is told of the subscription in the body
				inner := f.Meddle
				f.Meddle = func(w http.ResponseWriter, r *http.Request) bool {
					body, err := io.ReadAll(r.Body)
					r.Body = io.NopCloser(bytes.NewReader(body))
					if err == nil && bytes.Contains(body, []byte(two)) {
						c.how(w)
						return true
					}
					return inner(w, r)
				}
			}
			r, err := collect.Collect(t.Context(), f.Access(), o)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.NotRead) != c.notRead {
				t.Fatalf("%+v", r.NotRead)
			}
			if e := r.NotRead[0]; e.What != c.what || !strings.Contains(e.Reason, c.reason) || e.Role != c.role || !strings.Contains(e.Hint, c.hint) {
				t.Errorf("%+v", e)
			}
			beyond := func(id string) bool {
				return strings.HasPrefix(id, "/providers/")
			}
			lost := slices.DeleteFunc(slices.Clone(want), func(id string) bool { return beyond(id) || strings.HasPrefix(id, c.lost) })
			if diff := cmp.Diff(lost, ids(f.records())); diff != "" {
				t.Error(diff)
			}
			f.Meddle = nil
			f.Now = f.Now.Add(time.Minute)
			if r, err := collect.Collect(t.Context(), f.Access(), o); err != nil || len(r.NotRead) > 0 {
				t.Fatal(r, err)
			}
			if diff := cmp.Diff(slices.DeleteFunc(slices.Clone(want), beyond), ids(f.records())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A call that ends anywhere leaves whole files; the next one does the rest.
func TestBreak(t *testing.T) {
	t.Parallel()
	want := whole(t)
	for _, at := range []int64{1, 5, 20, 60} {
		f := begin(t)
		ctx, cancel := context.WithCancel(t.Context())
		var n atomic.Int64
		f.Meddle = func(http.ResponseWriter, *http.Request) bool {
			if n.Add(1) == at {
				cancel()
			}
			return false
		}
		if _, err := collect.Collect(ctx, f.Access(), f.options()); !errors.Is(err, context.Canceled) {
			t.Fatalf("at %d: %v", at, err)
		}
		cancel()
		f.records() // whole, each of them
		f.collect()
		if diff := cmp.Diff(want, ids(f.records())); diff != "" {
			t.Errorf("at %d: %s", at, diff)
		}
	}
}

// When requests fail again and again, the others are not made.
func TestGiveUp(t *testing.T) {
	t.Parallel()
	f := begin(t)
	o := f.options()
	o.Subscriptions = []string{one, two}
	f.Meddle = func(w http.ResponseWriter, _ *http.Request) bool {
		armtest.Refuse(w, http.StatusServiceUnavailable, "ServerBusy")
		return true
	}
	r, err := collect.Collect(t.Context(), f.Access(), o)
	if err != nil || len(r.NotRead) != 8 || len(f.Requests()) > 8*7 || !slices.ContainsFunc(r.NotRead, func(e *collect.Error) bool { return strings.HasPrefix(e.Reason, "not tried") }) {
		t.Errorf("%+v, %v", r, err)
	}
}
