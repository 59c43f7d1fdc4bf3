package forget_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pidledger/pidledger/ingest/forget"
	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/ledger"
)

// A record that two files hold stays when one of them is forgotten, whichever brought it; when the other file is gone, that is said.
func TestForgetSharedRecords(t *testing.T) {
	const from = "operations/fabrikam-core-1/20260321.json"
	for _, forgotten := range []string{"a.json", "b.json"} {
		w := ingesttest.New(t)
		w.Deliver(from)
		data, err := os.ReadFile(filepath.Join(w.Dir, "exports", from))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(w.Dir, "exports")); err != nil {
			t.Fatal(err)
		}
		w.Put("a.json", string(data))
		w.Put("b.json", string(data))
		w.Deliver("activity/alpine-1/202603-1-p1.json")
		if _, err := w.Ingest(); err != nil {
			t.Fatal(err)
		}
		want := w.Content()
		f := w.Forget(forget.What{Files: []string{"exports/" + forgotten}})
		if got, brought := f.Evidence["operations"], forgotten == "a.json"; (got > 0) != brought {
			t.Errorf("%s: %+v", forgotten, f)
		}
		if forgotten == "a.json" && (f.ReadAgain != 1 || f.NotThere != 0) {
			t.Errorf("%+v", f)
		}
		plan, err := w.TryDryRun()
		if err != nil || len(plan.Items) != int(f.ReadAgain) {
			t.Errorf("the plan is %+v, %v", plan, err)
		}
		r, err := w.Ingest()
		if err != nil {
			t.Fatal(err)
		}
		if got := ingesttest.Status(t, r, forgotten).Status; got != ledger.StatusForgotten {
			t.Errorf("%s is %s", forgotten, got)
		}
		got := w.Content()
		if forgotten == "b.json" {
			ingesttest.CompareContent(t, "b.json forgotten", got, want)
		} else if got["operations"] == want["operations"] || strings.Split(got["operations"], " ")[0] != strings.Split(want["operations"], " ")[0] {
			t.Errorf("operations are %s, were %s", got["operations"], want["operations"])
		}
		if again, err := w.Ingest(); err != nil || again.Rows != 0 {
			t.Errorf("%d rows read again, %v", again.Rows, err)
		}
	}

	w := ingesttest.New(t)
	w.Deliver(from)
	w.Deliver("operations/fabrikam-core-1/20260314.json")
	if _, err := w.Ingest(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(w.Dir, "exports", "operations", "fabrikam-core-1", "20260314.json")); err != nil {
		t.Fatal(err)
	}
	if f := w.Forget(forget.What{Files: []string{"exports/" + from}}); f.ReadAgain != 1 || f.NotThere != 1 {
		t.Errorf("%+v", f)
	}
}

// What is not known is an error that changes nothing; a customer who is not known is remembered.
func TestForgetUnknown(t *testing.T) {
	w := ingesttest.New(t)
	w.Deliver("operations/fabrikam-core-1/20260321.json")
	if _, err := w.Ingest(); err != nil {
		t.Fatal(err)
	}
	want := w.Content()
	for _, what := range []forget.What{{Files: []string{"exports/*.json"}}, {Runs: []string{"8616f127-5fb7-468c-918f-3d072f0dc735"}}, {Files: []string{"["}}} {
		_, err := forget.From(t.Context(), w.Opts, w.Run.Sources, what, true)
		var unknown *forget.NotKnownError
		if err == nil || what.Files == nil && !errors.As(err, &unknown) {
			t.Errorf("%v: %v", what, err)
		}
	}
	if f := w.Forget(forget.What{Subscriptions: []string{"11111111-2222-3333-4444-555555555555"}}); !f.Done || f.UsageRows != 0 {
		t.Errorf("%+v", f)
	}
	ingesttest.CompareContent(t, "after nothing was forgotten", w.Content(), want)
}

// The customers file does not bring a forgotten customer back.
func TestForgetCustomersFile(t *testing.T) {
	const id, other = "349aae90-8fb5-462c-b703-806984c81999", "d20b5d59-db61-4487-989d-a11b62397bc7"
	w := ingesttest.New(t)
	w.Put("../customers.csv", "subscription_id,customer_tenant_id,customer_name\n"+strings.ToUpper(id)+",,Fabrikam\n"+other+",,Fabrikam\n")
	w.Run.Customers = filepath.Join(w.Dir, "customers.csv")
	w.Deliver("operations/fabrikam-core-1/20260321.json")
	count := func() int64 {
		if _, err := w.Ingest(); err != nil {
			t.Fatal(err)
		}
		l, err := ledger.Open(t.Context(), w.Opts)
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
	w.Forget(forget.What{Subscriptions: []string{id}})
	if n := count(); n != 1 {
		t.Errorf("%d customers after one was forgotten", n)
	}
}

// A forget that fails on the way leaves the ledger as it was; so does one that only tells.
func TestForgetFails(t *testing.T) {
	w := ingesttest.New(t)
	for _, n := range ingesttest.DemoFiles(t) {
		w.Deliver(n)
	}
	if _, err := w.Ingest(); err != nil {
		t.Fatal(err)
	}
	want, customer := w.Content(), forget.What{Subscriptions: []string{"349aae90-8fb5-462c-b703-806984c81999"}}
	if _, err := forget.From(t.Context(), w.Opts, w.Run.Sources, customer, false); err != nil {
		t.Fatal(err)
	}
	ingesttest.CompareContent(t, "after it was only told", w.Content(), want)
	var ended []map[string]string
	// The work is ended after so many steps, until it is not.
	for steps := int64(10); ; steps += 50 {
		ctx, cancel := context.WithCancel(t.Context())
		count := &countdown{Context: ctx, cancel: cancel}
		count.left.Store(steps)
		_, err := forget.From(count, w.Opts, w.Run.Sources, customer, true)
		cancel()
		if err == nil {
			if steps == 10 {
				t.Error("it was never ended")
			}
			break
		}
		ended = append(ended, w.Content())
	}
	done := w.Content()
	for i, got := range ended {
		if got["deployments"] == want["deployments"] {
			ingesttest.CompareContent(t, fmt.Sprintf("ended, %d", i), got, want)
		} else {
			ingesttest.CompareContent(t, fmt.Sprintf("ended after all was done, %d", i), got, done)
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
