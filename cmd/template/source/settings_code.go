package source

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/pidledger/pidledger/cmd/template/arm"
)

// codePiece is a part of an expression: a text or a name.
type codePiece struct {
	text     string
	joined   bool // by + or as the next literal to the one before
	from, to int
}

// codeValue reads an expression of code up to its end: the bracket that closes depth, a comma or semicolon outside of brackets, or the end of
// a line that does not go on. Its texts and constants are put together as far as + and formats tell; the place is that of the piece with
// the id.
func (x *Script) codeValue(at, depth int) (given, bool) {
	s := x.Text
	var pieces []codePiece
	size := 0
	outer, plus, literal := depth, false, false
	add := func(text string, from, to int, lit bool) {
		size += len(text)
		pieces = append(pieces, codePiece{text, len(pieces) > 0 && (plus || literal && lit), from, to})
		plus, literal = false, lit
	}
	otherwise := func() { // a ?? b: b where a is not known
		if n := len(pieces); n > 0 && pieces[n-1].text == string(arm.HoleByte) {
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
			operator := x.Language == "powershell" && i > at && s[i-1] == '-' // -f, -join
			switch {
			case strings.HasPrefix(next, "(") && getter.MatchString(m):
				text, to := x.fallback(i+len(m), end)
				add(text, i, to, false)
				i = to
				continue
			case strings.HasPrefix(next, "(") || operator:
			case last == "or" && x.Language == "python":
				otherwise()
			case len(next) > 1 && next[0] == '=' && next[1] != '=' || strings.HasPrefix(next, ":") && label(s[at:i]): // the name of an argument or key
			default:
				text, ok := x.lookUp(last, at)
				if !ok {
					text = string(arm.HoleByte)
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
			if depth == 0 && !goesOn(s, at, i) && !(literal && x.Language == "python" && nextLiteral.MatchString(s[i:min(end, i+reach)])) {
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
func (x *Script) fallback(at, end int) (text string, to int) {
	s := x.Text
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
					return v.Text, i + 1
				}
			}
			return string(arm.HoleByte), i + 1
		case c == ',' && depth == 1:
			last = i + 1
		}
	}
	return string(arm.HoleByte), end
}

// label reports whether what comes next in an expression is the key of an object.
func label(before string) bool {
	before = strings.TrimRight(before, " \t\r\n")
	return before != "" && (before[len(before)-1] == '{' || before[len(before)-1] == ',')
}

// nextLiteral is a text on the next line, which Python joins to the one before.
var nextLiteral = regexp.MustCompile(`^\s*[fFrRbBuU]{0,2}["']`)

// goesOn reports whether an expression goes on after a line end.
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
				return string(arm.HoleByte)
			}
			used[n] = true
			return pieces[n].text
		})
	}
	v := given{From: at, To: at}
	found := false
	for i, p := range pieces {
		if used[i] {
			continue
		}
		if v.Text != "" && !p.joined {
			v.Text += " "
		}
		v.Text += p.text
		if !found && (strings.Contains(arm.LowerASCII(p.text), "pid-") || LooksLikeID(p.text)) {
			v.From, v.To, found = p.from, p.to, true
		}
	}
	if !found && len(pieces) > 0 {
		v.From, v.To = pieces[0].from, pieces[len(pieces)-1].to
	}
	return v, len(pieces) > 0
}
