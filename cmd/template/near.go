package template

import (
	"path"
	"slices"
	"strings"
	"sync"
)

// neighbours are the files that are checked together, as far as one says something about another.
type neighbours struct {
	terraform map[string]*tfFile
	scripts   map[string]*script
	partners  func() bool // whether a script or pipeline gives Terraform's providers their id, whatever it is
}

func newNeighbours(files []File, o Options) *neighbours {
	n := &neighbours{scripts: readScripts(files)}
	n.terraform = readTerraform(files, o)
	n.partners = sync.OnceValue(func() bool {
		return slices.ContainsFunc(files, func(f File) bool {
			if language := sourceLanguage(f.Name); language == "" || language == "terraform" {
				return false
			}
			x := n.script(f.Name, f.Data)
			if !x.concerned() {
				return false
			}
			x.read()
			return slices.ContainsFunc(x.hits(), func(h hit) bool {
				if !strings.HasPrefix(h.s.client, "Terraform") || h.s.agent() {
					return false
				}
				v, ok := x.valueOf(h)
				return ok && v.text != ""
			})
		})
	})
	return n
}

// sendsID reports whether a folder of Terraform has an id, if perhaps a wrong one, in spite of providers without: in a tracking deployment of
// its own or of a module that it calls, or from the environment.
func (n *neighbours) sendsID(f *tfFolder) bool {
	return n.partners() || f.tracks(newChecker("", nil, Options{}), map[*tfFolder]bool{})
}

// product is what the ids of a file belong to when nobody says so: its folder. Values of Terraform belong to the folder that they are for, and
// a module that others call to none of its own.
func (n *neighbours) product(name string) string {
	t := n.terraform[name]
	switch {
	case t == nil || t.folder == nil:
		return path.Dir(slashed(name))
	case t.folder.called:
		return ""
	}
	return t.folder.shown
}

func (f *tfFolder) tracks(c *checker, seen map[*tfFolder]bool) bool {
	if f == nil || seen[f] {
		return false
	}
	seen[f] = true
	for _, env := range f.envs {
		for _, t := range f.files {
			for _, list := range c.terraformDeployments(t, env) {
				if slices.ContainsFunc(list, func(d *deployment) bool {
					_, kind := c.readAll(d)
					return kind != readNothing && kind != readTelemetry // what is wrong with it is said of it
				}) {
					return true
				}
			}
		}
		for name := range f.calls {
			if child := env.module(name); child != nil && child.folder.tracks(c, seen) {
				return true
			}
		}
	}
	return false
}

// script is a source with the constants of its folder.
func (n *neighbours) script(name string, data []byte) *script {
	if x := n.scripts[name]; x != nil {
		return x
	}
	return newScript(sourceLanguage(name), data)
}

// readScripts reads the sources among files; those of one folder and language know each other.
func readScripts(files []File) map[string]*script {
	byName, folders := map[string]*script{}, map[string]*scriptFolder{}
	for _, f := range files {
		language := sourceLanguage(f.Name)
		if language == "" || byName[f.Name] != nil {
			continue
		}
		x := newScript(language, f.Data)
		key := path.Dir(slashed(f.at())) + "\x00" + kinOf(language)
		if folders[key] == nil {
			folders[key] = &scriptFolder{}
		}
		x.folder, byName[f.Name] = folders[key], x
		x.folder.files = append(x.folder.files, x)
	}
	return byName
}
