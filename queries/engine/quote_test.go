package engine

import (
	"strings"
	"testing"
)

func FuzzQuote(f *testing.F) {
	ctx := f.Context()
	db, err := Open(ctx, Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { db.Close() })
	f.Add("it's")
	f.Add(`"; drop table x; --`)
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsRune(s, 0) || strings.ToValidUTF8(s, "") != s {
			t.Skip("the engine takes UTF-8 without NUL only")
		}
		rows, err := db.Query(ctx, "select "+Literal(s)+" as "+Ident("c"+s))
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		if !rows.Next() || rows.Values()[0].S != s || rows.Schema()[0].Name != "c"+s {
			t.Fatalf("%q came back as %v", s, rows.Schema())
		}
	})
}
