package evidence

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// decorations are what build servers, container runtimes and terminals put around the lines of a program; n is the number of the line.
var decorations = map[string]func(n int, line string) string{
	"time":             func(_ int, line string) string { return "2026-03-02T10:05:00.1234567Z " + line },
	"time, blanks cut": func(_ int, line string) string { return strings.TrimRight("2026-03-02T10:05:00.1234567Z "+line, " ") },
	"time after a BOM": func(_ int, line string) string { return "\ufeff2026-03-02T10:05:00.1234567Z " + line },
	"job and step": func(_ int, line string) string {
		return "build (linux)\tDeploy it\t2026-03-02T10:05:00.1234567Z " + line
	},
	"step with a BOM":      func(_ int, line string) string { return "build\tDeploy\t\ufeff2026-03-02T10:05:00.1234567Z " + line },
	"number of a stream":   func(_ int, line string) string { return "2026-03-02T10:05:00.123456Z 01E " + line },
	"time in brackets":     func(_ int, line string) string { return "[2026-03-02T10:05:00.123Z] " + line },
	"clock":                func(_ int, line string) string { return "10:05:00  " + line },
	"elapsed":              func(n int, line string) string { return fmt.Sprintf("00:%02d:%02d.345  ", n/60%60, n%60) + line },
	"elapsed, brackets":    func(n int, line string) string { return fmt.Sprintf("[%5d.345678] ", n) + line },
	"container":            func(_ int, line string) string { return "deploy-1  | " + line },
	"workflow and job":     func(_ int, line string) string { return "[CI/deploy]   | " + line },
	"pod":                  func(_ int, line string) string { return "[pod/deploy-7f9/main] " + line },
	"pod with time":        func(_ int, line string) string { return "[pod/deploy-7f9/main] 2026-03-02T10:05:00.123456789Z " + line },
	"step of a build":      func(_ int, line string) string { return "[10:05:00]W:\t [Step 1/2] " + line },
	"line of a step":       func(n int, line string) string { return fmt.Sprintf("[deploy:L%d:%ds] ", n, n/3) + line },
	"syslog":               func(_ int, line string) string { return "Mar  2 10:05:00 runner01 agent[4711]: " + line },
	"journal":              func(_ int, line string) string { return "2026-03-02T10:05:00+0000 runner01 agent[4711]: " + line },
	"image build":          func(n int, line string) string { return fmt.Sprintf("#12 %d.345 ", n) + line },
	"colours":              func(_ int, line string) string { return "\x1b[36;1m" + line + "\x1b[0m" },
	"colours, no escape":   func(_ int, line string) string { return "[36;1m" + line + "[0m" },
	"colours, symbol":      func(_ int, line string) string { return "\u241b[36m" + line + "\u241b[0m" },
	"hidden time":          func(n int, line string) string { return fmt.Sprintf("\x1b_bk;t=17000000%05d\x07", n) + line },
	"time and colours":     func(_ int, line string) string { return "2026-03-02T10:05:00.1234567Z \x1b[36m" + line + "\x1b[0m" },
	"section":              func(_ int, line string) string { return "section_start:1560896352:deploy\r\x1b[0K" + line },
	"where it was written": func(_ int, line string) string { return "stderr: " + line },
	"runner of modules":    func(_ int, line string) string { return "10:05:00.123 STDERR [network/hub] terraform: " + line },
	"month by name":        func(_ int, line string) string { return "simple\t02-Mar-2026 10:05:00\t" + line },
	"seconds":              func(n int, line string) string { return fmt.Sprintf("17724456%02d.123 ", n%60) + line },
	"carriage returns":     func(_ int, line string) string { return line + "\r" },
}

// requestRows are the rows of a text, without what a decoration may change: the time.
func requestRows(t testing.TB, text string) string {
	t.Helper()
	p, err := NewParser(Options{})
	if err != nil {
		t.Fatal(err)
	}
	sink := NewSink()
	if err := p.Text(strings.NewReader(text), sink); err != nil {
		t.Fatal(err)
	}
	tally := p.Tally()
	all := strings.Split(regexp.MustCompile(`(?m)^(dedupe_key|ts|src_\w+)=.*\n`).ReplaceAllString(dump(t, sink), ""), "[requests ")
	for i, row := range all {
		if _, after, ok := strings.Cut(row, "]\n"); ok {
			all[i] = after
		}
	}
	for _, r := range tally.Rejects {
		all = append(all, "reject: "+r.Reason+"\n")
	}
	slices.Sort(all)
	return strings.Join(all, "---\n")
}

// decorated are the logs that decorations stand around in the tests.
func decorated(t testing.TB) map[string]string {
	t.Helper()
	logs := map[string]string{}
	for _, name := range []string{"ua.azdebug.log", "ua.azdebug.msrest.log", "ua.azdebug.python.log", "ua.tflog.log", "ua.tflog.plugin.log", "ua.tfjson.jsonl", "ua.psdebug.txt", "ua.livetraffic.log"} {
		logs[name] = strings.TrimSuffix(strings.ReplaceAll(string(mustRead(t, filepath.Join(fixtureDir, name))), "\r\n", "\n"), "\n")
	}
	return logs
}

// TestPrefixes: whatever stands before the lines of a log, the same requests are read.
func TestPrefixes(t *testing.T) {
	for name, log := range decorated(t) {
		want := requestRows(t, log)
		if !strings.Contains(want, "user_agent=") {
			t.Fatalf("%s holds no request:\n%s", name, want)
		}
		for around, decorate := range decorations {
			lines := strings.Split(log, "\n")
			for i := range lines {
				lines[i] = decorate(i+1, lines[i])
			}
			if diff := cmp.Diff(want, requestRows(t, strings.Join(lines, "\n"))); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", name, around, diff)
			}
		}
	}
}

// TestInterleavedJobs: programs whose lines are mixed, and name them, are read as if each had a log of its own.
func TestInterleavedJobs(t *testing.T) {
	logs := decorated(t)
	var want []string
	var mixed []string
	jobs := map[string][]string{}
	for name, log := range logs {
		want = append(want, strings.Split(requestRows(t, log), "---\n")...)
		jobs[strings.ReplaceAll(name, ".", "-")] = strings.Split(log, "\n")
	}
	for i, more := 0, true; more; i++ {
		more = false
		for name, lines := range jobs {
			if i < len(lines) {
				mixed, more = append(mixed, name+" | "+lines[i]), true
			}
		}
	}
	got := strings.Split(requestRows(t, strings.Join(mixed, "\n")), "---\n")
	clean := func(rows []string) []string {
		rows = slices.DeleteFunc(rows, func(r string) bool { return r == "" })
		slices.Sort(rows)
		return rows
	}
	if diff := cmp.Diff(clean(want), clean(got)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// TestTimesOfRequests: the line's own time counts, else that of what stands before it, else that of the answer.
func TestTimesOfRequests(t *testing.T) {
	const (
		call = "cli.azure.cli.core.sdk.policies: Request URL: 'https://management.azure.com/subscriptions/s/resourceGroups/rg'\ncli.azure.cli.core.sdk.policies: Request method: 'PUT'\n" +
			"cli.azure.cli.core.sdk.policies: Response status: 201\ncli.azure.cli.core.sdk.policies: Response headers:\ncli.azure.cli.core.sdk.policies:     'Date': 'Mon, 02 Mar 2026 10:00:09 GMT'\n"
		noDate = "cli.azure.cli.core.sdk.policies: Request URL: 'https://management.azure.com/subscriptions/s/resourceGroups/rg'\ncli.azure.cli.core.sdk.policies: Request method: 'PUT'\n"
	)
	for name, tt := range map[string]struct{ text, want string }{
		"own time":            {"2026-03-02T10:00:00Z 2026-03-02 09:59:58,5 " + strings.ReplaceAll(call, "\n", "\n2026-03-02T10:00:01Z "), "2026-03-02T09:59:58.500000"},
		"time of the runner":  {"2026-03-02T10:00:00Z " + strings.ReplaceAll(call, "\n", "\n2026-03-02T10:00:01Z "), "2026-03-02T10:00:00.000000"},
		"date of the answer":  {"2026-03-01 08:00:00,1 cli.azure.cli.core: hello\n" + call, "2026-03-02T10:00:09.000000"},
		"nothing but a start": {"2026-03-01 08:00:00,1 cli.azure.cli.core: hello\n" + noDate, "2026-03-01T08:00:00.100000"},
	} {
		p, err := NewParser(Options{})
		if err != nil {
			t.Fatal(err)
		}
		sink := NewSink()
		if err := p.Text(strings.NewReader(tt.text), sink); err != nil {
			t.Fatal(err)
		}
		if rows := dump(t, sink); !strings.Contains(rows, "\nts="+tt.want+"\n") || sink.Requests.Rows() != 1 {
			t.Errorf("%s: want %s in\n%s", name, tt.want, rows)
		}
	}
}

// TestAnswersOfTwoRequests: az sends from several threads; the line of the connection pool, or the client request id, tells whose answer it is.
func TestAnswersOfTwoRequests(t *testing.T) {
	request := func(name string) string {
		return strings.ReplaceAll("@: Request URL: 'https://management.azure.com/subscriptions/s/resourceGroups/"+name+"'\n@: Request method: 'PUT'\n@: Request headers:\n@:     'x-ms-client-request-id': 'client-"+name+"'\n@:     'User-Agent': 'az "+name+"'\n@: Request body:\n", "@", "cli.azure.cli.core.sdk.policies")
	}
	answer := func(name, headers string) string {
		return strings.ReplaceAll("@: Response status: 201\n@: Response headers:\n@:     'x-ms-correlation-request-id': 'correlation-"+name+"'\n"+headers+"@: Response content:\n", "@", "cli.azure.cli.core.sdk.policies")
	}
	pool := func(name string) string {
		return "urllib3.connectionpool: https://management.azure.com:443 \"PUT /subscriptions/s/resourceGroups/" + name + " HTTP/1.1\" 201 5\n"
	}
	own := func(name string) string { return "@:     'x-ms-client-request-id': 'client-" + name + "'\n" }
	for name, text := range map[string]string{
		"pool":           request("a") + request("b") + pool("a") + answer("a", "") + pool("b") + answer("b", ""),
		"client id":      request("a") + request("b") + answer("a", own("a")) + answer("b", own("b")),
		"talk between":   request("a") + strings.Replace(strings.ReplaceAll(pool("a")+answer("a", ""), "\n", "\n\nNote: x\n2026-03-02 10:00:00,1 other: y\n"), "\n\n", "\n", 1) + request("b") + answer("b", ""),
		"one lost":       request("lost") + request("a") + answer("a", "") + request("b") + pool("b") + answer("b", ""),
		"in order again": request("a") + answer("a", "") + request("b") + answer("b", ""),
	} {
		rows := requestRows(t, text)
		for _, n := range []string{"a", "b"} {
			if !strings.Contains(rows, "user_agent=az "+n+"\ncorrelation_id=correlation-"+n+"\n") {
				t.Errorf("%s: %s lacks its own answer:\n%s", name, n, rows)
			}
		}
	}
}
