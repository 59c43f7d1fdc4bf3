package facts

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRows(t *testing.T) {
	if diff := cmp.Diff([][]string{{"x", "y, z"}, {"1", ""}}, Rows("a.csv", "a,b\nx,\"y, z\"\n1,\n")); diff != "" {
		t.Error(diff)
	}
	if rows := Rows("a.csv", "a,b\n"); len(rows) != 0 {
		t.Errorf("a header alone has the rows %v", rows)
	}
}

func TestMistakesAreFound(t *testing.T) {
	odd := func(row []string) error {
		if row[0] == "odd" {
			return errors.New("what is that")
		}
		return nil
	}
	for _, c := range []struct{ name, text, want string }{
		{"empty.csv", "", "empty.csv, which is part of the program, has no header"},
		{"uneven.csv", "a,b\nx\n", "uneven.csv, which is part of the program: record on line 2: wrong number of fields"},
		{"quotes.csv", "a\n\"x\n", "quotes.csv, which is part of the program: "},
		{"odd.csv", "a,b\n\"two\nlines\",\nodd,\n", "odd.csv, which is part of the program: line 4: what is that"},
	} {
		func() {
			defer func() {
				if said := fmt.Sprint(recover()); !strings.HasPrefix(said, c.want) {
					t.Errorf("%s: %s", c.name, said)
				}
			}()
			Each(c.name, c.text, odd)
		}()
	}
}
