package usage

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// CanonicalHeader returns a header name in the form in which names are compared (cost-exports.md 5): in lower case, without BOM, blanks, `_` and
// `-`; of a localised name such as `Ressourcengruppe (ResourceGroup)`, only the part in parentheses.
func CanonicalHeader(name string) string {
	name = strings.TrimFunc(strings.TrimLeft(name, "\ufeff"), unicode.IsSpace)
	if strings.HasSuffix(name, ")") {
		if open := strings.LastIndexByte(name, '('); open >= 0 {
			if inside := strings.TrimSpace(name[open+1 : len(name)-1]); inside != "" {
				name = inside
			}
		}
	}
	return loose(name)
}

// loose makes two spellings of one word equal: `Unused Commitment`, `UnusedCommitment`, `unused_commitment`.
func loose(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// columns are the columns that can fill a field. The first nonempty cell wins.
type columns struct {
	first int // -1: the file has no such column
	rest  []int
}

func (c columns) all() []int {
	if c.first < 0 {
		return nil
	}
	return append([]int{c.first}, c.rest...)
}

// plan is a header resolved against aliases.csv.
type plan struct {
	header  []string
	fields  [maxFields]columns // by field
	unknown []unknownColumn
	amounts []field     // the amounts that the file has
	texts   []plainText // the plain texts that the file has

	tellsProvider bool // a column names the cloud
}

// unknownColumn is a column that aliases.csv does not list. Columns whose names have the same canonical form share one.
type unknownColumn struct {
	name  []byte // as a JSON string
	cells columns
}

// resolve finds the columns of every field, by priority, then by position. Names that differ only in case are ordered by position, too.
func resolve(f *tables, kind string, header []string) *plan {
	p := &plan{header: header}
	type candidate struct{ priority, column int }
	var found [maxFields][]candidate
	unknown := map[string]int{}
	for i, name := range header {
		h := CanonicalHeader(name)
		a, ok := f.alias(kind, h)
		switch {
		case !ok:
			if at, again := unknown[h]; again && h != "" {
				u := &p.unknown[at]
				u.cells.rest = append(u.cells.rest, i)
				continue
			}
			unknown[h] = len(p.unknown)
			label := name
			if h == "" {
				label = fmt.Sprintf("column_%d", i+1)
			}
			p.unknown = append(p.unknown, unknownColumn{name: appendJSONString(nil, []byte(label)), cells: columns{first: i}})
		case a.canonical != unused:
			fl := fields.byName[a.canonical]
			found[fl] = append(found[fl], candidate{a.priority, i})
		}
	}
	for fl := range found {
		c := found[fl]
		slices.SortStableFunc(c, func(x, y candidate) int { return x.priority - y.priority })
		if len(c) > 0 && c[0].priority < fallbackPriority {
			c = slices.DeleteFunc(c, func(x candidate) bool { return x.priority >= fallbackPriority })
		}
		p.fields[fl] = columns{first: -1}
		for i, x := range c {
			if i == 0 {
				p.fields[fl].first = x.column
			} else {
				p.fields[fl].rest = append(p.fields[fl].rest, x.column)
			}
		}
		if len(c) > 0 && fields.isAmount(field(fl)) {
			p.amounts = append(p.amounts, field(fl))
		}
	}
	for _, fl := range providerFields {
		p.tellsProvider = p.tellsProvider || p.fields[fl].first >= 0
	}
	for _, t := range fields.texts {
		if p.fields[t.field].first >= 0 {
			p.texts = append(p.texts, t)
		}
	}
	return p
}
