package template

import (
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// maxLinks bounds how deep links are followed.
const maxLinks = 5

// linkTail finds the path of a template at the end of what is known of a link.
var linkTail = regexp.MustCompile(`[A-Za-z0-9_][A-Za-z0-9_./-]*\.json`)

// follow checks the linked templates that Options.FS has: their ids are in the wrong place (L07). Links out of the file system, or to
// nowhere, are left alone; a template may well link to the web.
func (c *checker) follow(w *walker) {
	if c.o.FS == nil || c.depth >= maxLinks {
		return
	}
	for _, d := range w.deployments {
		if !d.linked {
			continue
		}
		for _, name := range c.targets(d) {
			c.link(name)
		}
	}
}

// targets returns the files that a link can lead to.
func (c *checker) targets(d *deployment) []string {
	v := c.ev.term(d.link, possible)
	if v.kind != valObject {
		return nil
	}
	var out []string
	for _, key := range [...]string{"relativePath", "uri"} {
		target, ok := v.get(key)
		if !ok {
			continue
		}
		for _, t := range target.alternatives() {
			m := linkTail.FindAllString(t.mask(), -1)
			if len(m) == 0 {
				continue
			}
			tail := m[len(m)-1]
			if key == "uri" && strings.Contains(t.mask(), "://") {
				continue // a fixed address, not a file beside this one
			}
			name := path.Join(path.Dir(c.file.name), tail)
			if fs.ValidPath(name) {
				out = append(out, name)
			}
		}
	}
	return out
}

func (c *checker) link(name string) {
	if c.visited[name] || name == c.file.name {
		return
	}
	c.visited[name] = true
	f, err := c.o.FS.Open(name)
	if err != nil {
		return
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, c.o.Limits.MaxFile+1))
	if err != nil || int64(len(data)) > c.o.Limits.MaxFile {
		return
	}
	l := newChecker(name, data, c.o)
	l.linked, l.visited, l.depth = true, c.visited, c.depth+1
	if err := l.json(); err != nil {
		return
	}
	found, ids, _ := l.done()
	c.found = append(c.found, found...)
	c.ids = append(c.ids, ids...)
}
