package deployments

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pidledger/pidledger/cmd/template/arm"
)

// clause is one thing that a condition asks: whether key has a value (lower case, as ARM compares), or another one.
type clause struct {
	key, value string
	equal      bool
}

// way is one to fulfil a condition: all of its literals hold.
type way []clause

// Bounds of a condition: the ways to fulfil it, with more of which nothing is known of it, and the clauses of a way.
const (
	maxWays    = 64
	maxClauses = 32
)

// always is a condition of which nothing is known.
var always = []way{nil}

// excludes reports whether two literals cannot both hold.
func (a clause) excludes(b clause) bool {
	switch {
	case a.key != b.key:
		return false
	case a.equal && b.equal:
		return a.value != b.value
	}
	return a.equal != b.equal && a.value == b.value
}

func (w way) excludes(other way) bool {
	for _, a := range w {
		for _, b := range other {
			if a.excludes(b) {
				return true
			}
		}
	}
	return false
}

// Conditions compares the conditions of deployments.
type Conditions struct {
	ev   *arm.Evaluator
	ways map[*Deployment][]way // in which the condition of each holds
}

// NewConditions compares with an evaluator that knows the functions of the file.
func NewConditions(ev *arm.Evaluator) *Conditions {
	return &Conditions{ev: ev, ways: map[*Deployment][]way{}}
}

// Exclusive reports whether the conditions of two deployments, and of those around them, can never both hold.
func (c *Conditions) Exclusive(a, b *Deployment) bool {
	ways := c.waysOf(b)
	for _, x := range c.waysOf(a) {
		for _, y := range ways {
			if !x.excludes(y) {
				return false
			}
		}
	}
	return true
}

func (c *Conditions) waysOf(d *Deployment) []way {
	if known, ok := c.ways[d]; ok {
		return known
	}
	out := always
	if d.Outer != nil {
		out = c.waysOf(d.Outer)
	}
	if d.Conditional {
		out = both(out, (&conditionReader{ev: c.ev}).term(d.Condition, true))
	}
	c.ways[d] = out
	return out
}

func both(a, b []way) []way {
	if len(a)*len(b) > maxWays {
		return always
	}
	out := []way{}
	for _, x := range a {
		for _, y := range b {
			if !x.excludes(y) {
				w := append(append(way{}, x...), y...)
				out = append(out, w[:min(len(w), maxClauses)]) // with fewer it only excludes less
			}
		}
	}
	return out
}

func eitherOf(a, b []way) []way {
	if len(a)+len(b) > maxWays {
		return always
	}
	return append(append([]way{}, a...), b...)
}

// conditionReader reads one condition into the ways to fulfil it.
type conditionReader struct {
	ev           *arm.Evaluator
	depth, steps int
}

// Bounds of the work for one condition; what is beyond says nothing.
const (
	maxConditionSteps = 5_000
	maxConditionKey   = 4 << 10 // bytes
)

// enter counts work; it is false when there was enough.
func (c *conditionReader) enter() bool {
	c.depth++
	c.steps++
	return c.depth <= arm.MaxExprDepth && c.steps <= maxConditionSteps
}

func (c *conditionReader) leave() { c.depth-- }

// term returns the ways in which a condition comes out as wanted.
func (c *conditionReader) term(t arm.Term, want bool) []way {
	defer c.leave()
	if !c.enter() {
		return always
	}
	switch {
	case t.Expr != nil:
		return c.expr(t.Expr, t.Env, want)
	case t.Node == nil:
		return always
	case t.Node.Kind == arm.Bool:
		return c.constant(t.Node.Text == "true", want)
	case t.Node.Kind == arm.String && arm.IsExpression(t.Node.Text):
		if e, err := arm.ParseExpression(t.Node.Text[1 : len(t.Node.Text)-1]); err == nil {
			return c.expr(e, t.Env, want)
		}
	}
	return always
}

func (c *conditionReader) constant(is, want bool) []way {
	if is == want {
		return always
	}
	return nil
}

func (c *conditionReader) expr(e *arm.Expr, env arm.Symbols, want bool) []way {
	defer c.leave()
	if !c.enter() {
		return always
	}
	name := ""
	if e.Op == arm.OpCall {
		name = strings.ToLower(e.Name)
	}
	switch {
	case (name == "and") == want && (name == "and" || name == "or") || name == "or" && !want:
		out := always
		for _, a := range e.Args {
			out = both(out, c.expr(a, env, want))
		}
		return out
	case name == "and" || name == "or":
		var out []way
		for _, a := range e.Args {
			out = eitherOf(out, c.expr(a, env, want))
		}
		return out
	case name == "not" && len(e.Args) == 1:
		return c.expr(e.Args[0], env, !want)
	case name == "bool" && len(e.Args) == 1 && e.Args[0].Op != arm.OpText:
		return c.expr(e.Args[0], env, want)
	case name == "if" && len(e.Args) == 3:
		return eitherOf(
			both(c.expr(e.Args[0], env, true), c.expr(e.Args[1], env, want)),
			both(c.expr(e.Args[0], env, false), c.expr(e.Args[2], env, want)),
		)
	case name == "equals" && len(e.Args) == 2:
		return c.equals(e.Args[0], e.Args[1], env, want)
	case name == "empty" && len(e.Args) == 1:
		return []way{{{key: c.key(e.Args[0], env), equal: want}}}
	case name == "contains" && len(e.Args) == 2:
		if out, ok := c.among(e.Args[0], e.Args[1], env, want); ok {
			return out
		}
	case name == "variables" && env != nil:
		if v, ok := arm.Called(e, "variables"); ok {
			if t, ok := env.Variable(v); ok {
				return c.term(t, want)
			}
		}
	case name == "parameters" && env != nil:
		if p, ok := arm.Called(e, "parameters"); ok {
			if d, ok := env.Parameter(p); ok && !d.Arg.None() {
				return c.term(d.Arg, want)
			}
		}
	}
	if v := c.ev.Expr(e, env, arm.Possible); v.Kind == arm.ValBool && v.From < arm.Parameter && v.Deps == 0 {
		return c.constant(v.Flag, want)
	}
	return []way{{{key: c.key(e, env), value: strconv.FormatBool(want), equal: true}}}
}

// equals compares with something that is fixed.
func (c *conditionReader) equals(a, b *arm.Expr, env arm.Symbols, want bool) []way {
	x, fixed := c.fixed(a, env)
	y, both := c.fixed(b, env)
	switch {
	case fixed && both:
		return c.constant(x == y, want)
	case fixed:
		a, y = b, x
	case !both:
		return []way{{{key: c.key(arm.Call("equals", a, b), env), value: strconv.FormatBool(want), equal: true}}}
	}
	if y == "true" || y == "false" {
		return c.expr(a, env, (y == "true") == want)
	}
	return []way{{{key: c.key(a, env), value: y, equal: want}}}
}

// among is contains() of a list that is fixed: one of several values.
func (c *conditionReader) among(list, x *arm.Expr, env arm.Symbols, want bool) ([]way, bool) {
	v := c.ev.Expr(list, env, arm.Possible)
	if v.Kind != arm.ValList || v.From >= arm.Parameter || len(v.Items) == 0 {
		return nil, false
	}
	key := c.key(x, env)
	var out []way
	var none way
	for _, item := range v.Items {
		s, ok := item.Known()
		if !ok {
			return nil, false
		}
		out = append(out, way{{key: key, value: strings.ToLower(s), equal: true}})
		none = append(none, clause{key: key, value: strings.ToLower(s)})
	}
	if !want {
		return []way{none}, true
	}
	if len(out) > maxWays {
		return always, true
	}
	return out, true
}

// fixed returns a value that nobody who deploys can change, as a text.
func (c *conditionReader) fixed(e *arm.Expr, env arm.Symbols) (string, bool) {
	v := c.ev.Expr(e, env, arm.Possible)
	if v.From >= arm.Parameter || v.Deps != 0 {
		return "", false
	}
	switch v.Kind {
	case arm.ValBool:
		return strconv.FormatBool(v.Flag), true
	case arm.ValNumber:
		return strconv.FormatInt(v.Num, 10), true
	case arm.ValText:
		s, ok := v.Known()
		return strings.ToLower(s), ok
	}
	return "", false
}

// key writes an expression so that two that must have the same value are the same text. Variables and what deployments pass on are followed.
func (c *conditionReader) key(e *arm.Expr, env arm.Symbols) string {
	defer c.leave()
	if !c.enter() {
		return fmt.Sprintf("%p", e)
	}
	switch e.Op {
	case arm.OpText:
		if len(e.Name) > maxConditionKey {
			return fmt.Sprintf("%p", e)
		}
		return strconv.Quote(strings.ToLower(e.Name))
	case arm.OpNumber:
		return strconv.FormatInt(e.Num, 10)
	case arm.OpMember:
		return c.key(e.Args[0], env) + "." + strings.ToLower(e.Name)
	case arm.OpIndex:
		if e.Args[1].Op == arm.OpText {
			return c.key(e.Args[0], env) + "." + strings.ToLower(e.Args[1].Name)
		}
		return c.key(e.Args[0], env) + "[" + c.key(e.Args[1], env) + "]"
	case arm.OpCall:
	default:
		return fmt.Sprintf("%p", e)
	}
	name := strings.ToLower(e.Name)
	if v, ok := arm.Called(e, "variables"); ok && env != nil {
		if t, ok := env.Variable(v); ok && t.Expr != nil {
			return c.key(t.Expr, t.Env)
		} else if ok && t.Node != nil && arm.IsExpression(t.Node.Str()) {
			if x, err := arm.ParseExpression(t.Node.Text[1 : len(t.Node.Text)-1]); err == nil {
				return c.key(x, t.Env)
			}
		}
	}
	if p, ok := arm.Called(e, "parameters"); ok && env != nil {
		if d, ok := env.Parameter(p); ok && d.Arg.Expr != nil {
			return c.key(d.Arg.Expr, d.Arg.Env)
		} else if ok && d.Arg.Node != nil && arm.IsExpression(d.Arg.Node.Str()) {
			if x, err := arm.ParseExpression(d.Arg.Node.Text[1 : len(d.Arg.Node.Text)-1]); err == nil {
				return c.key(x, d.Arg.Env)
			}
		}
	}
	switch name {
	case "tolower", "toupper", "string", "trim":
		if len(e.Args) == 1 {
			return c.key(e.Args[0], env)
		}
	}
	parts := make([]string, len(e.Args))
	for i, a := range e.Args {
		parts[i] = c.key(a, env)
	}
	if len(strings.Join(parts, "")) > maxConditionKey {
		return fmt.Sprintf("%p", e)
	}
	text := name + "(" + strings.Join(parts, ",") + ")"
	if name == "parameters" || name == "variables" {
		text += fmt.Sprintf("@%p", env) // of this template, not of another
	}
	return text
}
