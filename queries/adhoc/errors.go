package adhoc

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// SQLError says what is wrong with a statement that a person wrote.
type SQLError struct {
	Message string
	Offset  int      // where, in bytes from the beginning of the text; -1: not known
	Line    int      // 1-based; 0: not known
	Column  int      // 1-based, in characters
	Name    string   // the name that does not exist, if that is the mistake
	Near    []string // names that may have been meant, nearest first
	Hint    string   // the way out; empty: none is known
}

func (e *SQLError) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}

// Try returns the way out.
func (e *SQLError) Try() string { return e.Hint }

// at sets the place of the mistake.
func (e *SQLError) at(text string, offset int) *SQLError {
	e.Offset = -1
	if offset < 0 || offset > len(text) {
		return e
	}
	e.Offset = offset
	before := text[:offset]
	e.Line = 1 + strings.Count(before, "\n")
	e.Column = 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	return e
}

// ParamError says that the parameters given and those of the statement differ.
type ParamError struct {
	Missing []string // in the statement, but without a value
	Unused  []string // have a value, but are not in the statement
}

func (e *ParamError) Error() string {
	var parts []string
	if len(e.Missing) > 0 {
		parts = append(parts, "no value for the parameter "+strings.Join(e.Missing, ", "))
	}
	if len(e.Unused) > 0 {
		parts = append(parts, "the query has no parameter "+strings.Join(e.Unused, ", "))
	}
	return strings.Join(parts, "; ")
}

// Try returns the way out.
func (e *ParamError) Try() string {
	if len(e.Missing) > 0 {
		return "--param " + e.Missing[0] + "=VALUE"
	}
	return "leave out --param " + e.Unused[0] + ", or write $" + e.Unused[0] + " in the query"
}

// timeoutError says that a query took too long.
type timeoutError struct{ limit time.Duration }

func (e *timeoutError) Error() string {
	return fmt.Sprintf("the query took longer than %s", strings.TrimSuffix(strings.TrimSuffix(e.limit.String(), "0s"), "0m"))
}

// Try returns the way out.
func (e *timeoutError) Try() string {
	return "ask for fewer months or columns, or raise query.timeout"
}

// personal are the kinds of errors caused by the text of the query.
var personal = []string{
	"Parser", "Syntax", "Binder", "Catalog", "Conversion", "Invalid Input", "Out of Range", "Not implemented", "Permission", "Invalid type",
	"Mismatch Type", "Divide by Zero", "Constraint", "Expression", "Parameter Not Resolved", "Parameter Not Allowed", "Decimal", "Invalid",
}

// sqlError turns an error of the engine into an *SQLError. The text began `shift` bytes into the statement.
func sqlError(ctx context.Context, err error, text string, shift int) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	message := err.Error()
	begin := strings.IndexByte(message, '{')
	var said struct {
		Type       string `json:"exception_type"`
		Message    string `json:"exception_message"`
		Position   string `json:"position"`
		Name       string `json:"name"`
		Candidates string `json:"candidates"`
	}
	if begin < 0 || json.Unmarshal([]byte(message[begin:]), &said) != nil || said.Type == "" {
		return err
	}
	first, _, _ := strings.Cut(said.Message, "\n")
	if said.Type == "Out of Memory" {
		return &memoryError{first}
	}
	if !slices.Contains(personal, said.Type) {
		return fmt.Errorf("%s error: %s", said.Type, first)
	}
	e := &SQLError{Message: strings.TrimRight(first, "!"), Name: said.Name}
	if said.Candidates != "" {
		e.Near = strings.Split(said.Candidates, ",")
	}
	if said.Type == "Permission" {
		e.Hint = "a query reads the tables of the snapshot and nothing else; .tables in pidledger sql lists them"
	}
	if place := offset(said.Position); place >= shift {
		return e.at(text, place-shift)
	}
	return e.at(text, -1)
}

func offset(position string) int {
	n, err := strconv.Atoi(position)
	if err != nil {
		return -1
	}
	return n
}

// goneError says that a snapshot was deleted while it was being read.
type goneError struct{ folder string }

func (e *goneError) Error() string {
	return "the snapshot " + e.folder + " is gone: later runs have published newer ones"
}

// Try returns the way out.
func (e *goneError) Try() string { return "start again: the newest snapshot is opened" }

// awayError says that the rows of a table are not in the snapshot.
type awayError struct{ table, where string }

func (e *awayError) Error() string {
	return e.table + " is too large to be copied here: its rows are in " + e.where
}

// Try returns the way out.
func (e *awayError) Try() string { return "ask Spark, or whatever else reads Parquet there" }

// memoryError says that a query needs more memory than it may have.
type memoryError struct{ msg string }

func (e *memoryError) Error() string {
	return "the query needs more memory or temporary space than there is: " + e.msg
}

// Try returns the way out.
func (e *memoryError) Try() string {
	return "ask for fewer columns or rows, or raise query.memory or query.spill; temporary files go to the folder of TMPDIR"
}
