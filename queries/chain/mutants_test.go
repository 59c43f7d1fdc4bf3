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

// edit puts a text in place of tokens from and up to, without to.
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
