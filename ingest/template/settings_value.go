package template

import (
	"regexp"
	"strings"
)

// wordAt reports whether a whole word of n bytes stands at an offset.
func wordAt(s string, at, n int) bool {
	return (at == 0 || !isWordByte(s[at-1]) || s[at-1] == '$') && (at+n == len(s) || !isWordByte(s[at+n]))
}

// reach bounds how far a line is looked at around a setting.
const reach = 512

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

var commentLine = regexp.MustCompile(`(?i)^\s*(?:#|//|::|rem\s|--|\*)`)

func commented(s string, at int) bool { return commentLine.MatchString(s[lineStart(s, at):at]) }

var (
	// what stands between the name of a variable and its value: NAME=, NAME:, "NAME"] =, 'NAME',
	afterVariable = regexp.MustCompile(`^["'\])}]*[ \t]*(?:\+=|:=|=|:|,)[ \t]*`)
	afterCommand  = regexp.MustCompile(`^[^\]\n]*\][ \t]*`)                             // ##vso[task.setvariable variable=NAME;...]value
	afterBlank    = regexp.MustCompile(`^[ \t]+`)                                       // ENV NAME value, setx NAME value
	afterListed   = regexp.MustCompile(`^["']?[ \t]*\r?\n[ \t]*["']?value["']?:[ \t]*`) // - name: NAME, value: on the next line
	afterCall     = regexp.MustCompile(`^["']?[ \t]*\([ \t\r\n]*`)
	afterField    = regexp.MustCompile(`^["']?[ \t]*(?::=|=|:)[ \t]*`)
	blankSets     = regexp.MustCompile(`(?i)(?:^|[ \t])(?:ENV|ARG|setx|setenv)[ \t]+$`)
	commandSets   = regexp.MustCompile(`(?i)setvariable[ \t]+[^\]\n]*variable=$`)
	listed        = regexp.MustCompile(`(?i)(?:name|key):[ \t]*["']?$`)
	literalStart  = regexp.MustCompile(`^(?:[$@]?(["'` + "`" + `]))`)
	bareValue     = regexp.MustCompile(`^[^\s;&|#,)"']+`)
)

// valueOf finds the value that is given to a setting at an offset.
func valueOf(s string, at int, set setting) (from, to int, ok bool) {
	end := at + len(set.name)
	s = s[:min(len(s), end+reach)]
	rest := s[end:]
	before := s[lineStart(s, at):at]
	var gap []int
	switch set.form {
	case "call":
		gap = afterCall.FindStringIndex(rest)
	case "field":
		gap = afterField.FindStringIndex(rest)
	default:
		switch {
		case commandSets.MatchString(before):
			gap = afterCommand.FindStringIndex(rest)
		case blankSets.MatchString(before) && afterVariable.FindString(rest) == "":
			gap = afterBlank.FindStringIndex(rest)
		case listed.MatchString(before):
			gap = afterListed.FindStringIndex(rest)
		default:
			gap = afterVariable.FindStringIndex(rest)
		}
	}
	if gap == nil || strings.HasPrefix(rest[gap[1]:], "=") { // a comparison
		return 0, 0, false
	}
	from = end + gap[1]
	if m := literalStart.FindStringSubmatchIndex(s[from:]); m != nil {
		quote := s[from+m[2] : from+m[3]]
		from += m[1]
		for to = from; to < len(s) && s[to] != '\n'; to++ {
			if s[to] == '\\' && to+1 < len(s) && s[to+1] != '\n' {
				to++
				continue
			}
			if s[to:to+1] == quote {
				return from, to, true
			}
		}
		return 0, 0, false
	}
	n := len(bareValue.FindString(s[from:]))
	return from, from + n, n > 0
}

var assignment = regexp.MustCompile(`(?m)^[ \t]*(?:- )?(?:[A-Za-z_][\w.<>\[\]]* ){0,3}\$?(?:env:)?([A-Za-z_]\w*)[ \t]*(?::=|=|:)[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^\s"';#]+))`)

// assignments are the simple ones of a file, by name.
func assignments(s string) map[string]string {
	out := map[string]string{}
	for _, m := range assignment.FindAllStringSubmatch(s, -1) {
		out[m[1]] = m[2] + m[3] + m[4]
	}
	return out
}

var (
	reference = regexp.MustCompile(`\$\{\{[ ]*(?:env|vars|variables|parameters)\.([A-Za-z_]\w*)[ ]*\}\}|\$\{(?:env:)?([A-Za-z_]\w*)(?:[:?+-][^}]*)?\}|\$\(([A-Za-z_]\w*)\)|\$(?:env:|script:)?([A-Za-z_]\w*)|%([A-Za-z_]\w*)%|\{([A-Za-z_]\w*)\}`)
	wordOnly  = regexp.MustCompile(`^[A-Za-z_]\w*$`)
)

// expand replaces references to variables by their values, as far as the file has them; others become a hole.
func expand(value string, vars map[string]string) string {
	if wordOnly.MatchString(value) { // a constant of code
		if v, ok := vars[value]; ok {
			value = v
		}
	}
	for range 3 {
		next := reference.ReplaceAllStringFunc(value, func(ref string) string {
			for _, name := range reference.FindStringSubmatch(ref)[1:] {
				if v, ok := vars[name]; ok && name != "" && len(v) < 1<<10 && !strings.Contains(v, ref) {
					return v
				}
			}
			return string(holeByte)
		})
		if next == value || len(next) > 1<<12 {
			break
		}
		value = next
	}
	return value
}
