package write

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

func TestCSVText(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"plain text", "plain text"},
		{" leading blank", `" leading blank"`},
		{`a,b`, `"a,b"`},
		{`say "x"`, `"say ""x"""`},
		{"two\nlines", "\"two\nlines\""},
		{"=1+2", "'=1+2"},
		{"+49", "'+49"},
		{"-5", "'-5"},
		{"@SUM(A1)", "'@SUM(A1)"},
		{"\tx", "'\tx"},
		{"\rx", "\"'\rx\""},
		{`=HYPERLINK("http://x","y")`, `"'=HYPERLINK(""http://x"",""y"")"`},
		{"a=b", "a=b"},
		{"'quoted", "'quoted"},
		{"Ä\xff", "Ä\ufffd"},
	} {
		if got := string(appendCSVText(nil, c.in)); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
}

// Numbers are never escaped, whatever their sign.
func TestCSVScalars(t *testing.T) {
	dec := func(s string) columnar.Dec {
		d, err := columnar.ParseDecimal([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, c := range []struct {
		v    engine.Value
		want string
	}{
		{engine.Value{Type: columnar.Int, I: -12}, "-12"},
		{engine.Value{Type: columnar.Decimal, D: dec("-1.50")}, "-1.5"},
		{engine.Value{Type: columnar.Decimal, D: dec("1e-18")}, "0.000000000000000001"},
		{engine.Value{Type: columnar.Decimal, D: dec("1200")}, "1200"},
		{engine.Value{Type: columnar.Ratio, D: dec("0.000000000000333333")}, "0.333333"},
		{engine.Value{Type: columnar.Date, I: 20543}, "2026-03-31"},
		{engine.Value{Type: columnar.Date, I: -1}, "1969-12-31"},
		{engine.Value{Type: columnar.Timestamp, I: 1_500_000}, "1970-01-01T00:00:01.5Z"},
		{engine.Value{Type: columnar.Bool, I: 1}, "true"},
		{engine.Value{Type: columnar.Bool}, "false"},
		{engine.Value{Type: columnar.Int, Null: true, I: 5}, ""},
	} {
		var b bytes.Buffer
		w, err := newCSVWriter(&b, columnar.Schema{{Name: "a", Type: c.v.Type}, {Name: "b", Type: columnar.StringList}})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Row([]engine.Value{c.v, {Type: columnar.StringList, L: []string{"x", "y"}}}); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got, want := b.String(), "a,b\n"+c.want+",x;y\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Whatever the cells hold, another reader of RFC 4180 gets them back, but for the apostrophe of escaped formulas.
func FuzzCSVRoundTrip(f *testing.F) {
	f.Add("a", "b,\"c\"\nd")
	f.Add("", "=x")
	f.Add(" ", "\r\n")
	f.Add(`\.`, "-\xff\x00")
	f.Fuzz(func(t *testing.T, a, b string) {
		var buf bytes.Buffer
		w, err := newCSVWriter(&buf, columnar.Schema{{Name: "a"}, {Name: "b"}, {Name: "c"}})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := w.Row([]engine.Value{{S: a}, {S: b}, {Null: true}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		got, err := csv.NewReader(&buf).ReadAll()
		if err != nil {
			t.Fatalf("%q, %q: %v", a, b, err)
		}
		line := []string{expectedCell(a), expectedCell(b), ""}
		if diff := cmp.Diff([][]string{{"a", "b", "c"}, line, line}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func expectedCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		s = "'" + s
	}
	return strings.ReplaceAll(string([]rune(s)), "\r\n", "\n") // encoding/csv makes CRLF inside quotes LF
}

func FuzzJSONString(f *testing.F) {
	f.Add("plain")
	f.Add("\"\\\n\t\x00\x7f<&>\u2028ä\xff")
	f.Fuzz(func(t *testing.T, s string) {
		var got string
		if err := json.Unmarshal(appendJSONString(nil, s), &got); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if want := string([]rune(s)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
