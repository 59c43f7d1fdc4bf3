package template

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/ingest/token"
)

// Errors of Tag. ErrAlreadyTagged and ErrOtherID come as a *TaggedError.
var (
	ErrAlreadyTagged = errors.New("the template already has this id")
	ErrOtherID       = errors.New("the template has another id")
	ErrNotMain       = errors.New("not a main template")
	ErrBadID         = errors.New("not a tracking id")
)

// TaggedError names the id that a template already has.
type TaggedError struct {
	ID     string // lower case, without pid-; empty when the name holds no valid id
	Name   string // of the deployment
	Path   string // JSON path of the name
	Line   int
	Column int
	Same   bool // it is the id that was to be put in
	Nested bool // it stands in a nested template
}

func (e *TaggedError) Error() string {
	where := fmt.Sprintf("%s at line %d (%s)", e.Name, e.Line, e.Path)
	if e.Nested {
		where = fmt.Sprintf("%s in a nested template, line %d (%s)", e.Name, e.Line, e.Path)
	}
	if e.Same {
		return ErrAlreadyTagged.Error() + ": " + where
	}
	return ErrOtherID.Error() + ": " + where
}

// Is matches ErrAlreadyTagged or ErrOtherID.
func (e *TaggedError) Is(target error) bool {
	if e.Same {
		return target == ErrAlreadyTagged
	}
	return target == ErrOtherID
}

// TagOptions say what Tag puts in.
type TagOptions struct {
	ID            string // the tracking id, with or without pid- and -partnercenter
	PartnerCenter bool   // the id is one of Partner Center: -partnercenter goes behind it (ids in words always have it)

	// OptOut puts in a condition on a bool parameter, so that a customer can decline.
	OptOut bool
	// OptOutParameter is that parameter; a new one is put in when the template does not have it. Empty: enablePartnerTracking. A name
	// such as telemetryOptOut or disableTracking means the opposite, and defaults to false.
	OptOutParameter string

	// Location is for templates above the resource group. Empty: [deployment().location]. A fixed region lets customers deploy the
	// template in several regions: ARM keeps a deployment's name in the region of its first use (L17).
	Location string

	// PerRegion is the other way out above the resource group: a hash of the region goes behind the GUID. Such a suffix is found by
	// pidledger, but Microsoft tells partners to use none (L08), and an id of Partner Center cannot have one.
	PerRegion bool

	// AllowOthers puts the id in although the template has other ids, for instance of modules that it is built from.
	AllowOthers bool

	Name string // of the file: one that starts with _ is a linked template
	Role Role
}

// Tag puts the empty nested deployment of Microsoft's guide into the resources of a main template, in front of the others. Only pieces are put
// in: format, comments, order of keys, line ends and byte order mark stay. Of a template that has the id already it returns the
// input and a *TaggedError that is ErrAlreadyTagged; one that has another is ErrOtherID.
func Tag(data []byte, o TagOptions) ([]byte, error) {
	id, err := o.id()
	if err != nil {
		return nil, err
	}
	doc, err := Read(data)
	if err != nil {
		return nil, err
	}
	scope, err := o.mainScope(doc)
	if err != nil {
		return nil, err
	}
	if err := o.untagged(doc, id); err != nil {
		if errors.Is(err, ErrAlreadyTagged) {
			return data, err
		}
		return nil, err
	}
	t := &tagger{doc: doc, o: o, l: layoutOf(doc), scope: scope}
	name := o.name(id)
	if o.PerRegion && scope != ResourceGroup {
		if strings.HasSuffix(name, partnerCenter) {
			return nil, fmt.Errorf("%w: %s cannot end with a hash of the region", ErrBadID, name)
		}
		name = "[concat('" + name + "-', uniqueString(deployment().location))]"
	}
	if err := t.put(name); err != nil {
		return nil, err
	}
	out := insert(data, t.edits)
	// The edit is not trusted but read back: better an error than a broken template.
	again, err := Read(out)
	if err != nil {
		return nil, fmt.Errorf("the template would not be JSON any more: %w", err)
	}
	var tagged *TaggedError
	if err := o.untagged(again, id); !errors.As(err, &tagged) || !tagged.Same {
		return nil, errors.New("the id would not be found in the template")
	}
	return out, nil
}

func (o TagOptions) id() (token.RegistryID, error) {
	id := token.Normalise(o.ID)
	if id.Malformed() {
		return id, fmt.Errorf("%w: %q (%s)", ErrBadID, o.ID, id.Reason)
	}
	if name := o.name(id); len(name) > maxName {
		return id, fmt.Errorf("%w: %q has %d characters, more than the %d of a deployment's name", ErrBadID, name, len(name), maxName)
	}
	return id, nil
}

// name is that of the tracking deployment.
func (o TagOptions) name(id token.RegistryID) string {
	written := strings.HasSuffix(strings.ToLower(strings.TrimSpace(o.ID)), partnerCenter)
	if o.PartnerCenter || written || id.Kind == token.KindWords {
		return "pid-" + id.ID + partnerCenter
	}
	return "pid-" + id.ID
}

// mainScope refuses what is no main template.
func (o TagOptions) mainScope(doc *Document) (Scope, error) {
	if (Options{Role: o.Role}).linked(o.Name) {
		return "", fmt.Errorf("%w: %s is a linked template, and the guide wants the id in the main one", ErrNotMain, o.Name)
	}
	scope, ok := schemaScope(doc.Root.Get("$schema").str())
	if !ok {
		return "", fmt.Errorf("%w: the file has no $schema of a deployment template", ErrNotMain)
	}
	return scope, nil
}

// untagged returns a *TaggedError when the template has an id, first of all the one that is wanted.
func (o TagOptions) untagged(doc *Document, id token.RegistryID) error {
	c := newChecker(o.Name, doc.Data, Options{})
	w := &walker{ev: c.ev}
	c.walk(doc, w)
	var other *TaggedError
	for _, d := range w.deployments {
		readings, _ := c.readAll(d)
		for i := range readings {
			r := &readings[i]
			if r.kind != readTracking && r.kind != readMalformed {
				continue
			}
			line, column := doc.Position(d.named.start)
			e := &TaggedError{Name: r.text.String(), Path: d.named.path, Line: line, Column: column, Nested: d.depth > 0}
			if len(r.ids) > 0 {
				e.ID = r.ids[0]
			}
			if slices.Contains(r.ids, id.ID) {
				e.ID, e.Same = id.ID, true
				return e
			}
			if other == nil {
				other = e
			}
		}
	}
	if other != nil && !o.AllowOthers {
		return other
	}
	return nil
}

// The pieces of the tracking deployment, after the guide's example.
const (
	tagType     = "Microsoft.Resources/deployments"
	innerSchema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
	optOutName  = "enablePartnerTracking"
	resourceKey = "partnerTracking"
)

type tagger struct {
	doc   *Document
	o     TagOptions
	l     layout
	scope Scope
	edits []insertion
	tail  []func(indent string) string // members that go to the end of the root
}

// entry is a piece under a key.
func (t *tagger) entry(key string, p piece) func(indent string) string {
	colon := ": "
	if t.l.eol == "" {
		colon = ":"
	}
	return func(indent string) string { return quote(key) + colon + t.l.render(p, indent) }
}

// put plans all insertions.
func (t *tagger) put(name string) error {
	condition, err := t.optOut()
	if err != nil {
		return err
	}
	resource := t.resource(name, condition)
	list := t.doc.Root.Get("resources")
	switch {
	case list == nil:
		t.tail = append(t.tail, t.entry("resources", piece{items: []piece{resource}}))
	case list.Kind == Array:
		t.edits = append(t.edits, t.l.firstIn(list, func(indent string) string { return t.l.render(resource, indent) }))
	case list.Kind == Object:
		// Azure Resource Manager takes names for resources with version 2 of the language only, and an empty object with any.
		switch version := t.doc.Root.Get("languageVersion"); {
		case version == nil:
			t.beforeBody(t.entry("languageVersion", raw(`"2.0"`)))
		case !strings.HasPrefix(version.str(), "2."):
			return fmt.Errorf("%w: its resources are an object, which needs languageVersion 2.0, not %s", ErrNotMain, clip(version.Text))
		}
		t.edits = append(t.edits, t.l.firstIn(list, t.entry(freeKey(list, resourceKey), resource)))
	default:
		return fmt.Errorf("%w: resources is neither a list nor an object", ErrNotMain)
	}
	if len(t.tail) > 0 {
		t.edits = append(t.edits, t.l.lastIn(t.doc.Root, func(indent string) string {
			parts := make([]string, len(t.tail))
			for i, f := range t.tail {
				parts[i] = f(indent)
			}
			if t.l.eol == "" {
				return strings.Join(parts, ",")
			}
			return strings.Join(parts, ","+t.l.eol+indent)
		})...)
	}
	return nil
}

func (t *tagger) resource(name, condition string) piece {
	var p piece
	set := func(key string, value piece) { p.members = append(p.members, pieceMember{key, value}) }
	if condition != "" {
		set("condition", raw(quote(condition)))
	}
	set("type", raw(quote(tagType)))
	set("apiVersion", raw(quote(oldest)))
	set("name", raw(quote(name)))
	if t.scope != ResourceGroup {
		location := t.o.Location
		if location == "" {
			location = "[deployment().location]"
		}
		set("location", raw(quote(location)))
	}
	set("properties", piece{members: []pieceMember{
		{"mode", raw(`"Incremental"`)},
		{"template", piece{members: []pieceMember{
			{"$schema", raw(quote(innerSchema))},
			{"contentVersion", raw(`"1.0.0.0"`)},
			{"resources", raw("[]")},
		}}},
	}})
	return p
}

// optOut plans the parameter, where it is missing, and returns the condition.
func (t *tagger) optOut() (string, error) {
	if !t.o.OptOut && t.o.OptOutParameter == "" {
		return "", nil
	}
	name := t.o.OptOutParameter
	if name == "" {
		name = optOutName
	}
	if !isIdentifier(name) {
		return "", fmt.Errorf("%q cannot be the name of a parameter: use letters, digits and _", name)
	}
	negative := hasWord(name, "negative")
	condition := "[parameters('" + name + "')]"
	if negative {
		condition = "[not(parameters('" + name + "'))]"
	}
	params := t.doc.Root.Get("parameters")
	if has := params.Get(name); has != nil {
		if !strings.EqualFold(has.Get("type").str(), "bool") {
			return "", fmt.Errorf("the template has a parameter %s that is no bool; name another for the opt-out", name)
		}
		return condition, nil
	}
	description := "Lets Microsoft attribute the usage of the deployed resources to the publisher of this template."
	if negative {
		description = "Set to true so that Microsoft does not attribute the usage of the deployed resources to the publisher of this template."
	}
	declaration := piece{members: []pieceMember{
		{"type", raw(`"bool"`)},
		{"defaultValue", raw(fmt.Sprint(!negative))},
		{"metadata", piece{members: []pieceMember{{"description", raw(quote(description))}}}},
	}}
	switch {
	case params == nil:
		t.beforeBody(t.entry("parameters", piece{members: []pieceMember{{name, declaration}}}))
	case params.Kind == Object:
		t.edits = append(t.edits, t.l.lastIn(params, t.entry(name, declaration))...)
	default:
		return "", fmt.Errorf("%w: parameters is no object", ErrNotMain)
	}
	return condition, nil
}

// headKeys are what templates have before their parameters.
var headKeys = []string{"$schema", "contentversion", "languageversion", "metadata", "apiprofile", "definitions"}

// beforeBody puts a member in where templates have their parameters.
func (t *tagger) beforeBody(entry func(indent string) string) {
	for _, m := range t.doc.Root.Members {
		if slices.Contains(headKeys, strings.ToLower(m.Key.Text)) {
			continue
		}
		at := m.Key.Start
		text := ""
		switch indent := t.l.indent(at); {
		case t.l.eol == "":
			text = entry("") + ","
		case t.l.opensLine(at):
			text = entry(indent) + "," + t.l.eol + indent
		default:
			text = entry(indent) + ", "
		}
		t.edits = append(t.edits, insertion{at, text})
		return
	}
	t.tail = append(t.tail, entry)
}

// freeKey returns a key that an object does not have.
func freeKey(n *Node, want string) string {
	key := want
	for i := 2; n.Get(key) != nil; i++ {
		key = fmt.Sprint(want, i)
	}
	return key
}

func quote(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}
