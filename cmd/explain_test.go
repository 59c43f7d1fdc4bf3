package cmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/report/explain"
)

// planted is a resource of a world whose case its README tells.
type planted struct{ name, resource string }

var (
	caseLine         = regexp.MustCompile(`^- \*\*(\w+)\*\*: (.*)$`)
	caseResource     = regexp.MustCompile("^  - `([^`]+)` in (.+)$")
	subscriptionLine = regexp.MustCompile(`^\| ([^|]+?) \| ([0-9a-f-]{36}) \|`)
)

// readPlanted reads the planted cases of a world.
func readPlanted(t *testing.T, world string) []planted {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(world, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	subscriptions := map[string]string{}
	var cases []planted
	name := ""
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\r\n")
		if m := subscriptionLine.FindStringSubmatch(line); m != nil {
			subscriptions[m[1]] = m[2]
		}
		if m := caseLine.FindStringSubmatch(line); m != nil {
			name = m[1]
		}
		if m := caseResource.FindStringSubmatch(line); m != nil {
			id := subscriptions[m[2]]
			if id == "" {
				t.Fatalf("README.md: no subscription %q", m[2])
			}
			cases = append(cases, planted{name, "/subscriptions/" + id + "/resourceGroups/" + m[1]})
		}
	}
	if len(cases) == 0 {
		t.Fatal("README.md holds no planted cases")
	}
	return cases
}

// runWorld makes the reports and the snapshot of a world.
func runWorld(t *testing.T, world string) (reports string) {
	t.Helper()
	if testing.Short() {
		t.Skip("a whole world takes seconds")
	}
	if _, err := os.Stat(filepath.Join(world, "pidledger.yaml")); errors.Is(err, fs.ErrNotExist) {
		t.Skip("this world is not here; testdata/demo is tested")
	}
	dir := t.TempDir()
	var errw bytes.Buffer
	args := []string{"run", "--quiet", "--config", filepath.Join(world, "pidledger.yaml"), "--ledger", filepath.Join(dir, "ledger"), "--report-dir", filepath.Join(dir, "reports")}
	if code := Main(args, strings.NewReader(""), &errw, &errw); code != exit.Done {
		t.Fatalf("run: exit code %d\n%s", code, &errw)
	}
	return filepath.Join(dir, "reports")
}

func TestExplainDemo(t *testing.T) {
	t.Parallel()
	world := filepath.Join("..", "testdata", "demo")
	if testing.Short() {
		t.Skip("a whole world takes seconds")
	}
	reports, err := demoReports()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("planted", func(t *testing.T) { testExplain(t, world, reports) })
	t.Run("guide", func(t *testing.T) { testVerify(t, world, reports) })
	t.Run("kinds", func(t *testing.T) { testKinds(t, reports) })
	t.Run("verify", func(t *testing.T) { testVerifications(t, reports) })
	t.Run("secret", func(t *testing.T) { testSecret(t, world, reports) })
}

func TestExplainSmallWorld(t *testing.T) {
	t.Parallel()
	world := filepath.Join("..", "..", "shared", "worlds", "small")
	reports := runWorld(t, world)
	t.Run("planted", func(t *testing.T) { testExplain(t, world, reports) })
	t.Run("guide", func(t *testing.T) { testVerify(t, world, reports) })
}

// expectations say what explain must say of a resource of each planted case: its status (and reason) on the days with usage, in any
// order, and what stands in the conclusion and notes.
var expectations = map[string]struct {
	status []string
	text   string // pattern
}{
	"activity_only":                    {[]string{"attributed"}, `in a deployment name \(activity log, .*no record of its own`},
	"aks_cluster":                      {[]string{"attributed"}, `is yours`},
	"aks_node_group":                   {[]string{"unattributed untagged|unattributed no_evidence"}, `managed by .*/managedclusters/.*, which is owned by pid-.*inherit_managed_groups: true`},
	"api_call":                         {[]string{"attributed"}, `created it on .*\(activity log, .* in a User-Agent \(request log, `},
	"api_call_partnercenter_words":     {[]string{"attributed"}, `carried pid-[a-z-]+-partnercenter in a User-Agent`},
	"api_call_without_activity":        {[]string{"attributed"}, `created it on .*\(request log, .* in a User-Agent \(request log, `},
	"api_call_without_pid":             {[]string{"unattributed untagged"}, `first write .* carried no tracking id`},
	"avm_telemetry_name":               {[]string{"unattributed untagged"}, `46d3x\S* of that request looks tagged, but its name holds no tracking id`},
	"change_says_update":               {[]string{"preexisting"}, `is an update by a resource change`},
	"child_inherits":                   {[]string{"attributed"}, `no write of its own and takes the owner of sql-`},
	"child_of_unregistered":            {[]string{"unregistered"}, `no write of its own and takes the owner of sql-.*not in the registry`},
	"child_own_untagged_write":         {[]string{"unattributed untagged"}, `its first write on .* carried no tracking id`},
	"complete_mode_delete":             {[]string{"attributed", "attributed", "unattributed deleted"}, `deleted on .*\(deployment operation, .*until 2026-`},
	"deleted_then_other_id":            {[]string{"attributed", "attributed", "unattributed deleted"}, `it was deleted on`},
	"deleted_then_untagged":            {[]string{"attributed", "unattributed deleted", "unattributed untagged"}, `carried no tracking id.* is yours: `},
	"excluded":                         {nil, ``},
	"excluded_group":                   {nil, ``},
	"failed_delete":                    {[]string{"attributed"}, `deletion on .* failed`},
	"failed_deployment":                {[]string{"attributed"}, `deployment of that request failed`},
	"failed_then_by_hand":              {[]string{"unattributed untagged"}, `which carried pid-\S+, tried to write it on .* and failed`},
	"group_is_no_ancestor":             {[]string{"unattributed untagged|unattributed no_evidence"}, `a resource group passes nothing on`},
	"late_registration":                {[]string{"late"}, `registered only on .*retroactive`},
	"late_registration_after":          {[]string{"attributed"}, `is yours`},
	"lost_record":                      {[]string{"attributed"}, `is yours`},
	"malformed_nil":                    {[]string{"malformed"}, `carried only pid-0{8}-\S+ \(nil\) in a deployment name`},
	"malformed_not_hex":                {[]string{"malformed"}, `carried only pid-\S+ \(not_hex\) in a deployment name`},
	"malformed_not_hex_user_agent":     {[]string{"malformed"}, `carried only pid-fake-isv-tracking-guid \(not_hex\) in a User-Agent`},
	"malformed_placeholder_user_agent": {[]string{"malformed"}, `carried only pid-xxxxxxxx-\S+ \(placeholder\) in a User-Agent`},
	"malformed_too_long":               {[]string{"malformed"}, `\(too_long\).*probably meant to be pid-`},
	"malformed_too_short":              {[]string{"malformed"}, `\(too_short\).*probably meant to be pid-`},
	"malformed_truncated_user_agent":   {[]string{"malformed"}, `\(truncated\) in a User-Agent.*probably meant to be pid-`},
	"marketplace_usage":                {[]string{"attributed"}, `is yours`},
	"name_before_user_agent":           {[]string{"attributed"}, `a deployment name goes before a User-Agent`},
	"name_hash":                        {[]string{"attributed"}, `in a deployment name`},
	"name_none":                        {[]string{"attributed"}, `in a deployment name`},
	"name_pidupper":                    {[]string{"attributed"}, `in a deployment name`},
	"name_prefix":                      {[]string{"attributed"}, `in a deployment name`},
	"name_region":                      {[]string{"attributed"}, `in a deployment name`},
	"name_uppercase":                   {[]string{"attributed"}, `in a deployment name`},
	"name_version":                     {[]string{"attributed"}, `in a deployment name`},
	"no_operations_file":               {[]string{"attributed"}, `output resource of a deployment`},
	"not_a_write":                      {[]string{"unattributed untagged"}, `wrote only microsoft\.\S+ of it`},
	"operation_read":                   {[]string{"unattributed untagged"}, `which carried pid-\S+, only read it`},
	"pid_only_in_dependencies":         {[]string{"attributed"}, `no record of its own.*dependency of a deployment`},
	"pid_only_in_operation":            {[]string{"attributed"}, `no record of its own.*deployment operation`},
	"plain_words_after_pid":            {[]string{"unattributed untagged"}, `pid-app-gateway-start-deployment of that request looks tagged`},
	"preexisting_by_usage":             {[]string{"preexisting"}, `usage begins on .*, before its first known write`},
	"preexisting_by_write":             {[]string{"preexisting"}, `its first write on .* carried no tracking id; pid-\S+ came with a later one`},
	"prefix_is_no_ancestor":            {[]string{"unattributed untagged|unattributed no_evidence"}, `no write of it is known`},
	"recreated_same_day":               {[]string{"attributed", "attributed"}, `is yours: .*is yours: `},
	"redeploy_other_id":                {[]string{"attributed"}, `is yours`},
	"redeploy_same_name":               {[]string{"attributed"}, `is yours`},
	"registered_before_unregistered":   {[]string{"attributed"}, `in force goes before one that is unregistered`},
	"resource_group_deleted":           {[]string{"attributed", "attributed", "unattributed deleted"}, `deleted with rg-`},
	"resource_group_deleted_gone":      {[]string{"attributed"}, `deleted with rg-`},
	"restated_to_nothing":              {[]string{"attributed"}, `There is no usage of it in 2026-`},
	"retired_after":                    {[]string{"unregistered"}, `was retired on`},
	"retired_before":                   {[]string{"attributed"}, `is yours`},
	"system_id":                        {[]string{"system"}, `a tool sends by itself`},
	"tagged_child_untagged_parent":     {[]string{"attributed"}, `created it on`},
	"template_basic":                   {[]string{"attributed"}, `is yours`},
	"template_cross_rg":                {[]string{"attributed"}, `is yours`},
	"template_sub_scope":               {[]string{"attributed"}, `is yours`},
	"terraform_shared_child":           {[]string{"attributed"}, `in a User-Agent`},
	"terraform_shared_correlation":     {[]string{"attributed"}, `in a User-Agent`},
	"terraform_shared_system":          {[]string{"system"}, `a tool sends by itself`},
	"terraform_shared_untagged":        {[]string{"unattributed untagged"}, `Other calls of the same correlation id`},
	"two_ids_earliest_first":           {[]string{"attributed"}, `it was seen first`},
	"two_ids_in_user_agent":            {[]string{"attributed"}, `in force goes before one that is system`},
	"two_ids_partnercenter_first":      {[]string{"attributed"}, `a partnercenter id goes first`},
	"unregistered":                     {[]string{"unregistered"}, `not in the registry`},
	"untagged_parent":                  {[]string{"unattributed untagged"}, `carried no tracking id`},
	"untagged_portal":                  {[]string{"unattributed untagged|unattributed no_evidence"}, `carried no tracking id|no write of it is known`},
	"untagged_template":                {[]string{"unattributed untagged"}, `carried no tracking id`},
	"user_agent_of_a_deployment":       {[]string{"attributed"}, `in a User-Agent`},
	"what_if":                          {[]string{"unattributed untagged"}, `carried no tracking id`},
}

// testExplain demands of every planted case the reason that the README of its world writes.
func testExplain(t *testing.T, world, reports string) {
	e := explainerOf(t, reports)
	tested := map[string]int{}
	for _, c := range readPlanted(t, world) {
		if tested[c.name] == 2 {
			continue // an answer takes a third of a second
		}
		tested[c.name]++
		want, ok := expectations[c.name]
		if !ok {
			t.Errorf("%s: the README has this case, the test has no expectation", c.name)
			continue
		}
		a, err := e.Explain(t.Context(), explain.Question{Text: c.resource})
		if want.status == nil {
			var nothing *explain.NothingError
			if !errors.As(err, &nothing) || !strings.Contains(err.Error(), "or it belongs to a customer who opted out") {
				t.Errorf("%s: %s: %v %v", c.name, c.resource, a, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %s: %v", c.name, c.resource, err)
			continue
		}
		var got []string
		for _, s := range a.Resource.Spans {
			got = append(got, strings.TrimSpace(s.Status+" "+s.Reason))
		}
		slices.Sort(got)
		text := a.Conclusion + " " + strings.Join(a.Notes, " ")
		if !regexp.MustCompile("^(?:"+strings.Join(want.status, ",")+")$").MatchString(strings.Join(got, ",")) || !regexp.MustCompile(want.text).MatchString(text) {
			t.Errorf("%s: %s:\nstatus %q, expected %q\n%s\nexpected %s", c.name, c.resource, got, want.status, text, want.text)
		}
		linksAreThere(t, c, a, world)
	}
	if len(tested) < 40 {
		t.Errorf("only %d cases were tested", len(tested))
	}
}

// linksAreThere demands that every link of a chain names its file and record, that the file is there, and that a missing link says how to get it.
func linksAreThere(t *testing.T, c planted, a *explain.Answer, world string) {
	t.Helper()
	check := func(p explain.Place, what string) {
		t.Helper()
		path := filepath.FromSlash(p.File)
		if !filepath.IsAbs(path) {
			path = filepath.Join(world, path)
		}
		if _, err := os.Stat(path); err != nil || p.Record == 0 {
			t.Errorf("%s: %s: %s stands in %q, record %d (%v)", c.name, c.resource, what, p.File, p.Record, err)
		}
	}
	for _, l := range a.Resource.Lifetimes {
		for _, w := range l.Writes {
			check(w.Place, "the write of "+w.CorrelationID)
			for _, s := range w.Sightings {
				check(s.Place, "the sighting "+s.Token)
			}
			for _, tag := range w.Tags {
				if tag.Registration != nil {
					check(tag.Registration.Place, "the registration of "+tag.TrackingID)
				}
			}
		}
		if l.Deleted != nil {
			check(l.Deleted.Place, "the deletion")
		}
	}
	if len(a.Resource.Money) == 0 {
		t.Errorf("%s: %s: no money", c.name, c.resource)
	}
	last := a.Resource.Spans[len(a.Resource.Spans)-1]
	if last.Status == "unattributed" && last.Rule == "no_write" && len(a.Missing) == 0 {
		t.Errorf("%s: %s: nothing says which export would have held the write", c.name, c.resource)
	}
	for _, m := range a.Missing {
		if m.Link == "" || m.Have == "" || m.Get == "" {
			t.Errorf("%s: %s: missing link %+v", c.name, c.resource, m)
		}
	}
}

func explainerOf(t *testing.T, reports string) *explain.Explainer {
	t.Helper()
	e, err := explain.Open(t.Context(), reports, adhoc.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// testKinds asks the demo for one thing of every kind, in several spellings.
func testKinds(t *testing.T, reports string) {
	e := explainerOf(t, reports)
	for _, c := range []struct{ text, day, kind, conclusion string }{
		{"pid-380208A9-AD45-423D-BB1A-11DF587FD280-dv2bwxx2nsouz", "", explain.KindTrackingID, `registered for MPN 5120077, .*seen in 5 requests .* 6,513\.36 EUR.* of 6 resources are attributed`},
		{"contoso-myoffer", "", explain.KindTrackingID, `pid-contoso-myoffer-partnercenter is registered`},
		{"pid-222c6c49-1b0a-5959-a213-6608f9eb8820", "", explain.KindTrackingID, `a tool sends by itself`},
		{"7467537a-4b63-40ef-a62a-c1fea5f09e63", "", explain.KindTrackingID, `is not in the registry; .* are unregistered`},
		{"PID-c2ce6f44-7ed4-457b-b", "", explain.KindToken, `is not a tracking id \(truncated\).* 0\.02 EUR of 1 resource are nobody's .*probably meant was pid-c2ce6f44-7ed4-457b-be2f-eb89414c343c`},
		{"333dbbe4-895b-4857-9db3-af932a846be0", "", explain.KindRequest, `carried pid-380208a9-\S+ \(in force\) and wrote 2 resources; 3,821\.96 EUR of 2 resources are attributed`},
		{"e5b0fcb2-370b-42ff-bd96-bfb12cd66a72", "", explain.KindRequest, `carried no tracking id and wrote 1 resource; it owns no usage`},
		{"azuredeploy-0193", "", explain.KindDeployment, `ran once, on 2026-03-13`},
		{"main-92", "", explain.KindDeployment, `ran 2 times`},
		{"f3d4e711-5804-4922-a386-8a29678a5aa3", "", explain.KindSubscription, `^6,666\.\d\d EUR \(95\.0 %\) of the usage in subscription`},
		{"/subscriptions/F3D4E711-5804-4922-A386-8A29678A5AA3/", "", explain.KindSubscription, `of the usage in subscription`},
		{"rg-app-062", "", explain.KindResourceGroup, `\(100\.0 %\) of the usage in resource group rg-app-062`},
		{"plan-Data-0063", "2026-03-13", explain.KindResource, `^On 2026-03-13: plan-data-0063 is yours`},
		{"kvhub0145", "2026-03-16", explain.KindResource, `^On 2026-03-16: kvhub0145 is not yours: it was deleted on 2026-03-14 .*until 2026-03-20 \(deleted\)`},
		{"kvHub0145", "2026-03-10", explain.KindResource, `^On 2026-03-10: kvhub0145 is yours: .* carried pid-contoso-myoffer-partnercenter`},
		{"07923986-bb96-4a43-bd5c-8dfc5eda92d8", "", explain.KindCustomer, `^12,839\.10 SEK \(>99\.9 %\) of the usage in the subscriptions of Northwind Traders \(07923986-bb96-4a43-bd5c-8dfc5eda92d8\) is yours`},
		{"NORTHWIND Traders", "", explain.KindCustomer, `is yours`},
		{"rg-lz-069", "", explain.KindResourceGroup, `usage in resource group`},
	} {
		a, err := e.Explain(t.Context(), explain.Question{Text: c.text, Day: c.day})
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if a.Kind != c.kind || !regexp.MustCompile(c.conclusion).MatchString(a.Conclusion) || a.RunID == "" || a.DataThrough != "2026-04-30" {
			t.Errorf("%s is a %s (%s, %s): %s", c.text, a.Kind, a.RunID, a.DataThrough, a.Conclusion)
		}
		var text strings.Builder
		if err := a.WriteText(&text, explain.View{Width: 80}); err != nil || !strings.Contains(strings.Join(strings.Fields(text.String()), " "), strings.Join(strings.Fields(a.Conclusion), " ")) {
			t.Errorf("%s: the text lacks the conclusion (%v):\n%s", c.text, err, &text)
		}
		if strings.Contains(text.String(), "\x1b") {
			t.Errorf("%s: colours without a terminal", c.text)
		}
	}
	a, err := e.Explain(t.Context(), explain.Question{Text: "plan-data-0063", Day: "2026-03-13"})
	if err != nil || len(a.Resource.DayRows) != 1 || a.Resource.DayRows[0].Effective != "220.3672" || a.Resource.DayRows[0].Record != 46 {
		t.Errorf("the rows of a day: %+v, %v", a, err)
	}
	for text, near := range map[string]string{
		"pid-380208a9-ad45-423d-bb1a-11df587fd281": "tracking_id pid-380208a9-ad45-423d-bb1a-11df587fd280",
		"plan-Data-0064":        "resource /subscriptions/f3d4e711-5804-4922-a386-8a29678a5aa3/resourcegroups/rg-app-062/providers/microsoft.web/serverfarms/plan-data-0063",
		"333dbbe4":              "request 333dbbe4-895b-4857-9db3-af932a846be0",
		"nothing like anything": "",
		"it's $1 -- \"":         "",
	} {
		_, err := e.Explain(t.Context(), explain.Question{Text: text})
		var nothing *explain.NothingError
		if !errors.As(err, &nothing) {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if near != "" && !slices.ContainsFunc(nothing.Near, func(c explain.Candidate) bool { return c.Kind+" "+c.ID == near }) {
			t.Errorf("%q: near are %v", text, nothing.Near)
		}
	}
	var many *explain.ManyError
	if _, err := e.Explain(t.Context(), explain.Question{Text: "pid-contoso-myoffer-partnercenter-x"}); !errors.As(err, new(*explain.NothingError)) {
		t.Errorf("an id with an ending of its own: %v", err)
	}
	if _, err := e.Explain(t.Context(), explain.Question{Text: "contoso-pid-64b2d2bc-815a-47c5-80df-b4a5d8a064df"}); err != nil && !errors.As(err, &many) {
		t.Errorf("a deployment name around an id: %v", err)
	}
	if _, err := e.Explain(t.Context(), explain.Question{Text: "rg-app-062", Day: "2026-03-13"}); !errors.As(err, new(*explain.DayError)) {
		t.Errorf("a day of a group: %v", err)
	}
}

// testVerifications asks the demo for every result that verify has.
func testVerifications(t *testing.T, reports string) {
	e := explainerOf(t, reports)
	for _, c := range []struct {
		check      explain.Check
		result     string
		carriers   int
		conclusion string
	}{
		{explain.Check{TrackingID: "pid-380208a9-ad45-423d-bb1a-11df587fd280"}, explain.FoundDeployed, 5, `carried by 5 deployments under 5 correlation ids`},
		{explain.Check{TrackingID: "380208a9-ad45-423d-bb1a-11df587fd280", ResourceGroup: "RG-app-062"}, explain.FoundDeployed, 1, `1 deployment under 1 correlation id, which created 2 resources`},
		{explain.Check{TrackingID: "380208a9-ad45-423d-bb1a-11df587fd280", ResourceGroup: "rg-lz-069"}, explain.FoundDeployed, 1, `1 deployment under`}, // named at the subscription
		{explain.Check{TrackingID: "380208a9-ad45-423d-bb1a-11df587fd280", ResourceGroup: "nowhere"}, explain.FoundElsewhere, 0, `was seen, but not in`},
		{explain.Check{TrackingID: "380208a9-ad45-423d-bb1a-11df587fd280", Subscription: "a8c24d42-44ef-4feb-88e5-b4617589a82b"}, explain.FoundDeployed, 2, `2 deployments`},
		{explain.Check{TrackingID: "pid-contoso-myoffer-partnercenter"}, explain.FoundDeployed, 3, `2 deployments and 1 call under 3 correlation ids`},
		{explain.Check{TrackingID: "7467537a-4b63-40ef-a62a-c1fea5f09e63"}, explain.FoundDeployed, 2, `2 deployments`}, // not registered
		{explain.Check{TrackingID: "pid-c2ce6f44-7ed4-457b-b"}, explain.FoundMalformed, 0, `is not a tracking id \(truncated\)`},
		{explain.Check{TrackingID: "11111111-2222-4333-8444-555555555555"}, explain.FoundNothing, 0, `was never seen`},
	} {
		v, err := e.Verify(t.Context(), c.check)
		if v == nil || (err == nil) != (c.result == explain.FoundDeployed) {
			t.Errorf("%+v: %v", c.check, err)
			continue
		}
		if v.Result != c.result || len(v.Carriers) != c.carriers || !regexp.MustCompile(c.conclusion).MatchString(v.Conclusion) {
			t.Errorf("%+v: %s, %d carriers: %s", c.check, v.Result, len(v.Carriers), v.Conclusion)
		}
		if (v.Registration == nil) != (c.check.TrackingID[0] != 'p' && c.check.TrackingID[0] != '3' || c.result == explain.FoundMalformed) {
			t.Errorf("%+v: registration %v", c.check, v.Registration)
		}
	}
	v, err := e.Verify(t.Context(), explain.Check{TrackingID: "b94067ed-fe17-4330-a11d-459a2f978d87"})
	if err != nil || !slices.ContainsFunc(v.Carriers, func(c explain.Carrier) bool { return !c.Recorded && c.State == "" && c.Evidence == "operation" }) {
		t.Errorf("a deployment that was purged: %+v, %v", v, err)
	}
}

// testSecret demands that no answer names a customer who opted out.
func testSecret(t *testing.T, world, reports string) {
	e := explainerOf(t, reports)
	scopes := optedOut(t, world)
	registry := readReport(t, filepath.Join(world, "registry.csv"))
	for _, line := range registry[1:] {
		a, err := e.Explain(t.Context(), explain.Question{Text: pidOf(line[0])})
		if err != nil {
			t.Errorf("%s: %v", line[0], err)
			continue
		}
		v, _ := e.Verify(t.Context(), explain.Check{TrackingID: line[0]})
		data, err := json.Marshal([]any{a, v})
		if err != nil {
			t.Fatal(err)
		}
		for _, scope := range scopes {
			if strings.Contains(string(data), strings.TrimPrefix(scope, "/subscriptions/")) {
				t.Errorf("%s: the answer names %s", line[0], scope)
			}
		}
	}
	for _, scope := range scopes {
		for _, text := range []string{scope, scope[strings.LastIndexByte(scope, '/')+1:]} {
			if a, err := e.Explain(t.Context(), explain.Question{Text: text}); !errors.As(err, new(*explain.NothingError)) {
				t.Errorf("%s: %+v, %v", text, a, err)
			}
		}
	}
}

func pidOf(id string) string {
	if strings.HasPrefix(id, "pid-") {
		return id
	}
	return "pid-" + id
}
