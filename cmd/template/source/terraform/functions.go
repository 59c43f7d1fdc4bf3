package terraform

import (
	_ "embed"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/zclconf/go-cty/cty"
	ctyconvert "github.com/zclconf/go-cty/cty/convert"
	ctyfunction "github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/pidledger/pidledger/cmd/template/arm"
	"github.com/pidledger/pidledger/queries/facts"
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
var hclNear = map[string]func(a []arm.Value) arm.Value{
	"format": hclFormat, "join": hclJoin, "replace": hclReplace, "coalesce": hclCoalesce, "try": arm.Coalesce,
	"one": func(a []arm.Value) arm.Value { return arm.Edge(a, true) },
	"lookup": func(a []arm.Value) arm.Value {
		if len(a) < 2 || a[0].Kind != arm.ValObject {
			return arm.Opaque("lookup()", a...)
		}
		key, known := a[1].Known()
		v, ok := a[0].Get(key)
		switch {
		case known && ok:
			return v.After(a[:2]...)
		case known:
			return arm.Arg(a, 2).After(a...)
		}
		return arm.Opaque("lookup()", a...)
	},
	"nonsensitive": first, "sensitive": first, "tostring": first, "tonumber": first, "tobool": first, "tolist": first, "toset": first, "tomap": first,
}

// first returns what a function leaves as it is.
func first(a []arm.Value) arm.Value { return arm.Arg(a, 0) }

// AddFunctions adds the functions of Terraform under their names with hclFunction before.
func AddFunctions(all map[string]arm.Function) {
	add := func(name string, near arm.Function) {
		if all[prefix+name] != nil {
			return
		}
		exact, known := hclExact[name]
		all[prefix+name] = func(ev *arm.Evaluator, e *arm.Expr, env arm.Symbols, m arm.Mode) arm.Value {
			v := arm.Value{Kind: arm.ValUnknown}
			if near != nil {
				v = near(ev, e, env, m)
			}
			if v.Kind == arm.ValUnknown && known {
				if x, ok := hclCall(exact, ev.Args(e, env, m)); ok {
					return x
				}
			}
			if v.Hole == nil && v.Kind == arm.ValUnknown {
				v = arm.Opaque(name+"()", ev.Args(e, env, m)...)
			}
			return v
		}
	}
	for name, f := range hclNear {
		add(name, arm.WithArgs(f))
	}
	for name, same := range table()["function"] {
		if f := all[strings.ToLower(same)]; f != nil {
			add(name, f)
			continue
		}
		add(name, func(ev *arm.Evaluator, e *arm.Expr, env arm.Symbols, m arm.Mode) arm.Value {
			return arm.Opaque(same+"()", ev.Args(e, env, m)...)
		})
	}
	for name := range hclExact {
		add(name, nil)
	}
}

// hclCall calls a function of HCL; false when an argument is not known, or the function does not take it.
func hclCall(f ctyfunction.Function, a []arm.Value) (arm.Value, bool) {
	params, rest := f.Params(), f.VarParam()
	if len(a) < len(params) || len(a) > len(params) && rest == nil {
		return arm.Value{}, false
	}
	in := make([]cty.Value, len(a))
	for i, x := range a {
		v, ok := ctyOf(x)
		if !ok {
			return arm.Value{}, false
		}
		want := rest
		if i < len(params) {
			want = &params[i]
		}
		v, err := ctyconvert.Convert(v, want.Type)
		if err != nil {
			return arm.Value{}, false
		}
		in[i] = v
	}
	out, err := f.Call(in)
	if err != nil || !out.IsWhollyKnown() {
		return arm.Value{}, false
	}
	var of arm.Value
	return fromCty(out, of.After(a...)), true
}

// fromCty marks what HCL made of other values as theirs.
func fromCty(v cty.Value, of arm.Value) arm.Value {
	typ := v.Type()
	switch {
	case v.IsNull():
		return arm.Value{Kind: arm.ValNull}.After(of)
	case typ == cty.String:
		return arm.TextValue(arm.LitText(v.AsString(), of.From)).After(of)
	case typ == cty.Bool:
		return arm.BoolValue(v.True(), of)
	case typ == cty.Number:
		if n, exact := v.AsBigFloat().Int64(); exact == 0 {
			return arm.NumberValue(n, of)
		}
		return arm.TextValue(arm.LitText(v.AsBigFloat().Text('f', -1), of.From)).After(of)
	case typ.IsTupleType() || typ.IsListType() || typ.IsSetType():
		var items []arm.Value
		for it := v.ElementIterator(); it.Next(); {
			_, x := it.Element()
			items = append(items, fromCty(x, of))
		}
		return arm.ListOf(items, of)
	}
	return arm.Opaque("...", of)
}

// hclVerb is a verb of format: %s, %04x, %[2]d.
var hclVerb = regexp.MustCompile(`%(?:(%)|(?:\[([0-9]{1,3})\])?([-+ #0]*[0-9]{0,3}(?:\.[0-9]{0,3})?)(?:\[([0-9]{1,3})\])?([a-zA-Z]))`)

// hclFormat formats each argument that is known as HCL does; the others stay unknown in their place.
func hclFormat(a []arm.Value) arm.Value {
	pattern, ok := arm.Arg(a, 0).Known()
	if !ok {
		return arm.Opaque("format()", a...)
	}
	from := a[0].From
	out := arm.TextValue(arm.Text{})
	literal := func(s string) { out = arm.Combine(out, arm.TextValue(arm.LitText(s, from)), arm.Join) }
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
			return arm.Opaque("format()", a...)
		}
		out = arm.Combine(out, hclFormatted("%"+pattern[m[6]:m[7]]+pattern[m[10]:m[11]], a[next]), arm.Join)
		next++
	}
	literal(pattern[at:])
	return out.After(a...)
}

func hclFormatted(verb string, v arm.Value) arm.Value {
	if v.Kind == arm.ValText && len(v.Texts) != 1 {
		return v // one of several texts; names have no widths for them
	}
	x, ok := ctyOf(v)
	if !ok {
		return v
	}
	s, err := stdlib.Format(cty.StringVal(verb), x)
	if err != nil {
		return arm.Opaque("format()", v)
	}
	return arm.TextValue(arm.LitText(s.AsString(), v.From)).After(v)
}

// hclJoin takes the separator first and one or more lists.
func hclJoin(a []arm.Value) arm.Value {
	if len(a) < 2 {
		return arm.Opaque("join()", a...)
	}
	list := a[1]
	if len(a) > 2 {
		list = arm.ConcatLists(a[1:])
	}
	return arm.JoinCall([]arm.Value{list, a[0]})
}

// hclReplace leaves patterns between slashes to the evaluation of what is known.
func hclReplace(a []arm.Value) arm.Value {
	if len(a) == 3 {
		from, ok := a[1].Known()
		if ok && (len(from) < 2 || from[0] != '/' || from[len(from)-1] != '/') {
			return arm.Replace(a)
		}
		if len(from) > 2 {
			x, _ := hclCall(stdlib.RegexReplaceFunc, []arm.Value{a[0], arm.TextValue(arm.LitText(from[1:len(from)-1], a[1].From)), a[2]})
			if x.Kind == arm.ValText {
				return x.After(a...)
			}
		}
	}
	return arm.Opaque("replace()", a...)
}

// hclCoalesce passes over empty texts, too.
func hclCoalesce(a []arm.Value) arm.Value {
	return arm.Coalesce(slices.DeleteFunc(slices.Clone(a), func(v arm.Value) bool {
		s, ok := v.Known()
		return ok && s == ""
	}))
}

//go:embed terraform.csv
var terraformCSV string

// table is terraform.csv by kind and name.
var table = sync.OnceValue(func() map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, f := range facts.Rows("terraform.csv", terraformCSV) {
		if out[f[0]] == nil {
			out[f[0]] = map[string]string{}
		}
		out[f[0]][f[1]] = f[2]
	}
	return out
})

// Providers are the providers that carry an id, and in which forms.
func Providers() map[string]string { return table()["provider"] }

// ctyOf is the value as HCL has it, if it is a single one.
func ctyOf(v arm.Value) (cty.Value, bool) {
	switch v.Kind {
	case arm.ValNull:
		return cty.NullVal(cty.DynamicPseudoType), true
	case arm.ValBool:
		return cty.BoolVal(v.Flag), true
	case arm.ValNumber:
		return cty.NumberIntVal(v.Num), true
	case arm.ValText:
		s, ok := v.Known()
		return cty.StringVal(s), ok
	case arm.ValList:
		items := make([]cty.Value, len(v.Items))
		for i, x := range v.Items {
			item, ok := ctyOf(x)
			if !ok {
				return cty.NilVal, false
			}
			items[i] = item
		}
		return cty.TupleVal(items), true
	}
	return cty.NilVal, false
}
