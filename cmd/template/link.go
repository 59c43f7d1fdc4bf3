package template

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/cmd/template/arm"
	"github.com/pidledger/pidledger/cmd/template/deployments"
	"github.com/pidledger/pidledger/cmd/template/source"
	"github.com/pidledger/pidledger/cmd/template/source/bicep"
)

// maxLinks bounds how deep links are followed.
const maxLinks = 5

// linkTail finds the path of a template at the end of what is known of a link.
var linkTail = regexp.MustCompile(`[A-Za-z0-9_.][A-Za-z0-9_./-]*\.json`)

// readsFile finds the templates that Terraform reads from its own folder on.
var readsFile = regexp.MustCompile(`\b(?:file|templatefile)\(\s*"(?:\$\{path\.module\}/)?([^"$]+\.json)"`)

// links are the templates that others link to, and who does: by the places of the files (File.At).
type links struct {
	by   map[string]string // a linked file, and the main template (or else the file) that leads to it
	main map[string]string // folders with a main template, and its name
	name map[string]string // of files, as findings show it
	// held are the files that Terraform deploys as the template of a deployment, and the file that does.
	held map[string]string
}

// linksAmong finds out which files are linked templates: a file is one when a main template leads to it, or, unless it has the name of a
// main template itself, when any other file does.
func linksAmong(files []File, o Options) *links {
	l := &links{by: map[string]string{}, main: map[string]string{}, name: map[string]string{}, held: map[string]string{}}
	g := &linkGraph{o: o, data: map[string][]byte{}, to: map[string][]string{}}
	var roots, others []string
	for _, f := range files {
		at := f.at()
		g.data[at], l.name[at] = f.Data, f.Name
		if source.Language(at) == "terraform" {
			for _, m := range readsFile.FindAllSubmatch(f.Data, -1) {
				l.held[path.Join(path.Dir(at), string(m[1]))] = f.Name
			}
		}
		if isMainName(at) {
			roots = append(roots, at)
			if source.Language(at) == "bicep" || IsTemplate(f.Data) {
				l.main[path.Dir(at)] = f.Name
			}
		} else {
			others = append(others, at)
		}
	}
	// A main template can be linked by another. First those that no other leads to; what is left then leads to itself in a circle.
	led := map[string]bool{}
	for _, r := range roots {
		g.mark(r, func(at string) bool {
			if at == r || led[at] {
				return false
			}
			led[at] = true
			return true
		})
	}
	slices.SortFunc(roots, func(a, b string) int {
		rank := func(at string) int {
			n := strings.Count(at, "/")
			if led[at] {
				n += 1 << 16
			}
			return n
		}
		return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a, b))
	})
	for _, r := range roots {
		if l.by[r] != "" {
			continue
		}
		g.mark(r, func(at string) bool {
			if at == r || l.by[at] != "" {
				return false
			}
			l.by[at] = r
			return true
		})
	}
	for _, f := range others {
		for _, at := range g.targets(f) {
			if at != f && l.by[at] == "" && !isMainName(at) {
				l.by[at] = f
			}
		}
	}
	return l
}

// above returns the main template in the folder of a file or in one above it.
func (l *links) above(at string) string {
	for dir := path.Dir(at); ; dir = path.Dir(dir) {
		if m := l.main[dir]; m != "" {
			return m
		}
		if dir == path.Dir(dir) || path.Base(dir) == ".." {
			return ""
		}
	}
}

// root returns the place of the file that the links to a file start from: its own when nobody links to it.
func (l *links) root(at string) string {
	for range maxLinks {
		by := l.by[at]
		if by == "" {
			break
		}
		at = by
	}
	return at
}

// Linker returns the name of the file that links to a file, of those given and of those that they lead to; empty when none does.
func Linker(file File, others []File, o Options) string {
	o.Limits = o.Limits.withDefaults()
	l := linksAmong(append([]File{file}, others...), o)
	by := l.by[file.at()]
	if name := l.name[by]; name != "" {
		return name
	}
	return by
}

// linkGraph reads the links of files, each file once.
type linkGraph struct {
	o    Options
	data map[string][]byte
	to   map[string][]string
}

// mark follows the links of a file as far as enter says yes.
func (g *linkGraph) mark(from string, enter func(at string) bool) {
	for next := []string{from}; len(next) > 0; {
		var more []string
		for _, f := range next {
			for _, at := range g.targets(f) {
				if enter(at) {
					more = append(more, at)
				}
			}
		}
		next = more
	}
}

// targets returns the places that a file links to.
func (g *linkGraph) targets(at string) []string {
	if to, ok := g.to[at]; ok {
		return to
	}
	data, ok := g.data[at]
	if !ok && g.o.Open != nil {
		var err error
		if data, err = g.o.Open(at); err != nil {
			data = nil
		}
	}
	to := linkedFrom(at, data, g.o)
	g.to[at] = to
	return to
}

// linkedFrom reads what a template or a Bicep file links to.
func linkedFrom(at string, data []byte, o Options) []string {
	if int64(len(data)) > o.Limits.MaxFile {
		return nil
	}
	var out []string
	add := func(names ...string) {
		for _, n := range names {
			out = append(out, path.Join(path.Dir(at), n))
		}
	}
	if source.Language(at) == "bicep" {
		add(bicep.Links(string(data))...)
		return out
	}
	if !strings.EqualFold(path.Ext(at), ".json") || !strings.Contains(strings.ToLower(string(data)), "templatelink") {
		return nil
	}
	doc, err := arm.Read(data)
	if err != nil {
		return nil
	}
	c := newChecker(at, data, Options{Limits: o.Limits})
	w := &deployments.Walker{Evaluator: c.ev}
	c.walk(doc, w)
	for _, d := range w.Deployments {
		if d.Linked {
			add(c.targets(d, true)...)
		}
	}
	return out
}

// follow checks the linked templates that are not checked anyway: their ids are in the wrong place (L07). Links out of what is checked, or
// to nowhere, are left alone; a template may well link to the web.
func (c *checker) follow(w *deployments.Walker) {
	if c.o.Open == nil || c.depth >= maxLinks {
		return
	}
	for _, d := range w.Deployments {
		if !d.Linked {
			continue
		}
		for _, name := range c.targets(d, false) {
			c.link(name)
		}
	}
}

// targets returns the files that a link can lead to, from the folder of the file on. With addresses it also takes the end of a fixed
// address for one: a repository that links to its own files on the web.
func (c *checker) targets(d *deployments.Deployment, addresses bool) []string {
	v := c.ev.Term(d.Link, arm.Possible)
	if v.Kind != arm.ValObject {
		return nil
	}
	var out []string
	for _, key := range [...]string{"relativePath", "uri"} {
		target, ok := v.Get(key)
		if !ok {
			continue
		}
		for _, t := range target.Alternatives() {
			m := linkTail.FindAllString(t.Mask(), -1)
			if len(m) == 0 {
				continue
			}
			tail := m[len(m)-1]
			if key == "relativePath" || !strings.Contains(t.Mask(), "://") {
				out = append(out, tail)
				continue
			}
			for steps := 0; addresses && steps < maxLinks; steps++ { // host/org/repo/branch/nested/a.json
				if _, tail, ok = strings.Cut(tail, "/"); !ok || isMainName(tail) {
					break
				}
				out = append(out, tail)
			}
		}
	}
	return out
}

func (c *checker) link(name string) {
	at := path.Join(path.Dir(c.file.at), name)
	if c.visited[at] || at == c.file.at {
		return
	}
	c.visited[at] = true
	data, err := c.o.Open(at)
	if err != nil || int64(len(data)) > c.o.Limits.MaxFile {
		return
	}
	o := c.o
	o.at = at
	l := newChecker(path.Join(path.Dir(source.Slashed(c.file.name)), name), data, o)
	l.linked, l.visited, l.depth = true, c.visited, c.depth+1
	if err := l.json(); err != nil {
		return
	}
	found, ids, _ := l.done()
	c.found = append(c.found, found...)
	c.ids = append(c.ids, ids...)
}
