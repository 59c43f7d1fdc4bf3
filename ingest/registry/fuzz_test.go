package registry

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// FuzzScope: a scope that is understood reads back from a file as the same one, however it is spelled.
func FuzzScope(f *testing.F) {
	const guid = "0F1E2D3C-4b5a-6978-8796-a5b4c3d2e1f0"
	for _, s := range []string{guid, "/subscriptions/" + guid + "/", "/SUBSCRIPTIONS/" + guid + "/ResourceGroups/rg-ä", "{" + guid + "}", "/customers/" + guid, "subscriptions/" + guid + "//resourceGroups/", ""} {
		f.Add(s, "asked, \"twice\"")
	}
	f.Fuzz(func(t *testing.T, scope, reason string) {
		clean := func(s string) bool {
			return utf8.ValidString(s) && strings.TrimSpace(s) == s && !strings.ContainsFunc(s, unicode.IsControl) && !strings.ContainsRune(s, '\ufeff')
		}
		if !clean(scope) || !clean(reason) { // as exclusions add demands
			return
		}
		kind, id, problem, hint := ParseScope(scope)
		if problem != "" {
			if hint == "" || id != "" {
				t.Fatalf("%q: %q, %q without a way out", scope, id, problem)
			}
			return
		}
		if id != strings.ToLower(id) || strings.HasSuffix(id, "/") {
			t.Fatalf("%q is %s %q", scope, kind, id)
		}
		if _, again, problem, _ := ParseScope(id); problem != "" || again != id {
			t.Fatalf("%q is %q, and that %q: %s", scope, id, again, problem)
		}
		out, _, err := AppendExclusion(nil, Exclusion{Scope: scope, Reason: reason})
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "exclusions.csv")
		if err := os.WriteFile(path, out, 0o600); err != nil {
			t.Fatal(err)
		}
		back, _, err := Exclusions(path, Options{})
		if err != nil || len(back) != 1 || back[0].ScopeID != id || back[0].Reason != reason {
			t.Fatalf("%q: %+v, %v", out, back, err)
		}
	})
}
