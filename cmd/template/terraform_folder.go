package template

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// block is a block of Terraform: type, labels, attributes and blocks in it.
type block struct {
	typ     string
	labels  []string
	attrs   map[string]*expr
	blocks  []*block
	at, end int
}

// tfFile is a file of Terraform, or of values for its variables.
type tfFile struct {
	name   string
	at     string // where it is (File.At)
	root   *block // of a .tfvars file its attributes are the values
	values bool   // .tfvars
	folder *tfFolder
	broken *place // where it stops being Terraform
	why    string
}

// automatic reports whether Terraform reads a file of values without being told to.
func (t *tfFile) automatic() bool {
	base := path.Base(t.at)
	base = strings.TrimSuffix(base, ".json")
	return base == "terraform.tfvars" || strings.HasSuffix(base, ".auto.tfvars")
}

// tfFolder is a module of Terraform: what the files of one folder declare.
type tfFolder struct {
	dir       string // where it is
	shown     string // as the names of its files have it
	beside    *bicepFiles
	files     []*tfFile
	values    []*tfFile // .tfvars in the order in which Terraform reads them
	locals    map[string]*expr
	variables map[string]*expr // with their default; nil: none
	outputs   map[string]*expr
	calls     map[string]*block // of other modules
	called    bool
	envs      []*tfEnv
}

// tfEnv are the names of a module as one call of it, or one file of values, has them.
type tfEnv struct {
	folder *tfFolder
	all    map[string]*tfFolder
	args   map[string]term
	inner  map[string]*tfEnv // the modules that it calls
	depth  int
}

// maxModules bounds how deep modules call modules, and how many calls of one are told apart.
const maxModules = 16

func (env *tfEnv) variable(name string) (term, bool) {
	if rest, ok := strings.CutPrefix(name, outputOf); ok {
		module, output, _ := strings.Cut(rest, ".")
		child := env.module(module)
		if child == nil || child.folder.outputs[output] == nil {
			return term{}, false
		}
		return term{expr: child.folder.outputs[output], env: child}, true
	}
	e := env.folder.locals[name]
	return term{expr: e, env: env}, e != nil
}

func (env *tfEnv) parameter(name string) (declaration, bool) {
	d := declaration{name: name, maxLen: unbounded}
	def, declared := env.folder.variables[name]
	if def != nil {
		d.def = term{expr: def, env: env}
	}
	if arg, ok := env.args[name]; ok {
		if arg.env == nil { // of a file of values: whoever deploys can change it, as a default
			d.def = arg
		} else {
			d.arg = arg
		}
	}
	return d, declared || !d.def.none()
}

// load reads a file that the function file names, from the module's folder on.
func (env *tfEnv) load(name string) (string, bool) {
	return env.folder.beside.read(env.folder.dir+"/", name)
}

// module is a module that this one calls; nil when it is not among the files.
func (env *tfEnv) module(name string) *tfEnv {
	if child, ok := env.inner[name]; ok {
		return child
	}
	var child *tfEnv
	if call := env.folder.calls[name]; call != nil && env.depth < maxModules {
		if target := env.all[env.folder.target(call)]; target != nil {
			child = &tfEnv{folder: target, all: env.all, args: map[string]term{}, inner: map[string]*tfEnv{}, depth: env.depth + 1}
			of := env.each(call.attrs["for_each"])
			for arg, e := range call.attrs {
				child.args[arg] = term{expr: e, env: of}
			}
		}
	}
	env.inner[name] = child
	return child
}

// eachEnv has the names of a block with for_each: each.key and each.value are one of several.
type eachEnv struct {
	*tfEnv
	keys, values *expr
}

func (env *eachEnv) variable(name string) (term, bool) {
	switch name {
	case "each.key":
		return term{expr: env.keys, env: env.tfEnv}, true
	case "each.value":
		return term{expr: env.values, env: env.tfEnv}, true
	}
	return env.tfEnv.variable(name)
}

// each returns the names of a block with a for_each; only what is written out can be told apart.
func (env *tfEnv) each(list *expr) symbols {
	for range maxModules {
		if list == nil {
			return env
		}
		if name, ok := called(list, "variables"); ok && env.folder.locals[name] != nil {
			list = env.folder.locals[name]
		} else if list.op == opCall && (list.name == hclFunction+"toset" || list.name == hclFunction+"tomap") && len(list.args) == 1 {
			list = list.args[0]
		} else {
			break
		}
	}
	var keys []*expr
	switch list.op {
	case opObject:
		for _, key := range list.keys {
			keys = append(keys, &expr{op: opText, name: key})
		}
	case opList:
		keys = list.args
	}
	if len(keys) == 0 || len(keys) > maxTexts {
		return env
	}
	return &eachEnv{env, oneOf(keys), oneOf(list.args)}
}

// oneOf is an expression that can become each of several.
func oneOf(list []*expr) *expr {
	e := list[0]
	for _, x := range list[1:] {
		e = call("if", &expr{op: opUnknown, name: "..."}, e, x)
	}
	return e
}

// target is the folder that a call names.
func (f *tfFolder) target(call *block) string {
	source := call.attrs["source"]
	if source == nil || source.op != opText || !strings.HasPrefix(source.name, ".") {
		return ""
	}
	return path.Join(f.dir, source.name)
}

// readTerraform reads the files of Terraform among others and puts them together by folder.
func readTerraform(files []File, o Options) map[string]*tfFile {
	beside := &bicepFiles{open: o.Open, most: o.Limits.MaxFile}
	byName, folders := map[string]*tfFile{}, map[string]*tfFolder{}
	var values []*tfFile
	for _, f := range files {
		if sourceLanguage(f.Name) != "terraform" || byName[f.Name] != nil {
			continue
		}
		t := readTerraformFile(f.Name, f.Data)
		t.at = slashed(f.at())
		byName[f.Name] = t
		if t.values {
			values = append(values, t)
			continue
		}
		dir := path.Dir(t.at)
		if folders[dir] == nil {
			folders[dir] = newFolder(t, beside)
		}
		folders[dir].add(t)
	}
	// Values may lie below the files that they are for: environments/prod.tfvars.
	for _, t := range values {
		dir := path.Dir(t.at)
		home := dir
		for folders[home] == nil && path.Dir(home) != home {
			home = path.Dir(home)
		}
		if folders[home] == nil {
			folders[dir] = newFolder(t, beside)
			home = dir
		}
		t.folder = folders[home]
		t.folder.values = append(t.folder.values, t)
	}
	for _, f := range folders {
		slices.SortStableFunc(f.values, func(a, b *tfFile) int {
			if a, b := path.Base(a.at) == "terraform.tfvars", path.Base(b.at) == "terraform.tfvars"; a != b {
				if a {
					return -1
				}
				return 1
			}
			return strings.Compare(a.at, b.at)
		})
		for _, call := range f.calls {
			if target := folders[f.target(call)]; target != nil && target != f {
				target.called = true
			}
		}
	}
	dirs := make([]string, 0, len(folders))
	for dir := range folders {
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	for _, dir := range dirs {
		if f := folders[dir]; !f.called {
			f.instances(folders)
		}
	}
	for _, dir := range dirs {
		if f := folders[dir]; len(f.envs) == 0 { // called by itself or too deep
			f.instances(folders)
		}
	}
	return byName
}

func newFolder(first *tfFile, beside *bicepFiles) *tfFolder {
	return &tfFolder{beside: beside, dir: path.Dir(first.at), shown: path.Dir(slashed(first.name)), locals: map[string]*expr{}, variables: map[string]*expr{}, outputs: map[string]*expr{}, calls: map[string]*block{}}
}

func (f *tfFolder) add(t *tfFile) {
	t.folder = f
	f.files = append(f.files, t)
	for _, b := range t.root.blocks {
		switch {
		case b.typ == "locals":
			for name, e := range b.attrs {
				f.locals[name] = e
			}
		case len(b.labels) != 1:
		case b.typ == "variable":
			f.variables[b.labels[0]] = b.attrs["default"]
		case b.typ == "output":
			f.outputs[b.labels[0]] = b.attrs["value"]
		case b.typ == "module":
			f.calls[b.labels[0]] = b
		}
	}
}

// instances are the ways in which a folder that nobody calls is deployed: with the values that Terraform reads by itself, and with each of
// the other files of values. The modules below it get an instance for each call.
func (f *tfFolder) instances(all map[string]*tfFolder) {
	with := func(files ...*tfFile) *tfEnv {
		env := &tfEnv{folder: f, all: all, args: map[string]term{}, inner: map[string]*tfEnv{}}
		for _, t := range files {
			for name, e := range t.root.attrs {
				env.args[name] = term{expr: e}
			}
		}
		return env
	}
	var always []*tfFile
	for _, t := range f.values {
		if t.automatic() {
			always = append(always, t)
		}
	}
	for _, t := range f.values {
		if !t.automatic() && len(f.envs) < maxModules {
			f.envs = append(f.envs, with(append(slices.Clone(always), t)...))
		}
	}
	if len(f.envs) == 0 {
		f.envs = append(f.envs, with(always...))
	}
	for _, env := range f.envs {
		env.spread()
	}
}

// spread enters the modules below.
func (env *tfEnv) spread() {
	names := make([]string, 0, len(env.folder.calls))
	for name := range env.folder.calls {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		child := env.module(name)
		if child == nil || child.folder == env.folder || len(child.folder.envs) >= maxModules {
			continue
		}
		child.folder.envs = append(child.folder.envs, child)
		child.spread()
	}
}

// maxHCL and maxNesting bound what HCL's parser, which calls itself for each bracket, is given.
const (
	maxHCL     = 4 << 20
	maxNesting = 500
)

// nested reports whether a source has more brackets or signs in each other than any that a person wrote.
func nested(data []byte) bool {
	if len(data) > maxHCL {
		return true
	}
	depth, signs, choices := 0, 0, 0
	for _, c := range data {
		switch c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth = max(depth-1, 0)
		case '?':
			choices++
		case '\n':
			choices = 0
		}
		if c == '!' || c == '-' && depth > 0 {
			signs++
		} else if c != ' ' && c != '-' {
			signs = 0
		}
		if depth > maxNesting || signs > maxNesting || choices > maxNesting {
			return true
		}
	}
	return false
}

// readTerraformFile reads one file; of what is not understood the rest is kept.
func readTerraformFile(name string, data []byte) *tfFile {
	lower := strings.ToLower(name)
	t := &tfFile{name: name, root: &block{attrs: map[string]*expr{}}}
	t.values = strings.HasSuffix(lower, ".tfvars") || strings.HasSuffix(lower, ".tfvars.json")
	switch {
	case nested(data):
		t.broken, t.why = &place{}, "more is nested in each other than in any file that a person wrote"
	case strings.HasSuffix(lower, ".json"):
		doc, err := Read(data)
		if err != nil {
			t.broken, t.why = &place{}, err.Error()
			break
		}
		if t.values {
			t.root = jsonBlock("", nil, doc.Root)
		} else {
			t.root.blocks = jsonBlocks(doc.Root)
		}
	default:
		if d := t.parse(data, hcl.InitialPos); d != nil {
			t.broken, t.why = &place{start: d.Subject.Start.Byte, end: d.Subject.End.Byte}, d.Summary+": "+d.Detail
			t.root = &block{attrs: map[string]*expr{}}
			t.parseApart(data)
		}
	}
	return t
}

// parse adds the blocks of a piece of the file and returns the first mistake in it.
func (t *tfFile) parse(data []byte, at hcl.Pos) *hcl.Diagnostic {
	file, diags := hclsyntax.ParseConfig(data, t.name, at)
	if body, ok := file.Body.(*hclsyntax.Body); ok {
		b := hclBlock(body)
		maps.Copy(t.root.attrs, b.attrs)
		t.root.blocks = append(t.root.blocks, b.blocks...)
	}
	for _, d := range diags {
		if d.Severity == hcl.DiagError && d.Subject != nil {
			return d
		}
	}
	return nil
}

// parseApart reads a file with a mistake block by block, so that the mistake costs its own block only. A block starts in the first column,
// as terraform fmt has it.
func (t *tfFile) parseApart(data []byte) {
	from := hcl.InitialPos
	for at, line := 0, 0; at < len(data); line++ {
		if c := data[at]; at > from.Byte && ('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z') {
			_ = t.parse(data[from.Byte:at], from) // the first mistake is known
			from = hcl.Pos{Byte: at, Line: line + 1, Column: 1}
		}
		n := bytes.IndexByte(data[at:], '\n')
		if n < 0 {
			break
		}
		at += n + 1
	}
	_ = t.parse(data[from.Byte:], from)
}

func hclBlock(body *hclsyntax.Body) *block {
	b := &block{attrs: map[string]*expr{}}
	for name, a := range body.Attributes {
		b.attrs[name] = hclExpr(a.Expr)
	}
	for _, x := range body.Blocks {
		inner := hclBlock(x.Body)
		inner.typ, inner.labels = x.Type, x.Labels
		inner.at, inner.end = x.TypeRange.Start.Byte, x.CloseBraceRange.End.Byte
		b.blocks = append(b.blocks, inner)
	}
	return b
}

// jsonLabels are how many names stand between the type of a block and its body in Terraform's JSON syntax.
var jsonLabels = map[string]int{"resource": 2, "data": 2, "provider": 1, "variable": 1, "module": 1, "output": 1, "locals": 0}

// jsonBlocks reads the blocks of Terraform's JSON syntax.
func jsonBlocks(root *Node) []*block {
	var out []*block
	var walk func(typ string, labels []string, n *Node, more int)
	walk = func(typ string, labels []string, n *Node, more int) {
		switch {
		case n.Kind == Array:
			for _, item := range n.Items {
				walk(typ, labels, item, more)
			}
		case n.Kind != Object:
		case more > 0:
			for _, m := range n.Members {
				walk(typ, append(slices.Clone(labels), m.Key.Text), m.Value, more-1)
			}
		default:
			out = append(out, jsonBlock(typ, labels, n))
		}
	}
	if root.Kind == Object {
		for _, m := range root.Members {
			if n, ok := jsonLabels[m.Key.Text]; ok {
				walk(m.Key.Text, nil, m.Value, n)
			}
		}
	}
	return out
}

func jsonBlock(typ string, labels []string, n *Node) *block {
	b := &block{typ: typ, labels: labels, attrs: map[string]*expr{}, at: n.Start, end: n.End}
	for _, m := range n.Members {
		b.attrs[m.Key.Text] = jsonExpr(m.Value)
	}
	return b
}

// jsonExpr turns a value of Terraform's JSON syntax into an expression; a text may hold ${...}.
func jsonExpr(n *Node) *expr {
	e := &expr{op: opUnknown, name: "..."}
	switch n.Kind {
	case Null:
		e = call("null")
	case Bool:
		e = call(n.Text)
	case Number:
		if v, ok := parseInt(n.Text); ok {
			e = &expr{op: opNumber, num: v}
		}
	case String:
		e = hclText(n.Text)
	case Array:
		e = &expr{op: opList}
		for _, item := range n.Items {
			e.args = append(e.args, jsonExpr(item))
		}
	case Object:
		e = &expr{op: opObject}
		for _, m := range n.Members {
			e.keys, e.args = append(e.keys, m.Key.Text), append(e.args, jsonExpr(m.Value))
		}
	}
	e.at, e.end = n.Start, n.End
	return e
}
