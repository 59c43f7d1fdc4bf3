package collect_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/ingest/collect"
	"github.com/pidledger/pidledger/ingest/collect/armtest"
)

const (
	one = "11111111-2222-4333-8444-000000000001"
	two = "11111111-2222-4333-8444-000000000002"
)

var start = time.Date(2026, 5, 1, 2, 0, 0, 0, time.UTC)

// quiet shows no progress.
type quiet struct{}

func (quiet) Stage(string, string) {}
func (quiet) Total(int64, int64)   {}
func (quiet) Add(int64, int64)     {}

// small is a world of two subscriptions with two resource groups each: 5 deployments a group with 4 operations each, of which the last ends at a time.
func small(t *testing.T, ends time.Time) *armtest.World {
	t.Helper()
	w := &armtest.World{ManagementGroups: []string{"contoso"}}
	add := func(format string, args ...any) {
		if !w.Add(json.RawMessage(fmt.Sprintf(format, args...)), time.Time{}) {
			t.Fatalf("no evidence: "+format, args...)
		}
	}
	deployment := func(scope string, n int) {
		id, at := fmt.Sprintf("%s/providers/Microsoft.Resources/deployments/d%d", scope, n), ends.Add(time.Duration(n-4)*24*time.Hour).Format(time.RFC3339)
		add(`{"id":%q,"name":"d%d","properties":{"correlationId":"c-%d","provisioningState":"Succeeded","timestamp":%q}}`, id, n, n, at)
		for op := range 4 {
			add(`{"id":"%s/operations/%d","operationId":"%d","properties":{"provisioningOperation":"Create","timestamp":%q}}`, id, op, op, at)
		}
	}
	for _, sub := range []string{one, two} {
		for _, group := range []string{"rg-a", "RG-B"} {
			for n := range 5 {
				deployment("/subscriptions/"+sub+"/resourceGroups/"+group, n)
			}
		}
		deployment("/subscriptions/"+sub, 4)
		for n := range 40 { // ten days
			at := ends.Add(time.Duration(-n*6) * time.Hour)
			add(`{"id":"/subscriptions/%s/resourceGroups/rg-a/events/%d","eventDataId":"%s-%d","eventTimestamp":%q}`, sub, n, sub, n, at.Format(time.RFC3339))
			add(`{"id":"/subscriptions/%[1]s/x/changes/%[2]d","properties":{"targetResourceId":"/subscriptions/%[1]s/x","changeAttributes":{"timestamp":%[3]q}}}`,
				sub, n, at.Format(time.RFC3339))
		}
	}
	deployment("/providers/Microsoft.Management/managementGroups/contoso", 4)
	deployment("", 4)
	return w
}

// fixture is a server with the small world, and a folder to collect into.
type fixture struct {
	*armtest.Server
	t   *testing.T
	dir string
}

func begin(t *testing.T) *fixture {
	f := fresh(t)
	for _, sub := range []string{one, two} { // not a request for each of 90 days
		f.note(sub, `{"activity":"2026-04-21T00:00:00Z"}`)
	}
	return f
}

// fresh is one that nothing was collected into.
func fresh(t *testing.T) *fixture {
	f := &fixture{armtest.New(t, small(t, start.Add(-time.Hour))), t, filepath.Join(t.TempDir(), "collected")}
	f.Now = start
	return f
}

// note writes the note of a subscription.
func (f *fixture) note(sub, text string) string {
	f.t.Helper()
	name := filepath.Join(f.dir, sub, ".collect.json")
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(text), 0o600)); err != nil {
		f.t.Fatal(err)
	}
	return name
}

func (f *fixture) options() collect.Options {
	return collect.Options{Dir: f.dir, Now: func() time.Time { return f.Now }, Progress: quiet{}}
}

func (f *fixture) collect() *collect.Result {
	f.t.Helper()
	r, err := collect.Collect(f.t.Context(), f.Access(), f.options())
	if err != nil {
		f.t.Fatal(err)
	}
	return r
}

// records counts the records of the files by their ids; a file that is not whole fails the test.
func (f *fixture) records() map[string]int {
	f.t.Helper()
	all := map[string]int{}
	err := filepath.WalkDir(f.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == ".collect.json" || d.Name() == ".lock" {
			return err
		}
		if strings.HasPrefix(d.Name(), ".") || filepath.Ext(path) != ".json" {
			f.t.Errorf("left behind: %s", path)
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		for pages := json.NewDecoder(file); ; {
			var page struct {
				Value, Data []struct {
					ID string `json:"id"`
				}
			}
			if err := pages.Decode(&page); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				f.t.Errorf("%s: %v", path, err)
				return nil
			}
			for _, r := range append(page.Value, page.Data...) {
				all[strings.ToLower(r.ID)]++
			}
		}
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return all
}

// ids are the keys of a map, in order.
func ids(of map[string]int) []string { return slices.Sorted(maps.Keys(of)) }

// everything is what the small world holds: deployments with operations, activity and changes.
const everything = (2*2*5+2+1+1)*5 + 2*40 + 2*40

func whole(t *testing.T) []string {
	f := begin(t)
	r := f.collect()
	got := f.records()
	if len(r.NotRead)+len(r.Unseen)+len(r.Gaps) > 0 || len(got) != everything {
		t.Fatalf("%d records of %d; %+v", len(got), everything, r)
	}
	for id, n := range got {
		if n != 1 && !strings.Contains(id, "/changes/") { // all changes have the place of the same resource
			t.Errorf("%s is there %d times", id, n)
		}
	}
	return ids(got)
}

func TestWhole(t *testing.T) {
	t.Parallel()
	f := fresh(t)
	r := f.collect()
	want := []collect.Count{{Kind: "deployments", Records: 24}, {Kind: "operations", Records: 96}, {Kind: "activity", Records: 80}, {Kind: "changes", Records: 80}}
	for i, k := range r.Kinds {
		if k.Kind != want[i].Kind || k.Records != want[i].Records || k.Files == 0 || k.Bytes == 0 {
			t.Errorf("%+v, not %+v", k, want[i])
		}
	}
	for _, path := range []string{
		"tenant/deployments/20260501T020000Z.json", "managementgroups/contoso/operations/20260501T020000Z.json", one + "/deployments/rg-b/20260501T020000Z.json",
		one + "/operations/20260501T020000Z.json", two + "/activity/20260430T000000Z.json", two + "/changes/20260501T020000Z.json",
	} {
		info, err := os.Stat(filepath.Join(f.dir, path))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Error(path, info, err)
		}
	}
	if n := len(f.records()); n != everything || r.Subscriptions != 2 || len(r.NotRead)+len(r.Unseen) > 0 {
		t.Errorf("%d records; %+v", n, r)
	}
}

// Answers are kept to the byte.
func TestAsAnswered(t *testing.T) {
	t.Parallel()
	f := begin(t)
	const odd = `{ "value" : [ {"id":"/subscriptions/x/y", "n":1.10, "t":"\u00e9"} ] , "more":null}`
	f.Meddle = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "eventtypes") {
			return false
		}
		fmt.Fprint(w, odd)
		return true
	}
	f.collect()
	data, err := os.ReadFile(filepath.Join(f.dir, one, "activity", "20260430T000000Z.json"))
	if err != nil || string(data) != odd+"\n" {
		t.Errorf("%q, %v", data, err)
	}
}

// The next night asks for what is new, with the overlap, and for operations of what was at work.
func TestIncremental(t *testing.T) {
	t.Parallel()
	f := begin(t)
	f.collect()
	had := len(f.records())
	f.Requests()
	f.Now = start.Add(24 * time.Hour)
	r := f.collect()
	if n := len(f.records()); n != had || r.Kinds[0].Records+r.Kinds[1].Records > 24*3 {
		// the last deployment of each scope ended within the overlap
		t.Errorf("%d records, not %d; %+v", n, had, r.Kinds)
	}
	for _, path := range f.Requests() {
		if strings.HasSuffix(path, "/operations") && !strings.HasSuffix(path, "/d4/operations") {
			t.Errorf("asked again: %s", path)
		}
	}
	f.Now = f.Now.Add(24 * time.Hour)
	if r := f.collect(); r.Kinds[0].Records+r.Kinds[1].Records+r.Kinds[2].Records+r.Kinds[3].Records != 0 {
		t.Errorf("nothing was new: %+v", r.Kinds)
	}
	f.World.Add(json.RawMessage(`{"id":"/subscriptions/`+one+`/resourceGroups/rg-a/providers/Microsoft.Resources/deployments/new","name":"new","properties":{"correlationId":"x","timestamp":"2026-05-03T23:00:00Z"}}`), time.Time{})
	f.Now = f.Now.Add(24 * time.Hour)
	if r := f.collect(); r.Kinds[0].Records != 3 || len(f.records()) != had+1 { // with those on its page
		t.Errorf("%+v", r.Kinds)
	}
}

// What Azure shows some hours late is collected by the next call.
func TestLate(t *testing.T) {
	t.Parallel()
	f := begin(t)
	at := start.Add(-5 * time.Hour).Format(time.RFC3339)
	for _, text := range []string{
		`{"id":"/subscriptions/%[1]s/resourceGroups/rg-a/providers/Microsoft.Resources/deployments/late","name":"late","properties":{"correlationId":"x","timestamp":%[2]q}}`,
		`{"id":"/subscriptions/%[1]s/resourceGroups/rg-a/providers/Microsoft.Resources/deployments/late/operations/1","properties":{"provisioningOperation":"Create","timestamp":%[2]q}}`,
		`{"id":"/subscriptions/%[1]s/resourceGroups/rg-a/events/late","eventTimestamp":%[2]q}`,
		`{"id":"/subscriptions/%[1]s/x/changes/late","properties":{"targetResourceId":"/subscriptions/%[1]s/x","changeAttributes":{"timestamp":%[2]q}}}`,
	} {
		if !f.World.Add(json.RawMessage(fmt.Sprintf(text, one, at)), start.Add(time.Hour)) {
			t.Fatal(text)
		}
	}
	f.collect()
	had := len(f.records())
	f.Now = start.Add(24 * time.Hour)
	f.collect()
	if n := len(f.records()); had != everything || n != had+4 {
		t.Errorf("%d records, and then %d", had, n)
	}
}

// A list of subscriptions is all that is asked about, and a management group is it and all below.
func TestScopes(t *testing.T) {
	t.Parallel()
	f := begin(t)
	asked := func(change func(*collect.Options)) []string {
		t.Helper()
		f.Requests()
		o := f.options()
		change(&o)
		if r, err := collect.Collect(t.Context(), f.Access(), o); err != nil || len(r.NotRead) > 0 {
			t.Fatalf("%+v, %v", r, err)
		}
		scopes := map[string]int{}
		for _, r := range f.Requests() {
			_, path, _ := strings.Cut(r, " ")
			scope, _, _ := strings.Cut(strings.ToLower(path), "/providers/microsoft.resources/")
			scope, _, _ = strings.Cut(scope, "/resourcegroups")
			scope, _, _ = strings.Cut(scope, "/providers/microsoft.insights/")
			scopes[scope]++
		}
		return ids(scopes)
	}
	const graph, contoso = "/providers/microsoft.resourcegraph/resources", "/providers/microsoft.management/managementgroups/contoso"
	if diff := cmp.Diff([]string{graph, "/subscriptions/" + one}, asked(func(o *collect.Options) { o.Subscriptions = []string{strings.ToUpper(one)} })); diff != "" {
		t.Errorf("of a list: %s", diff)
	}
	want := []string{contoso, contoso + "/descendants", graph, "/subscriptions/" + one, "/subscriptions/" + two}
	if diff := cmp.Diff(want, asked(func(o *collect.Options) { o.ManagementGroup = "contoso" })); diff != "" {
		t.Errorf("of a management group: %s", diff)
	}
}

// Beyond the subscriptions most may not read: that is said, and is no failure, unless it was asked for.
func TestManagementGroups(t *testing.T) {
	t.Parallel()
	f := begin(t)
	f.Meddle = func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/providers/") && r.Method == http.MethodGet && r.URL.Path != "/providers/Microsoft.Management/managementGroups/contoso/descendants" {
			armtest.Refuse(w, http.StatusForbidden, "AuthorizationFailed")
			return true
		}
		return false
	}
	r := f.collect()
	if len(r.NotRead) != 0 || len(r.Unseen) != 2 || r.Unseen[0].What != "the deployments of the tenant" || r.Unseen[0].Hint != "give it the role Reader on /" {
		t.Errorf("%+v", r)
	}
	f.dir += "2"
	o := f.options()
	o.ManagementGroup = "contoso"
	r, err := collect.Collect(t.Context(), f.Access(), o)
	if err != nil || r.Subscriptions != 2 || len(r.NotRead) != 1 || r.NotRead[0].Hint != "give it the role Reader on /providers/Microsoft.Management/managementGroups/contoso" {
		t.Errorf("%+v, %v", r, err)
	}
}

// When nothing can be collected, that is an error with a way out.
func TestNothing(t *testing.T) {
	t.Parallel()
	f := begin(t)
	f.World = &armtest.World{}
	_, err := collect.Collect(t.Context(), f.Access(), f.options())
	var e *collect.Error
	if !errors.As(err, &e) || e.Role != collect.Role || !strings.Contains(e.Try(), "Reader") {
		t.Errorf("no subscription: %v", err)
	}
	f.Meddle = func(w http.ResponseWriter, _ *http.Request) bool {
		armtest.Refuse(w, http.StatusUnauthorized, "InvalidAuthenticationToken")
		return true
	}
	if _, err := collect.Collect(t.Context(), f.Access(), f.options()); !errors.As(err, &e) || !strings.Contains(e.Try(), "az login") {
		t.Errorf("refused: %v", err)
	}
}

// What Azure keeps no longer is said.
func TestGap(t *testing.T) {
	t.Parallel()
	f := begin(t)
	f.collect()
	f.Now = start.AddDate(0, 0, 20)
	if r := f.collect(); len(r.Gaps) != 2 || r.Gaps[0].Kind != collect.Changes || !r.Gaps[0].From.Equal(start) || !r.Gaps[0].To.Equal(start.AddDate(0, 0, 6)) {
		t.Errorf("%+v", r.Gaps)
	}
}

func TestInUse(t *testing.T) {
	t.Parallel()
	f := begin(t)
	var once atomic.Bool
	f.Meddle = func(http.ResponseWriter, *http.Request) bool {
		if once.CompareAndSwap(false, true) {
			_, err := collect.Collect(t.Context(), f.Access(), f.options())
			if !errors.As(err, new(*collect.InUseError)) {
				t.Errorf("the second call: %v", err)
			}
		}
		return false
	}
	f.collect()
}

// A damaged note is no reason to begin anew without a word.
func TestDamagedNote(t *testing.T) {
	t.Parallel()
	f := begin(t)
	f.collect()
	name := f.note(one, `{"activity":`)
	_, err := collect.Collect(t.Context(), f.Access(), f.options())
	var own interface{ Try() string }
	if err == nil || !strings.Contains(err.Error(), name) || !errors.As(err, &own) || !strings.Contains(own.Try(), "remove "+name) {
		t.Errorf("%v", err)
	}
}

// A process without an identity can read nothing, and says so once.
func TestNobody(t *testing.T) {
	t.Parallel()
	f := fresh(t)
	o, access := f.options(), f.Access()
	o.Subscriptions = []string{one, two}
	access.Identity = nobody{}
	_, err := collect.Collect(t.Context(), access, o)
	var e *collect.Error
	if !errors.As(err, &e) || !strings.Contains(e.Reason, "no credential was found") || !strings.Contains(e.Try(), "az login") {
		t.Errorf("%v", err)
	}
}

// nobody is the credential of a process that has none.
type nobody struct{}

func (nobody) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{}, noCredential{}
}

type noCredential struct{}

func (noCredential) Error() string {
	return "DefaultAzureCredential: failed to acquire a token.\nAttempted"
}
func (noCredential) NonRetriable() {}
