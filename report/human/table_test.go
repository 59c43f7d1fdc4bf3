package human

import (
	"strings"
	"testing"
)

func TestTableOfAWidth(t *testing.T) {
	write := func(change func(*Table)) string {
		table := &Table{Right: map[int]bool{1: true, 2: true}}
		table.Row(Plain, "offer", "cost", "of all", "customers")
		table.Row(Plain, "Contoso Edge, Gateway", "12,345,678.90", "12.3 %", "1")
		change(table)
		var b strings.Builder
		if err := table.Write(&b, false); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for name, c := range map[string]struct {
		change func(*Table)
		want   string
	}{
		"no width": {func(*Table) {}, "offer                           cost  of all  customers\nContoso Edge, Gateway  12,345,678.90  12.3 %  1\n"},
		"columns are left out": {func(t *Table) { t.Width, t.Drop = 40, []int{2, 3} },
			"offer                           cost\nContoso Edge, Gateway  12,345,678.90\nleft out, for want of room: of all, customers\n"},
		"then texts are cut, and no number": {func(t *Table) { t.Width, t.Drop, t.Short = 20, []int{3}, []int{0} },
			"offer                  cost  of all\nContoso Edg…  12,345,678.90  12.3 %\nleft out, for want of room: customers\n"},
		"a long last cell goes below": {func(t *Table) { t.Width, t.Below = 40, true }, "offer                           cost  of all\n    customers\nContoso Edge, Gateway  12,345,678.90  12.3 %\n    1\n"},
		"the first":                   {func(t *Table) { t.Width, t.Drop = 40, []int{0} }, "         cost  of all  customers\n12,345,678.90  12.3 %  1\nleft out, for want of room: offer\n"},
	} {
		if got := write(c.change); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestWrapped(t *testing.T) {
	if got := Wrapped("\x1b[31mone\x1b[0m two", 7, 0); len(got) != 1 {
		t.Errorf("a style takes room: %q", got)
	}
	if got := strings.Join(Wrapped("one two three\u00a0% four averylongwordthatstays", 11, 2), "|"); got != "one two|three %|four|averylongwordthatstays" {
		t.Error(got)
	}
}
