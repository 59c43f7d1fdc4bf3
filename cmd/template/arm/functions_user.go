package arm

import (
	"strings"
)

// UserFunction is a function that a template declares.
type UserFunction struct {
	Params []string // their names
	Body   Term     // what it returns
}

// FunctionOf finds a function by its name; in an ARM template by namespace.name.
func FunctionOf(env Symbols, name string) (UserFunction, bool) {
	if f, ok := env.(interface {
		Function(name string) (UserFunction, bool)
	}); ok {
		return f.Function(name)
	}
	return UserFunction{}, false
}

// callSymbols are the names in the body of a function: its parameters, and what stands around it.
type callSymbols struct {
	Symbols
	args map[string]Term
}

// Parameter finds an argument of the call.
func (s *callSymbols) Parameter(name string) (Declaration, bool) {
	arg, ok := s.args[strings.ToLower(name)]
	return Declaration{Name: name, Arg: arg, MaxLen: Unbounded}, ok
}

// Function finds a function that can be called from the body.
func (s *callSymbols) Function(name string) (UserFunction, bool) { return FunctionOf(s.Symbols, name) }

// Load reads a file beside the one that declares the function.
func (s *callSymbols) Load(name string) (string, bool) { return loadFrom(s.Symbols, name) }

// maxUserCalls bounds how deep functions that a template declares call each other; neither language lets one call itself.
const maxUserCalls = 20

func (ev *Evaluator) user(f UserFunction, e *Expr, env Symbols, m Mode) Value {
	args := map[string]Term{}
	for i, p := range f.Params {
		if i < len(e.Args) {
			args[strings.ToLower(p)] = Term{Expr: e.Args[i], Env: env}
		}
	}
	if ev.calls == maxUserCalls {
		return unknown(hole{What: e.Name + "()", Max: Unbounded})
	}
	ev.calls++
	defer func() { ev.calls-- }()
	t := f.Body
	t.Env = &callSymbols{Symbols: t.Env, args: args}
	return ev.Term(t, m)
}
