package chain

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mutant is an SQL text with one thing changed.
type mutant struct {
	text   string
	line   int
	change string // what was changed, with what stands around it; unique in its file
}

// edit puts a text in the place of tokens from and up to, without to.
type edit struct {
	from, to int
	text     string
}

// mutator finds what can be changed in one SQL text.
type mutator struct {
	text   string
	tokens []sqlToken
	out    []mutant
	seen   map[string]int
}

// mutants gives all changes of one thing each, in the order of their places.
func mutants(text string) []mutant {
	m := &mutator{text: text, tokens: scanSQL(text), seen: map[string]int{}}
	all := parseSQL(m.tokens)
	m.columns(all)
	m.level(all)
	slices.SortStableFunc(m.out, func(a, b mutant) int { return cmp.Compare(a.line, b.line) })
	for i := range m.out {
		m.seen[m.out[i].change]++
		if n := m.seen[m.out[i].change]; n > 1 {
			m.out[i].change += " #" + strconv.Itoa(n)
		}
	}
	return m.out
}

// source gives the text of tokens from and up to, without to, on one line.
func (m *mutator) source(from, to int) string {
	var b strings.Builder
	for i := max(from, 0); i < min(to, len(m.tokens)); i++ {
		if i > max(from, 0) && m.tokens[i].from > m.tokens[i-1].to {
			b.WriteByte(' ')
		}
		b.WriteString(m.tokens[i].text)
	}
	return b.String()
}

// add adds a mutant made by edits in ascending order.
func (m *mutator) add(edits ...edit) {
	var text, change strings.Builder
	at := 0
	for i, e := range edits {
		// an empty range stands before its token
		from, to := m.tokens[e.from].from, m.tokens[e.from].from
		if e.to > e.from {
			to = m.tokens[e.to-1].to
		}
		text.WriteString(m.text[at:from])
		text.WriteString(" " + e.text + " ")
		at = to
		if i > 0 {
			change.WriteString(" and ")
		}
		old := m.source(e.from, e.to)
		if len(old) > 100 {
			old = old[:60] + " ... " + old[len(old)-35:]
		}
		news := e.text
		if len(news) > 100 {
			news = news[:60] + " ... " + news[len(news)-35:]
		}
		change.WriteString(strings.TrimSpace(fmt.Sprintf("%s [%s -> %s] %s", m.source(e.from-4, e.from), old, news, m.source(e.to, e.to+4))))
	}
	text.WriteString(m.text[at:])
	line := 1 + strings.Count(m.text[:m.tokens[edits[0].from].from], "\n")
	m.out = append(m.out, mutant{text.String(), line, change.String()})
}

// boundary are the words that end a condition, an expression or a list on their level.
var boundary = map[string]bool{}

func init() {
	for _, w := range strings.Fields(`select from where on having when then else group order by as join left inner full cross semi anti
		union except intersect limit over using asc desc nulls rows partition distinct all , case filter`) {
		boundary[w] = true
	}
}

// word gives the word of an item; empty outside of the level.
func (l *sqlLevel) word(i int) string {
	if i < 0 || i >= len(l.items) {
		return ""
	}
	return l.items[i].word
}

// level changes what stands on one level, and then goes into its groups.
func (m *mutator) level(l *sqlLevel) {
	for i := range l.items {
		m.item(l, i)
	}
	m.conditions(l)
	m.lists(l)
	m.branches(l)
	m.unions(l)
	m.groupBy(l)
	for i, item := range l.items {
		if item.group != nil {
			if l.word(i-1) == "decimal" {
				continue // digits of a type
			}
			m.level(item.group)
		}
	}
}

var comparisons = map[string][]string{
	"=": {"<>"}, "<>": {"="}, "!=": {"="}, "<": {"<=", ">"}, "<=": {"<", ">="}, ">": {">=", "<"}, ">=": {">", "<="},
}

var swaps = map[string]string{
	"min": "max", "max": "min", "lead": "lag", "lag": "lead", "least": "greatest", "greatest": "least", "asc": "desc", "desc": "asc",
	"first": "last", "last": "first", "true": "false", "false": "true", "+": "-", "-": "+", "semi": "anti", "anti": "semi", "except": "intersect",
}

// item changes one token.
func (m *mutator) item(l *sqlLevel, i int) {
	it := l.items[i]
	before, after := l.word(i-1), l.word(i+1)
	one := func(text string) { m.add(edit{it.from, it.to, text}) }
	isCall := after == "("
	for _, c := range comparisons[it.word] {
		one(c)
	}
	switch w := it.word; w {
	case "min", "max", "lead", "lag", "least", "greatest":
		if isCall {
			one(swaps[w])
		}
	case "sum":
		if isCall {
			one("max")
		}
	case "asc", "desc", "+", "semi", "anti", "except":
		one(swaps[w])
	case "-":
		if before != "" && !boundary[before] && comparisons[before] == nil { // not a sign
			one("+")
		}
	case "true", "false":
		one(swaps[w])
	case "first", "last":
		isCase := i > 2 && l.word(i-3) == "case" && slices.ContainsFunc(l.items[i-3].group.items, func(i sqlItem) bool { return i.word == "else" })
		if before == "nulls" && !isCase { // CASE with ELSE is not NULL
			one(swaps[w])
		}
	case "not":
		if after == "distinct" { // is not distinct from
			m.add(edit{it.from, it.to + 2, "="})
		}
		one("")
	case "null":
		if before == "is" {
			m.add(edit{it.from, it.from, "not"})
		}
	case "like", "in", "between":
		if before != "not" {
			m.add(edit{it.from, it.from, "not"})
		}
	case "distinct":
		switch {
		case before == "is":
			m.add(edit{it.from, it.from, "not"})
		case before != "not":
			one("")
		}
	case "union":
		if after == "all" {
			m.add(edit{it.from, it.to + 1, "union"})
		} else {
			m.add(edit{it.from, it.to, "union all"})
		}
	case "left":
		if after == "join" {
			one("")
		}
	case "full":
		one("")
		one("left")
	case "join":
		if before == "inner" || boundary[before] {
			break
		}
		if !m.isAskedFor(l, i) {
			m.add(edit{it.from, it.from, "left"})
		}
	case "lower", "upper":
		if isCall {
			one("")
		}
	default:
		m.literal(l, i)
	}
}

// isAskedFor tells whether a later inner join, or a WHERE that is true of no NULL, compares a column of what is joined at item i: then a left
// join would leave out the same rows.
func (m *mutator) isAskedFor(l *sqlLevel, i int) bool {
	on := i
	for on < len(l.items) && l.word(on) != "on" {
		on++
	}
	alias := l.word(on - 1)
	mentions := func(from, to int) bool {
		tokens := m.tokens[l.items[from].from:l.items[to-1].to]
		isStrict, found := true, false
		for t := range tokens {
			found = found || tokens[t].text == alias && t+1 < len(tokens) && tokens[t+1].text == "."
			isStrict = isStrict && !slices.Contains([]string{"or", "is", "not", "coalesce"}, tokens[t].text)
		}
		return found && isStrict
	}
	for j := on + 1; j < len(l.items); j++ {
		switch w := l.word(j); w {
		case "union", "except", "group", "order":
			return false
		case "where", "on":
			join := j
			for w == "on" && l.word(join) != "join" {
				join--
			}
			if before := l.word(join - 1); w == "on" && (before == "left" || before == "full" || before == "anti") {
				continue
			}
			end := j + 1
			for end < len(l.items) && !slices.Contains([]string{"join", "left", "full", "semi", "anti", "cross", "where", "group", "order", "union", "except"}, l.word(end)) {
				end++
			}
			for from, k := j+1, j+1; k <= end; k++ {
				if k == end || l.word(k) == "and" {
					if mentions(from, k) {
						return true
					}
					from = k + 1
				}
			}
		}
	}
	return false
}

var dateText = regexp.MustCompile(`^'(\d{4}-\d\d-\d\d)(.*)'$`)

// literal changes a number or a text.
func (m *mutator) literal(l *sqlLevel, i int) {
	it := l.items[i]
	one := func(text string) { m.add(edit{it.from, it.to, text}) }
	if n, err := strconv.Atoi(it.word); err == nil {
		if l.word(i-1) == "select" && l.word(i+1) == "from" { // rows are counted, not read
			return
		}
		isFlag := n == 1 && l.word(i-1) == "then" && l.word(i+1) == "else" && l.word(i+2) == "0" // 2 would be as true as 1
		if !isFlag {
			one(strconv.Itoa(n + 1))
		}
		if n == 1 {
			one("0")
		}
		return
	}
	if !strings.HasPrefix(it.word, "'") || l.word(i-1) == "as" {
		return
	}
	text := strings.Trim(it.word, "'")
	if d := dateText.FindStringSubmatch(it.word); d != nil {
		if day, err := time.Parse(time.DateOnly, d[1]); err == nil {
			one("'" + day.AddDate(0, 0, map[bool]int{true: -1, false: 1}[day.Year() == 9999]).Format(time.DateOnly) + d[2] + "'")
			return
		}
	}
	if n, err := strconv.Atoi(text); err == nil {
		one("'" + strconv.Itoa(n+1) + "'")
		return
	}
	if l.word(i-1) == "||" || l.word(i+1) == "||" { // what is put together
		one("'~" + text + "'")
		return
	}
	if l.word(i-1) == "like" {
		for _, side := range []string{strings.TrimPrefix(text, "%"), strings.TrimSuffix(text, "%")} {
			if side != text {
				one("'" + side + "'")
			}
		}
	}
	if strings.ContainsAny(text, "^$[") { // a pattern
		if s, ok := strings.CutPrefix(text, "^"); ok {
			one("'" + s + "'")
		}
		if s, ok := strings.CutSuffix(text, "$"); ok {
			one("'" + s + "'")
		}
		for _, at := range regexp.MustCompile(`\{(\d+)`).FindAllStringSubmatchIndex(text, -1) {
			n, _ := strconv.Atoi(text[at[2]:at[3]])
			one("'" + text[:at[2]] + strconv.Itoa(n+1) + text[at[3]:] + "'")
		}
		for _, at := range regexp.MustCompile(`[\])]([*+])`).FindAllStringSubmatchIndex(text, -1) {
			one("'" + text[:at[2]] + map[string]string{"*": "+", "+": "*"}[text[at[2]:at[3]]] + text[at[3]:] + "'")
		}
		return
	}
	one("'" + text + "~'")
}

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

// split gives what stands between the commas from start on, up to one of the words that end a list.
func (l *sqlLevel) split(start int, ends ...string) (parts [][2]int, end int) {
	from := start
	for end = start; end < len(l.items) && !slices.Contains(ends, l.word(end)); end++ {
		if l.word(end) == "," {
			parts = append(parts, [2]int{from, end})
			from = end + 1
		}
	}
	return append(parts, [2]int{from, end}), end
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
			if end-c[0] == 1 && !regexp.MustCompile(`^[\w\x{80}-\x{10ffff}]`).MatchString(l.word(c[0])) || l.word(end-1) == "*" || l.word(c[0]) == "cast" && l.items[c[0]+1].group.word(0) == "null" {
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
