package source

import (
	"regexp"
	"strings"

	"github.com/pidledger/pidledger/cmd/template/arm"
)

// wordAt reports whether a whole word of n bytes stands at an offset.
func wordAt(s string, at, n int) bool {
	return (at == 0 || !arm.IsWordByte(s[at-1]) || s[at-1] == '$') && (at+n == len(s) || !arm.IsWordByte(s[at+n]))
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
	Text     string
	From, To int
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

// ValueOf finds the value that is given to a setting.
func (x *Script) ValueOf(h Hit) (given, bool) {
	s := x.Text
	wide, rest := s[lineStart(s, h.At):h.At], s[h.End:min(len(s), h.End+reach)]
	before := wide[max(0, len(wide)-nearby):]
	if shellTest.MatchString(before) {
		return given{}, false
	}
	code := x.isCode()
	skip := func(gap *regexp.Regexp) int {
		if loc := gap.FindStringIndex(rest); loc != nil {
			return h.End + loc[1]
		}
		return -1
	}
	switch h.Setting.Form {
	case FormVariable:
		if v, ok := x.insideQuotes(h, before, rest); ok && code { // "NAME=value" of an environment
			return v, true
		}
	case formCall:
		return x.valueAfter(skip(afterCall), true, true, false)
	case formFlag:
		if gap := afterListedOption.FindString(rest); gap != "" && code {
			return x.valueAfter(h.End+len(gap), true, false, false)
		}
		return x.word(h.End+len(continuation.FindString(strings.TrimLeft(rest, `"',=`)))+len(rest)-len(strings.TrimLeft(rest, `"',=`)), h)
	case formAgent:
		if v, ok := x.insideQuotes(h, before, rest); ok {
			return v, true
		}
		if option.MatchString(before) {
			if gap := continuation.FindString(rest); gap != "" {
				return x.word(h.End+len(gap), h)
			}
		}
		if at := skip(afterCall); at >= 0 && (code || x.Language == "powershell") && !reads.MatchString(h.Setting.Name) {
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
	if h.Setting.Form == formAgent && strings.Contains(afterName.FindString(rest), ",") && !option.MatchString(before) && !x.argument(h.At) {
		return given{}, false
	}
	line := (x.Language == "yaml" || x.Language == "env" || x.Language == "http") && wholeLine.MatchString(wide)
	return x.valueAfter(skip(afterName), code || x.Language == "powershell", false, line)
}

// argument reports whether the name of a header at an offset is the first argument of a call, or the first of a pair.
func (x *Script) argument(at int) bool {
	s := x.Text
	open := "(["
	for at > 0 && (arm.IsWordByte(s[at-1]) || strings.IndexByte(".:\"'`$@", s[at-1]) >= 0) {
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
func (x *Script) valueAfter(at int, code, call, line bool) (given, bool) {
	if at < 0 || at < len(x.Text) && x.Text[at] == '=' { // a comparison
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
func (x *Script) insideQuotes(h Hit, before, rest string) (given, bool) {
	gap := inOption.FindString(rest)
	if gap == "" || before == "" {
		return given{}, false
	}
	from := h.End + len(gap)
	quote := before[len(before)-1]
	if quote != '"' && quote != '\'' && quote != '`' || from < len(x.Text) && strings.IndexByte("\"'`\\", x.Text[from]) >= 0 {
		return given{}, false
	}
	for to := from; to < len(x.Text) && x.Text[to] != '\n'; to++ {
		switch x.Text[to] {
		case '\\':
			to++
		case quote:
			return x.expanded(from, to), true
		}
	}
	return given{}, false
}

func (x *Script) expanded(from, to int) given {
	return given{x.expand(x.Text[from:to], from), from, to}
}

// valueAt reads a value: an expression of code, a line of YAML or of an env file, or a word of a shell.
func (x *Script) valueAt(at int, code, line bool) (given, bool) {
	if x.Language == "yaml" {
		at += len(yamlProperty.FindString(x.Text[at:]))
		if gap := blockScalar.FindString(x.Text[at:min(len(x.Text), at+reach)]); gap != "" {
			return x.block(at + len(gap))
		}
	}
	if code {
		return x.codeValue(at, 0)
	}
	if !line || at < len(x.Text) && strings.IndexByte("\"'{[(", x.Text[at]) >= 0 {
		v, ok := x.word(at, Hit{})
		if ok && x.Language == "yaml" && plusBehind.MatchString(x.Text[v.To:min(len(x.Text), v.To+reach)]) { // PowerShell of a pipeline
			return x.codeValue(at, 0)
		}
		return v, ok
	}
	to := at
	for to < len(x.Text) && x.Text[to] != '\n' && x.Text[to] != '\r' {
		to++
	}
	v := x.expanded(at, at+len(strings.TrimRight(x.Text[at:to], " \t")))
	return v, v.To > v.From
}

// block reads the lines of a block of YAML; the place is that of the line with the id.
func (x *Script) block(at int) (given, bool) {
	s := x.Text
	indent := at - lineStart(s, at)
	v := given{From: at, To: at}
	for from := at; from < len(s) && len(v.Text) < maxDefined; {
		to := from + len(bareLine.FindString(s[from:]))
		text := x.expand(strings.TrimSpace(s[from:to]), at)
		if v.Text == "" || strings.Contains(arm.LowerASCII(text), "pid-") {
			v.From, v.To = from, to
		}
		v.Text = strings.TrimSpace(v.Text + " " + text)
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
	return v, v.To > v.From
}

// word reads a word of a shell: quoted and bare pieces without a blank between them.
func (x *Script) word(at int, h Hit) (given, bool) {
	s := x.Text
	if h.End > 0 {
		x.busy = append(x.busy, at)
		defer func() { x.busy = x.busy[:0] }()
	}
	if (x.Language == "powershell" || x.Language == "yaml") && at < len(s) && s[at] == '(' {
		return x.codeValue(at+1, 1)
	}
	v := given{From: at, To: at}
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
				return v, v.To > v.From
			}
			text := s[i+1 : end]
			if escape != c {
				text = strings.TrimRight(text, string(escape))
			}
			if v.Text == "" && v.From == i || escape != c {
				v.From = i + 1
			}
			if c == '\'' && (x.Language == "shell" || x.Language == "powershell") && !x.quoted(i) {
				v.Text += text
			} else {
				v.Text += x.expand(text, at)
			}
			v.To, i = end, end+1
			if escape != c {
				return v, true
			}
		case strings.IndexByte(" \t\r\n;&|#,)]}<>", c) >= 0:
			return v, v.To > v.From
		default:
			end := i + len(bareWord.FindString(s[i:min(len(s), i+reach)]))
			if end == i {
				end++
			}
			v.Text += x.expand(s[i:end], at)
			v.To, i = end, end
		}
	}
	return v, v.To > v.From
}

// quoted reports whether an offset is inside of double quotes on its line, where single ones keep nothing from being replaced.
func (x *Script) quoted(at int) bool {
	return strings.Count(x.Text[lineStart(x.Text, at):at], `"`)%2 == 1
}

// bareWord is a piece of a word without quotes; references keep what stands in their braces.
var bareWord = regexp.MustCompile("^(?:\\$?\\{\\{[^}\\n]*\\}\\}|\\$\\{[^}\\n]*\\}|\\$\\([^)\\n]*\\)|[^\\s;&|#,)\\]}\"'<>`])+")

// quoteEnd returns where the string that starts at an offset ends; -1 when it does not end on its line, or on the next after a backslash.
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
func (x *Script) expand(value string, at int) string {
	if x.left -= len(value); x.left < 0 || len(value) > 4*maxDefined || !strings.ContainsAny(value, "${%!") {
		return value
	}
	if x.Language == "batch" {
		value = batchReference.ReplaceAllStringFunc(value, func(ref string) string {
			if v, ok := x.lookUp(ref[1:len(ref)-1], at); ok {
				return v
			}
			return string(arm.HoleByte)
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
		return string(arm.HoleByte)
	})
}
