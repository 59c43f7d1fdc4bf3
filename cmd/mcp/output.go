package mcp

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/pidledger/pidledger/report/compare"
)

// comparison is the structured content of compare.
type comparison struct {
	Title string          `json:"title"`
	Notes []string        `json:"notes"`
	Rows  json.RawMessage `json:"rows"` // as `pidledger compare --json` writes them
}

// outputOf is the schema of the structured content of a tool that answers with an Out, whose json.RawMessage, if it has one, is a list of
// rows. A call that failed has the fields of failure in their place.
func outputOf[Out any](row *jsonschema.Schema) *jsonschema.Schema {
	options := &jsonschema.ForOptions{TypeSchemas: map[reflect.Type]*jsonschema.Schema{reflect.TypeFor[any](): {}}}
	if row != nil {
		options.TypeSchemas[reflect.TypeFor[json.RawMessage]()] = &jsonschema.Schema{Type: "array", Items: row}
	}
	schema := must(jsonschema.For[Out](options))
	failed := must(jsonschema.For[failure](options))
	schema.Type, schema.Types = "object", nil // no tool answers null
	schema.AnyOf = []*jsonschema.Schema{{Required: schema.Required}, {Required: failed.Required}}
	schema.Required = nil
	maps.Copy(schema.Properties, failed.Properties)
	schema.PropertyOrder = append(schema.PropertyOrder, slices.Sorted(maps.Keys(failed.Properties))...)
	return schema
}

func must(schema *jsonschema.Schema, err error) *jsonschema.Schema {
	if err != nil {
		panic(err) // a fault of the program
	}
	return schema
}

// cell is what a column of a row holds.
func cell(description string) *jsonschema.Schema {
	return &jsonschema.Schema{Types: []string{"string", "integer", "null"}, Description: description}
}

// compared is a row of a comparison: what stands side by side, and its figures.
func compared() *jsonschema.Schema {
	row := &jsonschema.Schema{Type: "object", Properties: map[string]*jsonschema.Schema{}}
	for _, f := range compare.Figures {
		row.Properties[f.Column] = cell(f.Meaning)
		row.PropertyOrder = append(row.PropertyOrder, f.Column)
	}
	return row
}
