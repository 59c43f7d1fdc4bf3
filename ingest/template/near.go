package template

import (
	"path"
	"slices"
)

// neighbours are the files that are checked together, as far as one says something about another.
type neighbours struct {
	terraform map[string]*tfFile
	folders   map[string]*tfFolder
	partners  bool // a script or pipeline gives Terraform's providers their id
}

func newNeighbours(files []File) *neighbours {
	n := &neighbours{}
	n.terraform, n.folders = readTerraform(files)
	return n
}

// sendsID reports whether a folder of Terraform has an id in spite of providers without: in a tracking deployment of its own or of a module
// that it calls, or from the environment.
func (n *neighbours) sendsID(f *tfFolder) bool {
	return n.partners || f.tracks(newChecker("", nil, Options{}), map[*tfFolder]bool{})
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
	return t.folder.dir
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
					return kind == readTracking
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
