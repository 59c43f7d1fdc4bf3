package template

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const fixtures = "../../testdata/templates"

const (
	idA       = "3d1f8a52-6c07-4b9e-8f24-a0c5e7d91b36"
	idB       = "b7e2c914-05fa-4d38-9c61-2f84d06a7e15"
	idOther   = "0f4d2c7e-81b6-4a93-9e5d-c6a1f3b80d42"
	idRetired = "5c0de3b1-9f47-4a26-b8d0-71e6f2a3948c"
)

type testRegistry map[string][]Registration

func (r testRegistry) Lookup(id string) []Registration { return r[id] }

func (r testRegistry) IDs() []string {
	var out []string
	for id := range r {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

func date(s string) time.Time {
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		panic(err)
	}
	return t
}

var registry = testRegistry{
	idA:       {{Offer: "suite", Channel: "github"}},
	idB:       {{Offer: "suite", Channel: "marketplace"}},
	idOther:   {{Offer: "edge", Channel: "github"}},
	idRetired: {{Offer: "old", Channel: "github", Retired: date("2024-06-30")}},
}

// optionsOf returns what the folder of a rule is checked with.
func optionsOf(rule string) Options {
	o := Options{}
	switch {
	case rule == "L16":
		o.Elsewhere = map[string][]string{idB: {"another product"}}
	case strings.HasPrefix(rule, "R"):
		o.Registry, o.Today = registry, date("2025-01-01")
		if rule == "R03" {
			o.Channel = "github"
		}
		if rule == "R04" {
			o.Offer = "Suite"
		}
	}
	return o
}

// TestRules walks all rules: each has a folder with files that have the finding and files that have not.
func TestRules(t *testing.T) {
	for _, rule := range Rules() {
		t.Run(rule.ID, func(t *testing.T) {
			var yes, no int
			for _, name := range fixtureFiles(t, filepath.Join(fixtures, rule.ID)) {
				data, as := fixture(t, name)
				found, err := Check(as, data, optionsOf(rule.ID))
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				has := slices.ContainsFunc(found, func(f Finding) bool { return f.Rule == rule.ID })
				switch base := path.Base(strings.Split(as, "!")[0]); {
				case strings.HasPrefix(base, "yes-"):
					yes++
					if !has {
						t.Errorf("%s: no finding %s, but %v", name, rule.ID, idsIn(found))
					}
				case strings.HasPrefix(base, "no-"):
					no++
					if has {
						t.Errorf("%s: a finding %s: %v", name, rule.ID, found)
					}
				default:
					t.Errorf("%s is neither yes- nor no-", name)
				}
				switchedOff(t, name, as, data, rule.ID)
			}
			if yes == 0 || no == 0 {
				t.Errorf("rule %s has %d yes and %d no files in %s", rule.ID, yes, no, fixtures)
			}
		})
	}
}

func switchedOff(t *testing.T, name, as string, data []byte, rule string) {
	t.Helper()
	o := optionsOf(rule)
	o.Off = []string{strings.ToLower(rule)}
	found, err := Check(as, data, o)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	for _, f := range found {
		if f.Rule == rule {
			t.Errorf("%s: %s is off but reported", name, rule)
		}
		if f.Why == "" || f.File == "" || f.Line < 1 || f.Column < 1 || (f.Fix == "") != (f.Severity == OK) {
			t.Errorf("%s: incomplete finding %+v", name, f)
		}
	}
}

// fixtureFiles lists the files of a folder; a folder *.zip.d counts as one.
func fixtureFiles(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && strings.HasSuffix(name, ".zip.d"):
			out = append(out, name)
			return fs.SkipDir
		case !e.IsDir():
			out = append(out, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// fixture returns a file, or a packed folder, and the name to check it under.
func fixture(t *testing.T, name string) ([]byte, string) {
	t.Helper()
	rel, err := filepath.Rel(fixtures, name)
	if err != nil {
		t.Fatal(err)
	}
	as := filepath.ToSlash(rel)
	if !strings.HasSuffix(name, ".zip.d") {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return data, as
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if err := z.AddFS(os.DirFS(name)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), strings.TrimSuffix(as, ".d")
}

// idsIn returns the rules of findings, sorted, each once.
func idsIn(found []Finding) []string {
	var out []string
	for _, f := range found {
		out = append(out, f.Rule)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestSources(t *testing.T) {
	for _, name := range fixtureFiles(t, filepath.Join(fixtures, "sources")) {
		data, as := fixture(t, name)
		first, _, _ := strings.Cut(string(data), "\n")
		_, expect, ok := strings.Cut(first, "expect: ")
		if !ok {
			t.Errorf("%s has no expectation", name)
			continue
		}
		found, err := Check(as, data, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := idsIn(found); !slices.Equal(got, strings.Fields(expect)) {
			t.Errorf("%s: %v, want %s\n%+v", name, got, expect, found)
		}
	}
}
