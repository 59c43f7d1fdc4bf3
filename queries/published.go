package queries

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// PublishedColumn says how a column of a published table can name a customer.
type PublishedColumn struct {
	Table, Column string
	Identity      string // of Identities
}

// Identities says what becomes of a row whose column names a customer who opted out (SPEC 5.I).
var Identities = map[string]string{
	"subscription": "the row is not published",
	"scope":        "the row is not published: a resource, a deployment or what they are in",
	"resource":     "the row is not published: as scope, and when all usage of the resource is excluded",
	"path":         "the path of a file: the cell says that it is not shown",
	"value":        "of a row that could not be used: the cell says that it is not shown; also when the file has rows of such a customer",
	"quote":        "what is said of a file: as value, but in a file of several customers only what quotes a row",
	"text":         "the cell says that it is not shown",
	"request":      "as text; only the key of a deployment without a correlation id names anybody",
	"masked":       "the SELECT of the report takes care of it, before it adds up",
	"day":          "no column of the table: the day of a row; a subscription that is another's since is shown again",
	"status":       "of usage rows by their status: those of customers who opted out are `excluded`, and do not get here",
	"none":         "names no customer",
}

// What stands where a customer who opted out would be named.
const (
	HiddenPath = "(a file of a customer who opted out)"
	HiddenText = "(of a customer who opted out)"
	DoubtText  = "(not shown: it may be of a customer who opted out)"
)

// PublishedColumns lists every text column of the snapshot tables and reports, from published_columns.csv.
func PublishedColumns() []PublishedColumn {
	rows := records("published_columns.csv")
	out := make([]PublishedColumn, len(rows))
	for i, r := range rows {
		out[i] = PublishedColumn{r[0], r[1], r[2]}
	}
	return out
}

// Published gives the SELECT of a snapshot table without the customers who opted out: by the identities of its columns, which every table
// has in published_columns.csv. Call it after Attribute, which makes what it asks with.
func (db *DB) Published(ctx context.Context, table string) (string, error) {
	hidden, err := db.Count(ctx, "select (select count(*) from hidden_ids)")
	if err != nil {
		return "", err
	}
	columns := slices.DeleteFunc(PublishedColumns(), func(c PublishedColumn) bool { return c.Table != table })
	if len(columns) == 0 {
		return "", fmt.Errorf("published_columns.csv does not say how %s can name a customer", table)
	}
	day, drop, path := "null", "", ""
	for _, c := range columns {
		switch c.Identity {
		case "day":
			day, drop = "q."+quoteIdent(c.Column), " exclude ("+quoteIdent(c.Column)+")"
		case "path":
			path = c.Column
		}
	}
	text := "(\n" + Text("snapshot/"+table+".sql") + "\n) q"
	if hidden == 0 {
		return "select *" + drop + " from " + text, nil
	}
	var cells, rows []string
	names := func(column string) string { return "names_hidden(q." + quoteIdent(column) + ")" }
	cell := func(column, when, then string) {
		cells = append(cells, "case when "+when+" then "+then+" else q."+quoteIdent(column)+" end as "+quoteIdent(column))
	}
	for _, c := range columns {
		switch c.Identity {
		case "subscription", "scope", "resource":
			rows = append(rows, "not is_hidden_"+c.Identity+"(q."+quoteIdent(c.Column)+", "+day+")")
		case "path":
			cell(c.Column, names(c.Column), quoteLiteral(HiddenPath))
		case "quote", "value":
			cell(c.Column, fmt.Sprintf("is_hidden_quote(q.%s, q.%s, %v)", quoteIdent(c.Column), quoteIdent(path), c.Identity == "value"), quoteLiteral(DoubtText))
		case "request":
			cell(c.Column, "names_hidden(case when q."+quoteIdent(c.Column)+" like 'deployment %' then q."+quoteIdent(c.Column)+" end)", quoteLiteral(HiddenText))
		case "text":
			cell(c.Column, names(c.Column), quoteLiteral(HiddenText))
		}
	}
	selected := "q.*" + drop
	if len(cells) > 0 {
		selected += " replace (" + strings.Join(cells, ", ") + ")"
	}
	if len(rows) > 0 {
		text += " where " + strings.Join(rows, " and ")
	}
	return "select " + selected + " from " + text, nil
}
