package bicep

import (
	"maps"
	"path"
	"strings"

	"github.com/pidledger/pidledger/cmd/template/arm"
)

// File are the names of a Bicep file: variables, parameters and functions, also those it imports.
type File struct {
	files      *imports
	at         string
	statements []*statement
	vars       map[string]arm.Term
	params     map[string]arm.Declaration
	funcs      map[string]arm.UserFunction
}

// Variable finds a variable, also an imported one.
func (s *File) Variable(name string) (arm.Term, bool) {
	t, ok := s.vars[name]
	return t, ok
}

// Parameter finds a parameter.
func (s *File) Parameter(name string) (arm.Declaration, bool) {
	d, ok := s.params[name]
	return d, ok
}

// Function finds a function, also an imported one.
func (s *File) Function(name string) (arm.UserFunction, bool) {
	f, ok := s.funcs[name]
	return f, ok
}

// Load reads a file beside this one.
func (s *File) Load(name string) (string, bool) { return s.files.beside.Read(s.at, name) }

// imports reads the Bicep files that others import from, each once.
type imports struct {
	beside arm.Files
	seen   map[string]arm.Symbols
}

// symbols reads the names of a file.
func (f *imports) symbols(at, src string) *File {
	env := &File{
		files: f, at: at, statements: statements(src), vars: map[string]arm.Term{}, params: map[string]arm.Declaration{}, funcs: map[string]arm.UserFunction{},
	}
	if f.seen == nil {
		f.seen = map[string]arm.Symbols{}
	}
	f.seen[at] = env
	for _, s := range env.statements {
		switch s.keyword {
		case "var":
			if s.value != nil {
				env.vars[s.name] = arm.Term{Expr: s.value, Env: env}
			}
		case "param":
			env.params[s.name] = parameter(s, env)
		case "func":
			env.funcs[s.name] = arm.UserFunction{Params: s.params, Body: arm.Term{Expr: s.value, Env: env}}
		case "import":
			env.take(s)
		}
	}
	for _, s := range env.statements {
		local := map[string]*arm.Expr{}
		for _, p := range s.params {
			local[p] = arm.Call("parameters", &arm.Expr{Op: arm.OpText, Name: p})
		}
		local = env.resolveLoop(s.loop, local)
		env.resolve(s.condition, local)
		env.resolve(s.value, local)
	}
	return env
}

// take enters what a file imports. What cannot be read has a name all the same, so that a finding can say where it should be.
func (s *File) take(in *statement) {
	from := s.files.exported(s.at, in.typ)
	for _, i := range in.imports {
		switch b, ok := from.(*File); {
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

func (s *File) takeOne(from arm.Symbols, file, name, as string) {
	if from == nil {
		s.vars[as] = unread(name + " of " + file)
		return
	}
	if t, ok := from.Variable(name); ok {
		s.vars[as] = t
	}
	if f, ok := arm.FunctionOf(from, name); ok {
		s.funcs[as] = f
	}
}

// exported returns the names of a file to import from; nil when it cannot be read.
func (f *imports) exported(at, name string) arm.Symbols {
	target := path.Join(path.Dir(at), name)
	if known, ok := f.seen[target]; ok {
		return known // of a circle what was read so far
	}
	text, ok := f.beside.Read(at, name)
	if !ok {
		return nil
	}
	if !strings.EqualFold(path.Ext(name), ".json") {
		return f.symbols(target, text)
	}
	doc, err := arm.Read([]byte(text))
	if err != nil {
		return nil
	}
	return &arm.TemplateSymbols{Template: doc.Root}
}

// unread stands for what a file has that cannot be read.
func unread(what string) arm.Term { return arm.Term{Expr: &arm.Expr{Op: arm.OpUnread, Name: what}} }

// resolve turns the symbols of an expression into calls of variables, parameters and functions. local are the names of a function's
// parameters and of loops.
func (s *File) resolve(e *arm.Expr, local map[string]*arm.Expr) {
	if e == nil {
		return
	}
	switch {
	case e.Op == arm.OpUnknown:
		if x := local[e.Name]; x != nil {
			at, end := e.At, e.End
			*e = *x
			e.At, e.End = at, end
			return
		}
		s.resolveName(e, e.Name)
		return
	case e.Op == arm.OpMember && e.Args[0].Op == arm.OpUnknown && local[e.Args[0].Name] == nil:
		if s.resolveName(e, e.Args[0].Name+"."+e.Name) {
			return
		}
	case e.Loop != nil:
		local = s.resolveLoop(e.Loop, local)
	}
	for _, a := range e.Args {
		s.resolve(a, local)
	}
}

func (s *File) resolveName(e *arm.Expr, name string) bool {
	_, isVar := s.vars[name]
	_, isParam := s.params[name]
	switch {
	case isVar:
		e.Name = "variables"
	case isParam:
		e.Name = "parameters"
	default:
		return false
	}
	e.Op, e.Args = arm.OpCall, []*arm.Expr{{Op: arm.OpText, Name: name}}
	return true
}

// resolveLoop returns the names that are known in a loop: any item of its list, and an index.
func (s *File) resolveLoop(l *arm.Loop, local map[string]*arm.Expr) map[string]*arm.Expr {
	if l == nil {
		return local
	}
	s.resolve(l.Over, local)
	local = maps.Clone(local)
	item := &arm.Expr{Op: arm.OpIndex, Args: []*arm.Expr{l.Over, {Op: arm.OpUnknown, Name: "..."}}}
	local[l.Item] = item
	if l.Index != "" {
		local[l.Index] = arm.Call("copyIndex")
	}
	return local
}

// resourcesOf counts the resources of a module; false when its file cannot be read.
func (s *File) resourcesOf(module string) (int, bool) {
	text, ok := s.Load(module)
	if !ok {
		return 0, false
	}
	if strings.EqualFold(path.Ext(module), ".json") {
		doc, err := arm.Read([]byte(text))
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

// Read reads the names and statements of a file at a place.
func Read(at, src string, beside arm.Files) *File {
	return (&imports{beside: beside}).symbols(at, src)
}
