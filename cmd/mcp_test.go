package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/queries"
)

// assistant is a client of the SDK that has started `pidledger mcp`.
type assistant struct {
	*sdk.ClientSession
	t    *testing.T
	said *bytes.Buffer // on standard output
	errs *bytes.Buffer // on standard error; read it after the end
	end  func()        // closes standard input, and waits
}

// startAssistant starts `pidledger mcp` with further arguments and environment variables, and a client that speaks to it.
func startAssistant(t *testing.T, environ []string, args ...string) *assistant {
	t.Helper()
	in, inw := io.Pipe()
	out, outw := io.Pipe()
	a := &assistant{t: t, said: &bytes.Buffer{}, errs: &bytes.Buffer{}}
	p := newProgram(terminal.Streams{In: in, Out: io.MultiWriter(a.said, outw), Err: a.errs, Environ: append(os.Environ(), environ...)}, time.Now, app{}, night.Steps)
	code := make(chan int, 1)
	ctx := context.WithoutCancel(t.Context()) // which ends before the cleanup
	go func() {
		code <- p.run(ctx, append([]string{"mcp"}, args...))
		outw.Close()
	}()
	session, err := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil).Connect(ctx, &sdk.IOTransport{Reader: out, Writer: inw}, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, a.errs)
	}
	a.ClientSession = session
	ended := false
	a.end = func() {
		if ended {
			return
		}
		ended = true
		inw.Close() // the client itself would wait for the answers
		if got := <-code; got != exit.Done {
			t.Errorf("exit code %d\n%s", got, a.errs)
		}
		for line := range bytes.Lines(a.said.Bytes()) {
			var m struct{ JSONRPC string }
			if json.Unmarshal(line, &m) != nil || m.JSONRPC != "2.0" {
				t.Errorf("standard output has what is no message of the protocol: %s", line)
			}
		}
	}
	t.Cleanup(a.end)
	return a
}

// call calls a tool, and gives its text and structured content.
func (a *assistant) call(tool string, arguments map[string]any) (failed bool, text string, structured map[string]any) {
	a.t.Helper()
	r, err := a.CallTool(a.t.Context(), &sdk.CallToolParams{Name: tool, Arguments: arguments})
	if err != nil {
		a.t.Fatalf("%s %v: %v", tool, arguments, err)
	}
	for _, c := range r.Content {
		text += c.(*sdk.TextContent).Text + "\n"
	}
	structured, _ = r.StructuredContent.(map[string]any)
	return r.IsError, text, structured
}

// read reads a resource.
func (a *assistant) read(uri string) string {
	a.t.Helper()
	r, err := a.ReadResource(a.t.Context(), &sdk.ReadResourceParams{URI: uri})
	if err != nil || len(r.Contents) != 1 {
		a.t.Fatalf("%s: %v, %v", uri, r, err)
	}
	return r.Contents[0].Text
}

// demoAssistant is one that asks the demo's snapshot.
func demoAssistant(t *testing.T, environ ...string) *assistant {
	t.Helper()
	if testing.Short() {
		t.Skip("a whole run takes seconds")
	}
	reports, err := demoReports()
	if err != nil {
		t.Fatal(err)
	}
	return startAssistant(t, environ, "--config", filepath.Join("..", "testdata", "demo", "pidledger.yaml"), "--report-dir", reports, "--ledger", filepath.Join(filepath.Dir(reports), "ledger"))
}

// What an assistant is told about the tools and resources.
func TestAssistantTools(t *testing.T) {
	a := startAssistant(t, nil, "--report-dir", t.TempDir())
	tools, err := a.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	resources, err := a.ListResources(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var listed bytes.Buffer
	for name, list := range map[string]any{"tools.json": tools.Tools, "resources.json": resources.Resources} {
		listed.Reset()
		enc := json.NewEncoder(&listed)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		if err := enc.Encode(list); err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("..", "testdata", "mcp", name)
		if *update {
			if err := os.WriteFile(golden, listed.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), listed.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s\nRun go test ./cmd -run TestAssistantTools -update if the change is meant.", name, diff)
		}
	}
}

// A tool answers what the command of its name writes with --json, and what it says to people.
func TestAssistantAnswersAsCommands(t *testing.T) {
	a := demoAssistant(t)
	_, _, found := a.call("query", map[string]any{"sql": "select resource_id as id from writes where resource_id ilike '%/providers/microsoft.compute/%' order by all", "limit": 1})
	resource := found["rows"].([]any)[0].(map[string]any)["id"].(string)
	const registered = "pid-076f3787-b9d1-49e0-9c0f-d4f5f8130c42"
	for name, c := range map[string]struct {
		tool      string
		arguments map[string]any
		command   []string
		rows      bool // the command writes what the tool has as rows
		code      int
	}{
		"a resource":         {"explain", map[string]any{"id": resource}, []string{"explain", resource}, false, exit.Done},
		"an id":              {"explain", map[string]any{"id": registered}, []string{"explain", registered}, false, exit.Done},
		"nothing known":      {"explain", map[string]any{"id": "nonsense"}, []string{"explain", "nonsense"}, false, exit.Check},
		"no day":             {"explain", map[string]any{"id": resource, "day": "May"}, []string{"explain", resource, "--day", "May"}, false, exit.Usage},
		"what it deployed":   {"verify", map[string]any{"id": registered}, []string{"verify", registered}, false, exit.Done},
		"several ids":        {"verify", map[string]any{"id": "Contoso Data Hub"}, []string{"verify", "Contoso Data Hub"}, false, exit.Check},
		"in no group":        {"verify", map[string]any{"id": registered, "resource_group": "nowhere"}, []string{"verify", registered, "--resource-group", "nowhere"}, false, exit.Check},
		"channels":           {"compare", map[string]any{"what": "channels"}, []string{"compare", "channels"}, true, exit.Done},
		"two months":         {"compare", map[string]any{"what": "months", "names": []string{"2026-03", "2026-04"}, "currency": "eur"}, []string{"compare", "months", "2026-03", "2026-04", "--currency", "eur"}, true, exit.Done},
		"channels of offers": {"compare", map[string]any{"what": "channels", "per_offer": true, "month": "2026-03"}, []string{"compare", "channels", "--per-offer", "--month", "2026-03"}, true, exit.Done},
		"an unknown channel": {"compare", map[string]any{"what": "channels", "names": []string{"githup"}}, []string{"compare", "channels", "githup"}, true, exit.Usage},
		"rows":               {"query", map[string]any{"sql": "from summary order by all", "limit": 5000}, []string{"query", "from summary order by all", "--format", "json"}, true, exit.Done},
	} {
		t.Run(name, func(t *testing.T) {
			failed, text, got := a.call(c.tool, c.arguments)
			args := c.command
			if c.tool != "query" {
				args = append(args, "--json")
			}
			code, out, errs := runDemo(t, args...)
			if code != c.code || failed != (code != exit.Done) {
				t.Fatalf("the command exits with %d\n%s\nthe tool: failed %v\n%s", code, errs, failed, text)
			}
			if text == "" || strings.Contains(text, "\x1b") {
				t.Errorf("text %q", text)
			}
			compare := func(what, want string, got any) {
				t.Helper()
				var wanted any
				if err := json.Unmarshal([]byte(want), &wanted); err != nil {
					t.Fatal(err, want)
				}
				if diff := cmp.Diff(wanted, got); diff != "" {
					t.Errorf("%s (-command +tool):\n%s", what, diff)
				}
			}
			switch {
			case failed:
				message, _, _ := strings.Cut(errs, "\n")
				var complaint struct{ Error, Try string }
				if json.Unmarshal([]byte(message), &complaint) != nil || got["error"] != complaint.Error || !strings.Contains(text, complaint.Error+"\nTry: ") || fmt.Sprint(got["exit_code"]) != fmt.Sprint(code) {
					t.Errorf("the tool: %v\n%s\nthe command: %s", got, text, errs)
				}
				if out != "" {
					compare("what was found", out, got["found"])
				}
			case c.rows:
				compare("rows", out, got["rows"])
			default:
				compare("structured content", out, any(got))
			}
		})
	}

	failed, text, got := a.call("status", nil)
	if failed || !strings.Contains(text, "Data through  2026-04-30") || got["last_done"] == nil || got["exports"] == nil {
		t.Errorf("status: %v %s", got, text)
	}
}

// The rows that are left out are counted, and a query is confined as that of the command is.
func TestAssistantQuery(t *testing.T) {
	a := demoAssistant(t, "PIDLEDGER_QUERY_TIMEOUT=2s")
	for name, c := range map[string]struct {
		sql       string
		limit     any
		rows, out float64
		text      string
	}{
		"200 rows":       {"from range(1000)", nil, 200, 800, "200 rows of 1,000; 800 left out"},
		"fewer":          {"from range(1000)", 3, 3, 997, "3 rows of 1,000; 997 left out"},
		"all of them":    {"from range(3)", 3, 3, 0, "range\n0\n1\n2\n\n3 rows\n"},
		"none":           {"from range(0)", nil, 0, 0, "0 rows"},
		"every digit":    {"select 12345678901234567890.123456789012345678::decimal(38,18) as x, null as y", nil, 1, 0, "12345678901234567890.123456789012345678,\n"},
		"a megabyte":     {"select repeat('x', 300000) as x from range(10)", nil, 3, 7, "3 rows of 10; 7 left out"},
		"the tables":     {"show tables", nil, 40, 0, "attributed_usage\n"},
		"what is called": {"describe summary", nil, 17, 0, "effective_cost,\"DECIMAL(38,18)\""},
	} {
		arguments := map[string]any{"sql": c.sql}
		if c.limit != nil {
			arguments["limit"] = c.limit
		}
		failed, text, got := a.call("query", arguments)
		rows, _ := got["rows"].([]any)
		if name == "the tables" && len(rows) > 30 {
			c.rows = float64(len(rows))
		}
		if failed || float64(len(rows)) != c.rows || got["row_count"] != c.rows || got["rows_left_out"] != c.out || !strings.Contains(text, c.text) || got["snapshot"] == "" {
			t.Errorf("%s: %d rows, %v and %v left out\n%.300s", name, len(rows), got["row_count"], got["rows_left_out"], text)
		}
	}
	if _, text, _ := a.call("query", map[string]any{"sql": "show tables", "limit": 5000}); strings.Contains(text, "result") {
		t.Errorf("the tables have that of the result among them: %s", text)
	}
	if failed, text, got := a.call("query", map[string]any{"name": "largest_customers", "params": map[string]string{"top": "1", "month": "2026-03"}}); failed || got["row_count"] != 5.0 {
		t.Errorf("a named query: %v %s", got, text)
	}
	outside := filepath.Join(t.TempDir(), "outside.csv")
	if err := os.WriteFile(outside, []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		arguments map[string]any
		text      string
	}{
		{map[string]any{"sql": "copy (select 1) to 'x.csv'"}, "only SELECT statements are run here, not COPY\nTry: "},
		{map[string]any{"sql": "select 1; select 2"}, "\nTry: "},
		{map[string]any{"sql": "from read_csv('" + filepath.ToSlash(outside) + "')"}, "\nTry: "},
		{map[string]any{"sql": "from '" + filepath.ToSlash(outside) + "'"}, "\nTry: "},
		{map[string]any{"sql": "from enable_logging('QueryLog')"}, "\nTry: "},
		{map[string]any{"sql": "set memory_limit = '1TB'"}, "\nTry: "},
		{map[string]any{"sql": "select chanel from summary"}, "Try: channel; describe TABLE shows all columns"},
		{map[string]any{"sql": ""}, "\nTry: "},
		{map[string]any{"sql": "select 1", "name": "retention"}, "Try: leave one of them out"},
		{map[string]any{"name": "largest_customer"}, "largest_customers"},
		{map[string]any{"sql": "select repeat('x', 2000000)"}, "Try: select fewer columns"},
		{map[string]any{"sql": "select count(*) from range(100000) a, range(10000000) b where a.range * b.range % 7 = 3"}, "query.timeout"},
		{map[string]any{"sql": "select 1", "limit": 0}, "Try: the arguments"},
		{map[string]any{"sql": "select 1", "limit": 5001}, "Try: the arguments"},
		{map[string]any{"sql": "select 1", "rows": 1}, "Try: the arguments"},
		{nil, "Try: the arguments"},
	} {
		if failed, text, _ := a.call("query", c.arguments); !failed || !strings.Contains(text, c.text) {
			t.Errorf("%v: failed %v\n%s", c.arguments, failed, text)
		}
	}
}

// Every resource describes something, with the columns that are there.
func TestAssistantResources(t *testing.T) {
	a := demoAssistant(t)
	resources, err := a.ListResources(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range resources.Resources {
		text := a.read(r.URI)
		if r.Description == "" || strings.Count(text, "\n") < 5 || !strings.Contains(text, r.Description) && r.Name != "glossary" {
			t.Errorf("%s: %s\n%s", r.URI, r.Description, text)
		}
	}
	for uri, want := range map[string]string{
		"pidledger://glossary":       "sighting\n    a tracking id seen in a deployment name or a User-Agent",
		"pidledger://tables/summary": "| effective_cost | DECIMAL(38,18) | cost after commitments are spread over their usage |",
	} {
		if text := a.read(uri); !strings.Contains(text, want) {
			t.Errorf("%s:\n%s", uri, text)
		}
	}
	_, _, tables := a.call("query", map[string]any{"sql": "show tables"})
	for _, row := range tables["rows"].([]any) {
		if name := row.(map[string]any)["name"].(string); name != "pidledger result" { // the answer itself
			a.read("pidledger://tables/" + name)
		}
	}
}

// Without a snapshot every tool says which command publishes one, and the assistant can ask again.
func TestAssistantWithoutSnapshot(t *testing.T) {
	dir := t.TempDir()
	a := startAssistant(t, nil, "--report-dir", dir, "--ledger", filepath.Join(t.TempDir(), "ledger"), "--quiet")
	for tool, arguments := range map[string]map[string]any{
		"query": {"sql": "select 1"}, "explain": {"id": "x"}, "compare": {"what": "offers"}, "verify": {"id": "x"}, "status": nil,
	} {
		failed, text, got := a.call(tool, arguments)
		if !failed || !strings.Contains(text, "\nTry: pidledger run") || got["try"] == "" {
			t.Errorf("%s: failed %v, %v\n%s", tool, failed, got, text)
		}
	}
	if _, err := a.ReadResource(t.Context(), &sdk.ReadResourceParams{URI: "pidledger://tables/summary"}); err == nil || !strings.Contains(err.Error(), "Try: pidledger run") {
		t.Error(err)
	}
	a.read("pidledger://glossary")
	if a.end(); strings.Count(a.errs.String(), "level=ERROR") != 5 {
		t.Errorf("standard error:\n%s", a.errs)
	}
}

// When standard input ends, so does what is being asked, and nothing of it stays.
func TestAssistantLeaves(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp)
	a := demoAssistant(t)
	spilled := func() int {
		entries, err := filepath.Glob(filepath.Join(temp, "pidledger-query-*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	go a.CallTool(t.Context(), &sdk.CallToolParams{Name: "query", Arguments: map[string]any{"sql": "select count(*) from range(100000) a, range(10000000) b where a.range * b.range % 7 = 3"}}) // it is broken off
	for spilled() == 0 {
		time.Sleep(10 * time.Millisecond)
	}
	if a.end(); spilled() != 0 {
		t.Error("a query that was broken off left its folder behind")
	}
}

// Who types into it is told what it is for.
func TestAssistantIsNobody(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	p := newProgram(terminal.Streams{In: strings.NewReader("select 1\n"), Out: &out, Err: &errs, Environ: os.Environ()}, time.Now, app{}, night.Steps)
	code := p.run(t.Context(), []string{"mcp", "--report-dir", t.TempDir()})
	if want := "pidledger: standard input is not the Model Context Protocol: "; code != exit.Usage || !strings.HasPrefix(errs.String(), want) || !strings.Contains(errs.String(), "Try: let an assistant start it; pidledger help mcp tells how") {
		t.Errorf("exit code %d: %s", code, &errs)
	}
}

// A line that is no message gets the answer that JSON-RPC has for it, and what comes after it its own. The SDK's client takes no answer
// without an id, so none is asked here.
func TestAssistantStumbles(t *testing.T) {
	t.Parallel()
	const list = `{"jsonrpc":"2.0","id":"%d","method":"tools/list"}` + "\n"
	in := `{"jsonrpc":"2.0","id":"first","method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"script","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
`
	odd := map[string]string{
		`{"jsonrpc":"2.0","id":7,"method":`: "-32700", "select 1": "-32700", "\xff": "-32700", strings.Repeat("[", 100_000): "-32700", strings.Repeat("x", 17<<20): "-32700",
		"42": "-32600", "{}": "-32600", "[]": "-32600", `{"jsonrpc":"1.0","id":7,"method":"tools/list"}`: "-32600",
	}
	want := map[string]int{}
	calls := 0
	for line, code := range odd {
		want[`"id":null,"error":{"code":`+code]++
		in += line + "\r\n\n" + fmt.Sprintf(list, calls) + "  " + fmt.Sprintf(list, calls+1)
		calls += 2
	}
	var out, errs bytes.Buffer
	p := newProgram(terminal.Streams{In: strings.NewReader(in), Out: &out, Err: &errs, Environ: os.Environ()}, time.Now, app{}, night.Steps)
	if code := p.run(t.Context(), []string{"mcp", "--report-dir", t.TempDir()}); code != exit.Done {
		t.Fatalf("exit code %d\n%s", code, &errs)
	}
	for text, n := range want {
		if got := strings.Count(out.String(), text); got != n {
			t.Errorf("%d answers with %s, want %d", got, text, n)
		}
	}
	if got := strings.Count(out.String(), `"tools":[{`); got != calls {
		t.Errorf("%d of %d calls are answered", got, calls)
	}
}

// A list of requests that a script pipes in is answered to its end.
func TestAssistantOfAScript(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole run takes seconds")
	}
	reports, err := demoReports()
	if err != nil {
		t.Fatal(err)
	}
	in := strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"script","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":2,"method":"tools/list"}
{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"query","arguments":{"sql":"select 6 * 7 as answer"}}}
`)
	var out, errs bytes.Buffer
	p := newProgram(terminal.Streams{In: in, Out: &out, Err: &errs, Environ: os.Environ()}, time.Now, app{}, night.Steps)
	if code := p.run(t.Context(), []string{"mcp", "--report-dir", reports}); code != exit.Done {
		t.Fatalf("exit code %d\n%s", code, errs.String())
	}
	if n := bytes.Count(out.Bytes(), []byte(`"jsonrpc"`)); n != 3 || !strings.Contains(out.String(), `42`) {
		t.Errorf("%d answers:\n%s", n, out.String())
	}
}

// askEverything has an assistant ask all that it can, and gives all that it was told.
func askEverything(t *testing.T, config string, ids ...string) string {
	t.Helper()
	a := startAssistant(t, nil, "--config", config)
	for _, id := range ids {
		a.call("explain", map[string]any{"id": id})
		a.call("verify", map[string]any{"id": id})
	}
	for _, what := range []string{"channels", "offers", "mpns", "months"} {
		a.call("compare", map[string]any{"what": what})
	}
	a.call("status", nil)
	for _, table := range append([]string{"summary", "attributed_usage", "customers", queries.CustomerMonths}, queries.SnapshotTables...) {
		if failed, text, _ := a.call("query", map[string]any{"sql": "from " + table, "limit": 5000}); failed {
			t.Errorf("%s: %s", table, text)
		}
	}
	a.end()
	return a.said.String() + a.errs.String()
}
