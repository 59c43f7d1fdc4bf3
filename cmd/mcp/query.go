package mcp

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/shell"
	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/write"
)

// How much of a result an answer holds. What is more is counted, and left out: an assistant reads all that it is given.
const (
	usualRows = 200
	mostRows  = 5000
	mostBytes = 1 << 20
)

type queryInput struct {
	SQL    string            `json:"sql,omitempty" jsonschema:"one SELECT in DuckDB's SQL; DESCRIBE, SHOW and SUMMARIZE are allowed, too"`
	Name   string            `json:"name,omitempty" jsonschema:"a named query in place of sql; the resource pidledger://queries lists them with their parameters"`
	Params map[string]string `json:"params,omitempty" jsonschema:"values of parameters, written $name in the SQL"`
	Limit  int               `json:"limit,omitempty"`
}

// rows is the structured content of a query.
type rows struct {
	Snapshot string          `json:"snapshot"` // id of the run that published it
	Rows     json.RawMessage `json:"rows"`     // as `pidledger query --format json` writes them
	Count    int64           `json:"row_count"`
	LeftOut  int64           `json:"rows_left_out"` // rows of the result that are not in Rows
}

func (s *server) query(ctx context.Context, in queryInput) (*answer, error) {
	session, err := shell.Open(ctx, s.config)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	if err := in.find(s.config); err != nil {
		return nil, err
	}
	session.Ways = shell.Ways{Tables: "show tables, or describe TABLE, to see what there is", Columns: "describe TABLE shows all columns"}
	result, err := session.Query(ctx, in.SQL, in.Params)
	if err != nil {
		return nil, err
	}
	defer result.Close() //nolint:errcheck // the table goes with the session
	out := rows{Snapshot: session.Snapshot.ID}
	text, err := out.read(result, int64(cmp.Or(in.Limit, usualRows)))
	if err != nil {
		return nil, err
	}
	return &answer{out, text}, nil
}

// find takes the SQL and the defaults of a named query.
func (in *queryInput) find(c config.Config) error {
	switch {
	case in.Name == "" && in.SQL == "":
		return exit.Usagef("the arguments that the tool's input schema names", "neither sql nor name is given")
	case in.Name == "":
		return nil
	case in.SQL != "":
		return exit.Usagef("leave one of them out", "both sql and name are given")
	}
	named, err := shell.Named(c)
	if err != nil {
		return err
	}
	q, err := shell.Find(named, in.Name)
	if err != nil {
		return err
	}
	in.SQL, in.Params = q.Text, q.Values(in.Params)
	return nil
}

// read takes the first rows of a result, and gives them as CSV.
func (o *rows) read(result *adhoc.Result, limit int64) (text string, err error) {
	var forms [2]bytes.Buffer // for programs and for people
	var writers [2]write.ResultWriter
	for i, format := range []string{spec.JSON, spec.CSV} {
		if writers[i], err = write.NewResult(format, &forms[i], result.Fields(), write.ResultOptions{}); err != nil {
			return "", err
		}
	}
	size := 0
	for o.Count < limit && result.Next() {
		if size += sizeOf(result.Cells()); size > mostBytes {
			break
		}
		for _, w := range writers {
			if err := w.Row(result.Cells()); err != nil {
				return "", err
			}
		}
		o.Count++
	}
	if err := result.Err(); err != nil {
		return "", err
	}
	if o.LeftOut = result.Rows() - o.Count; o.LeftOut > 0 && o.Count == 0 {
		return "", exit.Usagef("select fewer columns, or substr(column, 1, 1000) of a long one", "the first row alone is larger than %s", human.Bytes(mostBytes))
	}
	for _, w := range writers {
		if err := w.Close(); err != nil {
			return "", err
		}
	}
	o.Rows = forms[0].Bytes()
	text = forms[1].String() + "\n" + human.Plural(o.Count, "row")
	if o.LeftOut > 0 {
		text += fmt.Sprintf(" of %s; %s left out: add up in SQL, or ask for more with limit (at most %s)", human.Thousands(result.Rows()), human.Thousands(o.LeftOut), human.Thousands(mostRows))
	}
	return text + "\n", nil
}

// sizeOf is about how many bytes a row takes.
func sizeOf(cells []adhoc.Cell) (n int) {
	for i := range cells {
		n += len(cells[i].S) + 16
	}
	return n
}
