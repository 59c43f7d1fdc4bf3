package ingest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pidledger/pidledger/testdata/faults"
)

// forget takes something back for good.
func (w *workbench) forget(what Forget) *Forgotten {
	w.t.Helper()
	f, err := ForgetFrom(w.t.Context(), w.opts, w.run.Sources, what, true)
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// A record that two files hold stays when one of them is forgotten, whichever brought it; when the other file is gone, that is said.
func TestForgetSharedRecords(t *testing.T) {
	const from = "operations/fabrikam-core-1/20260321.json"
	for _, forgotten := range []string{"a.json", "b.json"} {
		w := newWorkbench(t)
		w.deliver(from)
		data, err := os.ReadFile(filepath.Join(w.dir, "exports", from))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(w.dir, "exports")); err != nil {
			t.Fatal(err)
		}
		w.put("a.json", string(data))
		w.put("b.json", string(data))
		w.deliver("activity/alpine-1/202603-1-p1.json")
		if _, err := w.ingest(); err != nil {
			t.Fatal(err)
		}
		want := w.content()
		f := w.forget(Forget{Files: []string{"exports/" + forgotten}})
		if got, brought := f.Evidence["operations"], forgotten == "a.json"; (got > 0) != brought {
			t.Errorf("%s: %+v", forgotten, f)
		}
		if forgotten == "a.json" && (f.ReadAgain != 1 || f.NotThere != 0) {
			t.Errorf("%+v", f)
		}
		plan, err := w.tryDryRun()
		if err != nil || len(plan.Items) != int(f.ReadAgain) {
			t.Errorf("the plan is %+v, %v", plan, err)
		}
		r, err := w.ingest()
		if err != nil {
			t.Fatal(err)
		}
		if got := status(t, r, forgotten).Status; got != StatusForgotten {
			t.Errorf("%s is %s", forgotten, got)
		}
		got := w.content()
		if forgotten == "b.json" {
			compareContent(t, "b.json forgotten", got, want)
		} else if got["operations"] == want["operations"] || strings.Split(got["operations"], " ")[0] != strings.Split(want["operations"], " ")[0] {
			t.Errorf("operations are %s, were %s", got["operations"], want["operations"])
		}
		if again, err := w.ingest(); err != nil || again.Rows != 0 {
			t.Errorf("%d rows read again, %v", again.Rows, err)
		}
	}

	w := newWorkbench(t)
	w.deliver(from)
	w.deliver("operations/fabrikam-core-1/20260314.json")
	if _, err := w.ingest(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(w.dir, "exports", "operations", "fabrikam-core-1", "20260314.json")); err != nil {
		t.Fatal(err)
	}
	if f := w.forget(Forget{Files: []string{"exports/" + from}}); f.ReadAgain != 1 || f.NotThere != 1 {
		t.Errorf("%+v", f)
	}
}

// What is not known is an error that changes nothing; a customer who is not known is remembered.
func TestForgetUnknown(t *testing.T) {
	w := newWorkbench(t)
	w.deliver("operations/fabrikam-core-1/20260321.json")
	if _, err := w.ingest(); err != nil {
		t.Fatal(err)
	}
	want := w.content()
	for _, what := range []Forget{{Files: []string{"exports/*.json"}}, {Runs: []string{"8616f127-5fb7-468c-918f-3d072f0dc735"}}, {Files: []string{"["}}} {
		_, err := ForgetFrom(t.Context(), w.opts, w.run.Sources, what, true)
		var unknown *NotKnownError
		if err == nil || what.Files == nil && !errors.As(err, &unknown) {
			t.Errorf("%v: %v", what, err)
		}
	}
	if f := w.forget(Forget{Subscriptions: []string{"11111111-2222-3333-4444-555555555555"}}); !f.Done || f.UsageRows != 0 {
		t.Errorf("%+v", f)
	}
	compareContent(t, "after nothing was forgotten", w.content(), want)
}

// The customers file does not bring a forgotten customer back.
func TestForgetCustomersFile(t *testing.T) {
	const id, other = "349aae90-8fb5-462c-b703-806984c81999", "d20b5d59-db61-4487-989d-a11b62397bc7"
	w := newWorkbench(t)
	w.put("../customers.csv", "subscription_id,customer_tenant_id,customer_name\n"+strings.ToUpper(id)+",,Fabrikam\n"+other+",,Fabrikam\n")
	w.run.Customers = filepath.Join(w.dir, "customers.csv")
	w.deliver("operations/fabrikam-core-1/20260321.json")
	count := func() int64 {
		if _, err := w.ingest(); err != nil {
			t.Fatal(err)
		}
		l, err := Open(t.Context(), w.opts)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		n, err := l.DB.Count(t.Context(), "select count(*) from customers")
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(); n != 2 {
		t.Errorf("%d customers", n)
	}
	w.forget(Forget{Subscriptions: []string{id}})
	if n := count(); n != 1 {
		t.Errorf("%d customers after one was forgotten", n)
	}
}

// A forget that fails on the way leaves the ledger as it was; so does one that only tells.
func TestForgetFails(t *testing.T) {
	w := newWorkbench(t)
	for _, n := range demoFiles(t) {
		w.deliver(n)
	}
	if _, err := w.ingest(); err != nil {
		t.Fatal(err)
	}
	want, customer := w.content(), Forget{Subscriptions: []string{"349aae90-8fb5-462c-b703-806984c81999"}}
	if _, err := ForgetFrom(t.Context(), w.opts, w.run.Sources, customer, false); err != nil {
		t.Fatal(err)
	}
	compareContent(t, "after it was only told", w.content(), want)
	var ended []map[string]string
	// The work is ended after so many steps, until it is not.
	for steps := int64(10); ; steps += 50 {
		ctx, cancel := context.WithCancel(t.Context())
		count := &countdown{Context: ctx, cancel: cancel}
		count.left.Store(steps)
		_, err := ForgetFrom(count, w.opts, w.run.Sources, customer, true)
		cancel()
		if err == nil {
			if steps == 10 {
				t.Error("it was never ended")
			}
			break
		}
		ended = append(ended, w.content())
	}
	done := w.content()
	for i, got := range ended {
		if got["deployments"] == want["deployments"] {
			compareContent(t, fmt.Sprintf("ended, %d", i), got, want)
		} else {
			compareContent(t, fmt.Sprintf("ended after all was done, %d", i), got, done)
		}
	}
	t.Logf("ended %d times", len(ended))
	if done["slices"] == want["slices"] || done["temp.usage"] == want["temp.usage"] {
		t.Error("nothing was forgotten in the end")
	}
}

// countdown is a context that ends after it was asked a number of times.
type countdown struct {
	context.Context
	left   atomic.Int64
	cancel func()
}

// Done is asked by every statement that begins.
func (c *countdown) Done() <-chan struct{} {
	if c.left.Add(-1) == 0 {
		c.cancel()
	}
	return c.Context.Done()
}

// The id of a forgotten customer is replaced wherever it stands in a path or scope, in any case, and nothing else is.
func TestNeutral(t *testing.T) {
	const id, other = "349aae90-8fb5-462c-b703-806984c81999", "d20b5d59-db61-4487-989d-a11b62397bc7"
	gone := forgottenIDs{idHash(id): true}
	for text, replaced := range map[string]bool{
		"resourceId=/SUBSCRIPTIONS/" + strings.ToUpper(id) + "/y=2026/PT1H.json": true,
		id: true, "x" + id: true, id + id: true, "/subscriptions/" + other + "/" + id: true,
		"/subscriptions/" + other: false, "": false, id[1:]: false, strings.ReplaceAll(id, "-", ""): false,
	} {
		got := gone.neutral(text)
		if (got != text) != replaced || strings.Contains(strings.ToLower(got), id) || len(got) != len(text) || strings.Contains(text, other) != strings.Contains(got, other) {
			t.Errorf("%q became %q", text, got)
		}
		if gone.neutral(got) != got {
			t.Errorf("%q is replaced twice", text)
		}
	}
	if !gone.has(strings.ToUpper(id)) || gone.has(other) || gone.has("") {
		t.Error("has")
	}
}

// The first run after something was forgotten looks again which export runs count; those after it open nothing, whatever they are called, and
// a run that was killed is none.
func TestForgottenIsLookedForOnce(t *testing.T) {
	for _, command := range []string{"run", "ingest"} {
		w := newWorkbench(t)
		w.opts.Command = command
		at := func(hour int) {
			w.opts.Now = func() time.Time { return time.Date(2026, 5, 3, hour, 0, 0, 0, time.UTC) }
		}
		w.putRun(run1, "2026-03-02T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-01T00:00:00Z", "1", mospHeader+mospRow(1, "10", "USD"))
		w.putRun(run2, "2026-03-03T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-02T00:00:00Z", "1", mospHeader+mospRow(1, "20", "USD"))
		w.must()
		at(5)
		if !w.nothingNew() {
			t.Errorf("%s: something is new in what was just read", command)
		}
		w.forget(Forget{Runs: []string{run2}})
		at(6)
		killed, err := Open(t.Context(), w.opts)
		if err == nil {
			_, err = killed.Begin(t.Context())
		}
		if err := errors.Join(err, killed.Close()); err != nil {
			t.Fatal(err)
		}
		at(7)
		w.must()
		if got := w.money(); got != "10.00" {
			t.Errorf("%s: the ledger has %s after the newer run was forgotten", command, got)
		}
		at(8)
		if !w.nothingNew() {
			t.Errorf("%s: every run after a forget looks at all manifests again", command)
		}
	}
}

// nothingNew tells whether a run that begins now would open no file to find out what counts.
func (w *workbench) nothingNew() bool {
	w.t.Helper()
	l, err := Open(w.t.Context(), w.opts)
	if err != nil {
		w.t.Fatal(err)
	}
	defer l.Close()
	s := newSession(l, w.nightOptions())
	if err := s.discover(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	return s.input.nothingNew()
}

// must is a night without a complaint.
func (w *workbench) must() *Result {
	w.t.Helper()
	r, err := w.ingest()
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// What is forgotten after a run whose clock was ahead lets the run that had been replaced count again, as ever.
func TestForgottenWhileTheClockWasWrong(t *testing.T) {
	faults.Count(t, "wrong clock").Watch(t, "forget after it")
	w := newWorkbench(t)
	at := func(year, day int) {
		w.opts.Now = func() time.Time { return time.Date(year, 5, day, 2, 0, 0, 0, time.UTC) }
	}
	w.putRun(run1, "2026-03-20T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-19T00:00:00Z", "1", mospHeader+mospRow(1, "1", "USD"))
	w.putRun(run2, "2026-03-21T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-20T00:00:00Z", "1", mospHeader+mospRow(1, "2", "USD"))
	for _, night := range []struct{ year, day int }{{2026, 1}, {2037, 2}} {
		at(night.year, night.day)
		if _, err := w.ingest(); err != nil || w.money() != "2.00" {
			t.Fatal(w.money(), err)
		}
	}
	at(2026, 3)
	w.forget(Forget{Runs: []string{run2}})
	at(2026, 4)
	if _, err := w.ingest(); err != nil || w.money() != "1.00" {
		t.Errorf("the run before counts with %q, %v", w.money(), err)
	}
	at(2026, 5)
	if r, err := w.ingest(); err != nil || r.Rows != 0 || w.money() != "1.00" {
		t.Errorf("%+v, %v", r, err)
	}
}
