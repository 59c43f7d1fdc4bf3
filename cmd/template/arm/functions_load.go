package arm

import (
	"encoding/base64"
	"path"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"golang.org/x/text/encoding/unicode"

	"github.com/pidledger/pidledger/ingest/yamltext"
)

// loadFrom reads a file beside the one that the names are of.
func loadFrom(env Symbols, name string) (string, bool) {
	if l, ok := env.(interface {
		Load(name string) (string, bool)
	}); ok {
		return l.Load(name)
	}
	return "", false
}

// loaded evaluates Bicep's functions that read a file when it compiles.
func loaded(decode func(text string) (*Node, bool)) Function {
	return func(ev *Evaluator, e *Expr, env Symbols, m Mode) Value {
		args := ev.Args(e, env, m)
		name, ok := Arg(args, 0).Known()
		if !ok {
			return Opaque(e.Name+"()", args...)
		}
		missing := unknown(hole{What: e.Name + "('" + name + "')", Max: Unbounded, Deps: OnFile})
		text, ok := loadFrom(env, name)
		ev.steps += len(text) / 256 // to read it again each time is work, too
		if !ok || !ev.step() {
			return missing
		}
		text = inUTF8(text)
		if decode == nil {
			return TextValue(LitText(strings.TrimPrefix(text, BOM), Variable))
		}
		root, ok := decode(text)
		if !ok {
			return missing
		}
		v := ev.Node(Term{Node: root, verbatim: true}, m).raised(Variable, 0)
		steps, _ := Arg(args, 1).Known()
		for _, step := range jsonStep.FindAllString(steps, -1) {
			step = strings.Trim(step, "[]'\"")
			if i, ok := ParseInt(step); ok {
				v = ev.index(v, NumberValue(i))
			} else {
				v = ev.member(v, step)
			}
		}
		return v
	}
}

// loadedBase64 evaluates loadFileAsBase64.
func loadedBase64(ev *Evaluator, e *Expr, env Symbols, m Mode) Value {
	v := loaded(nil)(ev, e, env, m)
	if s, ok := v.Known(); ok {
		return TextValue(LitText(base64.StdEncoding.EncodeToString([]byte(s)), Variable)).After(v)
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

// Files reads the files beside a checked one.
type Files struct {
	Open func(at string) ([]byte, error) // nil: no other files are looked at
	Most int64                           // bytes of a file
}

// Read returns the text of a file that another one, at a place, names.
func (f Files) Read(at, name string) (string, bool) {
	if f.Open == nil || name == "" {
		return "", false
	}
	data, err := f.Open(path.Join(path.Dir(at), name))
	return string(data), err == nil && int64(len(data)) <= f.Most
}
