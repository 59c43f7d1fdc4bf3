package cmd

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest/registry"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/testdata/faults"
)

// Nothing that pidledger writes names a customer who opted out: not a report in any form, the snapshot, what a command says, the log, or a
// support bundle. The demo world has one exclusion of each kind; the same world without them is the control that the names would be found.
func TestOptOutEndToEnd(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("two whole worlds take seconds")
	}
	world, err := filepath.Abs(filepath.Join("..", "testdata", "demo"))
	if err != nil {
		t.Fatal(err)
	}
	exclusions := filepath.Join(world, "exclusions.csv")
	excluded, _, err := registry.Exclusions(exclusions, registry.Options{})
	if err != nil || len(excluded) != 3 {
		t.Fatal(excluded, err)
	}
	db, err := engine.Open(t.Context(), engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()

	night := func(exclusions string) (dir, said string) {
		t.Helper()
		dir = t.TempDir()
		// Names of customers, as a partner would keep them, for the scopes that opted out.
		customers := "subscription_id,customer_tenant_id,customer_name\n2f429ce5-9ff3-478f-ac1b-0c3e1c07724e,,Fabrikam Regulated AG\n"
		settings := fmt.Sprintf("ledger: ledger\nregistry: %s\nexclusions: %s\ncustomers: customers.csv\nsources: [{path: %s}]\n"+
			"report: {dir: reports, formats: [%s], attributed_usage: [%s]}\nlog: {file: night.jsonl}\nnotify: {webhook_file: hook}\nmetrics: {file: night.prom, money: true}\n",
			filepath.Join(world, "registry.csv"), exclusions, filepath.Join(world, "exports"), strings.Join(spec.Formats, ", "), strings.Join(spec.DetailFormats, ", "))
		told := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err = errors.Join(err, os.WriteFile(filepath.Join(dir, "told.json"), body, 0o600)); err != nil {
				t.Error(err)
			}
		}))
		defer told.Close()
		for name, text := range map[string]string{"customers.csv": customers, config.Name: settings, "hook": told.URL} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var out bytes.Buffer
		for _, args := range [][]string{
			{"run"}, {"report"}, {"run", "--dry-run"}, {"status"}, {"status", "--json"}, {"registry", "lint"}, {"registry", "lint", "--sarif"},
			{"support", "--id", "c2ce6f44-7ed4-457b-be2f-eb89414c343c", "--id", "060cea63-1d3b-493f-a949-0eab7f1a355e", "-o", filepath.Join(dir, "request.zip"), "--yes"},
		} {
			if code := Main(append(args, "--config", filepath.Join(dir, config.Name)), strings.NewReader(""), &out, &out); code != exit.Done {
				t.Fatalf("%v: exit code %d\n%s", args, code, &out)
			}
		}
		return dir, out.String()
	}

	control, _ := night(`""`)
	names := identities(t, db, control, excluded)
	for kind, list := range names {
		if len(list) == 0 {
			t.Fatalf("the world has no %s that opted out", kind)
		}
	}
	scan := func(dir, said string, see func(where, text string)) {
		see("standard output and error", strings.ToLower(said))
		for _, name := range []string{"night.jsonl", "told.json", "night.prom"} {
			see(name, readText(t, filepath.Join(dir, name)))
		}
		eachFile(t, filepath.Join(dir, "reports"), func(path string) { see(rel(dir, path), textOf(t, db, path)) })
		snapshot, err := filepath.EvalSymlinks(filepath.Join(dir, "reports", "snapshot"))
		if err != nil {
			t.Fatal(err)
		}
		eachFile(t, snapshot, func(path string) { see(rel(dir, path), textOf(t, db, path)) })
		for name, text := range unzipped(t, filepath.Join(dir, "request.zip")) {
			see("request.zip "+name, strings.ToLower(text))
		}
	}
	found := map[string]bool{}
	scan(control, "", func(_, text string) {
		for kind, list := range names {
			for _, name := range list {
				found[kind] = found[kind] || strings.Contains(text, name)
			}
		}
	})
	if len(found) != len(names) || slices.Contains(slices.Collect(maps.Values(found)), false) {
		t.Errorf("the control does not name them: %v", found)
	}

	dir, said := night(exclusions)
	n := 0
	tally := faults.Count(t, "needles of who opted out")
	scan(dir, said, func(where, text string) {
		n++
		for kind, list := range names {
			for _, name := range list {
				tally.Check("the demo world, name by file", !strings.Contains(text, name), "not found")
				if i := strings.Index(text, name); i >= 0 {
					t.Errorf("%s: %s %q: ...%s...", where, kind, name, text[max(0, i-80):min(len(text), i+len(name)+40)])
				}
			}
		}
	})
	if n < 70 {
		t.Errorf("only %d files were looked through", n)
	}
	info, err := os.Stat(filepath.Join(dir, "request.zip"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("request.zip: %v, %v", info.Mode(), err)
	}
	bundle := unzipped(t, filepath.Join(dir, "request.zip"))
	for name, want := range map[string]string{
		"coverage.csv": ",excluded,", "tracking_ids.json": `"kind": "unregistered"`, "config.json": `"customers": "customers.csv"`, "request.txt": "060cea63-", "status.json": `"result": "done"`,
	} {
		if !strings.Contains(bundle[name], want) {
			t.Errorf("%s does not say %q:\n%s", name, want, bundle[name])
		}
	}
	for _, fact := range []string{`"correlation_id": "`, `"source": "deployment_name"`, `"state": "succeeded"`} {
		if !strings.Contains(strings.ToLower(bundle["tracking_ids.json"]), fact) {
			t.Errorf("tracking_ids.json does not say %q:\n%s", fact, bundle["tracking_ids.json"])
		}
	}
	if strings.Contains(strings.Join(slices.Collect(maps.Values(bundle)), "\n"), "/subscriptions/") {
		t.Error("the bundle names a scope")
	}
	for _, want := range []string{"is not registered: usage of", "was never seen", "was probably meant to be", "(of a customer who opted out)"} {
		if !strings.Contains(said, want) {
			t.Errorf("no command says %q", want)
		}
	}
	// A registry can be read back from a snapshot.
	var out bytes.Buffer
	args := []string{"registry", "import", "--config", filepath.Join(dir, config.Name), filepath.Join(dir, "reports", "snapshot", "registrations.parquet")}
	if code := Main(args, strings.NewReader(""), &out, &out); code != exit.Done || !strings.Contains(out.String(), "0 ids added, 20 there already") {
		t.Errorf("registry import: exit code %d\n%s", code, &out)
	}
}

// What names a customer who opted out only in part of a row, or beside it, shows nowhere either: a row whose subscription is not that of its
// resource, a group without a resource id, a reservation, a record in a file of another customer's, an export of the scope, a rejected row.
func TestOptOutByEveryIdentity(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("several nights take seconds")
	}
	db, err := engine.Open(t.Context(), engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const (
		in, inTenant   = "10000000-aaaa-4bbb-8ccc-000000000001", "1a000000-aaaa-4bbb-8ccc-00000000001a"
		out, outTenant = "20000000-dead-4bee-8fff-000000000002", "2b000000-dead-4bee-8fff-00000000002b"
		id             = "90000000-1234-4abc-8def-000000000009"
		request        = "c0000000-0000-4000-8000-00000000000c"
	)
	vm := func(sub, group, name string) string {
		return "/subscriptions/" + sub + "/resourceGroups/" + group + "/providers/Microsoft.Compute/virtualMachines/" + name
	}
	const header = "customerTenantId,customerName,billingPeriodEndDate,billingPeriodStartDate,date,meterId,meterCategory,SubscriptionId,subscriptionName," +
		"resourceGroupName,ResourceId,effectivePrice,quantity,unitOfMeasure,chargeType,billingCurrency,costInBillingCurrency,pricingCurrency,publisherType,additionalInfo,tags\n"
	row := func(tenant, name, sub, group, resource, cost string) string {
		return strings.Join([]string{
			tenant, name, "03/31/2026", "03/01/2026", "03/10/2026", "m", "Virtual Machines", sub, "s", group, resource, "1", "1", "1 Hour", "Usage", "EUR", cost, "EUR", "Azure", "", "",
		}, ",") + "\n"
	}
	files := map[string]string{
		"registry.csv": "tracking_id,mpn_id,offer,sku,channel,registered_at\n" + id + ",1,Offer,s,github,2025-01-01\n",
		"exports/cost/all.csv": header +
			strings.Repeat(row(inTenant, "Visible", in, "rg-a", vm(in, "rg-a", "vm-visible"), "1"), 20) +
			row(outTenant, "Secret", out, "rg-o", vm(out, "rg-o", "vm-secret1"), "1") +
			row("", "", in, "", vm(out, "rg-o", "vm-secret2"), "1") +
			row(inTenant, "Visible", in, "", vm(out, "rg-o", "vm-secret3"), "1") +
			row(outTenant, "", in, "", vm(in, "rg-a", "vm-secret4"), "1") +
			row(outTenant, "Secret", "", "", "/providers/Microsoft.Capacity/reservationOrders/secret-order/reservations/secret-res", "1") +
			row(inTenant, "Visible", in, "RG-Secret", "", "7") +
			row(inTenant, "Visible", in, "rg-secret", vm(in, "rg-secret", "vm-secret5"), "1") +
			row("", "", out, "rg-o", vm(out, "rg-o", "vm-secret1"), "secret-amount"),
		"exports/cost/secret-folder/own.csv": header + row(outTenant, "Secret", out, "rg-o", vm(out, "rg-o", "vm-secret6"), "1"),
		"exports/deployments/" + out + ".json": `{"value":[` + deploymentOf(out, "rg-o", "main-secret", request) + "," + deploymentOf(out, "rg-o", "pid-"+id+"-secret", request) + "," +
			deploymentOf(in, "rg-a", "pid-"+id, request) + `]}`,
		"exports/operations/" + out + "/ops.json": `{"value":[` + operationOf(out, "rg-o", "main-secret", vm(in, "rg-a", "vm-visible")) + "," +
			operationOf(out, "rg-o", "main-secret", vm(out, "rg-o", "vm-secret1")) + `]}`,
		// A file without any usage of theirs, with rows of theirs that cannot be used: one broken by a comma in a name, one by its amount.
		"exports/cost/visible.csv": header + strings.Repeat(row(inTenant, "Visible", in, "rg-a", vm(in, "rg-a", "vm-visible"), "2"), 20) +
			row(outTenant, "Secret, Ltd", out, "rg-o", vm(out, "rg-o", "vm-secret7"), "1") + row(outTenant, "", out, "rg-o", "", "secret-rejected") +
			row("", "", out, "rg-o", "", "12.5.0"),
		"exports/deployments/visible.json":      `[{"id": "secret-id", "name": 1, "properties": "secret-properties"}, "secret-element"]`,
		"exports/unknown/" + outTenant + ".bin": "\x00\x01",
	}
	night := func(exclusions string) string {
		dir := t.TempDir()
		files["exclusions.csv"] = "scope,reason\n" + exclusions
		files[config.Name] = fmt.Sprintf("ledger: ledger\nregistry: registry.csv\nexclusions: exclusions.csv\nsources: [{path: exports}]\n"+
			"report: {dir: reports, formats: [%s], attributed_usage: [%s]}\nlog: {file: night.jsonl}\nlimits: {max_reject_ratio: 0.5}\n",
			strings.Join(spec.Formats, ", "), strings.Join(spec.DetailFormats, ", "))
		for name, text := range files {
			path := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var said bytes.Buffer
		do := func(args ...string) {
			t.Helper()
			if code := Main(append(args, "--config", filepath.Join(dir, config.Name)), strings.NewReader(""), &said, &said); code != exit.Done && code != exit.Partial {
				t.Fatalf("%v: exit code %d\n%s", args, code, &said)
			}
		}
		bundle := filepath.Join(dir, "request.zip")
		for _, args := range [][]string{
			{"run"}, {"status"}, {"status", "--json"}, {"files"}, {"files", "--json"}, {"run", "--dry-run"}, {"run", "--rebuild"}, {"run", "--json"}, {"ingest"},
			{"explain", "vm-visible"}, {"explain", "vm-visible", "--json"}, {"explain", id}, {"explain", request}, {"explain", "rg-a"}, {"verify", id}, {"verify", id, "--json"},
			{"compare", "channels"}, {"compare", "offers"}, {"compare", "months", "--format", "csv"}, {"diff"}, {"diff", "--format", "csv"},
			{"registry", "lint"}, {"registry", "lint", "--sarif"}, {"support", "--id", id, "-o", bundle, "--yes"},
		} {
			do(args...)
		}
		for _, q := range queries.Catalog() {
			if !slices.ContainsFunc(q.Params, func(p queries.QueryParam) bool { return !p.Optional }) {
				do("query", q.Name, "--format", "csv")
			}
		}
		said.WriteString(askEverything(t, filepath.Join(dir, config.Name), "vm-visible", id, request, "rg-a", in, inTenant))
		snapshots, err := filepath.Glob(filepath.Join(dir, "reports", "snapshot", "*.parquet"))
		if err != nil || len(snapshots) < 20 {
			t.Fatal(snapshots, err)
		}
		for _, path := range snapshots {
			do("query", `from "`+strings.TrimSuffix(filepath.Base(path), ".parquet")+`"`, "--format", "csv")
		}
		text := said.String() + readText(t, filepath.Join(dir, "night.jsonl")) + strings.Join(slices.Collect(maps.Values(unzipped(t, bundle))), "\n")
		snapshot, err := filepath.EvalSymlinks(filepath.Join(dir, "reports", "snapshot"))
		if err != nil {
			t.Fatal(err)
		}
		for _, folder := range []string{filepath.Join(dir, "reports"), snapshot} {
			eachFile(t, folder, func(path string) {
				text += "\n" + rel(dir, path) + "\n"
				if strings.HasSuffix(path, ".xlsx") {
					text += strings.Join(slices.Collect(maps.Values(unzipped(t, path))), "\n")
					return
				}
				text += textOf(t, db, path)
			})
		}
		return strings.ToLower(text)
	}
	theirs := []string{out, outTenant, "secret1", "secret2", "secret3", "secret4", "secret6", "secret-", "main-secret", "rg-o"}
	group := []string{"rg-secret", "vm-secret5"}
	both := slices.Concat(theirs, group)
	control := night("")
	tally := faults.Count(t, "needles of who opted out")
	for _, needle := range both {
		if !strings.Contains(control, needle) {
			t.Errorf("the control does not name %s", needle)
		}
	}
	spelled := "/SUBSCRIPTIONS/" + strings.ToUpper(in) + "/ResourceGroups/RG-SECRET/,\n"
	for _, exclusions := range []string{
		strings.ToUpper(outTenant) + "/,\n" + spelled,
		"/subscriptions/" + out + "/,\n" + outTenant + ",\n" + strings.ToLower(spelled),
	} {
		text := night(exclusions)
		if !strings.Contains(text, "vm-visible") {
			t.Error("the other customer is not named")
		}
		if !strings.Contains(text, "12.5.0") {
			t.Error("a number that could not be used is not shown")
		}
		for _, needle := range both {
			tally.Check("only a part in a row, needle by spelling", !strings.Contains(text, needle), "not found")
			if i := strings.Index(text, needle); i >= 0 {
				t.Errorf("%q: ...%s...", needle, text[max(0, i-300):min(len(text), i+len(needle)+60)])
			}
		}
	}
}

// deploymentOf is a deployment as ARM lists it.
func deploymentOf(subscription, group, name, request string) string {
	return fmt.Sprintf(`{"id":"/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Resources/deployments/%s","name":"%[3]s","type":"Microsoft.Resources/deployments",`+
		`"properties":{"provisioningState":"Succeeded","timestamp":"2026-03-05T10:00:30Z","duration":"PT30S","correlationId":"%s","mode":"Incremental"}}`, subscription, group, name, request)
}

// operationOf is an operation that created a resource.
func operationOf(subscription, group, deployment, resource string) string {
	return fmt.Sprintf(`{"id":"/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Resources/deployments/%s/operations/%X","operationId":"%[4]X","properties":{"provisioningOperation":"Create",`+
		`"provisioningState":"Succeeded","timestamp":"2026-03-05T10:00:20Z","duration":"PT5S","statusCode":"Created","targetResource":{"id":"%s","resourceType":"Microsoft.Compute/virtualMachines"}}}`,
		subscription, group, deployment, len(resource), resource)
}

// identities collects from the usage and the snapshot of a run that excluded nobody what names the customers who opted out, in lower case,
// by kind. What others have, too, names nobody.
func identities(t *testing.T, db *engine.DB, dir string, excluded []registry.Exclusion) map[string][]string {
	t.Helper()
	theirs, others := map[string]map[string]bool{}, map[string]bool{}
	group := regexp.MustCompile(`^/subscriptions/[^/]+/resourcegroups/[^/]+`)
	opted := map[string]bool{}
	for _, e := range excluded {
		opted[e.ScopeID] = true
	}
	note := func(out bool, kind, name string) {
		if name = strings.ToLower(name); len(name) < 6 {
			return
		}
		if !out {
			others[name] = true
			return
		}
		if theirs[kind] == nil {
			theirs[kind] = map[string]bool{}
		}
		theirs[kind][name] = true
	}
	resource := func(out bool, id string) {
		parts := strings.Split(strings.ToLower(id), "/")
		if len(parts) > 4 && parts[3] == "resourcegroups" {
			note(out, "resource group", parts[4])
		}
		if len(parts) > 8 {
			note(out, "resource", parts[len(parts)-1])
		}
	}
	rows := func(path string, use func(cell func(string) string)) {
		columns, err := db.ParquetColumns(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		err = db.ParquetText(t.Context(), path, func(row []string, _ []bool) error {
			use(func(column string) string {
				if i := slices.Index(columns, column); i >= 0 {
					return row[i]
				}
				return ""
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	// First which subscriptions the tenant has: not every export tells.
	usage := func(use func(cell func(string) string)) {
		eachFile(t, filepath.Join(dir, "ledger", "usage"), func(path string) {
			if strings.HasSuffix(path, ".parquet") {
				rows(path, use)
			}
		})
	}
	usage(func(cell func(string) string) {
		if opted[strings.ToLower(cell("customer_tenant_id"))] && cell("subscription_id") != "" {
			opted[strings.ToLower(cell("subscription_id"))] = true
		}
	})
	usage(func(cell func(string) string) {
		sub, id := strings.ToLower(cell("subscription_id")), strings.ToLower(cell("resource_id"))
		whole := opted[sub] || opted[strings.ToLower(cell("customer_tenant_id"))]
		out := whole || opted[group.FindString(id)]
		resource(out, id)
		note(whole, "subscription", sub)
		note(whole, "tenant", cell("customer_tenant_id"))
		note(whole, "customer name", cell("customer_name"))
	})
	for table, column := range map[string]string{"deployments": "dep_id", "writes": "resource_id", "sightings": "scope_id"} {
		rows(filepath.Join(dir, "reports", "snapshot", table+".parquet"), func(cell func(string) string) {
			id := strings.ToLower(cell(column))
			parts := strings.Split(id, "/")
			whole := len(parts) > 2 && opted[parts[2]]
			out := whole || opted[group.FindString(id)]
			if table == "writes" {
				resource(out, id)
			} else if len(parts) > 4 {
				note(out, "resource group", parts[4])
			}
			if len(parts) > 2 && parts[1] == "subscriptions" {
				note(whole, "subscription", parts[2])
			}
		})
	}
	note(true, "customer name", "Fabrikam Regulated AG")
	for _, e := range excluded {
		if e.ScopeKind == registry.ScopeGUID {
			note(true, "tenant", e.ScopeID)
		}
	}
	names := map[string][]string{}
	for kind, set := range theirs {
		names[kind] = []string{}
		for _, name := range slices.Sorted(maps.Keys(set)) {
			if !others[name] {
				names[kind] = append(names[kind], name)
			}
		}
	}
	return names
}

func eachFile(t *testing.T, dir string, use func(path string)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			use(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func rel(dir, path string) string {
	if r, err := filepath.Rel(dir, path); err == nil {
		return r
	}
	return path
}

func readText(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ToLower(string(data))
}

// textOf is what a file holds, in lower case; of Parquet every cell, and the bytes of the file for its statistics.
func textOf(t *testing.T, db *engine.DB, path string) string {
	t.Helper()
	text := readText(t, path)
	if !strings.HasSuffix(path, ".parquet") {
		return text
	}
	var b strings.Builder
	b.WriteString(text)
	err := db.ParquetText(t.Context(), path, func(row []string, _ []bool) error {
		b.WriteString("\n" + strings.ToLower(strings.Join(row, "\t")))
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return b.String()
}

func unzipped(t *testing.T, path string) map[string]string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(data)
	}
	return out
}
