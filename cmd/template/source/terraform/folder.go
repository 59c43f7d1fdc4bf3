// Package terraform reads Terraform by folder, with the modules that folders call and the files of values: deployments and providers.
package terraform

import (
	"path"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/cmd/template/arm"
	"github.com/pidledger/pidledger/cmd/template/source"
)

// Folder is a module of Terraform: what the files of one folder declare.
type Folder struct {
	dir       string // where it is
	Shown     string // as the names of its files have it
	beside    arm.Files
	Files     []*File // of the module, without those of values
	values    []*File // .tfvars in the order in which Terraform reads them
	locals    map[string]*arm.Expr
	variables map[string]*arm.Expr // with their default; nil: none
	outputs   map[string]*arm.Expr
	Calls     map[string]*Block // of other modules
	Called    bool              // another folder calls it
	Envs      []*Env            // the ways in which it is deployed
}

// Env are the names of a module as one call of it, or one file of values, has them.
type Env struct {
	Folder *Folder // the module
	all    map[string]*Folder
	args   map[string]arm.Term
	inner  map[string]*Env // the modules that it calls
	depth  int
}

// maxModules bounds how deep modules call modules, and how many calls of one are told apart.
const maxModules = 16

// Variable finds a local value, or the output of a module.
func (env *Env) Variable(name string) (arm.Term, bool) {
	if rest, ok := strings.CutPrefix(name, outputOf); ok {
		module, output, _ := strings.Cut(rest, ".")
		child := env.Module(module)
		if child == nil || child.Folder.outputs[output] == nil {
			return arm.Term{}, false
		}
		return arm.Term{Expr: child.Folder.outputs[output], Env: child}, true
	}
	e := env.Folder.locals[name]
	return arm.Term{Expr: e, Env: env}, e != nil
}

// Parameter finds a variable with the value that the call or the file of values gives it.
func (env *Env) Parameter(name string) (arm.Declaration, bool) {
	d := arm.Declaration{Name: name, MaxLen: arm.Unbounded}
	def, declared := env.Folder.variables[name]
	if def != nil {
		d.Def = arm.Term{Expr: def, Env: env}
	}
	if arg, ok := env.args[name]; ok {
		if arg.Env == nil { // of a file of values: whoever deploys can change it, as a default
			d.Def = arg
		} else {
			d.Arg = arg
		}
	}
	return d, declared || !d.Def.None()
}

// Load reads a file that the function file names, from the module's folder on.
func (env *Env) Load(name string) (string, bool) {
	return env.Folder.beside.Read(env.Folder.dir+"/", name)
}

// Module is a module that this one calls; nil when it is not among the files.
func (env *Env) Module(name string) *Env {
	if child, ok := env.inner[name]; ok {
		return child
	}
	var child *Env
	if call := env.Folder.Calls[name]; call != nil && env.depth < maxModules {
		if target := env.all[env.Folder.target(call)]; target != nil {
			child = &Env{Folder: target, all: env.all, args: map[string]arm.Term{}, inner: map[string]*Env{}, depth: env.depth + 1}
			of := env.each(call.Attrs["for_each"])
			for arg, e := range call.Attrs {
				child.args[arg] = arm.Term{Expr: e, Env: of}
			}
		}
	}
	env.inner[name] = child
	return child
}

// eachEnv has the names of a block with for_each: each.key and each.value are one of several.
type eachEnv struct {
	*Env
	keys, values *arm.Expr
}

// Variable also finds each.key and each.value.
func (env *eachEnv) Variable(name string) (arm.Term, bool) {
	switch name {
	case "each.key":
		return arm.Term{Expr: env.keys, Env: env.Env}, true
	case "each.value":
		return arm.Term{Expr: env.values, Env: env.Env}, true
	}
	return env.Env.Variable(name)
}

// each returns the names of a block with a for_each; only what is written out can be told apart.
func (env *Env) each(list *arm.Expr) arm.Symbols {
	for range maxModules {
		if list == nil {
			return env
		}
		if name, ok := arm.Called(list, "variables"); ok && env.Folder.locals[name] != nil {
			list = env.Folder.locals[name]
		} else if list.Op == arm.OpCall && (list.Name == prefix+"toset" || list.Name == prefix+"tomap") && len(list.Args) == 1 {
			list = list.Args[0]
		} else {
			break
		}
	}
	var keys []*arm.Expr
	switch list.Op {
	case arm.OpObject:
		for _, key := range list.Keys {
			keys = append(keys, &arm.Expr{Op: arm.OpText, Name: key})
		}
	case arm.OpList:
		keys = list.Args
	}
	if len(keys) == 0 || len(keys) > arm.MaxTexts {
		return env
	}
	return &eachEnv{env, oneOf(keys), oneOf(list.Args)}
}

// oneOf is an expression that can become each of several.
func oneOf(list []*arm.Expr) *arm.Expr {
	e := list[0]
	for _, x := range list[1:] {
		e = arm.Call("if", &arm.Expr{Op: arm.OpUnknown, Name: "..."}, e, x)
	}
	return e
}

// target is the folder that a call names.
func (f *Folder) target(call *Block) string {
	source := call.Attrs["source"]
	if source == nil || source.Op != arm.OpText || !strings.HasPrefix(source.Name, ".") {
		return ""
	}
	return path.Join(f.dir, source.Name)
}

// Read reads the files of Terraform among others and puts them together by folder.
func Read(list []source.File, beside arm.Files) map[string]*File {
	byName, folders := map[string]*File{}, map[string]*Folder{}
	var values []*File
	for _, f := range list {
		if source.Language(f.Name) != "terraform" || byName[f.Name] != nil {
			continue
		}
		t := readFile(f.Name, f.Data)
		t.at = f.At
		byName[f.Name] = t
		if t.Values {
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
		t.Folder = folders[home]
		t.Folder.values = append(t.Folder.values, t)
	}
	for _, f := range folders {
		slices.SortStableFunc(f.values, func(a, b *File) int {
			if a, b := path.Base(a.at) == "terraform.tfvars", path.Base(b.at) == "terraform.tfvars"; a != b {
				if a {
					return -1
				}
				return 1
			}
			return strings.Compare(a.at, b.at)
		})
		for _, call := range f.Calls {
			if target := folders[f.target(call)]; target != nil && target != f {
				target.Called = true
			}
		}
	}
	dirs := make([]string, 0, len(folders))
	for dir := range folders {
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	for _, dir := range dirs {
		if f := folders[dir]; !f.Called {
			f.instances(folders)
		}
	}
	for _, dir := range dirs {
		if f := folders[dir]; len(f.Envs) == 0 { // called by itself or too deep
			f.instances(folders)
		}
	}
	return byName
}

func newFolder(first *File, beside arm.Files) *Folder {
	return &Folder{beside: beside, dir: path.Dir(first.at), Shown: path.Dir(source.Slashed(first.name)), locals: map[string]*arm.Expr{}, variables: map[string]*arm.Expr{}, outputs: map[string]*arm.Expr{}, Calls: map[string]*Block{}}
}

func (f *Folder) add(t *File) {
	t.Folder = f
	f.Files = append(f.Files, t)
	for _, b := range t.Root.Blocks {
		switch {
		case b.Type == "locals":
			for name, e := range b.Attrs {
				f.locals[name] = e
			}
		case len(b.Labels) != 1:
		case b.Type == "variable":
			f.variables[b.Labels[0]] = b.Attrs["default"]
		case b.Type == "output":
			f.outputs[b.Labels[0]] = b.Attrs["value"]
		case b.Type == "module":
			f.Calls[b.Labels[0]] = b
		}
	}
}

// instances are the ways in which a folder that nobody calls is deployed: with the values that Terraform reads by itself, and with each of
// the other files of values. The modules below it get an instance for each call.
func (f *Folder) instances(all map[string]*Folder) {
	with := func(files ...*File) *Env {
		env := &Env{Folder: f, all: all, args: map[string]arm.Term{}, inner: map[string]*Env{}}
		for _, t := range files {
			for name, e := range t.Root.Attrs {
				env.args[name] = arm.Term{Expr: e}
			}
		}
		return env
	}
	var always []*File
	for _, t := range f.values {
		if t.automatic() {
			always = append(always, t)
		}
	}
	for _, t := range f.values {
		if !t.automatic() && len(f.Envs) < maxModules {
			f.Envs = append(f.Envs, with(append(slices.Clone(always), t)...))
		}
	}
	if len(f.Envs) == 0 {
		f.Envs = append(f.Envs, with(always...))
	}
	for _, env := range f.Envs {
		env.spread()
	}
}

// spread enters the modules below.
func (env *Env) spread() {
	names := make([]string, 0, len(env.Folder.Calls))
	for name := range env.Folder.Calls {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		child := env.Module(name)
		if child == nil || child.Folder == env.Folder || len(child.Folder.Envs) >= maxModules {
			continue
		}
		child.Folder.Envs = append(child.Folder.Envs, child)
		child.spread()
	}
}

// GivenTo tells whether files of values set a variable that an expression depends on; always: without being named on the command line.
func (f *Folder) GivenTo(e *arm.Expr) (given, always bool) {
	if f.Called {
		return false, false
	}
	for _, name := range f.DependsOn(e) {
		for _, t := range f.values {
			if t.Root.Attrs[name] != nil {
				given, always = true, always || t.automatic()
			}
		}
	}
	return given, always
}

// DependsOn lists the variables that an expression depends on.
func (f *Folder) DependsOn(e *arm.Expr) []string {
	return arm.ParametersOf(arm.Term{Expr: e, Env: &Env{Folder: f, inner: map[string]*Env{}}})
}
