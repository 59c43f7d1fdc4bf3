package cmd

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/report/explain"
)

// guide is Microsoft's verification script (reference/attribution.md 4.1), written for export files and without a line of the program:
// deployments whose name carries the id -> their correlation ids -> all deployments with these -> their operations Create that Succeeded,
// whose target is not a deployment.
type guide struct {
	deployments map[string][]guideDeployment         // by id, in lower case
	operations  map[string]map[string]bool           // targets created, by correlation id
	others      map[[2]string]bool                   // (resource, correlation id) that output resources and other logs know as written
	pending     map[string]map[string]guideOperation // by deployment and operation id, latest wins
}

type guideDeployment struct {
	name, correlation string
	start, end        time.Time
}

type guideOperation struct {
	start, end          time.Time
	kind, state, target string
}

func readGuide(t *testing.T, exports string) *guide {
	t.Helper()
	g := &guide{deployments: map[string][]guideDeployment{}, operations: map[string]map[string]bool{}, others: map[[2]string]bool{}, pending: map[string]map[string]guideOperation{}}
	err := filepath.WalkDir(exports, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path, filepath.Join(exports, "cost")) {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.HasSuffix(path, ".csv") {
			return g.readCSV(data)
		}
		dec := json.NewDecoder(bytes.NewReader(data))
		for dec.More() {
			var v any
			if err := dec.Decode(&v); err != nil {
				return err
			}
			g.walk(v)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	g.settle()
	return g
}

func (g *guide) readCSV(data []byte) error {
	records, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))).ReadAll()
	if err != nil {
		return err
	}
	for _, r := range records[1:] {
		v := map[string]any{}
		for i, name := range records[0] {
			v[name] = r[i]
		}
		g.walk(v)
	}
	return nil
}

// walk finds records at any depth.
func (g *guide) walk(v any) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			g.walk(x)
		}
	case map[string]any:
		low := map[string]any{}
		for k, x := range v {
			low[strings.ToLower(k)] = x
		}
		props, _ := low["properties"].(map[string]any)
		id := strings.ToLower(text(low["id"]))
		switch {
		case strings.Contains(id, "/operations/") && props != nil:
			g.operation(id, props)
		case strings.Contains(id, "/microsoft.resources/deployments/") && text(props["correlationId"]) != "" && text(props["provisioningState"]) != "":
			g.deployment(id, text(low["name"]), props)
		case text(low["correlationid"]) != "":
			for _, name := range []string{"resourceid", "_resourceid", "targetresourceid"} {
				g.others[[2]string{strings.ToLower(text(low[name])), text(low["correlationid"])}] = true
			}
		case low["request"] != nil && low["response"] != nil: // a logged call
			request, _ := low["request"].(map[string]any)
			response, _ := low["response"].(map[string]any)
			headers, _ := response["headers"].(map[string]any)
			path, _, _ := strings.Cut(strings.TrimPrefix(text(request["url"]), "https://management.azure.com"), "?")
			g.others[[2]string{strings.ToLower(path), text(headers["x-ms-correlation-request-id"])}] = true
		default:
			changed, _ := props["changeAttributes"].(map[string]any)
			g.others[[2]string{strings.ToLower(text(props["targetResourceId"])), text(changed["correlationId"])}] = true
			for _, x := range v {
				g.walk(x)
			}
		}
	}
}

func text(v any) string { s, _ := v.(string); return s }

var duration = regexp.MustCompile(`^PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$`)

// times is the window of a deployment or operation.
func times(props map[string]any) (start, end time.Time) {
	end, err := time.Parse(time.RFC3339Nano, text(props["timestamp"]))
	if err != nil {
		return end, end
	}
	m := duration.FindStringSubmatch(text(props["duration"]))
	took := time.Duration(0)
	if m != nil {
		for i, unit := range []string{"h", "m", "s"} {
			if d, err := time.ParseDuration(m[i+1] + unit); err == nil && m[i+1] != "" {
				took += d
			}
		}
	}
	return end.Add(-took), end
}

func (g *guide) deployment(id, name string, props map[string]any) {
	start, end := times(props)
	if end.Year() < 2000 {
		return // a what-if
	}
	correlation := text(props["correlationId"])
	g.deployments[id] = append(g.deployments[id], guideDeployment{name, correlation, start, end})
	outputs, _ := props["outputResources"].([]any)
	for _, o := range outputs {
		if o, ok := o.(map[string]any); ok {
			g.others[[2]string{strings.ToLower(text(o["id"])), correlation}] = true
		}
	}
}

func (g *guide) operation(id string, props map[string]any) {
	dep, operation, _ := strings.Cut(id, "/operations/")
	target, _ := props["targetResource"].(map[string]any)
	start, end := times(props)
	if g.pending[dep] == nil {
		g.pending[dep] = map[string]guideOperation{}
	}
	// the ids of operations repeat when a name is used again, at another time
	key := operation + end.Format(time.DateOnly)
	g.pending[dep][key] = guideOperation{start, end, text(props["provisioningOperation"]), text(props["provisioningState"]), strings.ToLower(text(target["id"]))}
}

// settle gives every operation the correlation id of the run of its deployment that lies nearest.
func (g *guide) settle() {
	for dep, operations := range g.pending {
		for _, o := range operations {
			if o.kind != "Create" || o.state != "Succeeded" || o.target == "" || strings.Contains(o.target, "/microsoft.resources/deployments/") {
				continue
			}
			best, at := "", time.Duration(1<<62)
			for _, d := range g.deployments[dep] {
				distance := max(d.start.Sub(o.end), o.end.Sub(d.end), 0)
				if distance < at {
					best, at = d.correlation, distance
				}
			}
			if best == "" {
				continue
			}
			if g.operations[best] == nil {
				g.operations[best] = map[string]bool{}
			}
			g.operations[best][o.target] = true
		}
	}
}

// created lists what the script prints for an id.
func (g *guide) created(id string) map[[2]string]bool {
	pattern := regexp.MustCompile(`(?i)(?:^|[^a-z0-9])pid-` + regexp.QuoteMeta(id) + `(?:[^0-9a-f]|$)`)
	out := map[[2]string]bool{}
	for _, runs := range g.deployments {
		for _, d := range runs {
			if !pattern.MatchString(d.name) {
				continue
			}
			for target := range g.operations[d.correlation] {
				out[[2]string{target, d.correlation}] = true
			}
		}
	}
	return out
}

// testVerify demands of every registered id the resources that the guide's script prints for it, and of what verify finds besides that
// other records know of it.
func testVerify(t *testing.T, world, reports string) {
	g := readGuide(t, filepath.Join(world, "exports"))
	out := optedOut(t, world)
	e := explainerOf(t, reports)
	registry := readReport(t, filepath.Join(world, "registry.csv"))
	column := slices.IndexFunc(registry[0], func(name string) bool { return name == "tracking_id" || name == "guid" || name == "tracking_guid" })
	resources := 0
	for _, line := range registry[1:] {
		id := strings.TrimSuffix(strings.TrimPrefix(strings.ToLower(line[column]), "pid-"), "-partnercenter")
		want := map[[2]string]bool{}
		for k := range g.created(id) {
			if !slices.ContainsFunc(out, func(scope string) bool { return strings.HasPrefix(k[0]+"/", scope+"/") }) {
				want[k] = true
			}
		}
		v, err := e.Verify(t.Context(), explain.Check{TrackingID: line[column]})
		if err != nil {
			var none *explain.VerifyError
			if !errors.As(err, &none) || len(want) > 0 || v == nil || len(v.Carriers) > 0 {
				t.Errorf("%s: %v; the script prints %d resources", id, err, len(want))
			}
			continue
		}
		got := map[[2]string]bool{}
		for _, r := range v.Resources {
			got[[2]string{r.ResourceID, r.CorrelationID}] = true
		}
		for _, x := range v.Extensions {
			got[[2]string{x.ResourceID, x.CorrelationID}] = true
		}
		for _, k := range slices.SortedFunc(maps.Keys(want), func(a, b [2]string) int { return strings.Compare(a[0]+a[1], b[0]+b[1]) }) {
			if !got[k] {
				t.Errorf("%s: the script prints %s of request %s, verify does not", id, k[0], k[1])
			}
			resources++
		}
		for k := range got {
			if !want[k] && !g.others[k] && !g.operations[k[1]][k[0]] {
				t.Errorf("%s: verify prints %s of request %s, which no record knows", id, k[0], k[1])
			}
		}
	}
	if resources < 50 {
		t.Errorf("only %d resources were compared", resources)
	}
}

// optedOut lists the scopes that opted out, as beginnings of resource ids.
func optedOut(t *testing.T, world string) []string {
	t.Helper()
	var scopes []string
	for _, line := range readReport(t, filepath.Join(world, "exclusions.csv"))[1:] {
		scope := strings.ToLower(strings.Trim(line[0], "/"))
		if !strings.HasPrefix(scope, "subscriptions/") {
			scope = "subscriptions/" + scope
		}
		scopes = append(scopes, "/"+scope)
	}
	data, err := os.ReadFile(filepath.Join(world, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if m := subscriptionLine.FindStringSubmatch(line); m != nil && strings.Contains(line, "opted out") {
			scopes = append(scopes, "/subscriptions/"+m[2]) // also by its tenant
		}
	}
	return scopes
}

// An offer with several ids is told with what each brings, as people write amounts.
func TestVerifyOffer(t *testing.T) {
	code, _, errs := runDemo(t, "verify", "Contoso Insight")
	if code != exit.Check || !strings.Contains(errs, "(base, github, 0.01 CHF, 8,610.73 SEK, 619.39 USD)") || !strings.Contains(errs, "<0.01 GBP, 958.33 SEK") {
		t.Errorf("exit code %d:\n%s", code, errs)
	}
}
