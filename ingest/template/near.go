package template

import "slices"

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

func (f *tfFolder) tracks(c *checker, seen map[*tfFolder]bool) bool {
	if f == nil || seen[f] {
		return false
	}
	seen[f] = true
	for _, env := range f.envs {
		for _, t := range f.files {
			c.deployments = nil
			for _, b := range t.root.blocks {
				if b.typ == "resource" && len(b.labels) > 1 {
					c.terraformResource(b, env)
				}
			}
			if slices.ContainsFunc(c.deployments, func(d *deployment) bool {
				readings, kind := c.readAll(d)
				return kind == readTracking && len(readings) > 0
			}) {
				return true
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
