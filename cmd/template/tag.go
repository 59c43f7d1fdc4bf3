package template

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/cmd/template/arm"
	"github.com/pidledger/pidledger/cmd/template/deployments"
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

// Error says where the id stands.
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
	PartnerCenter bool   // the id is one of Partner Center: -partnercenter goes after it (ids in words always have it)

	// OptOut puts in a condition on a bool parameter, so that a customer can decline.
	OptOut bool
	// OptOutParameter is that parameter; a new one is put in when the template does not have it. Empty: enablePartnerTracking. A name
	// such as telemetryOptOut or disableTracking means the opposite, and defaults to false.
	OptOutParameter string

	// Location is for templates above the resource group. Empty: [deployment().location]. A fixed region lets customers deploy the
	// template in several regions: ARM keeps a deployment's name in the region of its first use (L17).
	Location string

	// PerRegion is the other way out above the resource group: a hash of the region goes after the GUID. Such a suffix is found by
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
	doc, err := arm.Read(data)
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
	t := &tagger{doc: doc, o: o, l: arm.LayoutOf(doc), scope: scope}
	name := o.name(id)
	if o.PerRegion && scope != deployments.ResourceGroup {
		if strings.HasSuffix(name, partnerCenter) {
			return nil, fmt.Errorf("%w: %s cannot end with a hash of the region", ErrBadID, name)
		}
		name = "[concat('" + name + "-', uniqueString(deployment().location))]"
	}
	if err := t.put(name); err != nil {
		return nil, err
	}
	out := arm.Insert(data, t.edits)
	// The edit is not trusted but read back: better an error than a broken template.
	again, err := arm.Read(out)
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

// mainScope refuses what is not a main template.
func (o TagOptions) mainScope(doc *arm.Document) (deployments.Scope, error) {
	if (Options{Role: o.Role}).linked(o.Name) {
		return "", fmt.Errorf("%w: %s is a linked template, and the guide wants the id in the main one", ErrNotMain, o.Name)
	}
	scope, ok := deployments.SchemaScope(doc.Root.Get("$schema").Str())
	if !ok {
		return "", fmt.Errorf("%w: the file has no $schema of a deployment template", ErrNotMain)
	}
	return scope, nil
}

// untagged returns a *TaggedError when the template has an id, first of all the one that is wanted.
func (o TagOptions) untagged(doc *arm.Document, id token.RegistryID) error {
	c := newChecker(o.Name, doc.Data, Options{})
	w := &deployments.Walker{Evaluator: c.ev}
	c.walk(doc, w)
	var other *TaggedError
	for _, d := range w.Deployments {
		readings, _ := c.readAll(d)
		for i := range readings {
			r := &readings[i]
			if r.kind != readTracking && r.kind != readMalformed {
				continue
			}
			line, column := doc.Position(d.Named.Start)
			e := &TaggedError{Name: r.text.String(), Path: d.Named.Path, Line: line, Column: column, Nested: d.Depth > 0}
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
	doc   *arm.Document
	o     TagOptions
	l     arm.Layout
	scope deployments.Scope
	edits []arm.Insertion
	tail  []func(indent string) string // members that go to the end of the root
}

// entry is a piece under a key.
func (t *tagger) entry(key string, p arm.Piece) func(indent string) string {
	colon := ": "
	if t.l.EOL == "" {
		colon = ":"
	}
	return func(indent string) string { return arm.Quote(key) + colon + t.l.Render(p, indent) }
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
		t.tail = append(t.tail, t.entry("resources", arm.NewList(resource)))
	case list.Kind == arm.Array:
		t.edits = append(t.edits, t.l.FirstIn(list, func(indent string) string { return t.l.Render(resource, indent) }))
	case list.Kind == arm.Object:
		// Azure Resource Manager takes names for resources with version 2 of the language only, and an empty object with any.
		switch version := t.doc.Root.Get("languageVersion"); {
		case version == nil:
			t.beforeBody(t.entry("languageVersion", arm.Raw(`"2.0"`)))
		case !strings.HasPrefix(version.Str(), "2."):
			return fmt.Errorf("%w: its resources are an object, which needs languageVersion 2.0, not %s", ErrNotMain, arm.Clip(version.Text))
		}
		t.edits = append(t.edits, t.l.FirstIn(list, t.entry(freeKey(list, resourceKey), resource)))
	default:
		return fmt.Errorf("%w: resources is neither a list nor an object", ErrNotMain)
	}
	if len(t.tail) > 0 {
		t.edits = append(t.edits, t.l.LastIn(t.doc.Root, func(indent string) string {
			parts := make([]string, len(t.tail))
			for i, f := range t.tail {
				parts[i] = f(indent)
			}
			if t.l.EOL == "" {
				return strings.Join(parts, ",")
			}
			return strings.Join(parts, ","+t.l.EOL+indent)
		})...)
	}
	return nil
}

func (t *tagger) resource(name, condition string) arm.Piece {
	var members []arm.PieceMember
	set := func(key string, value arm.Piece) { members = append(members, arm.NewMember(key, value)) }
	if condition != "" {
		set("condition", arm.Raw(arm.Quote(condition)))
	}
	set("type", arm.Raw(arm.Quote(tagType)))
	set("apiVersion", arm.Raw(arm.Quote(oldest)))
	set("name", arm.Raw(arm.Quote(name)))
	if t.scope != deployments.ResourceGroup {
		location := t.o.Location
		if location == "" {
			location = "[deployment().location]"
		}
		set("location", arm.Raw(arm.Quote(location)))
	}
	set("properties", arm.NewObject(
		arm.NewMember("mode", arm.Raw(`"Incremental"`)),
		arm.NewMember("template", arm.NewObject(
			arm.NewMember("$schema", arm.Raw(arm.Quote(innerSchema))),
			arm.NewMember("contentVersion", arm.Raw(`"1.0.0.0"`)),
			arm.NewMember("resources", arm.Raw("[]")),
		)),
	))
	return arm.NewObject(members...)
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
	if !arm.IsIdentifier(name) {
		return "", fmt.Errorf("%q cannot be the name of a parameter: use letters, digits and _", name)
	}
	negative := arm.HasWord(name, "negative")
	condition := "[parameters('" + name + "')]"
	if negative {
		condition = "[not(parameters('" + name + "'))]"
	}
	params := t.doc.Root.Get("parameters")
	if has := params.Get(name); has != nil {
		if !strings.EqualFold(has.Get("type").Str(), "bool") {
			return "", fmt.Errorf("the template has a parameter %s that is not a bool; name another for the opt-out", name)
		}
		return condition, nil
	}
	description := "Lets Microsoft attribute the usage of the deployed resources to the publisher of this template."
	if negative {
		description = "Set to true so that Microsoft does not attribute the usage of the deployed resources to the publisher of this template."
	}
	declaration := arm.NewObject(
		arm.NewMember("type", arm.Raw(`"bool"`)),
		arm.NewMember("defaultValue", arm.Raw(fmt.Sprint(!negative))),
		arm.NewMember("metadata", arm.NewObject(arm.NewMember("description", arm.Raw(arm.Quote(description))))),
	)
	switch {
	case params == nil:
		t.beforeBody(t.entry("parameters", arm.NewObject(arm.NewMember(name, declaration))))
	case params.Kind == arm.Object:
		t.edits = append(t.edits, t.l.LastIn(params, t.entry(name, declaration))...)
	default:
		return "", fmt.Errorf("%w: parameters is not an object", ErrNotMain)
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
		switch indent := t.l.Indent(at); {
		case t.l.EOL == "":
			text = entry("") + ","
		case t.l.OpensLine(at):
			text = entry(indent) + "," + t.l.EOL + indent
		default:
			text = entry(indent) + ", "
		}
		t.edits = append(t.edits, arm.Insertion{At: at, Text: text})
		return
	}
	t.tail = append(t.tail, entry)
}

// freeKey returns a key that an object does not have.
func freeKey(n *arm.Node, want string) string {
	key := want
	for i := 2; n.Get(key) != nil; i++ {
		key = fmt.Sprint(want, i)
	}
	return key
}
