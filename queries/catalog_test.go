package queries

import (
	"regexp"
	"strings"
	"testing"
)

// FuzzNamedQuery: the header of a query of one's own is read or refused, and defaults fill what is not given.
func FuzzNamedQuery(f *testing.F) {
	f.Add("-- title: A\n-- purpose: B\n-- param month = '2026-03': the month\nselect $month")
	f.Add("-- param a: it''s\r\n-- param b = 'x''y': z\nselect $a || $b")
	f.Add("--param x\n-- param")
	f.Fuzz(func(t *testing.T, text string) {
		q, err := ParseNamedQuery("own", text)
		if err != nil {
			if !strings.Contains(err.Error(), "line ") {
				t.Fatalf("without a place: %v", err)
			}
			return
		}
		values := q.Values(map[string]string{"given": "1"})
		for _, p := range q.Params {
			if p.Name == "" || p.Meaning == "" || p.Optional && !strings.EqualFold(p.Name, "given") && values[p.Name] != p.Default && !twice(q, p.Name) {
				t.Fatalf("%+v: %q", p, values)
			}
		}
	})
}

func twice(q *NamedQuery, name string) bool {
	n := 0
	for _, p := range q.Params {
		if strings.EqualFold(p.Name, name) {
			n++
		}
	}
	return n > 1
}

// Every query of the catalog has a title, a purpose and the parameters of its header.
func TestCatalog(t *testing.T) {
	for _, q := range Catalog() {
		if q.Title == "" || q.Purpose == "" {
			t.Errorf("%s has no title or purpose", q.Name)
		}
		if !regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`).MatchString(q.Name) {
			t.Errorf("the name %s", q.Name)
		}
		code := withoutComments(q.Text)
		if strings.ToLower(code) != code || strings.Contains(code, ";") {
			t.Errorf("%s: one statement in lower case, without its semicolon", q.Name)
		}
		used := map[string]bool{}
		for _, m := range regexp.MustCompile(`\$(\w+)`).FindAllStringSubmatch(code, -1) {
			used[m[1]] = true
		}
		for _, p := range q.Params {
			if !used[p.Name] {
				t.Errorf("%s does not use %s", q.Name, p.Name)
			}
			delete(used, p.Name)
		}
		if len(used) > 0 {
			t.Errorf("%s: the header does not have %v", q.Name, used)
		}
	}
	if _, err := ParseNamedQuery("x", "-- param month\nselect 1"); err == nil {
		t.Error("a parameter without a meaning")
	}
	q, err := ParseNamedQuery("x", "-- param a = 'it''s': one\r\n-- param b: two\nselect $a, $b\n-- param c: no header\n")
	if err != nil || len(q.Params) != 2 || q.Params[0].Default != "it's" || q.Params[1].Optional {
		t.Errorf("%+v, %v", q, err)
	}
	if got := q.Values(map[string]string{"A": "x"}); len(got) != 1 || got["A"] != "x" {
		t.Errorf("values %v", got)
	}
}
