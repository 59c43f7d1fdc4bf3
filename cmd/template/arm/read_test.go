package arm

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustRead(t *testing.T, s string) *Document {
	t.Helper()
	d, err := Read([]byte(s))
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return d
}

func TestReadPositions(t *testing.T) {
	d := mustRead(t, BOM+"{ // ü\r\n  \"a b\": [1, {\"c\": \"ä\\u00e9\\ud83d\\ude00\"}]\r\n}")
	c := d.Root.Get("a b").Items[1].Get("c")
	if got, want := c.Text, "äé😀"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	if got, want := c.Path(), "$['a b'][1].c"; got != want {
		t.Errorf("path %s, want %s", got, want)
	}
	if line, column := d.Position(c.Start); line != 2 || column != 20 {
		t.Errorf("at %d:%d, want 2:20", line, column)
	}
	if line, column := d.Position(d.Root.Start); line != 1 || column != 1 {
		t.Errorf("root at %d:%d, want 1:1", line, column)
	}
	if got := string(d.Data[c.Start:c.End]); got != `"ä\u00e9\ud83d\ude00"` {
		t.Errorf("source %s", got)
	}
}

func TestReadNotes(t *testing.T) {
	for text, want := range map[string][]NoteKind{
		`{"a": 1}`:                   nil,
		BOM + `{"a": 1}`:             nil,
		`{"a": 1}` + "\n" + BOM:      {NoteBOM},
		`{"a": 1} // end`:            {NoteComment},
		`/* x */{"a": /*y*/ 1}`:      {NoteComment, NoteComment},
		`{"a": [1,], "b": {"c":1,}}`: {NoteTrailingComma, NoteTrailingComma},
		`{"a": 1, "a": 2}`:           {NoteDuplicateKey},
		`{"a": 1, "A": 2}`:           nil,
		"{\"a\": \"x\ny\nz\"}":       {NoteMultilineString},
	} {
		var got []NoteKind
		for _, n := range mustRead(t, text).Notes {
			got = append(got, n.Kind)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
	d := mustRead(t, `{"a": 1, "a": 2, "A": 3}`)
	if got := d.Root.Get("a").Text; got != "2" {
		t.Errorf("a = %s, want the last one", got)
	}
}

func TestReadErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "line 1, column 1",
		"{\n  \"a\": 1\n  \"b\": 2\n}": "line 3, column 3: expected a comma or } after the value of \"a\"",
		`{"a" 1}`:                      "expected a colon",
		`{'a': 1}`:                     "expected a key in double quotes",
		`{"a": tru}`:                   "unexpected 't'",
		`{"a": 01}`:                    "not a JSON number",
		`{"a": -}`:                     "not a JSON number",
		`{"a": "x`:                     "the string has no end",
		`{"a": "\q"}`:                  `unknown escape \q`,
		`{"a": "\u12g4"}`:              "four hex digits",
		`[1 2]`:                        "expected a comma or ] after item 1",
		`{} {}`:                        "text after the end",
		`/* {}`:                        "the comment has no end",
		"\xff\xfe{\x00":                "UTF-16",
		strings.Repeat("[", 100_000):   "nested deeper",
	} {
		_, err := Read([]byte(text))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, want %s", text, err, want)
		}
	}
}

// TestReadLikeJSON compares with encoding/json where that accepts the text.
func TestReadLikeJSON(t *testing.T) {
	for _, text := range []string{`{"a":[1,-2.5e3,true,null,{"b":"\"\\\/\b\f\n\r\t"}],"":{}}`, `"x"`, `[]`, `1E400`, "\"\xff\""} {
		sameAsJSON(t, text)
	}
}

func sameAsJSON(t *testing.T, text string) {
	t.Helper()
	var want any
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if !json.Valid([]byte(text)) || dec.Decode(&want) != nil {
		return
	}
	d, err := Read([]byte(text))
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if diff := cmp.Diff(want, plain(d.Root)); diff != "" {
		t.Errorf("%q: %s", text, diff)
	}
}

func plain(n *Node) any {
	switch n.Kind {
	case String:
		return n.Text
	case Number:
		return json.Number(n.Text)
	case Bool:
		return n.Text == "true"
	case Array:
		out := []any{}
		for _, x := range n.Items {
			out = append(out, plain(x))
		}
		return out
	case Object:
		out := map[string]any{}
		for _, m := range n.Members {
			out[m.Key.Text] = plain(m.Value)
		}
		return out
	}
	return nil
}
