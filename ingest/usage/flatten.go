package usage

import (
	"strings"

	"github.com/valyala/fastjson"
)

// maxMembers bounds the different member names of one JSON file.
const maxMembers = 2000

// flattener turns JSON records into cells under a header that grows with the member names it meets. Members of `properties`, `meterDetails` and
// `attributes` become columns like the outer ones and take precedence over them; other objects and arrays become their JSON text. Numbers keep
// their digits. Of two members with the same name, the first nonempty one counts.
type flattener struct {
	header []string
	index  map[string]int
	cells  [][]byte
	text   []byte // what cells of numbers, objects and arrays point into
	full   bool   // a record had more than maxMembers
	bare   bool   // only the header is asked for: cells stay empty
}

// entered are the objects whose members are columns.
var entered = []string{"properties", "meterDetails", "attributes"}

// flatten returns the cells of one record, valid until the next call, and whether the header grew.
func (fl *flattener) flatten(record *fastjson.Value) (cells [][]byte, grew bool) {
	if fl.index == nil {
		fl.index = map[string]int{}
	}
	for i := range fl.cells {
		fl.cells[i] = nil
	}
	fl.text, fl.full = fl.text[:0], false
	before := len(fl.header)
	fl.object(record, 0)
	return fl.cells, len(fl.header) > before
}

func (fl *flattener) object(v *fastjson.Value, depth int) {
	o, err := v.Object()
	if err != nil {
		return
	}
	if depth < 3 {
		o.Visit(func(key []byte, v *fastjson.Value) {
			if v.Type() == fastjson.TypeObject && isEntered(key) {
				fl.object(v, depth+1)
			}
		})
	}
	o.Visit(func(key []byte, v *fastjson.Value) {
		switch t := v.Type(); {
		case t == fastjson.TypeObject && depth < 3 && isEntered(key):
		case t == fastjson.TypeNull || fl.bare:
			fl.set(key, nil)
		case t == fastjson.TypeString:
			fl.set(key, v.GetStringBytes())
		default:
			fl.set(key, fl.marshal(v))
		}
	})
}

func isEntered(key []byte) bool {
	for _, name := range entered {
		if len(key) == len(name) && strings.EqualFold(string(key), name) {
			return true
		}
	}
	return false
}

// marshal gives the literal text of a number or the JSON text of anything else.
func (fl *flattener) marshal(v *fastjson.Value) []byte {
	start := len(fl.text)
	fl.text = v.MarshalTo(fl.text)
	return fl.text[start:len(fl.text):len(fl.text)]
}

func (fl *flattener) set(key, value []byte) {
	i, known := fl.index[string(key)]
	if !known {
		if len(fl.header) >= maxMembers {
			fl.full = true
			return
		}
		i = len(fl.header)
		name := string(key)
		fl.index[name] = i
		fl.header = append(fl.header, name)
		fl.cells = append(fl.cells, nil)
	}
	if len(fl.cells[i]) == 0 {
		fl.cells[i] = value
	}
}
