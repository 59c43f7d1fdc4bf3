package source

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/cmd/template/arm"
)

// Script is a source as the search for User-Agents sees it.
type Script struct {
	raw      []byte
	Text     string           // comments are blanked out, so that offsets stay; after read
	Language string           // sources.csv
	defs     map[string][]int // by name, where the values start that it is given
	folder   *scriptFolder    // nil: alone
	busy     []int            // the values that are being looked up
	known    map[int]string   // those that were
	left     int              // bytes that may still be looked at, over all values
	azure    *bool            // whether a pipeline has tasks that sign in to Azure
}

// kin are languages whose files share constants or variables when they lie in one folder.
var kin = map[string]string{"shell": "shell", "env": "shell", "yaml": "shell", "http": "shell", "batch": "shell"}

func kinOf(language string) string {
	if k := kin[language]; k != "" {
		return k
	}
	return language
}

// isCode tells programs from scripts and settings, whose values are words.
func (x *Script) isCode() bool {
	switch x.Language {
	case "python", "go", "dotnet", "java", "javascript", "bicep", "terraform":
		return true
	}
	return false
}

// definition finds a name that gets a value: at the start of a line or statement, after words such as const, export or a type.
var definition = regexp.MustCompile(`(?m)(?:^|[;&]|(?:^|[^$\n])[{(])[ \t]*(?:- )?((?:[A-Za-z_-][\w.<>\[\]?-]*[ \t]+){0,5})(?:\[[\w.]+\][ \t]*)?["']?[@$]?(?:env:|script:|global:)?([A-Za-z_]\w*)["']?(?:[ \t]*:[ \t]*[A-Za-z][\w<>\[\].|]*[ \t]*=|[ \t]*(?::=|\?=|\+=|=|:))[ \t]*`)

// listedDefinition is a variable of a pipeline: its name, and its value on the next line.
var listedDefinition = regexp.MustCompile(`(?m)\b[nN]ame["']?[ \t]*[:=][ \t]*["']?([A-Za-z_]\w*)["']?,?[ \t]*\r?\n?[ \t]*["']?[vV]alue["']?[ \t]*[:=][ \t]*`)

// NewScript is a source by itself; nothing is read yet.
func NewScript(language string, data []byte) *Script { return &Script{raw: data, Language: language} }

// Read looks through the file, which most files need not.
func (x *Script) Read() {
	if x.defs != nil {
		return
	}
	x.Text, x.defs, x.known, x.left = blankComments(string(x.raw), x.Language), map[string][]int{}, map[int]string{}, 8*len(x.raw)+1<<16
	for _, m := range definition.FindAllStringSubmatchIndex(x.Text, -1) {
		name, words := x.Text[m[4]:m[5]], strings.Fields(x.Text[m[2]:m[3]])
		if len(words) > 0 && strings.EqualFold(name, "string") { // const id string = "..."
			name = words[len(words)-1]
		}
		if m[1] < len(x.Text) && x.Text[m[1]] != '=' {
			x.defs[name] = append(x.defs[name], m[1])
		}
	}
	for _, m := range listedDefinition.FindAllStringSubmatchIndex(x.Text, -1) {
		x.defs[x.Text[m[2]:m[3]]] = append(x.defs[x.Text[m[2]:m[3]]], m[1])
	}
	for _, defs := range x.defs {
		slices.Sort(defs)
	}
}

// scriptFolder are the files of one folder that share constants.
type scriptFolder struct {
	files []*Script
	defs  map[string][]scriptDefinition // after read
}

func (f *scriptFolder) read() {
	if f.defs != nil {
		return
	}
	f.defs = map[string][]scriptDefinition{}
	for _, x := range f.files {
		x.Read()
		for name, defs := range x.defs {
			for _, at := range defs {
				f.defs[name] = append(f.defs[name], scriptDefinition{x, at})
			}
		}
	}
}

type scriptDefinition struct {
	x  *Script
	at int
}

// lookUp returns the value that a name has at an offset: the last before it, else the next, else that of the other files of the folder, if
// they agree.
func (x *Script) lookUp(name string, at int) (string, bool) {
	defs := x.defs[name]
	after, _ := slices.BinarySearch(defs, at)
	for i := after - 1; i >= 0; i-- {
		if !slices.Contains(x.busy, defs[i]) {
			return x.defined(defs[i])
		}
	}
	itself := len(x.busy) > 0 && slices.Contains(defs, x.busy[0]) // NAME="$NAME ...": no value for what follows
	for _, def := range defs[after:] {
		if !itself && !slices.Contains(x.busy, def) {
			return x.defined(def)
		}
	}
	if len(defs) > 0 || x.folder == nil {
		return "", false // by itself
	}
	if x.folder.read(); len(x.folder.defs[name]) > maxLookUps {
		return "", false // by too many
	}
	value, found := "", false
	for _, d := range x.folder.defs[name] {
		v, ok := d.x.defined(d.at)
		if !ok || found && v != value {
			return "", false
		}
		value, found = v, true
	}
	return value, found
}

// Bounds of what a name stands for: how many names are between a place and its value, and how long that is.
const (
	maxLookUps = 5
	maxDefined = 1 << 10
)

func (x *Script) defined(def int) (string, bool) {
	if v, ok := x.known[def]; ok {
		return v, v != ""
	}
	if len(x.busy) >= maxLookUps || slices.Contains(x.busy, def) {
		return "", false
	}
	x.busy = append(x.busy, def)
	defer func() { x.busy = x.busy[:len(x.busy)-1] }()
	v, ok := x.valueAt(def, x.isCode() || x.Language == "powershell", x.Language == "yaml" || x.Language == "env")
	if !ok || len(v.Text) > maxDefined {
		v.Text = ""
	}
	x.known[def] = v.Text
	return v.Text, v.Text != ""
}

// blankComments replaces comments by blanks of the same length; line ends stay.
func blankComments(s, language string) string {
	b := []byte(s)
	if strings.HasPrefix(s, arm.BOM) {
		copy(b, "   ")
	}
	blank := func(from, to int) {
		for i := from; i < min(to, len(b)); i++ {
			if b[i] != '\n' && b[i] != '\r' {
				b[i] = ' '
			}
		}
	}
	until := func(from int, mark string) int {
		if n := strings.Index(s[from:], mark); n >= 0 {
			return from + n + len(mark)
		}
		return len(s)
	}
	endOfLine := func(from int) int {
		if n := strings.IndexByte(s[from:], '\n'); n >= 0 {
			return from + n
		}
		return len(s)
	}
	marks := commentMarks[language]
	for i := 0; i < len(s); {
		rest := s[i:]
		start := strings.TrimLeft(s[lineStart(s, i):i], " \t\r"+arm.BOM) == ""
		switch c := s[i]; {
		case marks.block != "" && strings.HasPrefix(rest, marks.block):
			end := until(i+len(marks.block), marks.shut)
			blank(i, end)
			i = end
		case marks.triple && (strings.HasPrefix(rest, `"""`) || strings.HasPrefix(rest, `'''`)):
			end := until(i+3, rest[:3])
			if start { // a docstring
				blank(i, end)
			}
			i = end
		case startsComment(rest, marks, start, i > 0 && (s[i-1] == ' ' || s[i-1] == '\t' || s[i-1] == ';')):
			end := endOfLine(i)
			blank(i, end)
			i = end
		case c == '`' && marks.raw:
			i = until(i+1, "`")
		case c == '"' || c == '\'':
			i = stringEnd(s, i, marks)
		default:
			i++
		}
	}
	return string(b)
}

// comments says how a language marks its comments.
type comments struct {
	line, word, first []string // anywhere outside strings, after a blank, at the start of a line
	block, shut       string
	triple            bool // texts in three quotes
	raw               bool // texts in backticks
	escape            byte // in strings
}

var commentMarks = func() map[string]comments {
	slashes := comments{line: []string{"//"}, block: "/*", shut: "*/", raw: true, escape: '\\'}
	hcl := slashes
	hcl.line, hcl.raw = []string{"//", "#"}, false
	hash := comments{word: []string{"#"}, first: []string{"#"}, escape: '\\'}
	return map[string]comments{
		"bicep": {line: []string{"//"}, block: "/*", shut: "*/", escape: '\\'}, "terraform": hcl,
		"go": slashes, "dotnet": {line: []string{"//"}, block: "/*", shut: "*/", first: []string{"'"}, escape: '\\'}, "java": slashes, "javascript": slashes,
		"python": {line: []string{"#"}, triple: true, escape: '\\'},
		"shell":  hash, "env": hash, "yaml": hash, "http": {first: []string{"#", "//"}, escape: '\\'},
		"powershell": {line: []string{"#"}, block: "<#", shut: "#>", escape: '`'},
		"batch":      {first: []string{"rem ", "::", "@rem "}},
	}
}()

func startsComment(s string, m comments, first, behindBlank bool) bool {
	has := func(marks []string) bool {
		return slices.ContainsFunc(marks, func(mark string) bool {
			return len(s) >= len(mark) && strings.EqualFold(s[:len(mark)], mark)
		})
	}
	command := strings.HasPrefix(s, "##vso[") || strings.HasPrefix(s, "##[") // to the agent of Azure Pipelines
	return !command && (has(m.line) || first && has(m.first) || behindBlank && has(m.word))
}

// stringEnd returns what is after a string on one line; a quote without another is only a sign.
func stringEnd(s string, at int, m comments) int {
	for i := at + 1; i < len(s) && s[i] != '\n'; i++ {
		switch {
		case m.escape != 0 && s[i] == m.escape && i+1 < len(s) && s[i+1] != '\n':
			i++
		case s[i] == s[at]:
			return i + 1
		}
	}
	return at + 1
}

// ReadScripts reads the sources among files; those of one folder and language know each other.
func ReadScripts(files []File) map[string]*Script {
	byName, folders := map[string]*Script{}, map[string]*scriptFolder{}
	for _, f := range files {
		language := Language(f.Name)
		if language == "" || byName[f.Name] != nil {
			continue
		}
		x := NewScript(language, f.Data)
		key := path.Dir(f.At) + "\x00" + kinOf(language)
		if folders[key] == nil {
			folders[key] = &scriptFolder{}
		}
		x.folder, byName[f.Name] = folders[key], x
		x.folder.files = append(x.folder.files, x)
	}
	return byName
}
