package template

import (
	"fmt"
	"strconv"
	"strings"
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

// exclusive reports whether the conditions of two deployments, and of those around them, can never both hold.
func (c *checker) exclusive(a, b *deployment) bool {
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

func (c *checker) waysOf(d *deployment) []way {
	if known, ok := c.ways[d]; ok {
		return known
	}
	out := always
	if d.outer != nil {
		out = c.waysOf(d.outer)
	}
	if d.conditional {
		out = both(out, (&conditions{ev: c.ev}).term(d.condition, true))
	}
	if c.ways == nil {
		c.ways = map[*deployment][]way{}
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

// conditions reads conditions into the ways to fulfil them.
type conditions struct {
	ev           *evaluator
	depth, steps int
}

// Bounds of the work for one condition; what is beyond says nothing.
const (
	maxConditionSteps = 5_000
	maxConditionKey   = 4 << 10 // bytes
)

// enter counts work; it is false when there was enough.
func (c *conditions) enter() bool {
	c.depth++
	c.steps++
	return c.depth <= maxExprDepth && c.steps <= maxConditionSteps
}

func (c *conditions) leave() { c.depth-- }

// term returns the ways in which a condition comes out as wanted.
func (c *conditions) term(t term, want bool) []way {
	defer c.leave()
	if !c.enter() {
		return always
	}
	switch {
	case t.expr != nil:
		return c.expr(t.expr, t.env, want)
	case t.node == nil:
		return always
	case t.node.Kind == Bool:
		return c.constant(t.node.Text == "true", want)
	case t.node.Kind == String && isExpression(t.node.Text):
		if e, err := parseExpression(t.node.Text[1 : len(t.node.Text)-1]); err == nil {
			return c.expr(e, t.env, want)
		}
	}
	return always
}

func (c *conditions) constant(is, want bool) []way {
	if is == want {
		return always
	}
	return nil
}

func (c *conditions) expr(e *expr, env symbols, want bool) []way {
	defer c.leave()
	if !c.enter() {
		return always
	}
	name := ""
	if e.op == opCall {
		name = strings.ToLower(e.name)
	}
	switch {
	case (name == "and") == want && (name == "and" || name == "or") || name == "or" && !want:
		out := always
		for _, a := range e.args {
			out = both(out, c.expr(a, env, want))
		}
		return out
	case name == "and" || name == "or":
		var out []way
		for _, a := range e.args {
			out = eitherOf(out, c.expr(a, env, want))
		}
		return out
	case name == "not" && len(e.args) == 1:
		return c.expr(e.args[0], env, !want)
	case name == "bool" && len(e.args) == 1 && e.args[0].op != opText:
		return c.expr(e.args[0], env, want)
	case name == "if" && len(e.args) == 3:
		return eitherOf(
			both(c.expr(e.args[0], env, true), c.expr(e.args[1], env, want)),
			both(c.expr(e.args[0], env, false), c.expr(e.args[2], env, want)),
		)
	case name == "equals" && len(e.args) == 2:
		return c.equals(e.args[0], e.args[1], env, want)
	case name == "empty" && len(e.args) == 1:
		return []way{{{key: c.key(e.args[0], env), equal: want}}}
	case name == "contains" && len(e.args) == 2:
		if out, ok := c.among(e.args[0], e.args[1], env, want); ok {
			return out
		}
	case name == "variables" && env != nil:
		if v, ok := called(e, "variables"); ok {
			if t, ok := env.variable(v); ok {
				return c.term(t, want)
			}
		}
	case name == "parameters" && env != nil:
		if p, ok := called(e, "parameters"); ok {
			if d, ok := env.parameter(p); ok && !d.arg.none() {
				return c.term(d.arg, want)
			}
		}
	}
	if v := c.ev.expr(e, env, possible); v.kind == valBool && v.from < parameter && v.deps == 0 {
		return c.constant(v.flag, want)
	}
	return []way{{{key: c.key(e, env), value: strconv.FormatBool(want), equal: true}}}
}

// equals compares with something that is fixed.
func (c *conditions) equals(a, b *expr, env symbols, want bool) []way {
	x, fixed := c.fixed(a, env)
	y, both := c.fixed(b, env)
	switch {
	case fixed && both:
		return c.constant(x == y, want)
	case fixed:
		a, y = b, x
	case !both:
		return []way{{{key: c.key(call("equals", a, b), env), value: strconv.FormatBool(want), equal: true}}}
	}
	if y == "true" || y == "false" {
		return c.expr(a, env, (y == "true") == want)
	}
	return []way{{{key: c.key(a, env), value: y, equal: want}}}
}

// among is contains() of a list that is fixed: one of several values.
func (c *conditions) among(list, x *expr, env symbols, want bool) ([]way, bool) {
	v := c.ev.expr(list, env, possible)
	if v.kind != valList || v.from >= parameter || len(v.items) == 0 {
		return nil, false
	}
	key := c.key(x, env)
	var out []way
	var none way
	for _, item := range v.items {
		s, ok := item.known()
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
func (c *conditions) fixed(e *expr, env symbols) (string, bool) {
	v := c.ev.expr(e, env, possible)
	if v.from >= parameter || v.deps != 0 {
		return "", false
	}
	switch v.kind {
	case valBool:
		return strconv.FormatBool(v.flag), true
	case valNumber:
		return strconv.FormatInt(v.num, 10), true
	case valText:
		s, ok := v.known()
		return strings.ToLower(s), ok
	}
	return "", false
}

// key writes an expression so that two that must have the same value are the same text. Variables and what deployments pass on are followed.
func (c *conditions) key(e *expr, env symbols) string {
	defer c.leave()
	if !c.enter() {
		return fmt.Sprintf("%p", e)
	}
	switch e.op {
	case opText:
		if len(e.name) > maxConditionKey {
			return fmt.Sprintf("%p", e)
		}
		return strconv.Quote(strings.ToLower(e.name))
	case opNumber:
		return strconv.FormatInt(e.num, 10)
	case opMember:
		return c.key(e.args[0], env) + "." + strings.ToLower(e.name)
	case opIndex:
		if e.args[1].op == opText {
			return c.key(e.args[0], env) + "." + strings.ToLower(e.args[1].name)
		}
		return c.key(e.args[0], env) + "[" + c.key(e.args[1], env) + "]"
	case opCall:
	default:
		return fmt.Sprintf("%p", e)
	}
	name := strings.ToLower(e.name)
	if v, ok := called(e, "variables"); ok && env != nil {
		if t, ok := env.variable(v); ok && t.expr != nil {
			return c.key(t.expr, t.env)
		} else if ok && t.node != nil && isExpression(t.node.str()) {
			if x, err := parseExpression(t.node.Text[1 : len(t.node.Text)-1]); err == nil {
				return c.key(x, t.env)
			}
		}
	}
	if p, ok := called(e, "parameters"); ok && env != nil {
		if d, ok := env.parameter(p); ok && d.arg.expr != nil {
			return c.key(d.arg.expr, d.arg.env)
		} else if ok && d.arg.node != nil && isExpression(d.arg.node.str()) {
			if x, err := parseExpression(d.arg.node.Text[1 : len(d.arg.node.Text)-1]); err == nil {
				return c.key(x, d.arg.env)
			}
		}
	}
	switch name {
	case "tolower", "toupper", "string", "trim":
		if len(e.args) == 1 {
			return c.key(e.args[0], env)
		}
	}
	parts := make([]string, len(e.args))
	for i, a := range e.args {
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
