package template

import (
	"encoding/base64"
	"maps"
	"path"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"golang.org/x/text/encoding/unicode"

	"github.com/pidledger/pidledger/ingest/yamltext"
)

// bicepSymbols are the names of a Bicep file: variables, parameters and functions, also those it imports.
type bicepSymbols struct {
	files      *bicepFiles
	at         string
	statements []*statement
	vars       map[string]term
	params     map[string]declaration
	funcs      map[string]userFunction
}

func (s *bicepSymbols) variable(name string) (term, bool) {
	t, ok := s.vars[name]
	return t, ok
}

func (s *bicepSymbols) parameter(name string) (declaration, bool) {
	d, ok := s.params[name]
	return d, ok
}

func (s *bicepSymbols) function(name string) (userFunction, bool) {
	f, ok := s.funcs[name]
	return f, ok
}

func (s *bicepSymbols) load(name string) (string, bool) { return s.files.read(s.at, name) }

// bicepFiles reads the Bicep files that others import from, each once.
type bicepFiles struct {
	open func(at string) ([]byte, error)
	most int64 // bytes of a file
	seen map[string]symbols
}

func (f *bicepFiles) read(at, name string) (string, bool) {
	if f.open == nil || name == "" {
		return "", false
	}
	data, err := f.open(path.Join(path.Dir(at), name))
	return string(data), err == nil && int64(len(data)) <= f.most
}

// symbols reads the names of a file.
func (f *bicepFiles) symbols(at, src string) *bicepSymbols {
	env := &bicepSymbols{
		files: f, at: at, statements: statements(src), vars: map[string]term{}, params: map[string]declaration{}, funcs: map[string]userFunction{},
	}
	if f.seen == nil {
		f.seen = map[string]symbols{}
	}
	f.seen[at] = env
	for _, s := range env.statements {
		switch s.keyword {
		case "var":
			if s.value != nil {
				env.vars[s.name] = term{expr: s.value, env: env}
			}
		case "param":
			env.params[s.name] = bicepParameter(s, env)
		case "func":
			env.funcs[s.name] = userFunction{params: s.params, body: term{expr: s.value, env: env}}
		case "import":
			env.take(s)
		}
	}
	for _, s := range env.statements {
		local := map[string]*expr{}
		for _, p := range s.params {
			local[p] = call("parameters", &expr{op: opText, name: p})
		}
		local = env.resolveLoop(s.loop, local)
		env.resolve(s.condition, local)
		env.resolve(s.value, local)
	}
	return env
}

// take enters what a file imports. What cannot be read has a name all the same, so that a finding can say where it should be.
func (s *bicepSymbols) take(in *statement) {
	from := s.files.exported(s.at, in.typ)
	for _, i := range in.imports {
		switch b, ok := from.(*bicepSymbols); {
		case i.name != "*":
			s.takeOne(from, in.typ, i.name, i.as)
		case ok:
			for name := range b.vars {
				s.takeOne(from, in.typ, name, i.as+"."+name)
			}
			for name := range b.funcs {
				s.takeOne(from, in.typ, name, i.as+"."+name)
			}
		case from == nil:
			s.vars[i.as] = unread(i.as + " of " + in.typ)
		}
	}
}

func (s *bicepSymbols) takeOne(from symbols, file, name, as string) {
	if from == nil {
		s.vars[as] = unread(name + " of " + file)
		return
	}
	if t, ok := from.variable(name); ok {
		s.vars[as] = t
	}
	if f, ok := functionOf(from, name); ok {
		s.funcs[as] = f
	}
}

// exported returns the names of a file to import from; nil when it cannot be read.
func (f *bicepFiles) exported(at, name string) symbols {
	target := path.Join(path.Dir(at), name)
	if known, ok := f.seen[target]; ok {
		return known // of a circle what was read so far
	}
	text, ok := f.read(at, name)
	if !ok {
		return nil
	}
	if !strings.EqualFold(path.Ext(name), ".json") {
		return f.symbols(target, text)
	}
	doc, err := Read([]byte(text))
	if err != nil {
		return nil
	}
	return &templateSymbols{template: doc.Root}
}

// unread stands for what a file has that cannot be read.
func unread(what string) term { return term{expr: &expr{op: opUnread, name: what}} }

// resolve turns the symbols of an expression into calls of variables, parameters and functions. local are the names of a function's
// parameters and of loops.
func (s *bicepSymbols) resolve(e *expr, local map[string]*expr) {
	if e == nil {
		return
	}
	switch {
	case e.op == opUnknown:
		if x := local[e.name]; x != nil {
			at, end := e.at, e.end
			*e = *x
			e.at, e.end = at, end
			return
		}
		s.resolveName(e, e.name)
		return
	case e.op == opMember && e.args[0].op == opUnknown && local[e.args[0].name] == nil:
		if s.resolveName(e, e.args[0].name+"."+e.name) {
			return
		}
	case e.loop != nil:
		local = s.resolveLoop(e.loop, local)
	}
	for _, a := range e.args {
		s.resolve(a, local)
	}
}

func (s *bicepSymbols) resolveName(e *expr, name string) bool {
	_, isVar := s.vars[name]
	_, isParam := s.params[name]
	switch {
	case isVar:
		e.name = "variables"
	case isParam:
		e.name = "parameters"
	default:
		return false
	}
	e.op, e.args = opCall, []*expr{{op: opText, name: name}}
	return true
}

// resolveLoop returns the names that are known in a loop: any item of its list, and an index.
func (s *bicepSymbols) resolveLoop(l *loop, local map[string]*expr) map[string]*expr {
	if l == nil {
		return local
	}
	s.resolve(l.over, local)
	local = maps.Clone(local)
	item := &expr{op: opIndex, args: []*expr{l.over, {op: opUnknown, name: "..."}}}
	local[l.item] = item
	if l.index != "" {
		local[l.index] = call("copyIndex")
	}
	return local
}

// resourcesOf counts the resources of a module; false when its file cannot be read.
func (s *bicepSymbols) resourcesOf(module string) (int, bool) {
	text, ok := s.load(module)
	if !ok {
		return 0, false
	}
	if strings.EqualFold(path.Ext(module), ".json") {
		doc, err := Read([]byte(text))
		if err != nil {
			return 0, false
		}
		list := doc.Root.Get("resources")
		if list == nil {
			return 0, true
		}
		return len(list.Items) + len(list.Members), true
	}
	n := 0
	for _, inner := range statements(text) {
		if (inner.keyword == "resource" || inner.keyword == "module") && !inner.existing {
			n++
		}
	}
	return n, true
}

// userFunction is a function that a template declares.
type userFunction struct {
	params []string
	body   term
}

// functionOf finds a function by its name; in an ARM template by namespace.name.
func functionOf(env symbols, name string) (userFunction, bool) {
	if f, ok := env.(interface {
		function(name string) (userFunction, bool)
	}); ok {
		return f.function(name)
	}
	return userFunction{}, false
}

// callSymbols are the names in the body of a function: its parameters, and what stands around it.
type callSymbols struct {
	symbols
	args map[string]term
}

func (s *callSymbols) parameter(name string) (declaration, bool) {
	arg, ok := s.args[strings.ToLower(name)]
	return declaration{name: name, arg: arg, maxLen: unbounded}, ok
}

func (s *callSymbols) function(name string) (userFunction, bool) { return functionOf(s.symbols, name) }

func (s *callSymbols) load(name string) (string, bool) { return loadFrom(s.symbols, name) }

// maxUserCalls bounds how deep functions that a template declares call each other; neither language lets one call itself.
const maxUserCalls = 20

func (ev *evaluator) user(f userFunction, e *expr, env symbols, m mode) value {
	args := map[string]term{}
	for i, p := range f.params {
		if i < len(e.args) {
			args[strings.ToLower(p)] = term{expr: e.args[i], env: env}
		}
	}
	if ev.calls == maxUserCalls {
		return unknown(hole{what: e.name + "()", max: unbounded})
	}
	ev.calls++
	defer func() { ev.calls-- }()
	t := f.body
	t.env = &callSymbols{symbols: t.env, args: args}
	return ev.term(t, m)
}

// loadFrom reads a file beside the one that the names are of.
func loadFrom(env symbols, name string) (string, bool) {
	if l, ok := env.(interface {
		load(name string) (string, bool)
	}); ok {
		return l.load(name)
	}
	return "", false
}

// loaded evaluates Bicep's functions that read a file when it compiles.
func loaded(decode func(text string) (*Node, bool)) function {
	return func(ev *evaluator, e *expr, env symbols, m mode) value {
		args := ev.args(e, env, m)
		name, ok := arg(args, 0).known()
		if !ok {
			return opaque(e.name+"()", args...)
		}
		missing := unknown(hole{what: e.name + "('" + name + "')", max: unbounded, deps: onFile})
		text, ok := loadFrom(env, name)
		ev.steps += len(text) / 256 // to read it anew each time is work, too
		if !ok || !ev.step() {
			return missing
		}
		text = inUTF8(text)
		if decode == nil {
			return textValue(litText(strings.TrimPrefix(text, bom), variable))
		}
		root, ok := decode(text)
		if !ok {
			return missing
		}
		v := ev.node(term{node: root, verbatim: true}, m).raised(variable, 0)
		steps, _ := arg(args, 1).known()
		for _, step := range jsonStep.FindAllString(steps, -1) {
			step = strings.Trim(step, "[]'\"")
			if i, ok := parseInt(step); ok {
				v = ev.index(v, numberValue(i))
			} else {
				v = ev.member(v, step)
			}
		}
		return v
	}
}

// loadedBase64 evaluates loadFileAsBase64.
func loadedBase64(ev *evaluator, e *expr, env symbols, m mode) value {
	v := loaded(nil)(ev, e, env, m)
	if s, ok := v.known(); ok {
		return textValue(litText(base64.StdEncoding.EncodeToString([]byte(s)), variable)).after(v)
	}
	return v
}

// inUTF8 decodes a text that begins with a byte order mark of UTF-16, as Bicep does it with any text that it loads.
func inUTF8(text string) string {
	if !strings.HasPrefix(text, "\xff\xfe") && !strings.HasPrefix(text, "\xfe\xff") {
		return text
	}
	out, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().String(text)
	if err != nil {
		return text
	}
	return out
}

// jsonStep is a step of a JSON path: a key, a key in quotes, or an index.
var jsonStep = regexp.MustCompile(`\['[^']*'\]|\["[^"]*"\]|\[\d+\]|[^.$\[\]]+`)

func decodeJSON(text string) (*Node, bool) {
	doc, err := Read([]byte(text))
	if err != nil {
		return nil, false
	}
	return doc.Root, true
}

// anchored finds anchors and aliases, by which a small YAML file can become a very large one.
var anchored = regexp.MustCompile(`(?m)(?:^|[\s\[{,:-])[&*]\w`)

func decodeYAML(text string) (*Node, bool) {
	if anchored.MatchString(text) || yamltext.Check([]byte(text)) != nil {
		return nil, false
	}
	json, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		return nil, false
	}
	return decodeJSON(string(json))
}
