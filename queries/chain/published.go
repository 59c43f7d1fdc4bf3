package chain

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
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
	"resource":     "the row is not published: like scope, and also if all usage of the resource is excluded",
	"path":         "the path of a file: the cell says that it is not shown",
	"value":        "from a rejected row: the cell says that it is not shown, unless it is a number or a date; always, if the file has rows of such a customer",
	"quote":        "a remark about a file: like value, but only if it quotes a row",
	"text":         "the cell says that it is not shown",
	"request":      "like text; only the key of a deployment without a correlation id can name a customer",
	"masked":       "the SELECT of the report masks it before adding up",
	"day":          "not a column of the table but the day of a row; a transferred subscription is shown again",
	"status":       "usage rows by status: those of customers who opted out are `excluded` and not among them",
	"none":         "names no customer",
}

// The texts that replace what would name a customer who opted out.
const (
	HiddenPath = "(a file of a customer who opted out)"
	HiddenText = "(of a customer who opted out)"
	DoubtText  = "(not shown: it may be of a customer who opted out)"
)

// PublishedColumns lists every text column of the snapshot tables and reports, from usage_columns.csv and published_columns.csv.
func PublishedColumns() (out []PublishedColumn) {
	for _, c := range queries.UsageColumns() {
		if c.Identity != "" {
			out = append(out, PublishedColumn{"attributed_usage", c.Name, c.Identity})
		}
	}
	for _, r := range queries.Records("published_columns.csv") {
		out = append(out, PublishedColumn{r[0], r[1], r[2]})
	}
	return out
}

// Publish writes a snapshot table to the Parquet file path without the customers who opted out, and returns the number of its rows: by the
// identities of its columns in published_columns.csv. It needs the tables that Attribute makes.
func Publish(ctx context.Context, e engine.Engine, table, path string) (int64, error) {
	text, err := published(ctx, e, table)
	if err != nil {
		return 0, err
	}
	return e.Write(ctx, text, path, "")
}

// PublishAll writes snapshot tables to paths of their names in a folder, as Publish does each of them. The texts of all are looked through at once, and
// the rows of each read twice: that is two tables fewer for each, which is right where making a table takes longer than what is in it.
func PublishAll(ctx context.Context, e engine.Engine, tables []string, folder string) error {
	var all []*publication
	var texts []string
	for _, table := range tables {
		p, err := publicationOf(ctx, e, table)
		if err != nil {
			return fmt.Errorf("table %s: %w", table, err)
		}
		if p.filter.cells != nil {
			p.rows = "published_" + table
			if err := e.View(ctx, p.rows, p.text); err != nil {
				return fmt.Errorf("table %s: %w", table, err)
			}
			texts = append(texts, p.texts()...)
		}
		all = append(all, p)
	}
	if err := nameTexts(ctx, e, texts); err != nil {
		return err
	}
	for _, p := range all {
		if _, err := e.Write(ctx, p.published(), filepath.Join(folder, p.table), ""); err != nil {
			return fmt.Errorf("table %s: %w", p.table, err)
		}
	}
	return nil
}

// published returns the SELECT of a snapshot table as it is published. It may read published_rows and named_texts, which are created here.
func published(ctx context.Context, e engine.Engine, table string) (string, error) {
	p, err := publicationOf(ctx, e, table)
	if err != nil {
		return "", err
	}
	if p.filter.cells != nil {
		p.rows = "published_rows"
		if err := e.Table(ctx, p.rows, p.text); err != nil {
			return "", err
		}
		if err := nameTexts(ctx, e, p.texts()); err != nil {
			return "", err
		}
	}
	return p.published(), nil
}

// publication is how a snapshot table is published.
type publication struct {
	table   string
	text    string   // its SELECT
	columns []string // that are published
	rows    string   // the table with the rows of text, if they are filtered
	filter  publishedFilter
}

func publicationOf(ctx context.Context, e engine.Engine, table string) (*publication, error) {
	hidden, err := e.Count(ctx, "select cast(count(*) as bigint) from hidden_ids")
	if err != nil {
		return nil, err
	}
	identities := slices.DeleteFunc(PublishedColumns(), func(c PublishedColumn) bool { return c.Table != table })
	if len(identities) == 0 {
		return nil, fmt.Errorf("published_columns.csv does not say how %s can name a customer", table)
	}
	p := &publication{table: table, text: queries.Text("snapshot/" + table + ".sql"), filter: publishedFilter{day: "date '0001-01-01'"}}
	if p.columns, err = columnsOf(ctx, e, p.text); err != nil {
		return nil, err
	}
	path := ""
	for _, c := range identities {
		switch c.Identity {
		case "day":
			p.filter.day = "coalesce(cast(q." + c.Column + " as date), date '0001-01-01')"
			p.columns = slices.DeleteFunc(p.columns, func(column string) bool { return column == c.Column })
		case "path":
			path = c.Column
		}
	}
	if hidden == 0 {
		return p, nil
	}
	p.filter.cells = map[string]string{}
	for _, c := range identities {
		p.filter.filter(c, "q."+path)
	}
	return p, nil
}

// texts are SELECTs of the texts that may name a customer.
func (p *publication) texts() (out []string) {
	for _, t := range p.filter.texts {
		out = append(out, "select "+t+" as text from "+p.rows+" q")
	}
	return out
}

// nameTexts makes named_texts of the texts of some SELECTs.
func nameTexts(ctx context.Context, e engine.Engine, texts []string) error {
	if len(texts) == 0 {
		return nil
	}
	if err := e.Table(ctx, "asked_texts", strings.Join(texts, " union ")); err != nil {
		return err
	}
	return e.Table(ctx, "named_texts", queries.Text("attribute/named_texts.sql"))
}

// published is the SELECT of the rows that are published.
func (p *publication) published() string {
	if p.filter.cells == nil {
		return "select " + strings.Join(p.columns, ", ") + " from (\n" + p.text + "\n) q"
	}
	return p.filter.text(p.columns, p.rows)
}

// publishedFilter collects what the SELECT of a snapshot table leaves out or masks, so that no row shows a customer who opted out. Lists are looked
// up with `in` or a join, and each distinct text is checked once: a subquery or a list of ids per row would cost more than the rest of the
// snapshot.
type publishedFilter struct {
	day   string            // the day of a row; a row without one is theirs if the subscription ever was
	texts []string          // columns that may contain an id of such a customer
	joins []string          // with hidden_subscriptions
	drop  []string          // conditions, each of which drops a row
	cells map[string]string // by column: the expression that is shown instead; nil: nobody opted out
}

// filter handles a column according to its identity. path is the column with the path of the row's file.
func (f *publishedFilter) filter(c PublishedColumn, path string) {
	column := "q." + c.Column
	switch c.Identity {
	case "subscription":
		f.dropSubscription(column)
	case "scope":
		f.dropScope(column)
	case "resource":
		f.dropScope(column)
		f.drop = append(f.drop, isIn("lower("+column+")", "hidden_resources", "resource_id"))
	case "path":
		f.mask(c.Column, f.isNamed(column)+" or "+isIn(column, "hidden_files", "path"), HiddenPath)
	case "quote", "value":
		mixed, words := isIn(path, "mixed_files", "path"), isMatch(column, word)
		if c.Identity == "quote" {
			mixed, words = mixed+" and contains("+column+", '\"')", isMatch(column, quotedWord)
		}
		f.mask(c.Column, column+" is not null and ("+strings.Join([]string{f.isNamed(column), f.isNamed(path), isIn(path, "hidden_files", "path"), mixed, words}, " or ")+")", DoubtText)
	case "request":
		f.mask(c.Column, f.isNamed("case when "+column+" like 'deployment %' then "+column+" end"), HiddenText)
	case "text":
		f.mask(c.Column, f.isNamed(column), HiddenText)
	}
}

// These match what may be a name in a rejected row, or in a quotation from it. Whose row it is is unknown, because its file may hold no other rows
// of that customer; but a number or a date names nobody.
const (
	word       = `[^-0-9.,:;/+ TZeE%()]`
	quotedWord = `"[^"]*[^-0-9.,:;/+ TZeE%()"][^"]*"`
)

// isMatch is the condition that somebody opted out and a column matches a pattern. Tabs and line ends count as blanks, because not every engine
// takes a backslash in a literal as it is.
func isMatch(column, pattern string) string {
	return "(select count(*) from hidden_ids) > 0 and regexp_like(translate(" + column + ", url_decode('%09%0A%0C%0D'), '    '), '" + pattern + "')"
}

// isNamed is the condition that a text contains an id of such a customer.
func (f *publishedFilter) isNamed(text string) string {
	f.texts = append(f.texts, text)
	return isIn(text, "named_texts", "text")
}

// isIn is the condition that a table has the value.
func isIn(value, table, column string) string {
	return "coalesce(" + value + " in (select " + column + " from " + table + "), false)"
}

// dropSubscription drops the rows of a subscription that opted out, and returns the condition that it has resource groups that did.
func (f *publishedFilter) dropSubscription(id string) (hasGroups string) {
	alias := fmt.Sprintf("s%d", len(f.joins))
	f.joins = append(f.joins, fmt.Sprintf("left join hidden_subscriptions %s on %s.subscription_id = lower(%s)", alias, alias, id))
	f.drop = append(f.drop, "coalesce("+f.day+" <= "+alias+".until, false)")
	return alias + ".has_groups = 1"
}

// dropScope drops the rows of a resource or another scope that opted out. A resource outside subscriptions, such as a reservation, is dropped if
// all its usage belongs to such customers, or if its id names one.
func (f *publishedFilter) dropScope(id string) {
	hasGroups := f.dropSubscription("substr(" + id + ", 16, 36)")
	group := "case when " + hasGroups + " then regexp_extract(lower(" + id + "), '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0) end"
	elsewhere := "case when " + id + " not like '/subscriptions/%' then lower(" + id + ") end"
	f.drop = append(f.drop, isIn(group, "hidden_ids", "id"), isIn(elsewhere, "hidden_resources", "resource_id"), f.isNamed(elsewhere))
}

// mask replaces a cell by a fixed text, which has no quotes in it, if a condition holds.
func (f *publishedFilter) mask(column, when, then string) {
	f.cells[column] = "case when " + when + " then '" + then + "' else q." + column + " end as " + column
}

// text is the whole SELECT.
func (f *publishedFilter) text(columns []string, rows string) string {
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = "q." + c
		if cell := f.cells[c]; cell != "" {
			cells[i] = cell
		}
	}
	text := "select " + strings.Join(cells, ", ") + " from " + rows + " q " + strings.Join(f.joins, " ")
	if len(f.drop) > 0 {
		text += " where not (" + strings.Join(f.drop, " or ") + ")"
	}
	return text
}
