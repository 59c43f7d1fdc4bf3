package cmd

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/queries"
)

// scratch is a folder that the tests share; it goes when all are done.
var scratch = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "pidledger-tests-") })

// demoReports gives the folder of the reports of the one run on testdata/demo that several tests ask.
var demoReports = sync.OnceValues(func() (string, error) {
	dir, err := scratch()
	if err != nil {
		return "", err
	}
	reports := filepath.Join(dir, "demo", "reports")
	args := []string{"run", "--quiet", "--config", filepath.Join("..", "testdata", "demo", "pidledger.yaml"), "--ledger", filepath.Join(dir, "demo", "ledger"), "--report-dir", reports}
	var errw bytes.Buffer
	if code := Main(args, strings.NewReader(""), io.Discard, &errw); code != exit.Done {
		return "", fmt.Errorf("the run on the demo: exit code %d: %s", code, &errw)
	}
	return reports, nil
})

// withoutScratch removes the shared folder when all tests are done.
type withoutScratch struct{ m *testing.M }

func (w withoutScratch) Run() int {
	code := w.m.Run()
	if dir, err := scratch(); err == nil {
		os.RemoveAll(dir)
	}
	return code
}

// runDemo runs a command line on the demo's snapshot.
func runDemo(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	if testing.Short() {
		t.Skip("a whole run takes seconds")
	}
	reports, err := demoReports()
	if err != nil {
		t.Fatal(err)
	}
	var outw, errw bytes.Buffer
	code = Main(append(args, "--report-dir", reports), strings.NewReader(""), &outw, &errw)
	return code, outw.String(), errw.String()
}

// catalogParams are the values of parameters without a default, and of those that make the demo's answer say something.
var catalogParams = map[string]string{
	"resources_of_id":   "tracking_id=pid-380208A9-ad45-423d-bb1a-11df587fd280",
	"new_customers":     "month=2026-03",
	"deployment_errors": "tracking_id=e6c3f339-1a2b-4f1f-a1fd-42a29755d4c1",
	"services_of_offer": "offer=Contoso Insight",
	"customer":          "customer=07923986-bb96-4a43-bd5c-8dfc5eda92d8",
}

// Every named query gives its rows on the demo: testdata/query/NAME.csv.
func TestCatalogOnDemo(t *testing.T) {
	for _, q := range queries.Catalog() {
		t.Run(q.Name, func(t *testing.T) {
			args := []string{"query", q.Name, "--format", "csv"}
			if p := catalogParams[q.Name]; p != "" {
				args = append(args, "--param", p)
			}
			code, got, errs := runDemo(t, args...)
			if code != exit.Done {
				t.Fatalf("exit code %d: %s", code, errs)
			}
			if records, err := csv.NewReader(strings.NewReader(got)).ReadAll(); err != nil || len(records) == 0 {
				t.Errorf("%v in %s", err, got)
			}
			if q.Name == "stale_files" {
				return // it tells when the files of this checkout were written
			}
			path := filepath.Join("..", "testdata", "query", q.Name+".csv")
			if *update {
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(got), 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// The examples of queries/README.md do what they say.
func TestReadmeQueries(t *testing.T) {
	_, block, _ := strings.Cut(section(queries.Manual, "Ad-hoc SQL"), "```sh\n")
	block, _, _ = strings.Cut(block, "```")
	if testing.Short() {
		t.Skip("a whole run takes seconds")
	}
	if _, err := demoReports(); err != nil { // before the folder changes
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("mine.sql", []byte("select month, sum(effective_cost) from summary where offer = $offer group by month"), 0o600); err != nil {
		t.Fatal(err)
	}
	ran := 0
	for line := range strings.Lines(block) {
		words, err := shellWords(line)
		if err != nil {
			t.Fatal(err)
		}
		if len(words) < 2 || words[0] != "pidledger" {
			continue
		}
		ran++
		code, out, errs := runDemo(t, words[1:]...)
		if code != exit.Done || words[1] == "query" && !strings.Contains(line, " -o ") && strings.Count(out, "\n") < 2 {
			t.Errorf("%s: exit code %d, %s%s", line, code, out, errs)
		}
	}
	if ran < 5 {
		t.Errorf("only %d examples were found", ran)
	}
}

// shellWords splits a line as a shell does, comments and quotes included.
func shellWords(line string) (words []string, err error) {
	var word strings.Builder
	open, quote := false, rune(0)
	for _, r := range strings.TrimSpace(line) {
		switch {
		case r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, open = r, true
		case r == '#' && !open:
			return words, nil
		case r == ' ':
			if open {
				words = append(words, word.String())
			}
			word.Reset()
			open = false
		default:
			word.WriteRune(r)
			open = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("an open quote in %s", line)
	}
	if open {
		words = append(words, word.String())
	}
	return words, nil
}

// A query that is interrupted ends with 130 and leaves no file.
func TestQueryInterrupted(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole run takes seconds")
	}
	reports, err := demoReports()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	ctx, cancel := contextAfter(t, 300)
	defer cancel()
	var out, errw bytes.Buffer
	p := newProgram(terminal.Streams{In: strings.NewReader(""), Out: &out, Err: &errw, Environ: os.Environ()}, time.Now, &fakeApp{}, nil)
	code := p.run(ctx, []string{"query", "select sum(i * j) from range(100000000) a(i), range(1000000) b(j)", "--report-dir", reports, "-o", filepath.Join(dir, "x.csv")})
	if code != exit.Interrupted || out.Len() > 0 || !strings.Contains(errw.String(), "interrupted") {
		t.Errorf("exit code %d, %s%s", code, &out, &errw)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

// contextAfter gives a context that is canceled after some milliseconds.
func contextAfter(t *testing.T, ms int) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(t.Context())
	stop := time.AfterFunc(time.Duration(ms)*time.Millisecond, cancel)
	return ctx, func() { stop.Stop(); cancel() }
}
