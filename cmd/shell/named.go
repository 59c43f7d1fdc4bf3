package shell

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/ingest/spelling"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/report/human"
)

// queryName is what a named query may be called: an argument that is more than one word is SQL.
var queryName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// Named gives the queries of the program and of the user's folder, by name. One of the user's own takes the place of another of
// its name.
func Named(c config.Config) ([]*queries.NamedQuery, error) {
	all := queries.Catalog()
	if c.Queries == "" {
		return all, nil
	}
	entries, err := os.ReadDir(c.Queries)
	if err != nil {
		return nil, exit.Usagef("correct `queries:` or take it out of the configuration", "queries: %v", err)
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".sql")
		if !ok || !queryName.MatchString(name) {
			continue
		}
		path := filepath.Join(c.Queries, e.Name())
		data, err := disk.ReadText(path)
		if err != nil {
			return nil, err
		}
		q, err := queries.ParseNamedQuery(name, string(data))
		if err != nil {
			return nil, exit.Usagef("fix the header of the file", "%s: %v", path, err)
		}
		all = slices.DeleteFunc(all, func(other *queries.NamedQuery) bool { return other.Name == name })
		all = append(all, q)
	}
	slices.SortFunc(all, func(a, b *queries.NamedQuery) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// Find finds a query by its name.
func Find(named []*queries.NamedQuery, name string) (*queries.NamedQuery, error) {
	var names []string
	for _, q := range named {
		if q.Name == name {
			return q, nil
		}
		names = append(names, q.Name)
	}
	hint := "pidledger query --list"
	if near := spelling.Nearest(strings.ToLower(name), names); near != "" {
		hint = "pidledger query " + near
	}
	return nil, exit.Usagef(hint, "there is no query of the name %s", name)
}

// IsName tells whether a text can be the name of a query: what is more than one word is SQL.
func IsName(text string) bool { return queryName.MatchString(text) }

// ListQueries shows the named queries.
func ListQueries(io *terminal.Streams, named []*queries.NamedQuery) error {
	width, _ := io.Size(io.Out)
	t := &human.Table{Width: width, Below: true}
	t.Row(human.Bold, "name", "title", "parameters")
	for _, q := range named {
		var params []string
		for _, param := range q.Params {
			text := param.Name
			if param.Optional {
				text += "=" + param.Default
			}
			params = append(params, text)
		}
		t.Row(human.Plain, q.Name, q.Title, strings.Join(params, " "))
	}
	return t.Write(io.Out, io.Color(io.Out))
}

// ParseParams reads name=value.
func ParseParams(texts []string) (map[string]string, error) {
	params := map[string]string{}
	for _, t := range texts {
		name, value, found := strings.Cut(t, "=")
		name = strings.TrimPrefix(strings.TrimSpace(name), "$")
		if !found || name == "" {
			return nil, exit.Usagef("--param month=2026-03", "--param takes name=value, not %q", t)
		}
		if _, twice := params[name]; twice {
			return nil, exit.Usagef("leave one of them out", "the parameter %s is given twice", name)
		}
		params[name] = value
	}
	return params, nil
}
