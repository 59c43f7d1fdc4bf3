package sqltext

import (
	"slices"
	"testing"
)

func TestSplit(t *testing.T) {
	for text, want := range map[string][]string{
		"select 1; select 2":                  {"select 1", "|", " select 2"},
		"select 1;\n-- done\n":                {"select 1"},
		";;":                                  nil,
		"select ';' ; select \";\"; select 1": {"select ';' ", " select \";\"", "|", " select 1"},
		"select 'it''s;' -- ;\n;":             {"select 'it''s;' -- ;\n"},
		"/* ; /* ; */ ; */ select 1;":         {"/* ; /* ; */ ; */ select 1"},
		"select $$;$$; select $a$;$$;$a$;":    {"select $$;$$", " select $a$;$$;$a$"},
		"select $month; select $n":            {"select $month", "|", " select $n"},
		`select E'\';' ; x`:                   {`select E'\';' `, "|", " x"},
		"select 'open ; ":                     {"|", "select 'open ; "},
		"select a$b; select $1;":              {"select a$b", " select $1"},
	} {
		statements, rest := Split(text)
		var got []string
		for _, s := range statements {
			got = append(got, s.Text)
		}
		if rest.Text != "" {
			got = append(got, "|", rest.Text)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Whatever is typed, every byte belongs to one statement, a blank or a semicolon, and cutting again changes nothing.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{"select 1; select ';'", "$a$;$a$;", "/*;*/--;\n;e'\\';", "\"", "$"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		statements, rest := Split(text)
		end := 0
		for _, s := range append(statements, rest) {
			if s.Text == "" {
				continue
			}
			if s.Offset < end || text[s.Offset:s.Offset+len(s.Text)] != s.Text {
				t.Fatalf("%q: %+v", text, s)
			}
			end = s.Offset + len(s.Text)
			FirstWord(s.Text)
		}
		for _, s := range statements {
			again, left := Split(s.Text + ";")
			if len(again) != 1 || again[0].Text != s.Text || left.Text != "" {
				t.Fatalf("%q is %+v in %q", s.Text, again, text)
			}
		}
	})
}
