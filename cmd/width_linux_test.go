package cmd

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/report/human"
)

// fitting are calls of every command, on the demo or a fake of the night: results, empty results and mistakes. For the width only the text
// for people counts: CSV, JSON, SARIF, --format line and what a command writes to be used elsewhere (snippet, notice, completion) are whole.
var fitting = struct{ demo, fake, foreign []string }{
	demo: []string{
		"compare channels", "compare offers nonsense", "compare months 2026-03 2026-04", "compare mpns", "compare nonsense", "compare channels --per-offer", "diff", "diff nonsense",
		"doctor", "exclusions list", "exclusions add xyz", "exclusions nonsense", "explain 380208a9-ad45-423d-bb1a-11df587fd280", "explain plan-data-0063", "explain agw-web-0140",
		"explain 060cea63-1d3b-493f-a949-0eab7f1a355e", "explain a8c24d42-44ef-4feb-88e5-b4617589a82b", "explain nonsense", "files", "files --status ignored", "forget", "forget --file nonsense",
		"help nonsense", "init x y", "kit", "ledger check", "ledger export x y", "ledger import", "mcp x", "query largest_customers", "query 'from attributed_usage limit 3'", "query --list",
		"query 'from summary where false'", "query 'select nonsense from summary'", "query nonsense", "query x --format xml", "registry lint", "registry new", "registry add 060cea63-1d3b-493f-a949-0eab7f1a355e",
		"registry import nonsense.csv", "run --dry-run", "run --config nonsense.yaml", "run --nonsense", "spark run", "sql x", "status", "status --check", "support x", "template check TEMPLATES",
		"template tag nonsense", "verify 380208a9-ad45-423d-bb1a-11df587fd280", "verify 060cea63-1d3b-493f-a949-0eab7f1a355e", "verify nonsense", "version", "nonsense",
	},
	fake:    []string{"collect", "demo x y", "forget --file nonsense", "ingest", "report", "report --details", "run", "run --details", "spark script lake"},
	foreign: []string{"snippet", "notice", "completion bash", "completion zsh", "completion fish", "completion powershell", "help"},
}

// style is a sequence that gives what follows a colour, or moves the cursor.
var style = regexp.MustCompile(`\x1b\[[0-9;]*[A-Za-z]|[^\n]*\r`)

// All that commands say fits a terminal of 80 columns. One word that is to be copied whole, such as the id of a resource or a path, may be
// longer, with little before it in its line.
func TestFitsTheTerminal(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole run takes seconds")
	}
	reports, err := demoReports()
	if err != nil {
		t.Fatal(err)
	}
	demo, err := filepath.Abs(filepath.Join("..", "testdata", "demo"))
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := openTerminal(t)
	if err := unix.IoctlSetWinsize(int(ours.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 30, Col: human.Width}); err != nil {
		t.Fatal(err)
	}
	const end = "\x00"
	said := make(chan string)
	go func() {
		var all []byte
		b := make([]byte, 4096)
		for {
			n, err := ours.Read(b)
			all = append(all, b[:n]...)
			if text, ok := strings.CutSuffix(string(all), end); ok {
				said <- style.ReplaceAllString(strings.ReplaceAll(text, "\r\n", "\n"), "")
				all = nil
			}
			if err != nil {
				return
			}
		}
	}()
	check := func(line string, call func(args []string)) {
		words, err := shellWords(strings.Replace(line, "TEMPLATES", filepath.Join(demo, "..", "templates", "L01"), 1))
		if err != nil {
			t.Fatal(err)
		}
		call(words)
		fmt.Fprint(theirs, end)
		text := <-said
		if strings.TrimSpace(text) == "" {
			t.Errorf("%s says nothing", line)
		}
		for row := range strings.Lines(text) {
			row = strings.TrimSuffix(row, "\n")
			word := row[strings.LastIndex(row, " ")+1:]
			const before = 20
			if n := utf8.RuneCountInString(row); n > human.Width && n-utf8.RuneCountInString(word) > before {
				t.Errorf("%s: %d columns: %q", line, n, row)
			}
		}
	}
	streams := terminal.Streams{In: &bytes.Buffer{}, Out: theirs, Err: theirs, Environ: append(os.Environ(), "PAGER=cat", "TERM=xterm",
		"PIDLEDGER_CONFIG="+filepath.Join(demo, "pidledger.yaml"), "PIDLEDGER_LEDGER="+filepath.Join(filepath.Dir(reports), "ledger"), "PIDLEDGER_REPORT_DIR="+reports)}
	t.Chdir(t.TempDir()) // for what commands write
	for _, line := range fitting.demo {
		check(line, func(args []string) { newProgram(streams, time.Now, app{}, night.Steps).run(t.Context(), args) })
	}
	workIn(t, goodFiles)
	streams.Environ = []string{"TERM=xterm"}
	for _, line := range fitting.fake {
		for _, mode := range []string{"", "partial", "check", "inuse", "fail"} {
			app := &fakeApp{mode: mode}
			check(line, func(args []string) {
				newProgram(streams, func() time.Time { return fakeStart }, app, app.steps()).run(t.Context(), args)
			})
		}
	}
}

// No command is left out above.
func TestFittingIsWhole(t *testing.T) {
	listed := strings.Join(append(append(append([]string{""}, fitting.demo...), fitting.fake...), fitting.foreign...), "\n") + "\n"
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		name := strings.TrimPrefix(c.CommandPath(), "pidledger ")
		if c.Runnable() && !c.HasSubCommands() && !strings.Contains(listed, "\n"+name+" ") && !strings.Contains(listed, "\n"+name+"\n") {
			t.Errorf("%s is not called", name)
		}
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(newRootCommand(newProgram(terminal.Streams{Out: io.Discard, Err: io.Discard}, time.Now, &fakeApp{}, nil)))
}
