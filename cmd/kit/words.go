package kit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"text/template"

	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/pidledger/pidledger/queries/facts"
)

// language is the column of values.csv.
type language int

const (
	inARM language = iota + 2
	inTerraform
)

// words are what a template of one language is made with.
type words struct {
	Kit
	language language
}

// resource is a resource as files/resources.json has it.
type resource struct {
	Type       string
	APIVersion string
	Name       string
	Location   string
	Body       json.RawMessage
}

var (
	resources = sync.OnceValue(func() map[string]resource {
		text, err := files.ReadFile("files/resources.json")
		var all map[string]resource
		if err == nil {
			err = json.Unmarshal(text, &all)
		}
		if err != nil {
			panic("resources.json, which is part of the program: " + err.Error())
		}
		return all
	})
	values = sync.OnceValue(func() [][]string {
		text, err := files.ReadFile("files/values.csv")
		if err != nil {
			panic(err)
		}
		return facts.Rows("values.csv", string(text))
	})
	hole = regexp.MustCompile(`"<(\w+)>"`)
)

// Value is what a name of values.csv is in the language.
func (w words) Value(name string) (string, error) {
	found := ""
	for _, row := range values() {
		if row[0] == name && (row[1] == "" || row[1] == string(w.Level)) {
			found = row[w.language] // the one of a level comes after the one of all
		}
	}
	switch {
	case found == "":
		return "", fmt.Errorf("values.csv has no %s", name)
	case w.language == inTerraform:
		return found, nil
	case strings.Count(found, "'") == 2 && strings.HasPrefix(found, "'"):
		return `"` + strings.Trim(found, "'") + `"`, nil
	}
	text, err := json.Marshal("[" + found + "]")
	return string(text), err
}

// fill puts values into a JSON text.
func (w words) fill(text string) (string, error) {
	var failed error
	filled := hole.ReplaceAllStringFunc(text, func(m string) string {
		v, err := w.Value(m[2 : len(m)-2])
		if err != nil {
			failed = err
		}
		return v
	})
	return filled, failed
}

// Resource is a resource without what says where it stands: its members in ARM, its arguments in Terraform.
func (w words) Resource(key string) (string, error) {
	r, ok := resources()[key]
	if !ok {
		return "", fmt.Errorf("resources.json has no %s", key)
	}
	body := string(r.Body)
	if w.language == inTerraform {
		text := fmt.Sprintf("type = %q\nname = %q\n", r.Type+"@"+r.APIVersion, r.Name)
		if r.Location != "" {
			text += fmt.Sprintf("location = %q\n", r.Location)
		}
		if body != "" {
			text += "body = " + object(body)
		}
		return w.fill(text)
	}
	text := fmt.Sprintf(`"type": %q, "apiVersion": %q, "name": %q`, r.Type, r.APIVersion, r.Name)
	if r.Location != "" {
		text += fmt.Sprintf(`, "location": %q`, r.Location)
	}
	if body != "" {
		text += "," + strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(body), "{"), "}")
	}
	return w.fill(text)
}

var (
	member  = regexp.MustCompile(`"(\w+)": `)
	endings = regexp.MustCompile(`,\n`)
)

// object is a JSON object as one of HCL, a member to a line. No list of resources.json has a second member.
func object(text string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(text), "", "  ") != nil {
		return text
	}
	return endings.ReplaceAllString(member.ReplaceAllString(b.String(), "$1 = "), "\n")
}

var blank = regexp.MustCompile(`\n{3,}|\n+\n\}`)

// laidOut formats HCL, without the blank lines that templates leave.
func laidOut(text []byte) []byte {
	text = blank.ReplaceAllFunc(text, func(b []byte) []byte {
		if b[len(b)-1] == '}' {
			return []byte("\n}")
		}
		return []byte("\n\n")
	})
	return append(bytes.TrimSpace(hclwrite.Format(text)), '\n')
}

// render makes a file of a template.
func (k Kit) render(name string, of any) ([]byte, error) {
	t, err := template.New(name).ParseFS(files, "files/"+name)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, of)
	return b.Bytes(), err
}

// module is what the Bicep file passes on.
type module struct {
	Kit
	Parameters []parameter
	Outputs    []string
}

type parameter struct {
	Name, Type, Description, Default string // Default in the words of Bicep
	Allowed                          []string
	MinLength, MaxLength             int
}

// module reads the parameters and outputs of the ARM template, in their order.
func (k Kit) module(arm []byte) (m module, err error) {
	m.Kit = k
	var t struct{ Parameters, Outputs json.RawMessage }
	if err := json.Unmarshal(arm, &t); err != nil {
		return m, err
	}
	err = members(t.Parameters, func(name string, text json.RawMessage) error {
		var p struct {
			Type                 string
			DefaultValue         *string
			AllowedValues        []string
			MinLength, MaxLength int
			Metadata             struct{ Description string }
		}
		err := json.Unmarshal(text, &p)
		q := parameter{Name: name, Type: p.Type, Description: p.Metadata.Description, Allowed: p.AllowedValues, MinLength: p.MinLength, MaxLength: p.MaxLength}
		if p.DefaultValue != nil {
			q.Default = inBicep(*p.DefaultValue)
		}
		m.Parameters = append(m.Parameters, q)
		return err
	})
	if err != nil {
		return m, err
	}
	return m, members(t.Outputs, func(name string, _ json.RawMessage) error {
		m.Outputs = append(m.Outputs, name)
		return nil
	})
}

// members gives the members of a JSON object in their order.
func members(text json.RawMessage, to func(name string, value json.RawMessage) error) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		if err := to(name.(string), value); err != nil {
			return err
		}
	}
	return nil
}

var called = regexp.MustCompile(`parameters\('(\w+)'\)`)

// inBicep is a text of ARM, which is an expression in brackets, as Bicep has it.
func inBicep(text string) string {
	expression, ok := strings.CutPrefix(text, "[")
	if !ok {
		return "'" + text + "'"
	}
	return called.ReplaceAllString(strings.TrimSuffix(expression, "]"), "$1")
}
