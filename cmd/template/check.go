package template

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/pidledger/pidledger/cmd/template/arm"
	"github.com/pidledger/pidledger/cmd/template/deployments"
	"github.com/pidledger/pidledger/cmd/template/source"
	"github.com/pidledger/pidledger/cmd/template/source/bicep"
	"github.com/pidledger/pidledger/cmd/template/source/terraform"
)

// ErrTooLarge is returned for a file beyond Limits.MaxFile.
var ErrTooLarge = errors.New("the file is larger than any template")

// Check checks one file: an ARM template, a Marketplace package (zip), or a source that ScanSource knows by its name. name is used in
// findings and tells main from linked templates (Options.Role). The findings come in the order of the file. The error is about a file that
// cannot be read at all; of broken JSON it is a *SyntaxError.
func Check(name string, data []byte, o Options) ([]Finding, error) {
	found, _, err := checkFile(name, data, o)
	return found, err
}

// File is a file for CheckAll.
type File struct {
	Name    string
	Data    []byte
	Product string // files of one product may share an id; empty: the folder of the file, or of the main template that leads to it
	Beside  bool   // not checked itself, only read for what it says about the others

	// At is where the file is, with slashes, so that names in other files lead to it; empty: its name.
	At string
}

func (f File) at() string { return Options{at: f.At}.place(f.Name) }

// CheckAll checks files together: it also finds out which are linked by others, and finds an id in several products (L16). Files that cannot
// be read are in the error, joined, and the others are checked.
func CheckAll(files []File, o Options) ([]Finding, error) {
	o.Limits = o.Limits.withDefaults()
	o.near, o.links = newNeighbours(files, o), linksAmong(files, o)
	files = slices.DeleteFunc(slices.Clone(files), func(f File) bool { return f.Beside })
	uses := map[string][]string{}
	products := make([]string, len(files))
	var errs []error
	check := o.all(files)
	for i, f := range files {
		products[i] = f.Product
		if f.Product == "" {
			name := f.Name
			if root := o.links.name[o.links.root(f.at())]; root != "" {
				name = root
			}
			products[i] = o.near.product(name)
		}
		_, ids, err := check(f, nil)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, id := range ids {
			if products[i] != "" && !slices.Contains(uses[id], products[i]) {
				uses[id] = append(uses[id], products[i])
			}
		}
	}
	var out []Finding
	check = o.all(files)
	for i, f := range files {
		elsewhere := map[string][]string{}
		for id, names := range o.Elsewhere {
			elsewhere[id] = slices.Clone(names)
		}
		for id, names := range uses {
			for _, p := range names {
				if p != products[i] && products[i] != "" {
					elsewhere[id] = append(elsewhere[id], p)
				}
			}
		}
		if found, _, err := check(f, elsewhere); err == nil {
			out = append(out, found...)
		}
	}
	return out, errors.Join(errs...)
}

// all returns a check of one of several files. What a link leads to is checked once, and not when it is one of them.
func (o Options) all(files []File) func(f File, elsewhere map[string][]string) ([]Finding, []string, error) {
	visited := map[string]bool{}
	for _, f := range files {
		visited[f.at()] = true
	}
	return func(f File, elsewhere map[string][]string) ([]Finding, []string, error) {
		local := o
		local.Elsewhere, local.visited, local.at = elsewhere, visited, f.at()
		return checkFile(f.Name, f.Data, local)
	}
}

// checkFile also returns the valid ids in the file, each once.
func checkFile(name string, data []byte, o Options) ([]Finding, []string, error) {
	o.Limits = o.Limits.withDefaults()
	switch {
	case isZip(data):
		return checkPackage(name, data, o)
	case int64(len(data)) > o.Limits.MaxFile:
		return nil, nil, fmt.Errorf("%s: %w (%d bytes)", name, ErrTooLarge, len(data))
	case source.IsSource(name):
		if arm.IsUTF16(data) { // as PowerShell writes it
			return nil, nil, fmt.Errorf("%s: %s", name, arm.WantUTF8)
		}
		c := newChecker(name, data, o)
		c.source()
		return c.done()
	}
	c := newChecker(name, data, o)
	if err := c.json(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return c.done()
}

// checker gathers the findings of one file.
type checker struct {
	o      Options
	file   file
	linked bool // the file is a linked template
	scope  deployments.Scope
	ev     *arm.Evaluator

	deployments []*deployments.Deployment
	agents      []agent
	script      *source.Script // of a source
	readings    map[*deployments.Deployment][]reading
	conditions  *deployments.Conditions

	found   []Finding
	ids     []string
	visited map[string]bool // files read through links
	depth   int             // links followed so far
}

func newChecker(name string, data []byte, o Options) *checker {
	if o.near == nil {
		o.near = newNeighbours([]File{{Name: name, Data: data}}, o)
	}
	c := &checker{
		o: o, file: file{name: name, at: o.place(name), data: data, lines: arm.NewLineIndex(data)}, linked: o.linked(name), scope: deployments.ResourceGroup,
		ev: arm.NewEvaluator(functions()), readings: map[*deployments.Deployment][]reading{}, visited: o.visited,
	}
	c.conditions = deployments.NewConditions(c.ev)
	if c.visited == nil {
		c.visited = map[string]bool{}
	}
	return c
}

// done returns the findings in the order of the file, each once.
func (c *checker) done() ([]Finding, []string, error) {
	sortFindings(c.found)
	seen := make(map[Finding]bool, len(c.found))
	c.found = slices.DeleteFunc(c.found, func(f Finding) bool {
		was := seen[f]
		seen[f] = true
		return was
	})
	return c.found, c.ids, nil
}

// report adds a finding with the rule's own severity.
func (c *checker) report(rule string, at deployments.Place, why string, args ...any) *Finding {
	return c.reportAs(rule, data().rules[rule].Severity, at, why, args...)
}

// reportAs adds a finding. The result may be completed until the next call; of a rule that is off it leads nowhere.
func (c *checker) reportAs(rule string, s Severity, at deployments.Place, why string, args ...any) *Finding {
	f := Finding{Rule: rule, Severity: s, File: c.file.name, Path: at.Path, Why: fmt.Sprintf(why, args...), offset: at.Start}
	if s > OK {
		f.Fix = data().rules[rule].Fix
	}
	f.Line, f.Column = c.file.lines.Position(c.file.data, at.Start)
	f.EndLine, f.EndCol = c.file.lines.Position(c.file.data, max(at.End, at.Start)) // a damaged block of a source has no end
	if slices.ContainsFunc(c.o.Off, func(off string) bool { return strings.EqualFold(off, rule) }) {
		return &f
	}
	c.found = append(c.found, f)
	return &c.found[len(c.found)-1]
}

// about names the deployment that a finding is about.
func (f *Finding) about(r *reading) *Finding {
	f.Name = r.text.String()
	if len(r.ids) > 0 {
		f.ID = r.ids[0]
	}
	return f
}

// json checks an ARM template.
func (c *checker) json() error {
	doc, err := arm.Read(c.file.data)
	if err != nil {
		return err
	}
	c.notes(doc)
	w := &deployments.Walker{Evaluator: c.ev, Profile: doc.Root.Get("apiProfile") != nil}
	whole := c.walk(doc, w)
	c.deployments = w.Deployments
	if whole || len(c.deployments) > 0 {
		c.rules(deployments.PlaceOf(doc.Root), whole)
	}
	c.tags(w.Tagged)
	c.follow(w)
	return nil
}

// walk collects the deployments of a file and reports whether it is a whole template.
func (c *checker) walk(doc *arm.Document, w *deployments.Walker) bool {
	root := doc.Root
	env := &arm.TemplateSymbols{Template: root}
	schema := root.Get("$schema")
	if scope, ok := deployments.SchemaScope(schema.Str()); ok {
		c.scope = scope
		c.schema(schema)
		for _, why := range deployments.TemplateFaults(c.ev.Node(arm.Term{Node: root}, arm.Possible)) {
			c.report("L26", deployments.PlaceOf(root), "ARM refuses the template: it %s", why)
		}
		w.Template(root, env, scope, nil)
		return true
	}
	at := deployments.PlaceOf(root)
	switch what := otherFile(root); {
	case what != "":
		c.reportAs("L24", Info, at, "the file is %s, not a template: it has no place for an id", what)
	case root.Kind == arm.Array:
		c.report("L24", at, "the file is a list, not a template")
		w.Resources(root, env, c.scope, nil)
	case root.Kind != arm.Object:
		c.report("L24", at, "the file is a single value, not a template")
	case schema != nil:
		c.report("L24", deployments.PlaceOf(schema), "the schema %q is not that of a deployment template", arm.Clip(schema.Text))
	case root.Get("type") != nil:
		c.report("L24", at, "the file is a resource, not a template")
		w.Resource(root, env, c.scope, nil)
	case root.Get("resources") != nil:
		why := deployments.Misspelt(c.ev.Node(arm.Term{Node: root}, arm.Possible), "schema")
		f := c.reportAs("L24", Error, at, "ARM refuses the template: it has no $schema%s; it is checked as one of a resource group", why)
		f.Fix = data().rules["L26"].Fix
		w.Template(root, env, c.scope, nil)
		return true
	default:
		c.report("L24", at, "the file has no $schema and no resources")
	}
	return false
}

// otherFile says what a JSON file is that belongs to Azure and is not a template, though it may hold one; empty when it is not one of these.
func otherFile(root *arm.Node) string {
	if root.Kind == arm.Array && len(root.Items) > 0 && root.Items[0].Kind == arm.Object {
		if what := otherFile(root.Items[0]); what != "" {
			return "a list that begins with " + what
		}
	}
	schema := strings.ToLower(root.Get("$schema").Str())
	properties := root.Get("properties")
	has := func(key string) bool { return root.Get(key) != nil || properties.Get(key) != nil }
	switch {
	case has("policyRule"):
		return "a policy definition"
	case has("policyDefinitions"):
		return "a policy initiative"
	case has("policyDefinitionId"):
		return "a policy assignment"
	case strings.Contains(schema, "deploymentparameters.json"):
		return "a parameter file"
	case strings.Contains(schema, "createuidefinition") || strings.Contains(schema, "uiformdefinition") || strings.Contains(schema, "viewdefinition") ||
		strings.EqualFold(root.Get("handler").Str(), "Microsoft.Azure.CreateUIDef"):
		return "a definition of the portal's pages"
	case strings.HasPrefix(root.Get("version").Str(), "Notebook/") || strings.Contains(schema, "/workbook"):
		return "a workbook"
	}
	return ""
}

// sample lists the first few of many.
func sample(names []string) string {
	const show = 5
	if len(names) <= show {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:show], ", "), len(names)-show)
}

// IsTemplate reports whether a file is an ARM template, or was meant to be one: JSON with the schema of a deployment template at its root,
// under a misspelt key or without one as well. JSON that is damaged but speaks of the schema is taken for one, so that it is not passed over.
func IsTemplate(data []byte) bool {
	lower := bytes.ToLower(bytes.ReplaceAll(data, []byte{0}, nil)) // UTF-16, too
	speaks := bytes.Contains(lower, []byte("deploymenttemplate.json"))
	if !speaks && !bytes.Contains(lower, []byte(`"resources"`)) {
		return false // most JSON, without reading it
	}
	doc, err := arm.Read(data)
	if err != nil {
		return speaks
	}
	if isTemplate(doc) {
		return true
	}
	if _, ok := deployments.SchemaScope(doc.Root.Get("schema").Str()); ok {
		return true
	}
	list := doc.Root.Get("resources")
	if doc.Root.Get("$schema") != nil || doc.Root.Get("contentVersion") == nil || list == nil {
		return false
	}
	return slices.ContainsFunc(list.Items, func(n *arm.Node) bool { return n.Get("type") != nil && n.Get("apiVersion") != nil })
}

// functions are those of all languages that are checked.
var functions = sync.OnceValue(func() map[string]arm.Function {
	all := arm.Functions()
	terraform.AddFunctions(all)
	return all
})

func (c *checker) source() {
	switch source.Language(c.file.name) {
	case "":
		return
	case "bicep":
		c.bicep()
	case "terraform":
		c.terraform()
	}
	c.settings()
}

// bicep checks the deployments of a Bicep file, modules included.
func (c *checker) bicep() {
	env := bicep.Read(c.file.at, string(c.file.data), c.o.files())
	c.deployments = env.Deployments(c.reader(), c.scope)
	c.rules(deployments.Place{End: 0}, c.o.Role == Main || c.o.Role == Auto && isMainName(c.file.name))
}

func (c *checker) reader() deployments.Reader {
	return deployments.Reader{Evaluator: c.ev, Data: c.file.data}
}

// file is a checked file: what findings need to name a place in it.
type file struct {
	name  string
	at    string // where it is (File.At)
	data  []byte
	lines arm.LineIndex
}
