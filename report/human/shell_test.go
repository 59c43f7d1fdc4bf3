package human

import (
	"runtime"
	"strings"
	"testing"
)

// What is folded is the same command.
func TestFolded(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("SKIPPED: the shells of Windows have no sign that all of them take")
	}
	for command, want := range map[string]string{
		"pidledger files --status failed":                         "pidledger files --status failed",
		"pidledger registry add ID --mpn MPN_ID --offer OFFER":    "pidledger registry add ID --mpn MPN_ID \\|  --offer OFFER",
		"pidledger query 'x --y and --z' --report-dir 'my --dir'": "pidledger query 'x --y and --z' \\|  --report-dir 'my --dir'",
		`pidledger sql 'it'\''s --x' --ledger ''\'' --long name'`: `pidledger sql 'it'\''s --x' \|  --ledger ''\'' --long name'`,
		"pidledger explain /a/path/that/is/longer/than/a/line/is": "pidledger explain /a/path/that/is/longer/than/a/line/is",
	} {
		lines := Folded(command, 42)
		if got := strings.Join(lines, "|"); got != want {
			t.Errorf("%s\nis folded as\n%s\nwant\n%s", command, got, want)
		}
		if got := strings.Join(strings.Fields(strings.ReplaceAll(strings.Join(lines, "\n"), "\\\n", "")), " "); got != command {
			t.Errorf("a shell reads %q, want %q", got, command)
		}
	}
}

func TestWayOut(t *testing.T) {
	for try, want := range map[string]string{
		"fix the cause and run again; it is as it was":   "fix the cause and run again;|it is as it was",
		"pidledger run --ledger x, and then look at it":  "pidledger run --ledger x,|and then look at it",
		"pidledger run --ledger x --source exports/one/": "pidledger run --ledger x \\|  --source exports/one/",
		"pidledger run --ledger 'a, b, and more of it'":  "pidledger run \\|  --ledger 'a, b, and more of it'",
		"pidledger run --ledger 'a, b', and look at it":  "pidledger run --ledger 'a, b',|and look at it",
		"pidledger run --ledger a/path --quiet, or wait": "pidledger run --ledger a/path --quiet,|or wait",
		"wait, and call pidledger run again after that":  "wait, and call pidledger run|again after that",
	} {
		if runtime.GOOS == "windows" && strings.Contains(want, `\`) {
			continue
		}
		if got := strings.Join(WayOut(try, 28), "|"); got != want {
			t.Errorf("%s\nis broken as\n%s\nwant\n%s", try, got, want)
		}
	}
}

func TestShellWord(t *testing.T) {
	want := map[string]string{"a/b-c.d": "a/b-c.d", "": "''", "it's": `'it'\''s'`, "a b": "'a b'", "$(id)": "'$(id)'", `a\b`: `'a\b'`}
	if runtime.GOOS == "windows" {
		want[`a\b`] = `a\b`
	}
	for word, want := range want {
		if got := ShellWord(word); got != want {
			t.Errorf("%s is quoted as %s, want %s", word, got, want)
		}
	}
}
