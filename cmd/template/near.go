package template

import (
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/pidledger/pidledger/cmd/template/deployments"
	"github.com/pidledger/pidledger/cmd/template/source"
	"github.com/pidledger/pidledger/cmd/template/source/terraform"
)

// neighbours are the files that are checked together, as far as one says something about another.
type neighbours struct {
	terraform map[string]*terraform.File
	scripts   map[string]*source.Script
	partners  func() bool // whether a script or pipeline gives Terraform's providers their id, whatever it is
}

func newNeighbours(files []File, o Options) *neighbours {
	list := make([]source.File, len(files))
	for i, f := range files {
		list[i] = source.File{Name: f.Name, At: source.Slashed(f.at()), Data: f.Data}
	}
	n := &neighbours{scripts: source.ReadScripts(list), terraform: terraform.Read(list, o.files())}
	n.partners = sync.OnceValue(func() bool {
		return slices.ContainsFunc(files, func(f File) bool {
			if language := source.Language(f.Name); language == "" || language == "terraform" {
				return false
			}
			x := n.script(f.Name, f.Data)
			if !x.Concerned() {
				return false
			}
			x.Read()
			return slices.ContainsFunc(x.Hits(), func(h source.Hit) bool {
				if !strings.HasPrefix(h.Setting.Client, "Terraform") || h.Setting.Agent() {
					return false
				}
				v, ok := x.ValueOf(h)
				return ok && v.Text != ""
			})
		})
	})
	return n
}

// sendsID reports whether a folder of Terraform has an id, if perhaps a wrong one, in spite of providers without: in a tracking deployment of
// its own or of a module that it calls, or from the environment.
func (n *neighbours) sendsID(f *terraform.Folder) bool {
	return n.partners() || tracks(f, newChecker("", nil, Options{}), map[*terraform.Folder]bool{})
}

// product is what the ids of a file belong to when nobody says so: its folder. Values of Terraform belong to the folder that they are for, and
// a module that others call to none of its own.
func (n *neighbours) product(name string) string {
	t := n.terraform[name]
	switch {
	case t == nil || t.Folder == nil:
		return path.Dir(source.Slashed(name))
	case t.Folder.Called:
		return ""
	}
	return t.Folder.Shown
}

// tracks reports whether a folder, or one that it calls, deploys an id.
func tracks(f *terraform.Folder, c *checker, seen map[*terraform.Folder]bool) bool {
	if f == nil || seen[f] {
		return false
	}
	seen[f] = true
	for _, env := range f.Envs {
		for _, t := range f.Files {
			for _, list := range t.Deployments(env, c.reader(), c.file.at) {
				if slices.ContainsFunc(list, func(d *deployments.Deployment) bool {
					_, kind := c.readAll(d)
					return kind != readNothing && kind != readTelemetry // what is wrong with it is said of it
				}) {
					return true
				}
			}
		}
		for name := range f.Calls {
			if child := env.Module(name); child != nil && tracks(child.Folder, c, seen) {
				return true
			}
		}
	}
	return false
}

// script is a source with the constants of its folder.
func (n *neighbours) script(name string, data []byte) *source.Script {
	if x := n.scripts[name]; x != nil {
		return x
	}
	return source.NewScript(source.Language(name), data)
}
