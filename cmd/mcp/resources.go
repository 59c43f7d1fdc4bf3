package mcp

import (
	"context"
	"errors"
	"fmt"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/shell"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
)

const (
	glossaryURI = "pidledger://glossary"
	queriesURI  = "pidledger://queries"
	tablesURI   = "pidledger://tables/"
)

// tables are the tables that have a description: those of a snapshot.
func tables() (names []string) {
	for _, r := range spec.Reports {
		names = append(names, r.Name)
	}
	names = append(names, queries.CustomerMonths)
	return append(names, queries.SnapshotTables...)
}

func (s *server) addResources(to *sdk.Server, glossary func() string) {
	add := func(uri, name, title, description, mime string, read func(context.Context) (string, error)) {
		to.AddResource(&sdk.Resource{URI: uri, Name: name, Title: title, Description: description, MIMEType: mime},
			func(ctx context.Context, _ *sdk.ReadResourceRequest) (*sdk.ReadResourceResult, error) {
				text, err := read(ctx)
				if err != nil {
					return nil, errors.New(exit.Message(err) + "\nTry: " + s.p.Suggest(exit.WayOut(err, human.Program+" query")))
				}
				return &sdk.ReadResourceResult{Contents: []*sdk.ResourceContents{{URI: uri, MIMEType: mime, Text: text}}}, nil
			})
	}
	add(glossaryURI, "glossary", "Glossary", "The words that pidledger uses, and what they mean.", "text/plain", func(context.Context) (string, error) { return glossary(), nil })
	add(queriesURI, "queries", "Named queries", namedQueries, "text/markdown", func(context.Context) (string, error) { return s.listQueries() })
	for _, table := range tables() {
		add(tablesURI+table, table, "Table "+table, shell.TableMeaning(table), "text/markdown", func(ctx context.Context) (text string, err error) {
			_, err = s.inTurn(ctx, func() (*answer, error) {
				text, err = s.describe(ctx, table)
				return nil, err
			})
			return text, err
		})
	}
}

const namedQueries = "Questions that are asked often: the tool query runs one by its name."

// listQueries lists the named queries, those of the user, too.
func (s *server) listQueries() (string, error) {
	named, err := shell.Named(s.config)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Named queries\n%s\n\n", namedQueries)
	for _, q := range named {
		fmt.Fprintf(&b, "- `%s`: %s\n", q.Name, q.Purpose)
		for _, p := range q.Params {
			value := "must be given"
			if p.Optional {
				value = "'" + p.Default + "' if left out"
			}
			fmt.Fprintf(&b, "  - `%s` (%s): %s\n", p.Name, value, p.Meaning)
		}
	}
	return b.String(), nil
}

// describe says what a row of a table is, and lists the columns that it has in the published snapshot.
func (s *server) describe(ctx context.Context, table string) (string, error) {
	session, err := shell.Open(ctx, s.config)
	if err != nil {
		return "", err
	}
	defer session.Close()
	columns, err := session.Columns(ctx)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n%s.\n\n| column | type | meaning |\n|---|---|---|\n", table, shell.TableMeaning(table))
	n := 0
	for _, c := range columns {
		if c.Table == table {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", c.Name, c.Type, strings.ReplaceAll(shell.ColumnMeaning(table, c.Name), "|", `\|`))
			n++
		}
	}
	if n == 0 {
		return "", exit.Usagef("pidledger run, which publishes one", "the snapshot is of an older pidledger, and has no table %s", table)
	}
	return b.String(), nil
}
