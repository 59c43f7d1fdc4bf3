package template

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
	ctyconvert "github.com/zclconf/go-cty/cty/convert"
	ctyfunction "github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// hclExact are Terraform's functions of texts as HCL itself has them, for arguments that are all known.
var hclExact = map[string]ctyfunction.Function{
	"chomp": stdlib.ChompFunc, "join": stdlib.JoinFunc, "lower": stdlib.LowerFunc, "upper": stdlib.UpperFunc, "title": stdlib.TitleFunc,
	"regex": stdlib.RegexFunc, "strrev": stdlib.ReverseFunc, "split": stdlib.SplitFunc, "substr": stdlib.SubstrFunc,
	"trim": stdlib.TrimFunc, "trimprefix": stdlib.TrimPrefixFunc, "trimsuffix": stdlib.TrimSuffixFunc, "trimspace": stdlib.TrimSpaceFunc,
	"element": stdlib.ElementFunc, "compact": stdlib.CompactFunc, "distinct": stdlib.DistinctFunc, "flatten": stdlib.FlattenFunc,
	"sort": stdlib.SortFunc, "slice": stdlib.SliceFunc, "reverse": stdlib.ReverseListFunc, "contains": stdlib.ContainsFunc,
	"length": stdlib.LengthFunc, "max": stdlib.MaxFunc, "min": stdlib.MinFunc, "floor": stdlib.FloorFunc, "ceil": stdlib.CeilFunc,
	"parseint": stdlib.ParseIntFunc,
}

// hclNear are those that also say something about texts that are known in part.
var hclNear = map[string]func(a []value) value{
	"format": hclFormat, "join": hclJoin, "replace": hclReplace, "coalesce": hclCoalesce, "try": coalesce,
	"one": func(a []value) value { return edge(a, true) },
	"lookup": func(a []value) value {
		if len(a) < 2 || a[0].kind != valObject {
			return opaque("lookup()", a...)
		}
		key, known := a[1].known()
		v, ok := a[0].get(key)
		switch {
		case known && ok:
			return v.after(a[:2]...)
		case known:
			return arg(a, 2).after(a...)
		}
		return opaque("lookup()", a...)
	},
	"nonsensitive": first, "sensitive": first, "tostring": first, "tonumber": first, "tobool": first, "tolist": first, "toset": first, "tomap": first,
}

// first returns what a function leaves as it is.
func first(a []value) value { return arg(a, 0) }

// hclFunctions adds the functions of Terraform under their names with hclFunction before.
func hclFunctions(all map[string]function) {
	add := func(name string, near function) {
		if all[hclFunction+name] != nil {
			return
		}
		exact, known := hclExact[name]
		all[hclFunction+name] = func(ev *evaluator, e *expr, env symbols, m mode) value {
			v := value{kind: valUnknown}
			if near != nil {
				v = near(ev, e, env, m)
			}
			if v.kind == valUnknown && known {
				if x, ok := hclCall(exact, ev.args(e, env, m)); ok {
					return x
				}
			}
			if v.hole == nil && v.kind == valUnknown {
				v = opaque(name+"()", ev.args(e, env, m)...)
			}
			return v
		}
	}
	for name, f := range hclNear {
		add(name, withArgs(f))
	}
	for name, arm := range data().hcl["function"] {
		if f := all[strings.ToLower(arm)]; f != nil {
			add(name, f)
			continue
		}
		add(name, func(ev *evaluator, e *expr, env symbols, m mode) value {
			return opaque(arm+"()", ev.args(e, env, m)...)
		})
	}
	for name := range hclExact {
		add(name, nil)
	}
}

// hclCall calls a function of HCL; false when an argument is not known, or the function does not take it.
func hclCall(f ctyfunction.Function, a []value) (value, bool) {
	params, rest := f.Params(), f.VarParam()
	if len(a) < len(params) || len(a) > len(params) && rest == nil {
		return value{}, false
	}
	in := make([]cty.Value, len(a))
	for i, x := range a {
		v, ok := x.cty()
		if !ok {
			return value{}, false
		}
		want := rest
		if i < len(params) {
			want = &params[i]
		}
		v, err := ctyconvert.Convert(v, want.Type)
		if err != nil {
			return value{}, false
		}
		in[i] = v
	}
	out, err := f.Call(in)
	if err != nil || !out.IsWhollyKnown() {
		return value{}, false
	}
	var of value
	return fromCty(out, of.after(a...)), true
}

// cty is the value as HCL has it, if it is a single one.
func (v value) cty() (cty.Value, bool) {
	switch v.kind {
	case valNull:
		return cty.NullVal(cty.DynamicPseudoType), true
	case valBool:
		return cty.BoolVal(v.flag), true
	case valNumber:
		return cty.NumberIntVal(v.num), true
	case valText:
		s, ok := v.known()
		return cty.StringVal(s), ok
	case valList:
		items := make([]cty.Value, len(v.items))
		for i, x := range v.items {
			item, ok := x.cty()
			if !ok {
				return cty.NilVal, false
			}
			items[i] = item
		}
		return cty.TupleVal(items), true
	}
	return cty.NilVal, false
}

// fromCty marks what HCL made of other values as theirs.
func fromCty(v cty.Value, of value) value {
	typ := v.Type()
	switch {
	case v.IsNull():
		return value{kind: valNull}.after(of)
	case typ == cty.String:
		return textValue(litText(v.AsString(), of.from)).after(of)
	case typ == cty.Bool:
		return boolValue(v.True(), of)
	case typ == cty.Number:
		if n, exact := v.AsBigFloat().Int64(); exact == 0 {
			return numberValue(n, of)
		}
		return textValue(litText(v.AsBigFloat().Text('f', -1), of.from)).after(of)
	case typ.IsTupleType() || typ.IsListType() || typ.IsSetType():
		var items []value
		for it := v.ElementIterator(); it.Next(); {
			_, x := it.Element()
			items = append(items, fromCty(x, of))
		}
		return listOf(items, of)
	}
	return opaque("...", of)
}

// hclVerb is a verb of format: %s, %04x, %[2]d.
var hclVerb = regexp.MustCompile(`%(?:(%)|(?:\[([0-9]{1,3})\])?([-+ #0]*[0-9]{0,3}(?:\.[0-9]{0,3})?)(?:\[([0-9]{1,3})\])?([a-zA-Z]))`)

// hclFormat formats each argument that is known as HCL does; the others stay unknown in their place.
func hclFormat(a []value) value {
	pattern, ok := arg(a, 0).known()
	if !ok {
		return opaque("format()", a...)
	}
	from := a[0].from
	out := textValue(text{})
	literal := func(s string) { out = combine(out, textValue(litText(s, from)), join) }
	at, next := 0, 1
	for _, m := range hclVerb.FindAllStringSubmatchIndex(pattern, -1) {
		literal(pattern[at:m[0]])
		at = m[1]
		if m[2] >= 0 {
			literal("%")
			continue
		}
		for _, index := range [...]int{4, 8} {
			if m[index] >= 0 {
				next, _ = strconv.Atoi(pattern[m[index]:m[index+1]])
			}
		}
		if next < 1 || next >= len(a) {
			return opaque("format()", a...)
		}
		out = combine(out, hclFormatted("%"+pattern[m[6]:m[7]]+pattern[m[10]:m[11]], a[next]), join)
		next++
	}
	literal(pattern[at:])
	return out.after(a...)
}

func hclFormatted(verb string, v value) value {
	if v.kind == valText && len(v.texts) != 1 {
		return v // one of several texts; names have no widths for them
	}
	x, ok := v.cty()
	if !ok {
		return v
	}
	s, err := stdlib.Format(cty.StringVal(verb), x)
	if err != nil {
		return opaque("format()", v)
	}
	return textValue(litText(s.AsString(), v.from)).after(v)
}

// hclJoin takes the separator first and one or more lists.
func hclJoin(a []value) value {
	if len(a) < 2 {
		return opaque("join()", a...)
	}
	list := a[1]
	if len(a) > 2 {
		list = concatLists(a[1:])
	}
	return joinCall([]value{list, a[0]})
}

// hclReplace leaves patterns between slashes to the evaluation of what is known.
func hclReplace(a []value) value {
	if len(a) == 3 {
		from, ok := a[1].known()
		if ok && (len(from) < 2 || from[0] != '/' || from[len(from)-1] != '/') {
			return replace(a)
		}
		if len(from) > 2 {
			x, _ := hclCall(stdlib.RegexReplaceFunc, []value{a[0], textValue(litText(from[1:len(from)-1], a[1].from)), a[2]})
			if x.kind == valText {
				return x.after(a...)
			}
		}
	}
	return opaque("replace()", a...)
}

// hclCoalesce passes over empty texts, too.
func hclCoalesce(a []value) value {
	return coalesce(slices.DeleteFunc(slices.Clone(a), func(v value) bool {
		s, ok := v.known()
		return ok && s == ""
	}))
}
