package template

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestFolders checks folders of files together. The comment of each says what is to be found: one line for each warning and error, as
// `want: RULE FILE:LINE`.
func TestFolders(t *testing.T) {
	for _, name := range fixtureFiles(t, filepath.Join(fixtures, "folders")) {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			found, want := checkFolder(t, name)
			var got []string
			for _, f := range found {
				if f.Severity > Info {
					got = append(got, fmt.Sprintf("%s %s:%d", f.Rule, f.File, f.Line))
				}
			}
			slices.Sort(got)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s\n%+v", d, found)
			}
		})
	}
}

func checkFolder(t *testing.T, name string) (found []Finding, want []string) {
	t.Helper()
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(a.Comment), "\n") {
		if w, ok := strings.CutPrefix(line, "want: "); ok {
			want = append(want, w)
		}
	}
	slices.Sort(want)
	var files []File
	disk := fstest.MapFS{}
	for _, f := range a.Files {
		file, beside := strings.CutSuffix(f.Name, " (beside)")
		text, crlf := strings.CutPrefix(string(f.Data), "CRLF\n")
		if crlf {
			text = strings.ReplaceAll(text, "\n", "\r\n")
		}
		files = append(files, File{Name: file, Data: []byte(text), Beside: beside})
		disk[file] = &fstest.MapFile{Data: []byte(text)}
	}
	found, err = CheckAll(files, Options{Registry: registry, Today: date("2025-01-01"), Open: disk.ReadFile})
	if err != nil {
		t.Fatal(err)
	}
	return found, want
}

// TestHostileSources reads what no person wrote: it comes to an end, and within the stack.
func TestHostileSources(t *testing.T) {
	many := strings.Repeat
	for name, text := range map[string]string{
		"brackets.tf": "locals {\n a = " + many("(", 1<<20) + "\n}\n", "lists.tf": "locals {\n a = " + many("[", 1<<18) + "\n}\n",
		"signs.tf": "locals {\n a = " + many("!", 1<<20) + "true\n}\n", "minus.tf": "locals {\n a = " + many("-", 1<<20) + "1\n}\n",
		"choices.tf": "locals {\n a = " + many("a?a:", 1<<18) + "a\n}\n", "templates.tf": "locals {\n a = \"" + many("${\"", 1<<17) + "\n}\n",
		"blocks.tf": many("a {\n", 1<<17), "steps.tf": "locals {\n a = a" + many(".b", 1<<18) + "\n}\n", "sum.tf": "locals {\n a = 1" + many(" + 1", 1<<17) + "\n}\n",
		"large.tf": many("# x\n", 2<<20), "self.tf": "module \"a\" {\n  source = \"./.\"\n}\nprovider \"azurerm\" {\n  partner_id = local.a\n}\nlocals {\n  a = local.a\n}\n",
		"deep.tf.json": many(`{"a":`, 1<<16), "width.tf": "resource \"azurerm_template_deployment\" \"a\" {\n  name = format(\"pid-%999999999d%99999999s\", 1, \"a\")\n}\n",
		"names.sh": many("A=$A$A$A$A\n", 1<<12) + "curl -A \"$A\" x\n", "agents.go": many("UserAgent = (", 1<<12), "quotes.py": many("user_agent=\"", 1<<12),
		"chain.ts": chain(400), "flags.sh": "curl " + many("-A ", 1<<14), "keys.yaml": many("User-Agent: ", 1<<12), "braces.js": many("user-agent{{", 1<<12),
		"calls.cs": many("UserAgent.Add(new X(", 1<<12), "ticks.js": many("`", 1<<16) + "User-Agent", "lines.ps1": many("-UserAgent `\n", 1<<12),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := CheckAll([]File{{Name: name, Data: []byte(text)}}, Options{}); err != nil {
				t.Error(err)
			}
		})
	}
}

// chain is a program in which each constant is made of several others.
func chain(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "const c%d = c%d + c%d + c%d + \"pid-\";\n", i, i+1, i+2, i+3)
	}
	return b.String() + "const x = { userAgentPrefix: c0 };\n"
}
