package template

import (
	"regexp"
	"strconv"
	"strings"
)

// wordAt reports whether a whole word of n bytes stands at an offset.
func wordAt(s string, at, n int) bool {
	return (at == 0 || !isWordByte(s[at-1]) || s[at-1] == '$') && (at+n == len(s) || !isWordByte(s[at+n]))
}

// reach bounds how far a line is looked at around a setting.
const reach = 512

// nearby is how much of the line before a name tells what it is.
const nearby = 96

// lineStart returns where the line of an offset starts, or a place far enough before.
func lineStart(s string, at int) int {
	from := max(0, at-reach)
	return from + strings.LastIndexByte(s[from:at], '\n') + 1
}

// lineOf returns the line that holds an offset.
func lineOf(s string, at int) string {
	rest := s[at:min(len(s), at+reach)]
	if n := strings.IndexByte(rest, '\n'); n >= 0 {
		rest = rest[:n]
	}
	return s[lineStart(s, at):at] + rest
}

// given is the value of a setting and where it stands.
type given struct {
	text     string
	from, to int
}

var (
	// what stands between a name and its value: NAME=, NAME:, "NAME"] =, 'NAME',
	afterName    = regexp.MustCompile("^[\\\\`]?[\"'`\\])}]*[ \\t]*(?:\\+=|:=|\\?=|=>|=|:|,)[ \\t]*")
	afterCommand = regexp.MustCompile(`^[^\]\n]*\][ \t]*`)                                                                  // ##vso[task.setvariable variable=NAME;...]value
	afterBlank   = regexp.MustCompile(`^["']?[ \t]+(?:--?[A-Za-z]\S*[ \t]+)*`)                                              // ENV NAME value, setx NAME value, Set-Item env:NAME -Value value
	afterCall    = regexp.MustCompile(`^(?:\.(?:Try)?(?:Parse)?(?:Add|Set|Append|add|set|append|push))?[ \t]*\([ \t\r\n]*`) // NAME(value, NAME.ParseAdd(value
	reads        = regexp.MustCompile(`(?i)^(?:get|parse|is|has|match|detect|test|check)`)                                  // calls that ask for a User-Agent
	// name: NAME, and its value beside or on the next line
	afterListed  = regexp.MustCompile(`^["']?,?[ \t]*(?:\r?\n)?[ \t]*["']?[vV]alue["']?[ \t]*[:=][ \t]*`)
	afterMapping = regexp.MustCompile(`^["']?:[ \t]*\r?\n[ \t]+["']?(?:value|default)["']?:[ \t]*`) // of Pulumi's configuration
	// an option and its value in a list of arguments: "-A", value
	afterListedOption = regexp.MustCompile(`^["'][ \t]*,[ \t]*`)
	inOption          = regexp.MustCompile(`^[ \t]*[:=][ \t]*`)
	blankSets         = regexp.MustCompile(`(?i)(?:^|[ \t])(?:(?:ENV|ARG|setx|setenv|(?:env|config|variable)[ \t]+set)[ \t]+(?:--?\S+[ \t]+)*|(?:set|new)-item(?:property)?[ \t]+(?:-path[ \t]+)?["']?env:[\\/]?)$`)
	commandSets       = regexp.MustCompile(`(?i)setvariable[ \t]+[^\]\n]*variable=$`)
	listed            = regexp.MustCompile(`(?i)(?:name|key)["']?[ \t]*[:=][ \t]*["']?$`)
	option            = regexp.MustCompile(`(?:^|[\s(\["'])--?$`)
	continuation      = regexp.MustCompile("^(?:[ \\t]|[\\\\`^]\\r?\\n)+")
	wholeLine         = regexp.MustCompile(`^[ \t]*(?:-[ \t]+)?(?:export[ \t]+|set[ \t]+)?["']?$`) // before a key of YAML or of an env file
	bareLine          = regexp.MustCompile(`^[^\r\n]*`)
	blockScalar       = regexp.MustCompile(`^[>|][-+0-9]*[ \t]*\r?\n[ \t]*`)
	shellTest         = regexp.MustCompile(`(?:\[|\btest)[ \t]+(?:!|-\w)?[ \t]*["']?\$\{?$`) // [ "$NAME" = ... ]
	plusBehind        = regexp.MustCompile(`^["']?[ \t]*\+[ \t]*["'$(]`)
	yamlProperty      = regexp.MustCompile(`^[!&]\S*[ \t]+`)
)

// valueOf finds the value that is given to a setting.
func (x *script) valueOf(h hit) (given, bool) {
	s := x.text
	wide, rest := s[lineStart(s, h.at):h.at], s[h.end:min(len(s), h.end+reach)]
	before := wide[max(0, len(wide)-nearby):]
	if shellTest.MatchString(before) {
		return given{}, false
	}
	code := x.isCode()
	skip := func(gap *regexp.Regexp) int {
		if loc := gap.FindStringIndex(rest); loc != nil {
			return h.end + loc[1]
		}
		return -1
	}
	switch h.s.form {
	case formVariable:
		if v, ok := x.insideQuotes(h, before, rest); ok && code { // "NAME=value" of an environment
			return v, true
		}
	case formCall:
		return x.valueAfter(skip(afterCall), true, true, false)
	case formFlag:
		if gap := afterListedOption.FindString(rest); gap != "" && code {
			return x.valueAfter(h.end+len(gap), true, false, false)
		}
		return x.word(h.end+len(continuation.FindString(strings.TrimLeft(rest, `"',=`)))+len(rest)-len(strings.TrimLeft(rest, `"',=`)), h)
	case formAgent:
		if v, ok := x.insideQuotes(h, before, rest); ok {
			return v, true
		}
		if option.MatchString(before) {
			if gap := continuation.FindString(rest); gap != "" {
				return x.word(h.end+len(gap), h)
			}
		}
		if at := skip(afterCall); at >= 0 && (code || x.language == "powershell") && !reads.MatchString(h.s.name) {
			return x.valueAfter(at, true, true, false)
		}
	}
	switch {
	case commandSets.MatchString(before):
		return x.valueAfter(skip(afterCommand), false, false, false)
	case blankSets.MatchString(before) && afterName.FindString(rest) == "":
		return x.valueAfter(skip(afterBlank), false, false, false)
	case listed.MatchString(before) && skip(afterListed) >= 0:
		return x.valueAfter(skip(afterListed), code, false, false)
	case skip(afterMapping) >= 0:
		return x.valueAfter(skip(afterMapping), false, false, true)
	}
	if h.s.form == formAgent && strings.Contains(afterName.FindString(rest), ",") && !option.MatchString(before) && !x.argument(h.at) {
		return given{}, false
	}
	line := (x.language == "yaml" || x.language == "env" || x.language == "http") && wholeLine.MatchString(wide)
	return x.valueAfter(skip(afterName), code || x.language == "powershell", false, line)
}

// argument reports whether the name of a header at an offset is the first argument of a call, or the first of a pair.
func (x *script) argument(at int) bool {
	s := x.text
	open := "(["
	for at > 0 && (isWordByte(s[at-1]) || strings.IndexByte(".:\"'`$@", s[at-1]) >= 0) {
		at--
		if s[at] == '"' || s[at] == '\'' || s[at] == '`' {
			open = "([{"
		}
	}
	for at > 0 && strings.IndexByte(" \t\r\n", s[at-1]) >= 0 {
		at--
	}
	return at > 0 && strings.IndexByte(open, s[at-1]) >= 0
}

// valueAfter reads the value at an offset, if there is one.
func (x *script) valueAfter(at int, code, call, line bool) (given, bool) {
	if at < 0 || at < len(x.text) && x.text[at] == '=' { // a comparison
		return given{}, false
	}
	x.busy = append(x.busy, at)
	defer func() { x.busy = x.busy[:0] }()
	if call {
		return x.codeValue(at, 1)
	}
	return x.valueAt(at, code, line)
}

// insideQuotes reads a header that is one text with its value: "User-Agent: pid-...", also of an option without quotes.
func (x *script) insideQuotes(h hit, before, rest string) (given, bool) {
	gap := inOption.FindString(rest)
	if gap == "" || before == "" {
		return given{}, false
	}
	from := h.end + len(gap)
	quote := before[len(before)-1]
	if quote != '"' && quote != '\'' && quote != '`' || from < len(x.text) && strings.IndexByte("\"'`\\", x.text[from]) >= 0 {
		return given{}, false
	}
	for to := from; to < len(x.text) && x.text[to] != '\n'; to++ {
		switch x.text[to] {
		case '\\':
			to++
		case quote:
			return x.expanded(from, to), true
		}
	}
	return given{}, false
}

func (x *script) expanded(from, to int) given {
	return given{x.expand(x.text[from:to], from), from, to}
}

// valueAt reads a value: an expression of code, a line of YAML or of an env file, or a word of a shell.
func (x *script) valueAt(at int, code, line bool) (given, bool) {
	if x.language == "yaml" {
		at += len(yamlProperty.FindString(x.text[at:]))
		if gap := blockScalar.FindString(x.text[at:min(len(x.text), at+reach)]); gap != "" {
			return x.block(at + len(gap))
		}
	}
	if code {
		return x.codeValue(at, 0)
	}
	if !line || at < len(x.text) && strings.IndexByte("\"'{[(", x.text[at]) >= 0 {
		v, ok := x.word(at, hit{})
		if ok && x.language == "yaml" && plusBehind.MatchString(x.text[v.to:min(len(x.text), v.to+reach)]) { // PowerShell of a pipeline
			return x.codeValue(at, 0)
		}
		return v, ok
	}
	to := at
	for to < len(x.text) && x.text[to] != '\n' && x.text[to] != '\r' {
		to++
	}
	v := x.expanded(at, at+len(strings.TrimRight(x.text[at:to], " \t")))
	return v, v.to > v.from
}

// block reads the lines of a block of YAML; the place is that of the line with the id.
func (x *script) block(at int) (given, bool) {
	s := x.text
	indent := at - lineStart(s, at)
	v := given{from: at, to: at}
	for from := at; from < len(s) && len(v.text) < maxDefined; {
		to := from + len(bareLine.FindString(s[from:]))
		text := x.expand(strings.TrimSpace(s[from:to]), at)
		if v.text == "" || strings.Contains(lowerASCII(text), "pid-") {
			v.from, v.to = from, to
		}
		v.text = strings.TrimSpace(v.text + " " + text)
		next := min(len(s), to+1)
		if strings.HasPrefix(s[to:], "\r\n") {
			next++
		}
		line := s[next:min(len(s), next+reach)]
		blanks := len(line) - len(strings.TrimLeft(line, " "))
		if indent == 0 || blanks < indent {
			break
		}
		from = next + blanks
	}
	return v, v.to > v.from
}

// word reads a word of a shell: quoted and bare pieces without a blank between them.
func (x *script) word(at int, h hit) (given, bool) {
	s := x.text
	if h.end > 0 {
		x.busy = append(x.busy, at)
		defer func() { x.busy = x.busy[:0] }()
	}
	if (x.language == "powershell" || x.language == "yaml") && at < len(s) && s[at] == '(' {
		return x.codeValue(at+1, 1)
	}
	v := given{from: at, to: at}
	for i := at; i < len(s); {
		c := s[i]
		escape := c
		if (c == '\\' || c == '`') && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\'') { // quotes in quotes
			i++
			c = s[i]
		}
		switch {
		case c == '"' || c == '\'' || c == '`' && x.isCode():
			end := quoteEnd(s, i, escape)
			if end < 0 { // the quote of a text around the word
				return v, v.to > v.from
			}
			text := s[i+1 : end]
			if escape != c {
				text = strings.TrimRight(text, string(escape))
			}
			if v.text == "" && v.from == i || escape != c {
				v.from = i + 1
			}
			if c == '\'' && (x.language == "shell" || x.language == "powershell") && !x.quoted(i) {
				v.text += text
			} else {
				v.text += x.expand(text, at)
			}
			v.to, i = end, end+1
			if escape != c {
				return v, true
			}
		case strings.IndexByte(" \t\r\n;&|#,)]}<>", c) >= 0:
			return v, v.to > v.from
		default:
			end := i + len(bareWord.FindString(s[i:min(len(s), i+reach)]))
			if end == i {
				end++
			}
			v.text += x.expand(s[i:end], at)
			v.to, i = end, end
		}
	}
	return v, v.to > v.from
}

// quoted reports whether an offset is inside of double quotes on its line, where single ones keep nothing from being replaced.
func (x *script) quoted(at int) bool {
	return strings.Count(x.text[lineStart(x.text, at):at], `"`)%2 == 1
}

// bareWord is a piece of a word without quotes; references keep what stands in their braces.
var bareWord = regexp.MustCompile("^(?:\\$?\\{\\{[^}\\n]*\\}\\}|\\$\\{[^}\\n]*\\}|\\$\\([^)\\n]*\\)|[^\\s;&|#,)\\]}\"'<>`])+")

// quoteEnd returns where the string that starts at an offset ends; -1 when it does not end on its line, or on the next behind a backslash.
func quoteEnd(s string, at int, escape byte) int {
	for i := at + 1; i < len(s); i++ {
		switch {
		case escape != s[at] && s[i] == escape && i+1 < len(s) && s[i+1] == s[at]:
			return i + 1
		case s[i] == '\\' && i+1 < len(s) && s[at] != '\'':
			i++
		case s[i] == s[at]:
			return i
		case s[i] == '\n' && s[at] != '`':
			return -1
		}
	}
	return -1
}

var (
	reference = regexp.MustCompile(`\$\{\{[ ]*(?:[A-Za-z_]\w*\.)+([A-Za-z_]\w*)[ ]*\}\}|\{\{[ ]*\.?(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w*)[ ]*\}\}` +
		`|\$\{(?:env:)?(?:\w+\.)*([A-Za-z_]\w*)(?:(:?[-+?=])([^}]*))?\}|\$\(\$?(?:\w+\.)*([A-Za-z_]\w*)\)` +
		`|\$(?:env:|script:|global:)?([A-Za-z_]\w*)|\{(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w*)(?::\w+)?\}`)
	batchReference = regexp.MustCompile(`%[A-Za-z_]\w*%|![A-Za-z_]\w*!`)
	formatMark     = regexp.MustCompile(`%[svq]|\{(\d*)\}`)
	identifier     = regexp.MustCompile(`^(?:\$(?:env|script|global|local|using):[A-Za-z_]\w*|[A-Za-z_$@][\w$]*(?:(?:\.|::|\?\.|->)[A-Za-z_]\w*)*)`)
	literalAt      = regexp.MustCompile(`^(?:[fFrRbBuU]{1,2}|\$@|@\$|\$|@)?("""|'''|["'` + "`" + `])`)
)

// expand replaces references to variables by their values, as far as the files have them; others become a hole.
func (x *script) expand(value string, at int) string {
	if x.left -= len(value); x.left < 0 || len(value) > 4*maxDefined || !strings.ContainsAny(value, "${%!") {
		return value
	}
	if x.language == "batch" {
		value = batchReference.ReplaceAllStringFunc(value, func(ref string) string {
			if v, ok := x.lookUp(ref[1:len(ref)-1], at); ok {
				return v
			}
			return string(holeByte)
		})
	}
	return reference.ReplaceAllStringFunc(value, func(ref string) string {
		m := reference.FindStringSubmatch(ref)
		for i, name := range m[1:] {
			if name == "" || i == 3 || i == 4 {
				continue
			}
			if v, ok := x.lookUp(name, at); ok {
				return v
			}
			if strings.HasSuffix(m[4], "-") || strings.HasSuffix(m[4], "=") { // ${NAME:-default}
				return x.expand(m[5], at)
			}
			break
		}
		return string(holeByte)
	})
}

// codePiece is a part of an expression: a text or a name.
type codePiece struct {
	text     string
	joined   bool // by + or as the next literal to the one before
	from, to int
}

// codeValue reads an expression of code up to its end: the bracket that closes depth, a comma or semicolon outside of brackets, or the end of
// a line that does not go on. Its texts and constants are put together as far as + and formats tell; the place is that of the piece with
// the id.
func (x *script) codeValue(at, depth int) (given, bool) {
	s := x.text
	var pieces []codePiece
	size := 0
	outer, plus, literal := depth, false, false
	add := func(text string, from, to int, lit bool) {
		size += len(text)
		pieces = append(pieces, codePiece{text, len(pieces) > 0 && (plus || literal && lit), from, to})
		plus, literal = false, lit
	}
	otherwise := func() { // a ?? b: b where a is not known
		if n := len(pieces); n > 0 && pieces[n-1].text == string(holeByte) {
			plus = pieces[n-1].joined
			pieces = pieces[:n-1]
		}
	}
	end := min(len(s), at+16*reach)
	if at < end && (s[at] == '{' || s[at] == '[' && !strings.HasPrefix(s[at:], "[]")) && depth == 0 {
		if !listOfTexts.MatchString(s[at:end]) {
			return given{}, false // what is in it has names of its own
		}
		at, depth, outer = at+1, 1, 1
	}
scan:
	for i := at; i < end && size < 16*maxDefined; {
		if x.left--; x.left < 0 {
			return given{}, false
		}
		c := s[i]
		if m := literalAt.FindStringSubmatchIndex(s[i:min(len(s), i+8)]); m != nil {
			quote := s[i+m[2] : i+m[3]]
			from := i + m[1]
			n := -1
			if len(quote) == 3 {
				n = strings.Index(s[from:], quote)
			} else if q := quoteEnd(s, from-1, quote[0]); q >= 0 {
				n = q - from
			}
			if n < 0 {
				break
			}
			add(x.expand(s[from:from+n], at), from, from+n, true)
			i = from + n + len(quote)
			continue
		}
		if m := identifier.FindString(s[i:min(len(s), i+reach)]); m != "" {
			next := strings.TrimLeft(s[min(len(s), i+len(m)):min(len(s), i+len(m)+8)], " \t")
			last := m[strings.LastIndexAny(m, ".:>$@")+1:]
			operator := x.language == "powershell" && i > at && s[i-1] == '-' // -f, -join
			switch {
			case strings.HasPrefix(next, "(") && getter.MatchString(m):
				text, to := x.fallback(i+len(m), end)
				add(text, i, to, false)
				i = to
				continue
			case strings.HasPrefix(next, "(") || operator:
			case last == "or" && x.language == "python":
				otherwise()
			case len(next) > 1 && next[0] == '=' && next[1] != '=' || strings.HasPrefix(next, ":") && label(s[at:i]): // the name of an argument or key
			default:
				text, ok := x.lookUp(last, at)
				if !ok {
					text = string(holeByte)
				}
				add(text, i, i+len(m), false)
			}
			i += len(m)
			continue
		}
		if strings.HasPrefix(s[i:end], "??") || strings.HasPrefix(s[i:end], "||") || strings.HasPrefix(s[i:end], "?:") {
			otherwise()
			i += 2
			continue
		}
		switch c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth < max(outer, 1)-1 || outer > 0 && depth < outer {
				break scan
			}
		case ',', ';':
			if depth == 0 || c == ';' {
				break scan
			}
		case '\n':
			if depth == 0 && !goesOn(s, at, i) && !(literal && x.language == "python" && nextLiteral.MatchString(s[i:min(end, i+reach)])) {
				break scan
			}
		case '+':
			plus = true
		}
		if strings.IndexByte(" \t\r\n+)", c) < 0 {
			literal = false
			plus = plus && (c == '(')
		}
		i++
	}
	return together(pieces, at)
}

// listOfTexts is a list that begins with a text: http.Header{"User-Agent": {"..."}}.
var listOfTexts = regexp.MustCompile("^[{\\[]\\s*[\"'`][^\"'`\\n]*[\"'`]\\s*[,}\\]]")

// getter are calls that ask for a value by a name, and perhaps say what it is otherwise.
var getter = regexp.MustCompile(`(?i)(?:^|[._])(?:get(?:_?env\w*|property|value)?|env|require|lookup(?:env)?|try_?get\w*)$`)

// fallback passes the arguments of a getter, whose bracket is the next, and returns the last when it says what the value is otherwise.
func (x *script) fallback(at, end int) (text string, to int) {
	s := x.text
	at += strings.IndexByte(s[at:end], '(') + 1
	last, depth := -1, 1
	for i := at; i < end; i++ {
		switch c := s[i]; {
		case c == '"' || c == '\'' || c == '`':
			if q := quoteEnd(s, i, c); q >= 0 {
				i = q
			}
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			if depth--; depth > 0 {
				continue
			}
			if last >= 0 {
				if v, ok := x.codeValue(last, 1); ok {
					return v.text, i + 1
				}
			}
			return string(holeByte), i + 1
		case c == ',' && depth == 1:
			last = i + 1
		}
	}
	return string(holeByte), end
}

// label reports whether what comes next in an expression is the key of an object.
func label(before string) bool {
	before = strings.TrimRight(before, " \t\r\n")
	return before != "" && (before[len(before)-1] == '{' || before[len(before)-1] == ',')
}

// nextLiteral is a text on the next line, which Python joins to the one before.
var nextLiteral = regexp.MustCompile(`^\s*[fFrRbBuU]{0,2}["']`)

// goesOn reports whether an expression goes on behind a line end.
func goesOn(s string, at, newline int) bool {
	line := strings.TrimRight(s[at:newline], " \t\r")
	if line == "" || strings.IndexByte("+?:&|(,=.\\`", line[len(line)-1]) >= 0 {
		return true
	}
	next := strings.TrimLeft(s[newline:min(len(s), newline+reach)], " \t\r\n")
	return next != "" && strings.IndexByte("+?.&|", next[0]) >= 0
}

// together makes one text of the pieces: formats take what follows, and what no + joins is parted by a blank.
func together(pieces []codePiece, at int) (given, bool) {
	used := make([]bool, len(pieces))
	for i := range pieces {
		if used[i] {
			continue
		}
		next := i + 1
		for next < len(pieces) && pieces[next].joined {
			next++
		}
		pieces[i].text = formatMark.ReplaceAllStringFunc(pieces[i].text, func(mark string) string {
			n := next
			if k, err := strconv.Atoi(strings.Trim(mark, "{}")); err == nil {
				n = i + 1 + k
			} else {
				next++
			}
			if n >= len(pieces) {
				return string(holeByte)
			}
			used[n] = true
			return pieces[n].text
		})
	}
	v := given{from: at, to: at}
	found := false
	for i, p := range pieces {
		if used[i] {
			continue
		}
		if v.text != "" && !p.joined {
			v.text += " "
		}
		v.text += p.text
		if !found && (strings.Contains(lowerASCII(p.text), "pid-") || looksLikeID(p.text)) {
			v.from, v.to, found = p.from, p.to, true
		}
	}
	if !found && len(pieces) > 0 {
		v.from, v.to = pieces[0].from, pieces[len(pieces)-1].to
	}
	return v, len(pieces) > 0
}
