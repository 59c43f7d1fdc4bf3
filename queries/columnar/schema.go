package columnar

import (
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

// Type is the logical type of a column; every column may hold NULL.
type Type int

// The column types and what DuckDB reads them as.
const (
	String     Type = iota // VARCHAR
	Int                    // BIGINT
	Decimal                // DECIMAL(38,18); values are Dec x 10^18
	Ratio                  // DECIMAL(38,6); values are Dec x 10^6
	Date                   // DATE; days since 1970-01-01
	Timestamp              // TIMESTAMP without zone; microseconds since 1970-01-01 UTC
	Bool                   // BOOLEAN
	StringList             // VARCHAR[]; elements are never NULL
)

var typeNames = [...]string{"String", "Int", "Decimal", "Ratio", "Date", "Timestamp", "Bool", "StringList"}

func (t Type) String() string {
	if t < 0 || int(t) >= len(typeNames) {
		return fmt.Sprintf("Type(%d)", int(t))
	}
	return typeNames[t]
}

// sqlNames are the types as lists of columns name them, in SQL that DuckDB and Spark share.
var sqlNames = [...]string{"string", "bigint", "decimal(38,18)", "decimal(38,6)", "date", "timestamp", "boolean", "array<string>"}

// TypeOf returns the type that a list of columns names in SQL.
func TypeOf(sql string) Type {
	i := slices.Index(sqlNames[:], sql)
	if i < 0 {
		panic(fmt.Sprintf("columnar: no type is named %q", sql)) // the lists are part of the program
	}
	return Type(i)
}

// Column is a named, typed, nullable column.
type Column struct {
	Name string
	Type Type
}

// Schema is the ordered list of columns of a table.
type Schema []Column

// Index returns the position of the named column, or -1.
func (s Schema) Index(name string) int {
	for i := range s {
		if s[i].Name == name {
			return i
		}
	}
	return -1
}

// Decimals are stored as 16 byte big endian two's complement.
const decimalBytes = 16

// node returns the Parquet schema node of c. Lists take the standard three-level shape.
func (c Column) node() (schema.Node, error) {
	opt := parquet.Repetitions.Optional
	leaf := func(l schema.LogicalType, t parquet.Type, size int) (schema.Node, error) {
		return schema.NewPrimitiveNodeLogical(c.Name, opt, l, t, size, -1)
	}
	switch c.Type {
	case String:
		return leaf(schema.StringLogicalType{}, parquet.Types.ByteArray, -1)
	case Int:
		return leaf(schema.NewIntLogicalType(64, true), parquet.Types.Int64, -1)
	case Decimal:
		return leaf(schema.NewDecimalLogicalType(38, 18), parquet.Types.FixedLenByteArray, decimalBytes)
	case Ratio:
		return leaf(schema.NewDecimalLogicalType(38, 6), parquet.Types.FixedLenByteArray, decimalBytes)
	case Date:
		return leaf(schema.DateLogicalType{}, parquet.Types.Int32, -1)
	case Timestamp:
		// isAdjustedToUTC=false makes readers see a TIMESTAMP instead of a TIMESTAMP WITH TIME ZONE.
		return leaf(schema.NewTimestampLogicalType(false, schema.TimeUnitMicros), parquet.Types.Int64, -1)
	case Bool:
		return leaf(schema.NoLogicalType{}, parquet.Types.Boolean, -1)
	case StringList:
		element, err := schema.NewPrimitiveNodeLogical("element", parquet.Repetitions.Required, schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1)
		if err != nil {
			return nil, err
		}
		list, err := schema.NewGroupNode("list", parquet.Repetitions.Repeated, schema.FieldList{element}, -1)
		if err != nil {
			return nil, err
		}
		return schema.NewGroupNodeLogical(c.Name, opt, schema.FieldList{list}, schema.NewListLogicalType(), -1)
	}
	return nil, fmt.Errorf("column %s has no type (%v)", c.Name, c.Type)
}

func (s Schema) parquet() (*schema.Schema, error) {
	if len(s) == 0 {
		return nil, fmt.Errorf("the schema has no columns")
	}
	seen := make(map[string]bool, len(s))
	fields := make(schema.FieldList, len(s))
	for i, c := range s {
		if c.Name == "" || seen[c.Name] {
			return nil, fmt.Errorf("column %d: the name %q is empty or used twice", i, c.Name)
		}
		seen[c.Name] = true
		n, err := c.node()
		if err != nil {
			return nil, err
		}
		fields[i] = n
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1)
	if err != nil {
		return nil, err
	}
	return schema.NewSchema(root), nil
}

// SQL is the name of the type in lists of columns, in SQL that DuckDB and Spark share but for the list, which is Spark's.
func (t Type) SQL() string { return sqlNames[t] }
