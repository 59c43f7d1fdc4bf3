package adhoc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/queries/sqltext"
)

// tableFunctions are the table functions that a query may call: those that generate rows, alone or from their arguments, and those that list
// tables, columns and functions. Functions that read files, run SQL text or change the engine are left out.
var tableFunctions = []string{
	"duckdb_columns", "duckdb_functions", "duckdb_keywords", "duckdb_tables", "duckdb_types", "duckdb_views", "generate_series", "histogram",
	"histogram_values", "icu_calendar_names", "json_each", "json_tree", "pg_timezone_names", "pragma_show", "pragma_table_info", "pragma_version",
	"range", "repeat", "repeat_row", "unnest",
}

// refusedFunctions are the functions that a query may not call anywhere.
var refusedFunctions = []string{"write_log"}

// check makes sure that a text is a single SELECT that calls only allowed functions. shown is true if it describes a table or query instead of
// reading one.
func (r *Reader) check(ctx context.Context, text string) (shown bool, err error) {
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return false, &SQLError{Message: "the query is not UTF-8 text", Hint: "save it as UTF-8"}
	}
	tree, err := engine.AskOne[string](ctx, r.db, "select cast(json_serialize_sql(cast($1 as varchar)) as varchar)", text)
	if err != nil {
		return false, sqlError(ctx, err, text, 0)
	}
	var parsed struct {
		Error      bool        `json:"error"`
		Type       string      `json:"error_type"`
		Message    string      `json:"error_message"`
		Position   json.Number `json:"position"`
		Statements []struct {
			Node struct {
				From struct {
					Type string `json:"type"`
				} `json:"from_table"`
			} `json:"node"`
		} `json:"statements"`
	}
	if err := json.Unmarshal([]byte(*tree), &parsed); err != nil {
		return false, fmt.Errorf("read what the parser says: %w", err)
	}
	switch {
	case parsed.Error && parsed.Type == "parser":
		return false, (&SQLError{Message: parsed.Message}).at(text, offset(parsed.Position.String()))
	case parsed.Error:
		return false, refused(text)
	case len(parsed.Statements) == 0:
		return false, &SQLError{Message: "the query is empty", Hint: "pidledger query 'select * from summary', or pidledger query --list"}
	case len(parsed.Statements) > 1:
		return false, &SQLError{Message: "the query has several statements", Hint: "run them one by one, or pidledger sql < FILE"}
	}
	var node any
	if err := json.Unmarshal([]byte(*tree), &node); err != nil {
		return false, fmt.Errorf("read what the parser says: %w", err)
	}
	if err := checkFunctions(node, text); err != nil {
		return false, err
	}
	return parsed.Statements[0].Node.From.Type == "SHOW_REF", nil
}

// refused is the error for a statement that is not a SELECT.
func refused(text string) *SQLError {
	word := sqltext.FirstWord(text)
	e := &SQLError{
		Message: "only SELECT statements are run here, not " + word,
		Hint:    "the snapshot is read-only; write results with -o FILE, and make tables of your own from that file",
	}
	if word == "PIVOT" || word == "FROM" || word == "WITH" || word == "SELECT" {
		e.Message = "only one SELECT statement is run at a time"
		e.Hint = "name the values of a PIVOT: pivot summary on month in ('2026-03', '2026-04') using sum(effective_cost)"
	}
	return e
}

// checkFunctions walks the tree of a statement.
func checkFunctions(node any, text string) error {
	switch node := node.(type) {
	case []any:
		for _, n := range node {
			if err := checkFunctions(n, text); err != nil {
				return err
			}
		}
	case map[string]any:
		kind, _ := node["type"].(string)
		name := functionName(node)
		inTable := kind == "TABLE_FUNCTION"
		if inTable {
			name = functionName(node["function"])
		}
		if inTable && !slices.Contains(tableFunctions, name) || slices.Contains(refusedFunctions, name) {
			place, ok := node["query_location"].(float64)
			if !ok || place > float64(len(text)) {
				place = -1
			}
			return (&SQLError{
				Message: fmt.Sprintf("the function %s is not allowed here", name),
				Hint:    "a query reads the tables of the snapshot and nothing else; .tables in pidledger sql lists them",
			}).at(text, int(place))
		}
		for _, n := range node {
			if err := checkFunctions(n, text); err != nil {
				return err
			}
		}
	}
	return nil
}

// functionName is the name of the function that a node of the tree calls, in lower case; empty if it calls none.
func functionName(node any) string {
	m, _ := node.(map[string]any)
	name, _ := m["function_name"].(string)
	return strings.ToLower(name)
}

// prepare resolves tables, columns and functions without running anything, and returns the names of the parameters.
func (r *Reader) prepare(text string) ([]string, error) {
	isSelect, params, err := r.db.Prepare(text)
	if err != nil {
		err = sqlError(context.Background(), err, text, 0)
		var named *SQLError
		if errors.As(err, &named) && r.away[named.Name] != "" {
			err = &awayError{named.Name, r.away[named.Name]}
		}
		return nil, err
	}
	if !isSelect {
		return nil, refused(text)
	}
	for _, name := range params {
		if !unicode.IsLetter([]rune(name + "?")[0]) {
			return nil, &SQLError{Message: "a parameter of the query has no name", Hint: "write it as $month and give it with --param month=2026-03"}
		}
	}
	return params, nil
}
