package queries

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
)

// NamedQuery is a query that is called by its name: one of those in catalog/, or a file of a user's own.
//
// Its file is one SELECT below a header of comments:
//
//	-- title: Top customers per channel
//	-- purpose: Whom to thank, and whom to call.
//	-- param month = '': YYYY-MM; empty: the latest month
//	-- param channel: no default, so it must be given
type NamedQuery struct {
	Name    string
	Title   string
	Purpose string
	Params  []QueryParam
	Text    string // the whole file
}

// QueryParam is a parameter of a NamedQuery, $name in its text.
type QueryParam struct {
	Name     string
	Default  string
	Optional bool // it has a default
	Meaning  string
}

var (
	headerLine = regexp.MustCompile(`^-- (title|purpose|param) ?(.*)$`)
	paramLine  = regexp.MustCompile(`^([A-Za-z]\w*)(?: = '((?:[^']|'')*)')?: (.+)$`)
)

// ParseNamedQuery reads the header of a query. A file without a header is a query without a title, whose parameters must all be given.
func ParseNamedQuery(name, text string) (*NamedQuery, error) {
	q := &NamedQuery{Name: name, Text: text}
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, "\r")
		if !strings.HasPrefix(line, "--") {
			break
		}
		m := headerLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		rest := strings.TrimSpace(strings.TrimPrefix(m[2], ": "))
		switch m[1] {
		case "title":
			q.Title = rest
		case "purpose":
			q.Purpose = rest
		case "param":
			p := paramLine.FindStringSubmatch(rest)
			if p == nil {
				return nil, fmt.Errorf("line %d: a parameter is written as\n-- param NAME = 'DEFAULT': MEANING", n+1)
			}
			optional := strings.HasPrefix(rest, p[1]+" = ")
			q.Params = append(q.Params, QueryParam{Name: p[1], Default: strings.ReplaceAll(p[2], "''", "'"), Optional: optional, Meaning: p[3]})
		}
	}
	return q, nil
}

// Values adds the defaults to the parameters that are given.
func (q *NamedQuery) Values(given map[string]string) map[string]string {
	values := maps.Clone(given)
	if values == nil {
		values = map[string]string{}
	}
	for _, p := range q.Params {
		if !p.Optional {
			continue
		}
		found := false
		for name := range given {
			found = found || strings.EqualFold(name, p.Name)
		}
		if !found {
			values[p.Name] = p.Default
		}
	}
	return values
}

// Catalog gives the queries of catalog/, by name. A header that cannot be read is a mistake of the program and panics; TestCatalog reads
// them all.
func Catalog() []*NamedQuery {
	var all []*NamedQuery
	for _, name := range List("catalog") {
		q, err := ParseNamedQuery(name, Text("catalog/"+name+".sql"))
		if err != nil {
			panic(fmt.Sprintf("queries: catalog/%s.sql: %v", name, err))
		}
		all = append(all, q)
	}
	return all
}
