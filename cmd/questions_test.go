package cmd

import (
	"bytes"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/report/human"
)

// endsWithID matches a line whose last column is an id.
var endsWithID = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n?$`)

// The answers of our documents' questions are answers: each command runs on the demo and says something, in lines of 80 columns.
func TestReadmeQuestions(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole run takes seconds")
	}
	var answers [][]string
	for heading, want := range map[string]int{"Five questions": 5, "Questions and answers": 20} {
		for _, d := range documents(t) {
			text := section(d.text, heading)
			found := regexp.MustCompile("(?m)^\\*\\*.+\\?\\*\\*.*\n```sh\n(.*)\n```$").FindAllStringSubmatch(text, -1)
			if n := strings.Count(text, "```sh"); len(found) != n {
				t.Fatalf("%s: %d questions, %d of them with one command", d.path, n, len(found))
			}
			want -= len(found)
			answers = append(answers, found...)
		}
		if want != 0 {
			t.Errorf("%s: %d questions are missing", heading, want)
		}
	}
	reports, err := demoReports()
	if err != nil {
		t.Fatal(err)
	}
	config, err := filepath.Abs(filepath.Join("..", "testdata", "demo", "pidledger.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PIDLEDGER_CONFIG", config)
	t.Setenv("PIDLEDGER_LEDGER", filepath.Join(filepath.Dir(reports), "ledger"))
	t.Setenv("PIDLEDGER_REPORT_DIR", reports)
	commands := map[string]bool{}
	for _, c := range newRootCommand(&program{Program: &cli.Program{}}).Commands() {
		commands[c.Name()] = true
	}
	for _, a := range answers {
		t.Run(a[1], func(t *testing.T) {
			line, file, _ := strings.Cut(a[1], " > ")
			if strings.Contains(file, "/") {
				t.Fatalf("writes to %s", file)
			}
			words, err := shellWords(line)
			if err != nil || len(words) < 2 || words[0] != "pidledger" {
				t.Fatalf("no command of pidledger: %v", err)
			}
			if !commands[words[1]] {
				t.Skipf("SKIPPED: there is no command %s", words[1])
			}
			var out, errw bytes.Buffer
			code := Main(words[1:], strings.NewReader(""), &out, &errw)
			if code != exit.Done || strings.Count(out.String(), "\n") < 2 {
				t.Errorf("exit code %d, %s%s", code, &out, &errw)
			}
			if words[1] == "query" || slices.Contains(words, "--dry-run") || file != "" || slices.Contains(words, "--format") {
				return // a result takes the width of its terminal, and here is none; the plan has a line for each path; other forms are for programs
			}
			for line := range strings.Lines(out.String()) {
				// Paths, commands and ids are pasted, and stay whole.
				if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > human.Width && !strings.Contains(line, "/") && !strings.Contains(line, "pidledger ") && !endsWithID.MatchString(line) {
					t.Errorf("%d columns: %s", n, line)
				}
			}
		})
	}
}
