package usage

import (
	_ "embed"
	"fmt"
	"strconv"
	"sync"

	"github.com/pidledger/pidledger/queries/facts"
)

//go:embed aliases.csv
var aliasesCSV string

//go:embed charge_classes.csv
var chargeClassesCSV string

//go:embed fillers.csv
var fillersCSV string

//go:embed values.csv
var valuesCSV string

//go:embed providers.csv
var providersCSV string

// alias is one line of aliases.csv: a column named header fills the field canonical.
type alias struct {
	canonical string // a field name; "-" = known and deliberately not used
	priority  int    // lowest first; from fallbackPriority on, only if the file has no other column for the field
}

// Columns with this priority or a later one are ignored when the file has another column for the field.
const fallbackPriority = 50

// chargeRule is one line of charge_classes.csv; "*" matches any text, even an empty one.
type chargeRule struct {
	format, chargeType, correction, commitment string
	class                                      string
	isUsage                                    bool
}

type filler struct {
	format, scope, value string
	fold                 bool
}

type tables struct {
	aliases map[string]map[string]alias // format -> canonical header -> alias
	charges []chargeRule
	fillers []filler
	values  map[string]map[string]string // column -> raw (loose) -> value

	providers map[string]string // raw (loose) -> cloud other than Azure
}

// lists are the embedded tables, read once.
var lists = sync.OnceValue(func() *tables {
	t := &tables{aliases: map[string]map[string]alias{}, values: map[string]map[string]string{}, providers: map[string]string{}}
	facts.Each("aliases.csv", aliasesCSV, func(f []string) (err error) {
		a := alias{canonical: f[1]}
		if f[1] != unused {
			if a.priority, err = strconv.Atoi(f[3]); err != nil || a.priority < 1 {
				return fmt.Errorf("priority %q of %s is not a positive number", f[3], f[2])
			}
			if _, ok := fields.byName[f[1]]; !ok {
				return fmt.Errorf("unknown field %q", f[1])
			}
		}
		if t.aliases[f[0]] == nil {
			t.aliases[f[0]] = map[string]alias{}
		}
		h := CanonicalHeader(f[2])
		if _, twice := t.aliases[f[0]][h]; twice {
			return fmt.Errorf("header %s is listed twice for format %s", f[2], f[0])
		}
		t.aliases[f[0]][h] = a
		return nil
	})
	facts.Each("charge_classes.csv", chargeClassesCSV, func(f []string) error {
		isUsage, err := strconv.ParseBool(f[5])
		t.charges = append(t.charges, chargeRule{f[0], loose(f[1]), loose(f[2]), loose(f[3]), f[4], isUsage})
		return err
	})
	for _, f := range facts.Rows("fillers.csv", fillersCSV) {
		t.fillers = append(t.fillers, filler{f[0], f[1], f[2], f[3] == "fold"})
	}
	for _, f := range facts.Rows("values.csv", valuesCSV) {
		if t.values[f[0]] == nil {
			t.values[f[0]] = map[string]string{}
		}
		t.values[f[0]][loose(f[1])] = f[2]
	}
	for _, f := range facts.Rows("providers.csv", providersCSV) {
		t.providers[loose(f[0])] = f[1]
	}
	return t
})

// alias looks up a canonical header. A line for the format takes precedence over one for `*`.
func (t *tables) alias(format, header string) (alias, bool) {
	if a, ok := t.aliases[format][header]; ok {
		return a, true
	}
	a, ok := t.aliases["*"][header]
	return a, ok
}

// charge finds the class of a raw charge type, correction mark and commitment status.
func (t *tables) charge(format, chargeType, correction, commitment string) (class string, isUsage bool) {
	c, k, s := loose(chargeType), loose(correction), loose(commitment)
	match := func(rule, v string) bool { return rule == "*" || rule == v }
	for _, r := range t.charges {
		if match(r.format, format) && match(r.chargeType, c) && match(r.correction, k) && match(r.commitment, s) {
			return r.class, r.isUsage
		}
	}
	return "adjustment", false
}
