package chain

import (
	"regexp"
	"slices"
	"strings"
)

// wordStart begins a name or a number.
var wordStart = regexp.MustCompile(`^[\w\x{80}-\x{10ffff}]`)

// conditions drops each operand of AND and OR, and each whole condition, and turns AND into OR and OR into AND.
func (m *mutator) conditions(l *sqlLevel) {
	isCase := l.open == "case" && l.word(0) == "when"
	for start := 0; start < len(l.items); {
		if boundary[l.word(start)] && l.items[start].group == nil {
			start++
			continue
		}
		end := start
		for end < len(l.items) && (!boundary[l.word(end)] || l.items[end].group != nil || l.word(end) == "distinct" && (l.word(end-1) == "is" || l.word(end-1) == "not")) {
			end++
			if l.word(end-1) == "distinct" { // is distinct from
				end++
			}
		}
		head := l.word(start - 1)
		isCondition := head == "where" || head == "on" || head == "having" || head == "when" && isCase
		m.condition(l, start, end, isCondition)
		start = end
	}
}

func (m *mutator) condition(l *sqlLevel, start, end int, isWhole bool) {
	var ands, ors []int
	for i := start; i < end; i++ {
		switch l.word(i) {
		case "and":
			if l.word(i-2) != "between" {
				ands = append(ands, i)
			}
		case "or":
			ors = append(ors, i)
		}
	}
	operands := func(cuts []int) [][2]int {
		var out [][2]int
		from := start
		for _, c := range append(cuts, end) {
			out = append(out, [2]int{from, c})
			from = c + 1
		}
		return out
	}
	put := func(o [2]int, text string) {
		m.add(edit{l.items[o[0]].from, l.items[o[1]-1].to, text})
	}
	if isWhole && len(ands)+len(ors) == 0 {
		put([2]int{start, end}, "true")
		if l.open == "case" {
			put([2]int{start, end}, "false")
		}
	}
	all := slices.Sorted(slices.Values(append(slices.Clone(ands), ors...)))
	if len(ors) > 0 {
		for _, o := range operands(ors) {
			put(o, "false")
		}
	}
	for _, o := range operands(all) {
		if len(ands) > 0 && (slices.Contains(ands, o[0]-1) || slices.Contains(ands, o[1])) {
			put(o, "true")
		}
	}
	for _, i := range ands {
		m.add(edit{l.items[i].from, l.items[i].to, "or"})
	}
	for _, i := range ors {
		m.add(edit{l.items[i].from, l.items[i].to, "and"})
	}
}

// dropEach drops each of several parts, with a comma beside it.
func (m *mutator) dropEach(l *sqlLevel, parts [][2]int) {
	if len(parts) < 2 {
		return
	}
	for i, p := range parts {
		if i == 0 {
			m.add(edit{l.items[p[0]].from, l.items[p[1]].to, ""})
		} else {
			m.add(edit{l.items[p[0]-1].from, l.items[p[1]-1].to, ""})
		}
	}
}

// lists drops keys of ORDER BY and PARTITION BY, elements of IN, arguments of COALESCE and the like, and changes the order of arguments.
func (m *mutator) lists(l *sqlLevel) {
	for i := range l.items {
		switch l.word(i) {
		case "order":
			parts, _ := l.split(i+2, "rows", "range", "limit")
			m.dropEach(l, parts)
		case "partition":
			parts, end := l.split(i+2, "order", "rows")
			m.dropEach(l, parts)
			if len(parts) == 1 {
				m.add(edit{l.items[i].from, l.items[end-1].to, ""})
			}
		case "in":
			if g := l.items[i+1].group; g != nil && strings.HasPrefix(g.word(0), "'") {
				parts, _ := g.split(0)
				m.dropEach(g, parts)
			}
		case "coalesce", "least", "greatest", "startswith", "nullif":
			g := l.items[i+1].group
			if g == nil {
				continue
			}
			parts, _ := g.split(0)
			a, b := parts[0], parts[1]
			text := func(p [2]int) string { return m.source(g.items[p[0]].from, g.items[p[1]-1].to) }
			if l.word(i) == "coalesce" || l.word(i) == "startswith" {
				m.add(edit{g.items[a[0]].from, g.items[b[1]-1].to, text(b) + ", " + text(a)})
			}
			if l.word(i) == "startswith" {
				continue
			}
			if len(parts) > 2 {
				m.dropEach(g, parts)
				continue
			}
			m.add(edit{l.items[i].from, l.items[i+1].to, text(a)})
			if l.word(i) != "nullif" {
				m.add(edit{l.items[i].from, l.items[i+1].to, text(b)})
			}
		}
	}
}

// branches swaps what CASE gives for neighbouring conditions, and the order of conditions, and drops ELSE.
func (m *mutator) branches(l *sqlLevel) {
	if l.open != "case" {
		return
	}
	type branch struct{ when, then, end int }
	var all []branch
	otherwise := -1
	for i := range l.items {
		switch l.word(i) {
		case "when":
			all = append(all, branch{when: i})
		case "then":
			all[len(all)-1].then = i
		case "else":
			otherwise = i
		}
	}
	for i := range all {
		all[i].end = len(l.items)
		if otherwise >= 0 {
			all[i].end = otherwise
		}
		if i+1 < len(all) {
			all[i].end = all[i+1].when
		}
	}
	text := func(from, to int) string { return m.source(l.items[from].from, l.items[to-1].to) }
	for i := range all {
		b := all[i]
		if i+1 < len(all) {
			n := all[i+1]
			if l.word(0) == "when" {
				m.add(edit{l.items[b.when].from, l.items[n.end-1].to, text(n.when, n.end) + " " + text(b.when, b.end)})
			}
			if text(b.then, b.end) != text(n.then, n.end) {
				m.add(edit{l.items[b.then+1].from, l.items[b.end-1].to, text(n.then+1, n.end)}, edit{l.items[n.then+1].from, l.items[n.end-1].to, text(b.then+1, b.end)})
			}
		} else if otherwise >= 0 {
			m.add(edit{l.items[b.then+1].from, l.items[b.end-1].to, text(otherwise+1, len(l.items))}, edit{l.items[otherwise+1].from, l.items[len(l.items)-1].to, text(b.then+1, b.end)})
		}
	}
}

// unions drops each branch of a UNION.
func (m *mutator) unions(l *sqlLevel) {
	from := 0
	var parts [][2]int
	for i := range l.items {
		if w := l.word(i); w == "union" {
			parts = append(parts, [2]int{from, i})
			from = i + 1
			if l.word(from) == "all" {
				from++
			}
		}
	}
	if parts == nil {
		return
	}
	parts = append(parts, [2]int{from, len(l.items)})
	for i, p := range parts {
		if i == 0 {
			m.add(edit{l.items[0].from, l.items[parts[1][0]-1].to, ""})
		} else {
			m.add(edit{l.items[parts[i-1][1]].from, l.items[p[1]-1].to, ""})
		}
	}
}

// columns loses each column that the statement gives: it is NULL then. Constants are changed as literals.
func (m *mutator) columns(l *sqlLevel) {
	for i := range l.items {
		if l.word(i) != "select" {
			continue
		}
		start := i + 1
		if l.word(start) == "distinct" {
			start++
		}
		columns, _ := l.split(start, "from")
		for _, c := range columns {
			end, name := c[1], ""
			if at := slices.IndexFunc(l.items[c[0]:c[1]], func(i sqlItem) bool { return i.word == "as" }); at >= 0 {
				end = c[0] + at
			} else {
				name = " as " + l.word(end-1)
			}
			if end-c[0] == 1 && !wordStart.MatchString(l.word(c[0])) || l.word(end-1) == "*" || l.word(c[0]) == "cast" && l.items[c[0]+1].group.word(0) == "null" {
				continue
			}
			m.add(edit{l.items[c[0]].from, l.items[end-1].to, "null" + name})
		}
	}
}

// groupBy drops each key of a GROUP BY; where the SELECT gives the key, it gives its least value then.
func (m *mutator) groupBy(l *sqlLevel) {
	at := slices.IndexFunc(l.items, func(i sqlItem) bool { return i.word == "group" })
	if at < 0 || l.word(at+1) != "by" {
		return
	}
	keys, _ := l.split(at+2, "having", "order", "union", "except", "limit")
	if len(keys) < 2 {
		return
	}
	selects := 0
	for i := range at {
		if l.word(i) == "select" {
			selects = i
		}
	}
	columns, _ := l.split(selects+1, "from")
	text := func(p [2]int) string { return m.source(l.items[p[0]].from, l.items[p[1]-1].to) }
	for k, key := range keys {
		var edits []edit
		for _, c := range columns {
			expr := c
			if i := slices.IndexFunc(l.items[c[0]:c[1]], func(i sqlItem) bool { return i.word == "as" }); i >= 0 {
				expr[1] = c[0] + i
			}
			if text(expr) == text(key) {
				name := ""
				if expr[1] == c[1] { // the column is named for what was the key
					name = " as " + l.word(expr[1]-1)
				}
				edits = append(edits, edit{l.items[expr[0]].from, l.items[expr[1]-1].to, "min(" + text(key) + ")" + name})
			}
		}
		if k == 0 {
			edits = append(edits, edit{l.items[key[0]].from, l.items[key[1]].to, ""})
		} else {
			edits = append(edits, edit{l.items[key[0]-1].from, l.items[key[1]-1].to, ""})
		}
		m.add(edits...)
	}
}
