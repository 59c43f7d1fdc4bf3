package engine

import "strings"

// Literal writes a text as an SQL literal. With Ident it is the only way that a value becomes SQL text.
func Literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// quotePath writes the path of one file for a table function, which would take *, ? and [ for patterns: usage[1].parquet must not read
// usage1.parquet.
func quotePath(path string) string { return Literal(patternMarks.Replace(path)) }

var patternMarks = strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]")

// Ident writes a name as an SQL identifier.
func Ident(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
