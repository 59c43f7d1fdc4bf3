package source

import (
	"bytes"
	"encoding/json"
	"strings"
)

// containers is the tree of the member names of Into.
type containers struct {
	name     string // as spelled in Into
	path     string // dotted, as spelled in Into
	array    bool   // an array here is entered
	table    bool   // its elements are rows of a table
	elements *containers
	children []*containers
}

// tableName is the member that holds the rows of a table.
const tableName = "rows"

// recordMembers are members that a record has and a wrapper has not. They tell {"value":[],"nextLink":""},
// which holds nothing, from a record that has an empty list.
var recordMembers = []string{
	"id", "name", "time", "timestamp", "eventTimestamp", "correlationId", "operationName", "resourceId",
	"targetResourceId", "properties", "method", "url", "kind",
}

func recordMember(key []byte) bool {
	for _, name := range recordMembers {
		if len(name) == len(key) && strings.EqualFold(name, string(key)) {
			return true
		}
	}
	return false
}

func newContainers(into []string) *containers {
	root := &containers{}
	for _, path := range into {
		at := root
		steps := strings.Split(path, ".")
		for i, step := range steps {
			child := at.child([]byte(step))
			if child == nil {
				child = &containers{name: step, path: strings.Join(steps[:i+1], ".")}
				at.children = append(at.children, child)
			}
			at = child
		}
		at.array = true
		at.table = strings.EqualFold(at.name, tableName)
		if strings.EqualFold(path, "tables") {
			at.elements = &containers{children: []*containers{{name: tableName, path: at.path, array: true, table: true}}}
		}
	}
	return root
}

// child returns the container with that name, ignoring case.
func (c *containers) child(name []byte) *containers {
	for _, child := range c.children {
		if len(child.name) == len(name) && strings.EqualFold(child.name, string(name)) {
			return child
		}
	}
	return nil
}

// isColumns reports whether name is the member that names the columns of a table in c.
func (c *containers) isColumns(name []byte) bool {
	if len(name) != len("columns") || !bytes.EqualFold(name, []byte("columns")) {
		return false
	}
	return c.child([]byte(tableName)) != nil
}

// The most columns of a table, and the longest text of their list. Each row is written out with all of their names.
const (
	maxColumns     = 10_000
	maxColumnText  = 1 << 20
	tooManyColumns = "the table has more than 10,000 columns, or 1 MB of their names"
)

// columns are the column names of a table.
type columns struct {
	names []string
	keys  [][]byte // each as a JSON string with a colon
}

// parseColumns reads [{"name": "A", "type": "string"}, ...] or ["A", ...]; nil when it is neither.
func parseColumns(raw []byte) *columns {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	c := &columns{}
	for _, item := range list {
		var name string
		if json.Unmarshal(item, &name) != nil {
			var column struct{ Name *string }
			if json.Unmarshal(item, &column) != nil || column.Name == nil {
				return nil
			}
			name = *column.Name
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil
		}
		c.names = append(c.names, name)
		c.keys = append(c.keys, append(key, ':'))
	}
	return c
}
