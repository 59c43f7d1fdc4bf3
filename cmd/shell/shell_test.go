package shell

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/queries/adhoc"
)

func TestComplete(t *testing.T) {
	s := &Shell{words: []string{"select", "semi"}, columns: []adhoc.Column{{Table: "services", Name: "month"}, {Table: "summary", Name: "month"}, {Table: "summary", Name: "sku"}}}
	for line, want := range map[string]string{
		"se|":               "services select semi",
		"SELECT s|":         "services summary sku select semi",
		"select m| from x":  "month",
		"select summary.|":  "summary.month summary.sku",
		"from x where (sk|": "sku",
		"from |":            "services summary",
		".t|":               ".tables .timer",
		"select 'ä', sk|":   "sku",
		"xyz|":              "",
	} {
		before, after, _ := strings.Cut(line, "|")
		head, got, tail := s.complete(before+after, len([]rune(before)))
		if strings.Join(got, " ") != want || tail != after || !strings.HasPrefix(before, head) {
			t.Errorf("%s: %q %q %q, want %s", line, head, got, tail, want)
		}
	}
}

func TestHistoryFile(t *testing.T) {
	for env, want := range map[string]string{
		"XDG_STATE_HOME=/state":   "/state/pidledger/sql_history",
		"HOME=/home/a":            "/home/a/.local/state/pidledger/sql_history",
		"XDG_STATE_HOME=relative": "",
		"":                        "",
	} {
		if got := historyFile(&terminal.Streams{Environ: []string{env}}); filepath.ToSlash(got) != want {
			t.Errorf("%s: %s, want %s", env, got, want)
		}
	}
}
